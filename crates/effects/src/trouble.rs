//! Why an effect or an observation did not work, by what the caller can do about it.

use std::error::Error;
use std::fmt;

use trackside_domain::world::Unseen;

use crate::git::{DeriveError, GitError};
use crate::store::{ServerFault, StoreError};

/// A failure of the outside world, as a sentence without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Trying again is useless until somebody changes something.
    Failed(String),
    /// The world holds something else than what the plan expects.
    Conflict(String),
    /// It was sent, and nobody knows whether it happened.
    Unknown(String),
    /// It did not happen; trying again may help.
    Transient(String),
    /// It must not happen: a gate is closed.
    Blocked(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why)
            | Self::Conflict(why)
            | Self::Unknown(why)
            | Self::Transient(why)
            | Self::Blocked(why) => f.write_str(why),
        }
    }
}

impl Error for Trouble {}

impl From<&Trouble> for Unseen {
    fn from(trouble: &Trouble) -> Self {
        let passing = matches!(trouble, Trouble::Transient(_) | Trouble::Unknown(_));
        Self { why: trouble.to_string(), passing }
    }
}

/// An error with its causes, on one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        let text = with_causes(&error);
        match error {
            StoreError::Conflict { .. } | StoreError::Changed { .. } | StoreError::SourceChanged { .. } => {
                Self::Conflict(text)
            }
            // A full disk is made free and an absent mount comes back; nothing became visible.
            StoreError::NoSpace { .. } | StoreError::Unreachable { .. } => Self::Transient(text),
            StoreError::Server { fault, .. } => match fault {
                ServerFault::Unknown => Self::Unknown(text),
                ServerFault::Transient | ServerFault::NoSpace => Self::Transient(text),
                ServerFault::NoStore | ServerFault::Denied | ServerFault::Refused => Self::Failed(text),
            },
            StoreError::NotFound(_)
            | StoreError::Corrupt { .. }
            | StoreError::SourceUnreadable { .. }
            | StoreError::TooLarge { .. }
            | StoreError::Denied { .. }
            | StoreError::OpenedForReading(_)
            | StoreError::Irregular { .. }
            | StoreError::NotSupported(_)
            | StoreError::NeverReplaced(_)
            | StoreError::Settings { .. }
            | StoreError::NoExclusiveCreate { .. }
            | StoreError::Io { .. } => Self::Failed(text),
        }
    }
}

impl From<GitError> for Trouble {
    fn from(error: GitError) -> Self {
        let text = with_causes(&error);
        match error {
            GitError::Unreachable { .. } => Self::Transient(text),
            GitError::NoProgram { .. }
            | GitError::TooOld { .. }
            | GitError::NotFound { .. }
            | GitError::Denied { .. }
            | GitError::Missing { .. }
            | GitError::Unsupported { .. }
            | GitError::Damaged { .. }
            | GitError::Unexpected { .. }
            | GitError::Failed { .. }
            | GitError::Io { .. } => Self::Failed(text),
        }
    }
}

impl From<DeriveError> for Trouble {
    fn from(error: DeriveError) -> Self {
        match error {
            DeriveError::Git(error) => error.into(),
            other => Self::Failed(with_causes(&other)),
        }
    }
}
