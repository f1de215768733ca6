//! Versions and pins inside files: reading them, writing them, and whether a version agrees with
//! the release that is made from it.

use std::ops::Range;
use std::str::FromStr;

use pep440_rs::Version;
use regex::Regex;

use super::{Count, EditError};
use crate::project::VersionField;
use crate::version::{Line, Release};

/// What a version may be made of.
const VERSION: &str = r"[0-9][0-9A-Za-z.+!_-]*";
/// What a branch or commit may be made of.
const PIN: &str = r"[0-9A-Za-z][0-9A-Za-z._/-]*";

/// Why the version of a file and a release do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Disagreement {
    /// The file's version is malformed.
    #[error("`{}` is no version of PEP 440", found.escape_debug())]
    Malformed {
        /// What the file holds.
        found: String,
    },
    /// The release part differs.
    #[error("the file says {found}, the release is {release}")]
    Other {
        /// What the file holds.
        found: String,
        /// The release that is to be made.
        release: Release,
    },
    /// The release part agrees, but the configuration wants nothing else to stand there.
    #[error("the file says {found}, and the configuration wants exactly {release}")]
    NotExact {
        /// What the file holds.
        found: String,
        /// The release that is to be made.
        release: Release,
    },
}

/// Reads the version from the text of its file.
///
/// # Errors
/// When the place is not there exactly once.
pub fn read_version(field: &VersionField, text: &str) -> Result<String, EditError> {
    let edit = format!("read the version in {}", field.path);
    let slot = Slot { edit: &edit, file: &field.path, name: "version", value: VERSION };
    slot.find(field.pattern.as_deref(), text).map(|range| text[range].to_owned())
}

/// Writes a version into the text of its file. What is around it stays as it is.
///
/// # Errors
/// When the place is not there exactly once, or the new text is no version.
pub fn write_version(field: &VersionField, text: &str, new: &str) -> Result<String, EditError> {
    let edit = format!("set the version in {}", field.path);
    Slot { edit: &edit, file: &field.path, name: "version", value: VERSION }.write(field.pattern.as_deref(), text, new)
}

/// Writes a pin into the text of its file.
pub(super) fn write_pin(
    edit: &str,
    (file, pattern): (&str, Option<&str>),
    text: &str,
    new: &str,
) -> Result<String, EditError> {
    Slot { edit, file, name: "pin", value: PIN }.write(pattern, text, new)
}

/// A place in a file that holds one value.
struct Slot<'a> {
    edit: &'a str,
    file: &'a str,
    name: &'a str,
    value: &'a str,
}

impl Slot<'_> {
    fn write(&self, pattern: Option<&str>, text: &str, new: &str) -> Result<String, EditError> {
        let whole = Regex::new(&format!("^{}$", self.value)).map_err(|error| EditError::regex(self.edit, &error))?;
        if !whole.is_match(new) {
            return Err(EditError::Value { edit: self.edit.to_owned(), value: new.to_owned() });
        }
        let Range { start, end } = self.find(pattern, text)?;
        Ok([&text[..start], new, &text[end..]].concat())
    }

    /// Where the value stands.
    fn find(&self, pattern: Option<&str>, text: &str) -> Result<Range<usize>, EditError> {
        let around = match pattern {
            None => format!(r"\A\s*({})\s*\z", self.value),
            Some(pattern) => {
                let placeholder = format!("{{{}}}", self.name);
                let (before, after) = pattern.split_once(&placeholder).unwrap_or((pattern, ""));
                // `version = ".."` must not be found inside `python-version = ".."`.
                let start = if before.starts_with(|first: char| first.is_alphanumeric() || first == '_') {
                    r"(?m:^|[^\w.-])"
                } else {
                    ""
                };
                // Without text behind it, the value must end where a word ends.
                let end = if after.is_empty() { r"(?:[^0-9A-Za-z.+!_/-]|\z)" } else { "" };
                format!("{start}{}({}){}{end}", regex::escape(before), self.value, regex::escape(after))
            }
        };
        let regex = Regex::new(&around).map_err(|error| EditError::regex(self.edit, &error))?;
        let mut places = regex.captures_iter(text).filter_map(|captures| captures.get(1).map(|group| group.range()));
        let (first, more) = (places.next(), places.count());
        let found = if first.is_some() { 1 + more } else { 0 };
        first.filter(|_| more == 0).ok_or_else(|| EditError::Count {
            edit: self.edit.to_owned(),
            files: vec![self.file.to_owned()],
            found,
            wanted: Count::Exactly(1),
        })
    }
}

/// Checks that a file's version is that of the release that is made: the release part must be
/// equal, so `2.15.0a0+git123` agrees with 2.15.0 and `2.15.1` does not.
///
/// # Errors
/// When it is malformed, of another release, or not exactly the release where that is demanded.
pub fn version_agrees(file_version: &str, candidate: Release, exact: bool) -> Result<(), Disagreement> {
    let found = file_version.to_owned();
    // PEP 440 allows white space and a leading `v`; a version file has no use for them.
    if !file_version.starts_with(|first: char| first.is_ascii_digit()) || !file_version.is_ascii() {
        return Err(Disagreement::Malformed { found });
    }
    let Ok(version) = Version::from_str(file_version) else { return Err(Disagreement::Malformed { found }) };
    let wanted = [candidate.line.major, candidate.line.minor, candidate.patch].map(u64::from);
    let release = version.release();
    let same = (0..release.len().max(3))
        .all(|at| release.get(at).copied().unwrap_or_default() == wanted.get(at).copied().unwrap_or_default());
    if !same || version.epoch() != 0 || version.is_post() {
        return Err(Disagreement::Other { found, release: candidate });
    }
    if exact && file_version != candidate.to_string() {
        return Err(Disagreement::NotExact { found, release: candidate });
    }
    Ok(())
}

/// Whether a file's version is that of a line or of a later one, so that there is nothing to bump.
/// A malformed version is of no line.
pub fn has_reached(file_version: &str, line: Line) -> bool {
    let wanted = [u64::from(line.major), u64::from(line.minor)];
    Version::from_str(file_version).is_ok_and(|version| {
        let number = |at: usize| version.release().get(at).copied().unwrap_or_default();
        [number(0), number(1)] >= wanted
    })
}

/// The version of the default branch after a line was cut: `2.16.0a0` after `2.15`.
pub fn next_dev_version(line: Line) -> String {
    format!("{}.0a0", line.next_minor())
}
