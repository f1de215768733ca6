//! What can go wrong with a store, each case as the caller must treat it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use rustix::io::Errno;
use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, StoreUrl};

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The object certainly does not exist.
    #[error("there is no {}", Shown(.0))]
    NotFound(Box<Location>),

    /// The object exists with other bytes, and is not to be overwritten.
    #[error("{} exists with other bytes: found {found}, wanted {wanted}", Shown(.at))]
    Conflict {
        /// The object.
        at: Box<Location>,
        /// What is there.
        found: Box<Fingerprint>,
        /// What was to be there.
        wanted: Box<Fingerprint>,
    },

    /// The object is not the one that was to be replaced.
    #[error("{} has changed: expected {}, found {}", Shown(.at), Digest(.expected), Digest(.found))]
    Changed {
        /// The object.
        at: Box<Location>,
        /// The digest that it should have had; `None`: it should not have existed.
        expected: Option<Box<Sha256>>,
        /// The digest that it has; `None`: it does not exist.
        found: Option<Box<Sha256>>,
    },

    /// An object that was to be copied does not have the bytes that it must have.
    #[error("{} is damaged: found {found}, wanted {wanted}", Shown(.at))]
    Corrupt {
        /// The object.
        at: Box<Location>,
        /// What is there.
        found: Box<Fingerprint>,
        /// What must be there.
        wanted: Box<Fingerprint>,
    },

    /// A file that was to be stored is no longer the one that was looked at before.
    #[error("{} has changed since it was read: found {found}, wanted {wanted}", path.display())]
    SourceChanged {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: Box<Fingerprint>,
        /// What it held.
        wanted: Box<Fingerprint>,
    },

    /// A file that was to be stored cannot be read.
    #[error("cannot read {}", path.display())]
    SourceUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// The object is larger than what the caller is ready to read at once.
    #[error("{} has {size} bytes; at most {cap} are read", Shown(.at))]
    TooLarge {
        /// The object.
        at: Box<Location>,
        /// Its length in bytes.
        size: u64,
        /// The most that is read, in bytes.
        cap: u64,
    },

    /// The store is read-only, or this user may not do this. Trying again is useless.
    #[error("not allowed to {action} {}", path.display())]
    Denied {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },

    /// The store was opened for reading.
    #[error("{0} was opened for reading only")]
    OpenedForReading(StoreUrl),

    /// The disk is full, or a quota or a limit of file sizes is reached.
    #[error("no space left to {action} {}", path.display())]
    NoSpace {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },

    /// The store itself is not there. Nothing is known about its objects.
    #[error("the store {store} cannot be reached")]
    Unreachable {
        /// The store.
        store: StoreUrl,
        /// The answer of the system.
        source: io::Error,
    },

    /// Something in the folder of a store is no plain file in plain folders, such as a symbolic link.
    #[error("{} is {what}; a store has only plain files in plain folders", path.display())]
    Irregular {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },

    /// A server did not do what was asked.
    #[error("cannot {action} {what}: {fault}")]
    Server {
        /// What was tried.
        action: &'static str,
        /// On which object or store.
        what: String,
        /// What the answer means.
        fault: ServerFault,
        /// The answer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The URL and the environment make no connection.
    #[error("the settings of {store} are refused")]
    Settings {
        /// The store.
        store: StoreUrl,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// What is there stays there.
    #[error("nothing is replaced or removed in {0}")]
    NeverReplaced(StoreUrl),

    /// This store has no such operation.
    #[error("{0} is no store of this kind")]
    NotSupported(StoreUrl),

    /// The file system can neither link nor rename without overwriting.
    #[error("the file system of {} cannot create a file without overwriting another", path.display())]
    NoExclusiveCreate {
        /// The file that was to be created.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },

    /// Any other answer of the system.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
}

/// What the answer of a server means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFault {
    /// The bucket is not there. Nothing is known about its objects.
    NoStore,
    /// These credentials may not do this.
    Denied,
    /// There is no space left.
    NoSpace,
    /// Another definite "no".
    Refused,
    /// It did not happen; later it may.
    Transient,
    /// It was sent, and nobody knows whether it happened.
    Unknown,
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStore => "there is no such bucket",
            Self::Denied => "the credentials do not allow it",
            Self::NoSpace => "no space is left",
            Self::Refused => "the server refuses",
            Self::Transient => "the server does not answer, or is too busy",
            Self::Unknown => "the answer was lost, and it may have happened",
        })
    }
}

impl StoreError {
    /// The answer `source` of the system to `action` on `path`, sorted by what the caller must do about it.
    pub(super) fn io(action: &'static str, path: PathBuf, source: impl Into<io::Error>) -> Self {
        let source = source.into();
        match Errno::from_io_error(&source) {
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Self::Denied { action, path, source },
            // EFBIG is a limit of the process or of the file system: like a full disk, only for this file.
            Some(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => Self::NoSpace { action, path, source },
            _ => Self::Io { action, path, source },
        }
    }
}

/// An object, as a person is shown it.
struct Shown<'a>(&'a Location);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` in {}", self.0.key, self.0.store)
    }
}

/// A digest, or that there is no object.
struct Digest<'a>(&'a Option<Box<Sha256>>);

impl fmt::Display for Digest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(digest) => write!(f, "sha256 {digest}"),
            None => f.write_str("nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_system_are_sorted_by_what_to_do_about_them() {
        let kind = |errno: Errno| match StoreError::io("write", PathBuf::from("/x"), errno) {
            StoreError::Denied { .. } => "denied",
            StoreError::NoSpace { .. } => "no space",
            StoreError::Io { .. } => "other",
            other => panic!("{other}"),
        };
        for errno in [Errno::ACCESS, Errno::PERM, Errno::ROFS] {
            assert_eq!(kind(errno), "denied", "{errno}");
        }
        for errno in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            assert_eq!(kind(errno), "no space", "{errno}");
        }
        for errno in [Errno::IO, Errno::NOENT, Errno::INTR, Errno::MFILE, Errno::STALE] {
            assert_eq!(kind(errno), "other", "{errno}");
        }
    }
}
