//! Real bare git repositories with a deterministic history: what a forge holds, for tests and for
//! the rehearsal. Speaks git's own words (plain text ids and refs), not the types of the product.

mod draft;
mod history;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use draft::Draft;
pub use history::{History, believable};

/// Unix seconds of the first commit of every repository: 2026-01-05 09:00:00 UTC, a Monday.
pub const EPOCH: i64 = 1_767_603_600;

/// A bare repository on this machine, to be used as a remote.
#[derive(Debug, Clone)]
pub struct Repo {
    path: PathBuf,
}

impl Repo {
    /// Creates an empty bare repository with `main` as its default branch.
    ///
    /// # Errors
    /// When the folder cannot be created or git fails.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        let repo = Self { path };
        repo.git(&["init", "--quiet", "--bare", "--initial-branch=main", "--template=", "."])?;
        fs::create_dir_all(repo.path.join("hooks"))?;
        // As forges do: a client may ask for any commit and leave out the files' contents.
        repo.config("uploadpack.allowFilter", "true")?;
        repo.config("uploadpack.allowAnySHA1InWant", "true")?;
        // The http server of git refuses pushes without this or a login; logins are the server's business.
        repo.config("http.receivepack", "true")?;
        Ok(repo)
    }

    /// A bare repository that exists already.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder, which is also a URL that git takes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder as text, to be parsed as the URL of a remote.
    pub fn url(&self) -> String {
        self.path.display().to_string()
    }

    /// Begins a commit on `branch`; nothing is written before [`Draft::write`].
    pub fn draft(&self, branch: &str, message: &str) -> Draft<'_> {
        Draft::new(self, branch, message)
    }

    /// One commit on `branch` (created if it is absent) that sets the text of `files`; its id.
    ///
    /// # Errors
    /// When git fails.
    pub fn commit(&self, branch: &str, message: &str, files: &[(&str, &str)]) -> io::Result<String> {
        files.iter().fold(self.draft(branch, message), |draft, (path, text)| draft.file(path, text)).write()
    }

    /// Creates or moves a branch, whatever it was before.
    ///
    /// # Errors
    /// When `at` names nothing.
    pub fn branch(&self, name: &str, at: &str) -> io::Result<()> {
        self.git(&["update-ref", &format!("refs/heads/{name}"), &self.id(at)?]).map(drop)
    }

    /// Creates or moves a tag that is only a name of a commit.
    ///
    /// # Errors
    /// When `at` names nothing.
    pub fn light_tag(&self, name: &str, at: &str) -> io::Result<()> {
        self.git(&["update-ref", &format!("refs/tags/{name}"), &self.id(at)?]).map(drop)
    }

    /// Creates an annotated tag; the id of the tag object.
    ///
    /// # Errors
    /// When `at` names nothing or the tag exists.
    pub fn annotated_tag(&self, name: &str, at: &str, message: &str) -> io::Result<String> {
        self.git(&["tag", "--annotate", "--message", message, name, &self.id(at)?])?;
        self.id(&format!("refs/tags/{name}"))
    }

    /// Deletes a ref given by its full name.
    ///
    /// # Errors
    /// When git fails.
    pub fn delete_ref(&self, full_name: &str) -> io::Result<()> {
        self.git(&["update-ref", "-d", full_name]).map(drop)
    }

    /// Makes the server refuse every push that touches one of these full refs, as a protected branch does.
    ///
    /// # Errors
    /// When the hook cannot be written.
    pub fn refuse_refs(&self, full_names: &[&str]) -> io::Result<()> {
        let cases: String = full_names
            .iter()
            .map(|name| format!("  {name}) echo \"GH006: Protected branch update failed for $1.\" >&2; exit 1 ;;\n"))
            .collect();
        self.hook("update", &format!("case \"$1\" in\n{cases}esac\nexit 0\n"))
    }

    /// Installs a hook of the server as a shell script; an empty `script` removes it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn hook(&self, name: &str, script: &str) -> io::Result<()> {
        let path = self.path.join("hooks").join(name);
        if script.is_empty() {
            return fs::remove_file(path);
        }
        write_script(&path, &format!("#!/bin/sh\n{script}"))
    }

    /// Sets a configuration value of the repository.
    ///
    /// # Errors
    /// When git fails.
    pub fn config(&self, key: &str, value: &str) -> io::Result<()> {
        self.git(&["config", key, value]).map(drop)
    }

    /// Every ref with the id it holds: what a story compares before and after.
    ///
    /// # Errors
    /// When git fails.
    pub fn refs(&self) -> io::Result<BTreeMap<String, String>> {
        let text = self.git(&["for-each-ref", "--format=%(refname) %(objectname)"])?;
        Ok(text.lines().filter_map(|line| line.split_once(' ')).map(|(name, id)| (name.into(), id.into())).collect())
    }

    /// The id that a ref or revision names.
    ///
    /// # Errors
    /// When it names nothing.
    pub fn id(&self, revision: &str) -> io::Result<String> {
        self.git(&["rev-parse", "--verify", "--end-of-options", revision]).map(|text| text.trim().to_owned())
    }

    /// The subjects of a revision's history, newest first.
    ///
    /// # Errors
    /// When the revision names nothing.
    pub fn log(&self, revision: &str) -> io::Result<Vec<String>> {
        let text = self.git(&["log", "--format=%s", "--end-of-options", revision])?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// The whole message of one commit or tag.
    ///
    /// # Errors
    /// When the revision names nothing.
    pub fn message(&self, revision: &str) -> io::Result<String> {
        let object = self.git(&["cat-file", "-p", revision])?;
        Ok(object.split_once("\n\n").map_or_else(String::new, |(_, message)| message.to_owned()))
    }

    /// The text of a file in a revision.
    ///
    /// # Errors
    /// When the revision or the file is absent.
    pub fn file(&self, revision: &str, path: &str) -> io::Result<String> {
        self.git(&["cat-file", "blob", &format!("{revision}:{path}")])
    }

    /// Runs git in this repository and returns what it printed, with a fixed identity and clock.
    ///
    /// # Errors
    /// When git cannot be started or fails; the message holds what it said.
    pub fn git(&self, arguments: &[&str]) -> io::Result<String> {
        self.git_with_input(arguments, b"")
    }

    /// Like [`Repo::git`], with bytes on standard input.
    ///
    /// # Errors
    /// When git cannot be started or fails; the message holds what it said.
    pub fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> io::Result<String> {
        let mut child = isolated("git")
            .arg("-C")
            .arg(&self.path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input));
        let output = child.wait_with_output()?;
        if output.status.success() {
            written?;
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!("git {} in {}: {}", arguments.join(" "), self.path.display(), said.trim())))
    }
}

/// A program that sees nothing of this machine's configuration and always has the same identity and date.
pub(crate) fn isolated(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.envs([
        ("LC_ALL", "C"),
        ("TZ", "UTC"),
        ("HOME", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Ada Maintainer"),
        ("GIT_AUTHOR_EMAIL", "ada@example.org"),
        ("GIT_COMMITTER_NAME", "Ada Maintainer"),
        ("GIT_COMMITTER_EMAIL", "ada@example.org"),
    ]);
    command.env("GIT_AUTHOR_DATE", format!("{EPOCH} +0000")).env("GIT_COMMITTER_DATE", format!("{EPOCH} +0000"));
    command
}

/// Writes an executable file.
fn write_script(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
