//! Names that the configuration gives: packages, repositories, waves, channels; and who acts.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::checked_text;

/// Why a text is not a name of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a {expected}: {reason}", text.escape_debug())]
pub struct NameError {
    text: String,
    expected: &'static str,
    reason: &'static str,
}

/// A package, in the normal form of PEP 503: lowercase, runs of `-_.` are one `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PackageName(String);

/// A repository of the train, by the short name that the configuration gives it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RepositoryName(String);

/// A wave: the repositories that are cut at the same time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct WaveName(String);

/// A folder of a channel, such as `cpu` or `cu126`; `rocm7.2` shows that dots are legal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct FolderName(String);

checked_text!(PackageName, NameError);
checked_text!(RepositoryName, NameError);
checked_text!(WaveName, NameError);
checked_text!(FolderName, NameError);

impl PackageName {
    /// The form that stands in file names: `-` becomes `_` (the binary distribution format's
    /// escaping).
    pub fn in_file_names(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for PackageName {
    type Err = NameError;

    /// Takes any spelling that PyPI takes and brings it into the normal form.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let refused = |reason| NameError { text: text.to_owned(), expected: "package name", reason };
        let legal = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
        let edge = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
        if !text.chars().all(legal) {
            return Err(refused("only letters, digits and `-_.` are allowed"));
        }
        if !edge(text.chars().next()) || !edge(text.chars().last()) {
            return Err(refused("it must begin and end with a letter or a digit"));
        }
        if text.len() > 100 {
            return Err(refused("it is longer than 100 bytes"));
        }
        let mut normal = String::with_capacity(text.len());
        for char in text.chars() {
            match char {
                '-' | '_' | '.' if normal.ends_with('-') => {}
                '-' | '_' | '.' => normal.push('-'),
                _ => normal.push(char.to_ascii_lowercase()),
            }
        }
        Ok(Self(normal))
    }
}

fn plain(text: &str, expected: &'static str) -> Result<String, NameError> {
    let refused = |reason| NameError { text: text.to_owned(), expected, reason };
    if text.is_empty() || text.len() > 60 {
        return Err(refused("it must have between 1 and 60 characters"));
    }
    if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err(refused("it must begin with a letter or a digit"));
    }
    if !text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char)) {
        return Err(refused("only letters, digits and `-_.` are allowed"));
    }
    if text.contains("..") {
        return Err(refused("it contains `..`"));
    }
    Ok(text.to_owned())
}

impl FromStr for RepositoryName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        plain(text, "repository name").map(Self)
    }
}

impl FromStr for WaveName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        plain(text, "wave name").map(Self)
    }
}

impl FromStr for FolderName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        plain(text, "channel folder").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_names_are_normalised() {
        for (text, normal) in [("Torch_Vision", "torch-vision"), ("a.-_b", "a-b"), ("torch", "torch")] {
            assert_eq!(text.parse::<PackageName>().unwrap().as_str(), normal);
        }
        assert_eq!("fbgemm-gpu".parse::<PackageName>().unwrap().in_file_names(), "fbgemm_gpu");
    }

    #[test]
    fn strange_names_are_refused() {
        for text in ["", "-a", "a-", "a/b", "a b", "é", "<x>", "a\"", "../x"] {
            assert!(text.parse::<PackageName>().is_err(), "{text:?}");
            assert!(text.parse::<FolderName>().is_err() || text == "a-", "{text:?}");
        }
    }
}
