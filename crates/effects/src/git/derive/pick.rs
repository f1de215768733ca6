//! A cherry-pick in object space: the change of one commit on another branch, or the conflict. Never
//! resolved by a strategy, never done twice.

use trackside_domain::git::{ObjectId, Signature};

use super::DeriveError;
use super::object::{CommitParts, id};
use crate::git::cache::Cache;
use crate::git::error::GitError;
use crate::git::history::LogEntry;

/// What came of a cherry-pick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// The commit was made.
    Picked {
        /// The new commit, on top of the branch.
        commit: ObjectId,
    },
    /// The change is on the branch already.
    Already {
        /// The commit of the branch that holds it.
        commit: ObjectId,
        /// How that is known.
        by: AlreadyBy,
    },
    /// The change is in the branch's files already, under no commit that can be named.
    Empty,
    /// The change does not fit.
    Conflict {
        /// The files that conflict, in order.
        files: Vec<String>,
    },
}

/// How a change is known to be on the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlreadyBy {
    /// The commit itself is in the branch's history.
    History,
    /// A commit of the branch names it in its `(cherry picked from commit ...)` line.
    Trailer,
    /// A commit of the branch makes the same change (`git patch-id`).
    PatchId,
}

impl Cache {
    /// Picks `commit` onto the tip `onto`, as `git cherry-pick -x` does: author kept, `committer` given.
    ///
    /// # Errors
    /// [`DeriveError::Merge`] and [`DeriveError::Root`] for a commit that is no single change.
    pub fn cherry_pick(&self, commit: &ObjectId, onto: &ObjectId, committer: &Signature) -> Result<Pick, DeriveError> {
        let parent = self.only_parent(commit)?;
        if let Some((commit, by)) = self.already(commit, &parent, onto)? {
            return Ok(Pick::Already { commit, by });
        }
        let call = self.local("merge-tree").args(["--write-tree", "-z", "--no-messages", "--name-only"]);
        let merged = call.arg(format!("--merge-base={parent}")).args([onto.as_str(), commit.as_str()]).finish()?;
        let said = String::from_utf8_lossy(&merged.stdout);
        let mut fields = said.split_terminator('\0');
        let tree = fields.next().unwrap_or_default();
        match merged.status.code() {
            Some(0) => {}
            Some(1) => return Ok(Pick::Conflict { files: conflicting(fields) }),
            _ => {
                let detail = self.git.presentable(&merged.stderr);
                return Err(GitError::Failed { verb: "merge-tree".into(), detail }.into());
            }
        }
        let tree = id(tree)?;
        if tree == self.tree_of(onto)? {
            return Ok(Pick::Empty);
        }
        let original = self.local("cat-file").args(["commit", commit.as_str()]).output()?;
        let original = Original::parse(&original)?;
        let message = self.with_origin(original.message, commit)?;
        let parts = CommitParts {
            tree: &tree,
            parent: onto,
            author: original.author,
            encoding: original.encoding,
            message: &message,
        };
        Ok(Pick::Picked { commit: self.write_commit(&parts, committer)? })
    }

    fn only_parent(&self, commit: &ObjectId) -> Result<ObjectId, DeriveError> {
        let text = self.local("rev-list").args(["--parents", "--max-count=1", commit.as_str()]).text()?;
        let mut parents = text.split_whitespace().skip(1);
        match (parents.next(), parents.next()) {
            (None, _) => Err(DeriveError::Root { commit: commit.clone() }),
            (Some(_), Some(_)) => Err(DeriveError::Merge { commit: commit.clone() }),
            (Some(parent), None) => Ok(id(parent)?),
        }
    }

    /// The commit of the branch that holds this change and was not reverted there.
    fn already(
        &self,
        commit: &ObjectId,
        parent: &ObjectId,
        onto: &ObjectId,
    ) -> Result<Option<(ObjectId, AlreadyBy)>, DeriveError> {
        let log = self.log(onto, &[commit])?;
        if self.is_ancestor(commit, onto)? {
            let by = AlreadyBy::History;
            return Ok((!is_reverted(commit, &log)).then(|| (commit.clone(), by)));
        }
        let origin = origin_line(commit);
        let named = log.iter().filter(|entry| entry.message.lines().any(|line| line.trim_end() == origin));
        if let Some(entry) = named.into_iter().find(|entry| !is_reverted(&entry.id, &log)) {
            return Ok(Some((entry.id.clone(), AlreadyBy::Trailer)));
        }
        let call = self.local("rev-list").args(["--cherry-mark", "--no-merges", "--end-of-options"]);
        let marked = call.arg(format!("{onto}...{commit}")).arg(format!("^{parent}")).text()?;
        for same in marked.lines().filter_map(|line| line.strip_prefix('=')) {
            let same = id(same)?;
            if same != *commit && !is_reverted(&same, &log) {
                return Ok(Some((same, AlreadyBy::PatchId)));
            }
        }
        Ok(None)
    }

    /// The message with the line that names where the change comes from, by git's own rule: part of the
    /// trailers if the message ends with trailers, a paragraph of its own otherwise.
    fn with_origin(&self, message: &[u8], commit: &ObjectId) -> Result<Vec<u8>, GitError> {
        let mut text = message.to_vec();
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        let call = self.local("interpret-trailers").args(["--only-trailers", "--only-input", "--no-divider"]);
        // An origin line of an earlier pick counts as a trailer, but is not printed as one.
        let question = String::from_utf8_lossy(&text).replace("\n(cherry picked from commit ", "\nSigned-off-by: (");
        if call.input(question).output()?.is_empty() {
            text.push(b'\n');
        }
        text.extend_from_slice(origin_line(commit).as_bytes());
        // As `git cherry-pick` leaves it: no white space at line ends, no two empty lines in a row.
        self.local("stripspace").input(text).output()
    }
}

fn origin_line(commit: &ObjectId) -> String {
    format!("(cherry picked from commit {commit})")
}

/// Whether a later commit of the log reverts this one, and was not itself reverted. `log` is newest first,
/// so a revert is found before what it reverts and the recursion ends.
fn is_reverted(commit: &ObjectId, log: &[LogEntry]) -> bool {
    let sentence = format!("This reverts commit {commit}");
    let position = log.iter().position(|entry| entry.id == *commit).unwrap_or(log.len());
    log[..position].iter().any(|entry| entry.message.contains(&sentence) && !is_reverted(&entry.id, log))
}

fn conflicting<'a>(fields: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut files: Vec<String> = fields.take_while(|field| !field.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

/// The parts of an existing commit that a pick keeps, as bytes.
struct Original<'a> {
    author: &'a [u8],
    encoding: Option<&'a [u8]>,
    message: &'a [u8],
}

impl<'a> Original<'a> {
    fn parse(object: &'a [u8]) -> Result<Self, GitError> {
        let (mut author, mut encoding, mut rest) = (None, None, object);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            if line.is_empty() {
                break;
            }
            author = author.or(line.strip_prefix(b"author "));
            encoding = encoding.or(line.strip_prefix(b"encoding "));
        }
        let author = author.ok_or_else(|| GitError::unexpected("cat-file", "a commit without an author"))?;
        Ok(Self { author, encoding, message: rest })
    }
}
