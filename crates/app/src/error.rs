//! The edge: every failure becomes what failed, on which object, what has been changed so far, the
//! next command, and an exit code.

use std::fmt;

use trackside_domain::plan::{Stop, StopKind};
use trackside_domain::say;
use trackside_effects::Trouble;

/// The exit codes, each with one meaning. `docs/RUNBOOK.md` has the way on for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed, and retrying is useless.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Blocked by a gate, an approval or a deadline.
    Blocked = 3,
    /// The plan is stale.
    Stale = 4,
    /// Conflict: the world differs.
    Conflict = 5,
    /// The outcome of an effect is unknown.
    Unknown = 6,
    /// Transient: run it again.
    Transient = 7,
    /// Held by another operator.
    Held = 8,
    /// Interrupted cleanly.
    Interrupted = 130,
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub struct Failure {
    /// What it means for the caller.
    pub exit: Exit,
    /// What failed, and on what.
    pub message: String,
    /// What has been changed so far, and what has not.
    pub so_far: Vec<String>,
    /// The exact next command or step.
    pub next: Option<String>,
    /// The stops of a planner, for JSON.
    pub stops: Vec<Stop>,
}

impl Failure {
    /// A failure without more to say.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), so_far: Vec::new(), next: None, stops: Vec::new() }
    }

    /// A usage or configuration error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The same with the way on.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// The stops of a planner. If they differ in kind, the one that needs a person most decides.
    pub fn refused(stops: Vec<Stop>) -> Self {
        let exit_of = |stop: &Stop| match stop.kind {
            StopKind::Conflict => Exit::Conflict,
            StopKind::Failed => Exit::Failed,
            StopKind::Blocked => Exit::Blocked,
            StopKind::Transient => Exit::Transient,
        };
        let severity = |exit: &Exit| {
            [Exit::Transient, Exit::Blocked, Exit::Failed, Exit::Conflict].iter().position(|other| other == exit)
        };
        let exit = stops.iter().map(exit_of).max_by_key(severity).unwrap_or(Exit::Failed);
        let message = stops.iter().map(say::stop).collect::<String>().trim_end().to_owned();
        Self { exit, message, so_far: vec!["nothing was changed".to_owned()], next: None, stops }
    }
}

impl From<&Trouble> for Exit {
    fn from(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Failed(_) => Self::Failed,
            Trouble::Conflict(_) => Self::Conflict,
            Trouble::Unknown(_) => Self::Unknown,
            Trouble::Transient(_) => Self::Transient,
            Trouble::Blocked(_) => Self::Blocked,
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new(Exit::from(&trouble), trouble.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.stops.is_empty() {
            write!(f, "error: ")?;
        }
        writeln!(f, "{}", self.message)?;
        self.so_far.iter().try_for_each(|line| writeln!(f, "  so far: {line}"))?;
        self.next.iter().try_for_each(|next| writeln!(f, "  next: {next}"))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Blocked => "blocked",
            Self::Stale => "stale-plan",
            Self::Conflict => "conflict",
            Self::Unknown => "outcome-unknown",
            Self::Transient => "transient",
            Self::Held => "held",
            Self::Interrupted => "interrupted",
        })
    }
}
