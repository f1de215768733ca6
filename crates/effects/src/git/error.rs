//! Why a git operation failed, by what the caller can do about it.

use std::io;
use std::path::PathBuf;

/// A failure of git. `what` names the repository, ref or file; `detail` is what git said, without secrets.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program cannot be started: install it, or name it in the settings.
    #[error("git cannot be started as `{}`", program.display())]
    NoProgram {
        /// The program that was tried.
        program: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The program is too old: update it.
    #[error("git {found} was found, but {needed} or newer is needed: {reason}")]
    TooOld {
        /// The version that was found.
        found: String,
        /// The oldest version that works.
        needed: &'static str,
        /// What the older one cannot do.
        reason: &'static str,
    },
    /// The repository does not exist, or this login may not know that it does.
    #[error("{what} was not found: {detail}")]
    NotFound {
        /// The remote.
        what: String,
        /// What git said.
        detail: String,
    },
    /// The login is missing, wrong or not allowed to do this.
    #[error("access to {what} was denied: {detail}")]
    Denied {
        /// The remote.
        what: String,
        /// What git said.
        detail: String,
    },
    /// The network or the server failed before anything was changed: try again later.
    #[error("{what} cannot be reached at the moment: {detail}")]
    Unreachable {
        /// The remote.
        what: String,
        /// What git said.
        detail: String,
    },
    /// A ref, commit or file that was asked for is not there.
    #[error("{what} does not exist")]
    Missing {
        /// The ref, commit or file, and where it was looked for.
        what: String,
    },
    /// The server or the object cannot do what is needed, and retrying is useless.
    #[error("{what} cannot be used: {detail}")]
    Unsupported {
        /// The remote or the object.
        what: String,
        /// What is missing.
        detail: String,
    },
    /// The cache of a remote is damaged; it can be deleted and is then fetched again.
    #[error("the cache {} is damaged: {detail}", dir.display())]
    Damaged {
        /// The folder of the cache.
        dir: PathBuf,
        /// What git said.
        detail: String,
    },
    /// git printed something that is not what its manual promises.
    #[error("git {verb} printed something unexpected: {detail}")]
    Unexpected {
        /// The subcommand.
        verb: String,
        /// The part that was not understood.
        detail: String,
    },
    /// git failed for another reason.
    #[error("git {verb} failed: {detail}")]
    Failed {
        /// The subcommand.
        verb: String,
        /// What git said.
        detail: String,
    },
    /// A file or folder of ours cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

impl GitError {
    /// An error of the file system.
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// Output of git that is not what its manual promises.
    pub(super) fn unexpected(verb: &str, detail: &str) -> Self {
        Self::Unexpected { verb: verb.to_owned(), detail: detail.chars().take(200).collect() }
    }
}
