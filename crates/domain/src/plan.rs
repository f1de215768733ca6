//! A plan: an immutable list of steps with every id, commit, key and version decided.
//!
//! The verbs that make plans have a file each below this one, under the name of the command.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::action::{Action, Location};
use crate::digest::Sha256;
use crate::doctor::Probe;
use crate::git::{ObjectId, RefName, RemoteUrl};
use crate::name::RepositoryName;
use crate::say::typed;
use crate::store::StoreUrl;
use crate::waiver::Waiver;

mod anaconda;
pub mod candidate;
mod change;
mod command;
mod conda;
pub mod cut;
mod draft;
pub mod everywhere;
mod generation;
mod heed;
pub mod import;
pub mod order;
mod pages;
pub mod pick;
pub mod promote;
pub mod prune;
pub mod rebuild;
pub mod restore;
pub mod rollback;
pub mod stage;
pub mod switch;
pub mod verify;
pub mod yank;

pub use self::command::{Command, Restored, Scope};
pub use self::draft::{Draft, Making};

/// The format of plans that this program writes and reads.
pub const PLAN_FORMAT: u32 = 1;

/// How long a plan may wait before it is applied: long enough for a reviewer in another time zone
/// and a weekend, shorter than the 14 days after which PyPI closes a release.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many objects share one intent and one receipt in the journal.
const BATCH: usize = 512;

/// An immutable list of steps. It is known by the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Always [`PLAN_FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub tool: String,
    /// What was asked for.
    pub command: Command,
    /// How it was asked for, as it was typed: what the command alone does not say, such as `--read-back sample`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// When it was made.
    #[schemars(with = "String")]
    pub created: Timestamp,
    /// When it can no longer be started.
    #[schemars(with = "String")]
    pub expires: Timestamp,
    /// The plan that this one repairs or follows.
    pub parent: Option<Sha256>,
    /// What was observed and must still hold when the plan is started.
    pub preconditions: Vec<Precondition>,
    /// The steps, in the order in which they are performed.
    pub steps: Vec<Step>,
    /// What a reader should know: what is carried over, what is left out, what was overridden. The
    /// first line of each is always shown, further ones with every effect only.
    pub notes: Vec<String>,
}
/// Steps are named by what they do, such as `push-core` or `copy-torch`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct StepId(String);

/// A batch of effects that share one intent and one receipt in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Unique within its plan.
    pub id: StepId,
    /// What it does, in words.
    pub title: String,
    /// When it may happen, relative to the others.
    pub phase: Phase,
    /// The effects. Within a step they may happen in any order and at the same time.
    pub actions: Vec<Action>,
}

/// The order of effects: whatever the public sees changes only after everything that it points to
/// is in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Reversible or invisible: branches, stored artifacts, manifests.
    Write,
    /// What was stored is read back.
    ReadBack,
    /// Tags, which are never moved once they are there.
    Tag,
    /// The channel map: from here on the release is decided.
    Map,
    /// The pages of packages, dependencies before dependents.
    PackagePages,
    /// The pages that list packages.
    ListPages,
    /// A channel goes back, in the order of the phases before, reversed: lists, packages with what depends on a
    /// release before it, the map.
    Back,
    /// What nothing leads to any more.
    Remove,
    /// A record of what has been done.
    Record,
}

