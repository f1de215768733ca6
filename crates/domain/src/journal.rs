//! The journal of a run: the events, and the one table that says which may follow which.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::action::Receipt;
use crate::digest::Sha256;
use crate::plan::{Plan, StepId};

/// Who acts: a person or a job, on a machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The name of the account.
    pub name: String,
    /// A random id that the state folder of the machine got when it was made.
    pub machine: String,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When it was written; for people, never for decisions.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Who wrote it.
    pub by: Operator,
    /// What happened.
    pub what: What,
}

/// What can happen to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// The run of a plan begins.
    Opened {
        /// The plan's digest.
        plan: Sha256,
    },
    /// The effects of a step are about to be tried.
    Intent {
        /// The step.
        step: StepId,
    },
    /// All effects of the step happened.
    Receipt {
        /// The step.
        step: StepId,
        /// The evidence, one for each action.
        receipts: Vec<Receipt>,
    },
    /// The step was refused; nothing is unknown about it.
    Failed {
        /// The step.
        step: StepId,
        /// The reason, without secrets.
        reason: String,
    },
    /// Another operator goes on with the run. What the old one still tries loses.
    TakenOver {
        /// Who had it.
        from: Operator,
        /// Why.
        reason: String,
    },
    /// The operator stopped cleanly between two steps.
    Interrupted,
    /// The run is over.
    Closed {
        /// How it ended.
        outcome: Outcome,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// All steps are done.
    Done,
    /// Nobody will go on with it.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// Where one step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Not tried.
    Pending,
    /// Tried, and it is not known what happened: look before doing anything.
    Unknown,
    /// Refused.
    Failed(String),
    /// Done.
    Done(Vec<Receipt>),
}

/// A run: the fold of its journal, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The digest of the plan that it executes.
    pub plan: Sha256,
    /// Who may act on it.
    pub owner: Operator,
    /// How often it was taken over.
    pub generation: u32,
    /// When it was opened.
    pub opened: Timestamp,
    /// The steps in the order of the plan.
    pub steps: Vec<(StepId, StepState)>,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
}

/// Why a sequence of events is no journal of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The event may not follow the ones before it.
    #[error("event {number} ({event}) is illegal: {why}")]
    Illegal {
        /// Its place, from 1.
        number: usize,
        /// Its kind.
        event: &'static str,
        /// The rule.
        why: &'static str,
    },
    /// The journal is of another plan.
    #[error("the journal belongs to plan {found}, not to {wanted}")]
    OtherPlan {
        /// The plan that the journal names.
        found: Sha256,
        /// The plan that was given.
        wanted: Sha256,
    },
}

impl Run {
    /// Replays a journal. An empty one is no run.
    ///
    /// # Errors
    /// The first event that may not stand where it stands.
    pub fn fold(plan: &Plan, digest: Sha256, events: &[Event]) -> Result<Option<Self>, JournalError> {
        let Some((first, rest)) = events.split_first() else { return Ok(None) };
        let What::Opened { plan: found } = &first.what else {
            return Err(JournalError::Illegal {
                number: 1,
                event: first.what.name(),
                why: "a journal begins with `opened`",
            });
        };
        if *found != digest {
            return Err(JournalError::OtherPlan { found: *found, wanted: digest });
        }
        let steps = plan.steps.iter().map(|step| (step.id.clone(), StepState::Pending)).collect();
        let (owner, opened) = (first.by.clone(), first.at);
        let mut run = Self { plan: digest, owner, generation: 1, opened, steps, outcome: None };
        for (index, event) in rest.iter().enumerate() {
            let number = index + 2;
            run.apply(event).map_err(|why| JournalError::Illegal { number, event: event.what.name(), why })?;
        }
        Ok(Some(run))
    }

