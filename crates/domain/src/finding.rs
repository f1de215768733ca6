//! What can be wrong with an artifact, and how heavy that is: codes, profiles, and the exceptions
//! that a project makes.

mod codes;
mod source;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

pub use self::codes::Code;

/// One thing that is wrong, or odd, about an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// The member of the archive, escaped for a terminal; none if it is the artifact as a whole.
    pub member: Option<String>,
    /// A lowercase fragment for a person.
    pub message: String,
}

/// What an artifact is meant for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// A channel of our own: what installers cannot use is an error.
    #[default]
    Channel,
    /// PyPI: what it refuses, or will refuse, is an error.
    Pypi,
    /// Everything is an error that a correct build never does. The default for derived artifacts.
    Strict,
}

/// What a finding means for the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It is not shown.
    Ignore,
    /// It is shown.
    Warning,
    /// The artifact is refused.
    Error,
}

/// How heavy a code is, profile by profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// An error in all, whatever a project says: framing, name, version and RECORD, by which readers would
    /// see two different contents or a file would be another than it says.
    Fixed,
    /// An error in all.
    Always,
    /// An error for PyPI, a warning in a channel.
    Pypi,
    /// An error for PyPI, and no matter at all in a channel: it is about the upload itself.
    Upload,
    /// An error in `strict` only, because real artifacts have it.
    Strict,
    /// A warning in all.
    Odd,
}

/// A profile with a project's exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The profile.
    pub profile: Profile,
    /// Codes that the project raised or lowered. Those of level [`Level::Fixed`] are left alone.
    pub overrides: BTreeMap<Code, Severity>,
}

impl Policy {
    /// A profile without exceptions.
    pub const fn of(profile: Profile) -> Self {
        Self { profile, overrides: BTreeMap::new() }
    }

    /// What a finding of this code means.
    pub fn severity(&self, code: Code) -> Severity {
        let level = code.level();
        if level == Level::Fixed {
            return Severity::Error;
        }
        self.overrides.get(&code).copied().unwrap_or_else(|| level.severity(self.profile))
    }

    /// The findings that refuse the artifact, and those that are only shown, each in their order.
    pub fn split(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let shown = findings.into_iter().filter(|finding| self.severity(finding.code) != Severity::Ignore);
        shown.partition(|finding| self.severity(finding.code) == Severity::Error)
    }
}

impl Level {
    /// The severity in a profile.
    pub const fn severity(self, profile: Profile) -> Severity {
        match (self, profile) {
            (Self::Fixed | Self::Always, _)
            | (Self::Pypi | Self::Upload, Profile::Pypi | Profile::Strict)
            | (Self::Strict, Profile::Strict) => Severity::Error,
            (Self::Pypi, Profile::Channel) | (Self::Strict, Profile::Channel | Profile::Pypi) | (Self::Odd, _) => {
                Severity::Warning
            }
            (Self::Upload, Profile::Channel) => Severity::Ignore,
        }
    }
}

/// No code has this identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not the code of a finding", .0.escape_debug())]
pub struct UnknownCode(String);

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().find(|code| code.id() == text).copied().ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Channel => "channel",
            Self::Pypi => "pypi",
            Self::Strict => "strict",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ignore => "ignore",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Some(member) => write!(f, "`{member}`: {} [{}]", self.message, self.code),
            None => write!(f, "{} [{}]", self.message, self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn identifiers_are_unique_and_round_trip() {
        let ids: BTreeSet<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(code.id().parse(), Ok(*code));
        }
        assert_eq!("no-such".parse::<Code>().unwrap_err().to_string(), "`no-such` is not the code of a finding");
    }

    #[test]
    fn a_stricter_profile_is_never_milder() {
        for code in Code::ALL {
            let of = |profile| Policy::of(profile).severity(*code);
            assert!(of(Profile::Channel) <= of(Profile::Pypi) && of(Profile::Pypi) <= of(Profile::Strict), "{code}");
        }
    }

    #[test]
    fn every_level_says_something_else() {
        let of =
            |level: Level| [Profile::Channel, Profile::Pypi, Profile::Strict].map(|profile| level.severity(profile));
        assert_eq!(of(Level::Fixed), [Severity::Error; 3]);
        assert_eq!(of(Level::Always), [Severity::Error; 3]);
        assert_eq!(of(Level::Pypi), [Severity::Warning, Severity::Error, Severity::Error]);
        assert_eq!(of(Level::Upload), [Severity::Ignore, Severity::Error, Severity::Error]);
        assert_eq!(of(Level::Strict), [Severity::Warning, Severity::Warning, Severity::Error]);
        assert_eq!(of(Level::Odd), [Severity::Warning; 3]);
    }

    #[test]
    fn a_project_raises_and_lowers_but_never_what_is_fixed() {
        let overrides = BTreeMap::from([
            (Code::WheelTagsDiffer, Severity::Error),
            (Code::GlibcTooNew, Severity::Ignore),
            (Code::RecordUnlisted, Severity::Ignore),
            (Code::TrailingData, Severity::Ignore),
        ]);
        let policy = Policy { profile: Profile::Channel, overrides };
        let severities = [Code::WheelTagsDiffer, Code::GlibcTooNew, Code::RecordUnlisted, Code::TrailingData];
        let severities = severities.map(|code| policy.severity(code));
        assert_eq!(severities, [Severity::Error, Severity::Ignore, Severity::Error, Severity::Error]);
    }
}
