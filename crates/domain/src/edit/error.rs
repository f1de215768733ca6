//! Why an edit cannot be made.

use super::{Count, GlobError};
use crate::name::RepositoryName;

/// Why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A path or glob matches no file.
    #[error("{edit}: `{pattern}` matches no file")]
    NoFile {
        /// The edit, in short.
        edit: String,
        /// The path or glob.
        pattern: String,
    },
    /// A glob is malformed; the check of the configuration has ruled it out.
    #[error("{edit}: {error}")]
    Glob {
        /// The edit, in short.
        edit: String,
        /// What is wrong.
        error: GlobError,
    },
    /// A regular expression is malformed; the check of the configuration has ruled it out.
    #[error("{edit}: {reason}")]
    Regex {
        /// The edit, in short.
        edit: String,
        /// What is wrong.
        reason: String,
    },
    /// The content of a file that the edit wants was not given.
    #[error("{edit}: the content of `{file}` is not there")]
    NotGiven {
        /// The edit, in short.
        edit: String,
        /// The file.
        file: String,
    },
    /// The file is no text.
    #[error("{edit}: `{file}` is not UTF-8 text")]
    Binary {
        /// The edit, in short.
        edit: String,
        /// The file.
        file: String,
    },
    /// There are more or fewer places than declared.
    #[error("{edit}: found {found} in {}, wanted {wanted}", files.join(", "))]
    Count {
        /// The edit, in short.
        edit: String,
        /// Every file that was searched.
        files: Vec<String>,
        /// How many places there are.
        found: usize,
        /// How many there must be.
        wanted: Count,
    },
    /// Every place already holds the new text.
    #[error("{edit}: it changes nothing in {}", files.join(", "))]
    NoChange {
        /// The edit, in short.
        edit: String,
        /// Every file that was searched.
        files: Vec<String>,
    },
    /// The repository of a pin is not part of what was cut or observed.
    #[error("{edit}: nothing is known of the release branch of `{repository}`")]
    NoPin {
        /// The edit, in short.
        edit: String,
        /// The other repository.
        repository: RepositoryName,
    },
    /// A version or pin cannot stand where the pattern wants it.
    #[error("{edit}: `{}` cannot be written there", value.escape_debug())]
    Value {
        /// The edit, in short.
        edit: String,
        /// The version or pin.
        value: String,
    },
}

impl EditError {
    pub(super) fn regex(edit: &str, error: &regex::Error) -> Self {
        Self::Regex { edit: edit.to_owned(), reason: error.to_string() }
    }
}