/// Something that was observed and that the plan depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "holds", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Precondition {
    /// A ref has exactly this value; `None` means that it does not exist.
    RefIs {
        /// The repository's short name.
        repository: RepositoryName,
        /// Where it lives.
        url: RemoteUrl,
        /// The ref.
        name: RefName,
        /// Its value. For an annotated tag this is the commit that it points to.
        value: Option<ObjectId>,
    },
    /// A branch contains a commit: it may have moved forward, but not away.
    RefContains {
        /// The repository's short name.
        repository: RepositoryName,
        /// Where it lives.
        url: RemoteUrl,
        /// The branch.
        name: RefName,
        /// The commit.
        commit: ObjectId,
    },
    /// An object has exactly this digest; `None` means that it does not exist.
    ObjectIs {
        /// The object.
        at: Location,
        /// Its digest.
        value: Option<Sha256>,
    },
    /// An object that somebody else may change has this size, and the server still calls its content so.
    ObjectUnchanged {
        /// The object.
        at: Location,
        /// Its size in bytes.
        size: u64,
        /// What the server called its content.
        etag: Option<String>,
    },
    /// An object does not exist, or has exactly this digest: it can be created.
    ObjectFits {
        /// The object.
        at: Location,
        /// The digest that it is to have.
        value: Sha256,
    },
    /// A server refuses what it must refuse. It is tried in a place of its own, which is removed again.
    StoreHeeds {
        /// The words for the store.
        name: String,
        /// The store.
        store: StoreUrl,
        /// What is tried.
        probes: BTreeSet<Probe>,
    },
    /// The configuration still declares this exception, and it is not over.
    Waived {
        /// The exception.
        waiver: Waiver,
    },
}

/// What a planner decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// There is something to do.
    Draft(Draft),
    /// Everything is as it should be; each line says why.
    NothingToDo(Vec<String>),
    /// It must not be done; all reasons.
    Refused(Vec<Stop>),
}

impl Decision {
    /// The same with these notes, if there is something to do.
    #[must_use]
    pub fn noting(self, notes: Vec<String>) -> Self {
        match self {
            Self::Draft(draft) => Self::Draft(Draft { notes, ..draft }),
            Self::NothingToDo(_) | Self::Refused(_) => self,
        }
    }
}

/// A reason why something must not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stop {
    /// What kind of stop it is; it decides the exit code.
    pub kind: StopKind,
    /// A stable identifier, the same on screen, in JSON and in the runbook.
    pub code: &'static str,
    /// The thing that it is about.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The kinds of stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopKind {
    /// Trying again is useless until somebody changes the input.
    Failed,
    /// A gate, an approval or a date is missing.
    Blocked,
    /// The world holds something else than what belongs there.
    Conflict,
    /// Something could not be observed; it may work the next time.
    Transient,
}

impl Plan {
    /// The bytes of the plan, the same on every machine.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which its types rule out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The digest by which the plan is known.
    ///
    /// # Errors
    /// As [`Plan::to_bytes`].
    pub fn digest(&self) -> Result<Sha256, serde_json::Error> {
        Ok(Sha256::of(&self.to_bytes()?))
    }

    /// All effects with the step that they belong to.
    pub fn effects(&self) -> impl Iterator<Item = (&Step, usize, &Action)> {
        self.steps
            .iter()
            .flat_map(|step| step.actions.iter().enumerate().map(move |(index, action)| (step, index, action)))
    }

    /// What has to be typed for a plan of the same.
    pub fn asked(&self) -> String {
        let options: String = self.options.iter().map(|option| format!(" {}", typed(option))).collect();
        format!("trackside {}{options}", self.command)
    }

    /// The exceptions that it makes use of.
    pub fn waivers(&self) -> impl Iterator<Item = &Waiver> {
        self.preconditions.iter().filter_map(|precondition| match precondition {
            Precondition::Waived { waiver } => Some(waiver),
            _ => None,
        })
    }

    /// The step with the given id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }
}
impl StepId {
    /// Makes an id from its parts; anything but letters and digits becomes `-`.
    pub fn new(parts: &[&str]) -> Self {
        let word = |part: &&str| part.replace(|char: char| !char.is_ascii_alphanumeric(), "-").to_ascii_lowercase();
        Self(parts.iter().map(word).collect::<Vec<_>>().join("-"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Step {
    /// A step of the given phase.
    pub fn new(id: &[&str], title: impl Into<String>, phase: Phase, actions: Vec<Action>) -> Self {
        Self { id: StepId::new(id), title: title.into(), phase, actions }
    }
}

impl Stop {
    /// A stop without a hint.
    pub fn new(kind: StopKind, code: &'static str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, code, subject: subject.into(), message: message.into(), hint: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

#[cfg(test)]
mod tests;
