//! What the verification of a candidate found: `candidates/2.15.0-rc3/verdict/000001.json`.

use serde::{Deserialize, Serialize};

use super::record::record;
use super::{ManifestRef, RecordError};
use crate::name::PackageName;
use crate::version::Candidate;

/// The verdict on exactly the manifests that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The train's candidate.
    pub candidate: Candidate,
    /// The manifests that were checked, sorted.
    pub manifests: Vec<ManifestRef>,
    /// All checks, in the order in which they were made.
    pub checks: Vec<Check>,
    /// The platform that packages were installed on, such as `linux-x86_64`.
    pub platform: String,
    /// The installer and its version, such as `uv 0.9.1`.
    pub installer: Option<String>,
    /// When the last check ended.
    pub at: jiff::Timestamp,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name, a stable identifier.
    pub name: String,
    /// The package that it is about; `None` is all of them.
    pub package: Option<PackageName>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found, for people.
    pub detail: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// What it demands was seen to hold.
    Passed,
    /// What it demands was seen not to hold.
    Failed,
    /// It could not be made: that is never taken for passed.
    NotDone,
}

record!(Verdict, "verdict");

impl Verdict {
    /// Whether there are checks and each of them passed.
    pub fn passed(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.outcome == Outcome::Passed)
    }

    fn check(&self) -> Result<(), RecordError> {
        if !self.manifests.is_sorted_by(|one, next| one.package < next.package) {
            return Err(Self::refused("its manifests are not sorted by package, each once"));
        }
        Ok(())
    }
}