    /// Adds one event.
    ///
    /// # Errors
    /// The rule that forbids it here.
    pub fn apply(&mut self, event: &Event) -> Result<(), &'static str> {
        if self.outcome.is_some() {
            return Err("the run is closed");
        }
        if event.by != self.owner && !matches!(event.what, What::TakenOver { .. }) {
            return Err("somebody else owns the run");
        }
        match &event.what {
            What::Opened { .. } => Err("a run is opened once"),
            What::Intent { step } => self.step_becomes(step, StepState::Unknown),
            What::Receipt { step, receipts } => self.step_becomes(step, StepState::Done(receipts.clone())),
            What::Failed { step, reason } => self.step_becomes(step, StepState::Failed(reason.clone())),
            What::TakenOver { from, .. } if *from == self.owner => {
                self.owner = event.by.clone();
                self.generation += 1;
                Ok(())
            }
            What::TakenOver { .. } => Err("it was taken from somebody who did not own it"),
            What::Interrupted => Ok(()),
            What::Closed { outcome: Outcome::Done } if self.current().is_some() => Err("a step is not done"),
            What::Closed { outcome } => {
                self.outcome = Some(outcome.clone());
                Ok(())
            }
        }
    }

    /// The first step that is not done: the one to go on with.
    pub fn current(&self) -> Option<(&StepId, &StepState)> {
        self.steps.iter().find(|(_, state)| !matches!(state, StepState::Done(_))).map(|(id, state)| (id, state))
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|(_, state)| matches!(state, StepState::Done(_))).count()
    }

    fn step_becomes(&mut self, step: &StepId, next: StepState) -> Result<(), &'static str> {
        let Some(position) = self.steps.iter().position(|(_, state)| !matches!(state, StepState::Done(_))) else {
            return Err("all steps are done");
        };
        let (id, state) = &mut self.steps[position];
        if id != step {
            return Err("it is not the turn of that step");
        }
        // The transition table of a step.
        match (&*state, &next) {
            (StepState::Pending | StepState::Failed(_) | StepState::Unknown, StepState::Unknown)
            | (StepState::Unknown, StepState::Done(_) | StepState::Failed(_)) => {
                *state = next;
                Ok(())
            }
            (StepState::Pending, _) => Err("a step needs an intent first"),
            (StepState::Failed(_), _) => Err("a failed step needs a new intent first"),
            (StepState::Unknown | StepState::Done(_), _) => Err("a step that is done stays done"),
        }
    }
}

impl What {
    /// The name of the event's kind.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Intent { .. } => "intent",
            Self::Receipt { .. } => "receipt",
            Self::Failed { .. } => "failed",
            Self::TakenOver { .. } => "taken-over",
            Self::Interrupted => "interrupted",
            Self::Closed { .. } => "closed",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let machine: String = self.machine.chars().take(8).collect();
        write!(f, "{}@{machine}", self.name)
    }
}

/// One line of the lease ledger of a release line: only one run at a time may hold the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseEvent {
    /// When it was written; for people.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Who wrote it.
    pub by: Operator,
    /// The run, by the digest of its plan.
    pub run: Sha256,
    /// What the run does, as a person would type it: the runs of a command are found without their plans.
    pub command: String,
    /// What happened.
    pub what: LeaseChange,
}

/// What can happen to a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeaseChange {
    /// The run holds the line from now on.
    Acquired,
    /// The run gave the line back.
    Released,
}

/// The run that holds a line, if one does.
///
/// # Errors
/// The first event that may not stand where it stands.
pub fn holder(events: &[LeaseEvent]) -> Result<Option<&LeaseEvent>, JournalError> {
    let mut held: Option<&LeaseEvent> = None;
    for (index, event) in events.iter().enumerate() {
        let illegal = |why| JournalError::Illegal { number: index + 1, event: "lease", why };
        held = match (event.what, held) {
            (LeaseChange::Acquired, None) => Some(event),
            (LeaseChange::Acquired, Some(_)) => return Err(illegal("the line is held by another run")),
            (LeaseChange::Released, Some(by)) if by.run == event.run => None,
            (LeaseChange::Released, _) => return Err(illegal("only the holder can give the line back")),
        };
    }
    Ok(held)
}

/// The states of all steps by name, for tables and JSON.
pub fn step_words(run: &Run) -> BTreeMap<String, &'static str> {
    let word = |state: &StepState| match state {
        StepState::Pending => "pending",
        StepState::Unknown => "unknown",
        StepState::Failed(_) => "failed",
        StepState::Done(_) => "done",
    };
    run.steps.iter().map(|(id, state)| (id.to_string(), word(state))).collect()
}
