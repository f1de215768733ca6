//! An item of the world: known, absent or unknown.

use std::fmt;

use crate::plan::{Stop, StopKind};

/// The state of one item of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It is there, and this is what it is.
    Known(T),
    /// It was looked for and is not there.
    Absent,
    /// It could not be looked at.
    Unknown(Unseen),
}

/// Why something could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// The reason, without secrets.
    pub why: String,
    /// Whether it may work the next time, without anybody changing anything.
    pub passing: bool,
}

impl Unseen {
    /// What stays so until somebody changes something.
    pub fn lasting(why: impl Into<String>) -> Self {
        Self { why: why.into(), passing: false }
    }

    /// The stop of a plan that needs it.
    pub fn stop(&self, subject: &str) -> Stop {
        let (kind, code) =
            if self.passing { (StopKind::Transient, "unknown") } else { (StopKind::Failed, "unreadable") };
        Stop::new(kind, code, subject, self.why.clone())
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl<T> Observed<T> {
    /// The item if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(item) => Some(item),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Whether the item was looked for and is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
