//! What `doctor` finds out about a store by trying, as values and sentences.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::store::StoreUrl;

/// Something that is tried. The written form is stable: people name it in waivers and scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// The store is there and these credentials may list it.
    Reachable,
    /// A new object can be written and read back.
    Writable,
    /// Creating an object that exists, with other bytes, is refused.
    CreateOnly,
    /// Replacing an object that has changed since it was read is refused.
    CompareAndSwap,
    /// Copying onto an object that exists is refused.
    CopyOnly,
    /// Removing an object that has changed since it was read is refused.
    RemoveOnly,
    /// Nobody can read it without credentials.
    Private,
    /// It is another place than the stores that it must outlive.
    Apart,
    /// What was written for the trial is gone again.
    CleanedUp,
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "why")]
pub enum Outcome {
    /// As it must be.
    Fine,
    /// Good enough to release to, and what is weaker than it could be.
    Weak(String),
    /// Not as it must be, and what may then be lost.
    Wrong(String),
    /// It could not be tried, and asking again is useless until somebody mends the cause.
    Failed(String),
    /// It could not be tried now; later it may.
    Passing(String),
}

/// One trial of one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Where.
    pub store: StoreUrl,
    /// What.
    pub probe: Probe,
    /// With which end.
    pub outcome: Outcome,
}

impl Probe {
    /// Its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Writable => "writable",
            Self::CreateOnly => "create-only",
            Self::CompareAndSwap => "compare-and-swap",
            Self::CopyOnly => "copy-only",
            Self::RemoveOnly => "remove-only",
            Self::Private => "private",
            Self::Apart => "apart",
            Self::CleanedUp => "cleaned-up",
        }
    }

    /// What may be lost when it is not as it must be.
    pub fn danger(self) -> &'static str {
        match self {
            Self::Reachable => "nothing can be read or written",
            Self::Writable => "nothing can be released to it",
            Self::CreateOnly => {
                "it ignores `If-None-Match`: a second upload silently replaces the bytes of a released file"
            }
            Self::CompareAndSwap => {
                "it ignores `If-Match`: of two who change an index at once, one's files vanish from it"
            }
            Self::CopyOnly => {
                "it ignores the condition of a copy: where several operators release, add `copies=strict` to its URL"
            }
            Self::RemoveOnly => {
                "it ignores the condition of a removal: what somebody else has put there in this moment goes too"
            }
            Self::Private => "everybody can read it: it is no backup, whoever finds it has what is not released yet",
            Self::Apart => "what is lost there is lost here too",
            Self::CleanedUp => "objects below `doctor/` are left and are to be removed by hand",
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.probe.id();
        match &self.outcome {
            Outcome::Fine => write!(f, "ok       {id}"),
            Outcome::Weak(why) => write!(f, "note     {id}: {why}"),
            Outcome::Wrong(why) => write!(f, "WRONG    {id}: {why}"),
            Outcome::Failed(why) => write!(f, "FAILED   {id}: {why}"),
            Outcome::Passing(why) => write!(f, "later    {id}: {why}"),
        }
    }
}
