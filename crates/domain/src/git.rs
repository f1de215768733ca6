//! Names and ids of git: object ids, branches, tags and full refs; remote URLs are below.
//!
//! The rules for names are stricter than `git check-ref-format`: ASCII letters, digits and
//! `._/-`, beginning with a letter or digit, so that no name can be taken for an option, hide a
//! control character or look like another one.

mod remote;

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::remote::{RemoteUrl, RemoteUrlError, Transport};
use crate::text::checked_text;

/// Why a text is not a git name of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a {expected}: {reason}", text.escape_debug())]
pub struct GitNameError {
    text: String,
    expected: &'static str,
    reason: &'static str,
}

/// The id of a git object: 40 (SHA-1) or 64 (SHA-256) lowercase hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ObjectId(String);

/// A branch without `refs/heads/`, such as `release/2.15`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct BranchName(String);

/// A tag without `refs/tags/`, such as `v2.15.0-rc1`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct TagName(String);

/// A full ref, such as `refs/heads/release/2.15`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RefName(String);

checked_text!(ObjectId, GitNameError);
checked_text!(BranchName, GitNameError);
checked_text!(TagName, GitNameError);
checked_text!(RefName, GitNameError);

impl ObjectId {
    /// The first ten digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..10]
    }
}

impl BranchName {
    /// The full ref of this branch.
    pub fn to_ref(&self) -> RefName {
        RefName(format!("refs/heads/{}", self.0))
    }
}

impl TagName {
    /// The full ref of this tag.
    pub fn to_ref(&self) -> RefName {
        RefName(format!("refs/tags/{}", self.0))
    }
}

impl RefName {
    /// The name without `refs/heads/` or `refs/tags/`, for people.
    pub fn short(&self) -> &str {
        self.0.strip_prefix("refs/heads/").or_else(|| self.0.strip_prefix("refs/tags/")).unwrap_or(&self.0)
    }
}

impl FromStr for ObjectId {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if matches!(text.len(), 40 | 64) && text.bytes().all(lower_hex) {
            Ok(Self(text.to_owned()))
        } else {
            let reason = "40 or 64 lowercase hexadecimal digits are needed, not an abbreviation";
            Err(GitNameError { text: text.to_owned(), expected: "commit id", reason })
        }
    }
}

/// The rule that all our ref names keep, stricter than git's own.
fn check_name(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > 200 {
        return Err("it is longer than 200 bytes");
    }
    if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err("it must begin with a letter or a digit");
    }
    if !text.chars().all(|char| char.is_ascii_alphanumeric() || "._/-".contains(char)) {
        return Err("only letters, digits and `._/-` are allowed");
    }
    if text.contains("..") {
        return Err("it contains `..`");
    }
    let bad_component =
        |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.ends_with(".lock");
    if text.split('/').any(bad_component) {
        return Err("a part between slashes is empty, begins or ends with a dot or ends with `.lock`");
    }
    if text == "HEAD" || text.starts_with("refs/") || text.parse::<ObjectId>().is_ok() {
        return Err("it could be taken for something else");
    }
    Ok(())
}

fn name(text: &str, expected: &'static str) -> Result<String, GitNameError> {
    match check_name(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(reason) => Err(GitNameError { text: text.to_owned(), expected, reason }),
    }
}

impl FromStr for BranchName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        name(text, "branch name").map(Self)
    }
}

impl FromStr for TagName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        name(text, "tag name").map(Self)
    }
}

impl FromStr for RefName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let reason = "a full ref begins with refs/heads/ or refs/tags/";
        let rest = text
            .strip_prefix("refs/heads/")
            .or_else(|| text.strip_prefix("refs/tags/"))
            .ok_or_else(|| GitNameError { text: text.to_owned(), expected: "full ref", reason })?;
        name(rest, "full ref").map(|_| Self(text.to_owned()))
    }
}

/// Who made a commit or tag, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Seconds since 1970-01-01 UTC. It comes from the inputs, never from a clock, so that the
    /// same inputs give the same id.
    pub seconds: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ref_names_are_refused() {
        let corpus = [
            "",
            "-x",
            "--upload-pack=x",
            "-c",
            "a.lock",
            "a..b",
            "a@{1}",
            "@",
            "HEAD",
            "refs/heads/x",
            "release/1.12/",
            "a//b",
            ".a",
            "a/.b",
            "a b",
            "a\nb",
            "a\0b",
            "a~1",
            "a^",
            "a:b",
            "a?b",
            "a*",
            "a[b",
            "a\\b",
            "/a",
            "a.",
            "réf",
            "a\u{202e}b",
            "0123456789012345678901234567890123456789",
        ];
        for text in corpus {
            assert!(text.parse::<BranchName>().is_err(), "{text:?} was taken as a branch");
            assert!(text.parse::<TagName>().is_err(), "{text:?} was taken as a tag");
            assert!(format!("refs/heads/{text}").parse::<RefName>().is_err(), "{text:?} was taken in a ref");
        }
        assert!("x".repeat(201).parse::<BranchName>().is_err());
    }

    #[test]
    fn ordinary_names_round_trip() {
        for text in ["main", "viable/strict", "release/2.15", "orig/release/2.15", "r2.15", "v2.15.0-rc1"] {
            assert_eq!(text.parse::<BranchName>().map(|name| name.to_ref().short().to_owned()), Ok(text.into()));
        }
    }
}
