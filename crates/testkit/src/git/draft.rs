//! One commit in the making: files of every kind, author, date, parents; written by `git fast-import`.

use std::io;

use super::{EPOCH, Repo};

/// Seconds between a commit and its parent when no date is given.
const STEP: i64 = 3_600;

/// A commit that is described step by step and then written at once.
#[derive(Debug)]
#[must_use = "nothing is written before `write`"]
pub struct Draft<'a> {
    repo: &'a Repo,
    branch: String,
    message: String,
    author: (String, String),
    seconds: Option<i64>,
    parent: Option<String>,
    merged: Vec<String>,
    changes: Vec<u8>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(repo: &'a Repo, branch: &str, message: &str) -> Self {
        Self {
            repo,
            branch: branch.to_owned(),
            message: message.to_owned(),
            author: ("Ada Maintainer".to_owned(), "ada@example.org".to_owned()),
            seconds: None,
            parent: None,
            merged: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Sets the content of an ordinary file.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.blob("100644", path, content.as_ref())
    }

    /// Sets the content of an executable file.
    pub fn executable(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.blob("100755", path, content.as_ref())
    }

    /// Makes a symbolic link.
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.blob("120000", path, target.as_bytes())
    }

    /// Makes a submodule that points to a commit of another repository.
    pub fn submodule(mut self, path: &str, commit: &str) -> Self {
        self.changes.extend_from_slice(format!("M 160000 {commit} {}\n", quoted(path)).as_bytes());
        self
    }

    /// Deletes a file or folder.
    pub fn delete(mut self, path: &str) -> Self {
        self.changes.extend_from_slice(format!("D {}\n", quoted(path)).as_bytes());
        self
    }

    /// Names the author; the committer stays the maintainer.
    pub fn author(mut self, name: &str, email: &str) -> Self {
        self.author = (name.to_owned(), email.to_owned());
        self
    }

    /// Unix seconds of author and committer; without it, one hour after the parent.
    pub fn date(mut self, seconds: i64) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// Begins at this commit instead of the tip of the branch.
    pub fn parent(mut self, id: &str) -> Self {
        self.parent = Some(id.to_owned());
        self
    }

    /// Adds a further parent: a merge commit.
    pub fn merge(mut self, id: &str) -> Self {
        self.merged.push(id.to_owned());
        self
    }

    /// Writes the commit, moves the branch to it and returns its id.
    ///
    /// # Errors
    /// When git refuses, for example because a parent is absent.
    pub fn write(self) -> io::Result<String> {
        let full_ref = format!("refs/heads/{}", self.branch);
        let tip = self.repo.refs()?.get(&full_ref).cloned();
        let parent = self.parent.or(tip);
        let seconds = match (self.seconds, &parent) {
            (Some(seconds), _) => seconds,
            (None, None) => EPOCH,
            (None, Some(parent)) => date_of(self.repo, parent)? + STEP,
        };
        let (name, email) = self.author;
        let mut stream = format!(
            "commit {full_ref}\nauthor {name} <{email}> {seconds} +0000\n\
             committer Ada Maintainer <ada@example.org> {seconds} +0000\ndata {}\n{}\n",
            self.message.len(),
            self.message,
        )
        .into_bytes();
        for line in parent.iter().map(|id| format!("from {id}\n")) {
            stream.extend_from_slice(line.as_bytes());
        }
        for line in self.merged.iter().map(|id| format!("merge {id}\n")) {
            stream.extend_from_slice(line.as_bytes());
        }
        stream.extend_from_slice(&self.changes);
        stream.extend_from_slice(b"\ndone\n");
        self.repo.git_with_input(&["fast-import", "--quiet", "--force", "--done"], &stream)?;
        self.repo.id(&full_ref)
    }

    fn blob(mut self, mode: &str, path: &str, content: &[u8]) -> Self {
        let header = format!("M {mode} inline {}\ndata {}\n", quoted(path), content.len());
        self.changes.extend_from_slice(header.as_bytes());
        self.changes.extend_from_slice(content);
        self.changes.push(b'\n');
        self
    }
}

fn date_of(repo: &Repo, commit: &str) -> io::Result<i64> {
    let text = repo.git(&["log", "-1", "--format=%ct", "--end-of-options", commit])?;
    text.trim().parse().map_err(|error| io::Error::other(format!("date of {commit}: {error}")))
}

fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
