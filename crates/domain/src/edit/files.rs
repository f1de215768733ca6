//! Which files an edit is about: paths and globs, checked and matched.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher};

use super::EditError;

/// A path or glob relative to the root of a repository; `*` stops at `/`, `**` does not.
#[derive(Debug, Clone)]
pub struct Glob(GlobMatcher);

/// Why a text is no path or glob inside a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// It leaves the repository, or is no path at all.
    #[error("`{}` is not a path inside the repository", text.escape_debug())]
    Outside {
        /// What was written.
        text: String,
    },
    /// Its special characters make no sense.
    #[error("`{}` is not a legal glob: {reason}", text.escape_debug())]
    Malformed {
        /// What was written.
        text: String,
        /// What the glob library says.
        reason: String,
    },
}

impl Glob {
    /// Checks a path or glob.
    ///
    /// # Errors
    /// When it is empty, absolute, leaves the repository, names git's own files, or is malformed.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        let strange = |part: &str| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git");
        if text.contains(['\\', '\0', '\n']) || text.split('/').any(strange) || text.len() > 1000 {
            return Err(GlobError::Outside { text: text.to_owned() });
        }
        let malformed =
            |error: globset::Error| GlobError::Malformed { text: text.to_owned(), reason: error.kind().to_string() };
        let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(false).build().map_err(malformed)?;
        Ok(Self(glob.compile_matcher()))
    }

    /// Whether a path of the repository is meant.
    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// The paths that a list of globs names; each glob must name one at least.
pub(super) fn matching(edit: &str, globs: &[String], paths: &[String]) -> Result<Vec<String>, EditError> {
    let mut found = BTreeSet::new();
    for pattern in globs {
        let glob = Glob::new(pattern).map_err(|error| EditError::Glob { edit: edit.to_owned(), error })?;
        let before = paths.iter().filter(|path| glob.matches(path)).map(|path| found.insert(path.clone())).count();
        if before == 0 {
            return Err(EditError::NoFile { edit: edit.to_owned(), pattern: pattern.clone() });
        }
    }
    Ok(found.into_iter().collect())
}

/// The content of files as text.
pub(super) fn texts<'a>(
    edit: &str,
    wanted: &[String],
    files: &'a BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<String, &'a str>, EditError> {
    let text = |file: &String| {
        let (edit, file) = (edit.to_owned(), file.clone());
        let Some(bytes) = files.get(&file) else { return Err(EditError::NotGiven { edit, file }) };
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok((file, text)),
            Ok(_) | Err(_) => Err(EditError::Binary { edit, file }),
        }
    };
    wanted.iter().map(text).collect()
}
