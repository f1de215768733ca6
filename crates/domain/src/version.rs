//! The versions of a release train: line `2.15`, release `2.15.0`, candidate `2.15.0-rc3`.
//!
//! They are parsed strictly and compared as numbers, never as text, so `2.1` is no prefix of
//! `2.10` and a malformed tag such as `v1.8-rc1` is refused instead of silently building nothing.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::git::{GitNameError, TagName};

/// A release line, `2.15`: the branch and all its patch releases.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Line {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

/// A release, `2.15.0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Release {
    /// The line that it belongs to.
    pub line: Line,
    /// The third number.
    pub patch: u32,
}

/// A release candidate, `2.15.0-rc3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Candidate {
    /// The release that it may become.
    pub release: Release,
    /// Its number; 0 is legal, because some projects start there.
    pub number: u32,
}

/// Why a text is not a version of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a {expected}: {reason}", text.escape_debug())]
pub struct VersionError {
    text: String,
    expected: &'static str,
    reason: &'static str,
}

impl Line {
    /// The release of this line with the given patch number.
    pub const fn release(self, patch: u32) -> Release {
        Release { line: self, patch }
    }

    /// The next minor line: `2.15` to `2.16`.
    #[must_use]
    pub const fn next_minor(self) -> Self {
        Self { major: self.major, minor: self.minor + 1 }
    }
}

impl Release {
    /// The candidate of this release with the given number.
    pub const fn candidate(self, number: u32) -> Candidate {
        Candidate { release: self, number }
    }

    /// The tag of the final release, `v2.15.0`.
    ///
    /// # Errors
    /// Never in practice: every release makes a well-formed tag name.
    pub fn tag(self) -> Result<TagName, GitNameError> {
        format!("v{self}").parse()
    }
}

impl Candidate {
    /// The tag of this candidate, `v2.15.0-rc3`.
    ///
    /// # Errors
    /// Never in practice: every candidate makes a well-formed tag name.
    pub fn tag(self) -> Result<TagName, GitNameError> {
        format!("v{self}").parse()
    }

    /// Reads a candidate from its tag.
    ///
    /// # Errors
    /// When the tag is not exactly of the form `v2.15.0-rc3`.
    pub fn from_tag(tag: &str) -> Result<Self, VersionError> {
        const EXPECTED: &str = "candidate tag such as v2.15.0-rc3";
        let refused = |reason| VersionError { text: tag.to_owned(), expected: EXPECTED, reason };
        let rest = tag.strip_prefix('v').ok_or_else(|| refused("it must begin with `v`"))?;
        rest.parse().map_err(|error: VersionError| refused(error.reason))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.major, self.minor))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.line, self.patch))
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-rc{}", self.release, self.number))
    }
}

/// A number as versions write it: ASCII digits, no leading zero, no sign, at most nine digits.
fn number(text: &str) -> Result<u32, &'static str> {
    if text.is_empty() {
        return Err("a number is missing");
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("only the digits 0 to 9 may stand in a number");
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err("a number must not begin with 0");
    }
    if text.len() > 9 {
        return Err("a number has more than nine digits");
    }
    text.parse().map_err(|_| "a number is too large")
}

fn numbers<const COUNT: usize>(text: &str, wrong_count: &'static str) -> Result<[u32; COUNT], &'static str> {
    let mut found = [0; COUNT];
    let mut parts = text.split('.');
    for slot in &mut found {
        *slot = number(parts.next().ok_or(wrong_count)?)?;
    }
    match parts.next() {
        None => Ok(found),
        Some(_) => Err(wrong_count),
    }
}

impl FromStr for Line {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        numbers(text, "two numbers are needed")
            .map(|[major, minor]| Self { major, minor })
            .map_err(|reason| VersionError { text: text.to_owned(), expected: "line such as 2.15", reason })
    }
}

impl FromStr for Release {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        numbers(text, "three numbers are needed")
            .map(|[major, minor, patch]| Line { major, minor }.release(patch))
            .map_err(|reason| VersionError { text: text.to_owned(), expected: "release such as 2.15.0", reason })
    }
}

impl FromStr for Candidate {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let refused = |reason| VersionError { text: text.to_owned(), expected: "candidate such as 2.15.0-rc3", reason };
        let (release, candidate) = text.split_once("-rc").ok_or_else(|| refused("`-rc` and a number are missing"))?;
        let release: Release = release.parse().map_err(|error: VersionError| refused(error.reason))?;
        Ok(release.candidate(number(candidate).map_err(refused)?))
    }
}

macro_rules! version_as_text {
    ($($type:ty),*) => {$(
        impl TryFrom<String> for $type {
            type Error = VersionError;

            fn try_from(text: String) -> Result<Self, VersionError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(version: $type) -> Self {
                version.to_string()
            }
        }
    )*};
}

version_as_text!(Line, Release, Candidate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        assert_eq!("2.15".parse::<Line>().map(|line| line.to_string()), Ok("2.15".into()));
        assert_eq!("2.15.0".parse::<Release>().map(|release| release.to_string()), Ok("2.15.0".into()));
        for text in ["2.15.0-rc0", "1.8.1-rc1", "0.30.0-rc12"] {
            assert_eq!(text.parse::<Candidate>().map(|candidate| candidate.to_string()), Ok(text.into()));
            assert_eq!(
                Candidate::from_tag(&format!("v{text}")).map(|candidate| candidate.to_string()),
                Ok(text.into())
            );
        }
    }

    #[test]
    fn compares_as_numbers() {
        let ordered = ["2.1.1-rc2", "2.1.1-rc10", "2.1.2-rc1", "2.1.10-rc1", "2.10.0-rc1"];
        let parsed: Vec<Candidate> = ordered.iter().map(|text| text.parse().unwrap()).collect();
        assert!(parsed.is_sorted());
    }

    #[test]
    fn refuses_every_malformed_tag() {
        let corpus = [
            "v1.12.0-rc01",
            "v1.12-rc1",
            "V1.12.0-rc1",
            "v1.12.0-RC1",
            "v1.12.0-rc1.",
            "v1.12.0-rc1\n",
            "v１.12.0-rc1",
            "v1.12.0-rc١",
            "v1.12.0-rc99999999999999999999",
            "v-1.0.0-rc1",
            "v1.12.0-rc1^{}",
            "v1.12.0-rc1..x",
            "v01.12.0",
            "v1.12.0-rc+1",
            "v1.12.0rc1",
            " v1.12.0-rc1",
            "v1.12.0-rc",
            "v1.12.0",
            "v1.8-rc1",
            "",
            "v",
            "v1.12.0-rc1-rc2",
            "v1..0-rc1",
            "vv1.12.0-rc1",
            "v1.12.0-rc-1",
            "v1.12.0.1-rc1",
        ];
        for tag in corpus {
            assert!(Candidate::from_tag(tag).is_err(), "{tag:?} was taken");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let error = Candidate::from_tag("v1.8-rc1").unwrap_err();
        insta::assert_snapshot!(error, @"`v1.8-rc1` is not a candidate tag such as v2.15.0-rc3: three numbers are needed");
    }
}
