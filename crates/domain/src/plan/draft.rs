//! What a planner decides, and how a plan is made of it.

use jiff::Timestamp;

use super::{Command, LIFETIME, PLAN_FORMAT, Plan, Precondition, Step, order};
use crate::action::Action;
use crate::digest::Sha256;
use crate::waiver::Waiver;

/// The part of a plan that a planner decides; the clock adds the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What was asked for.
    pub command: Command,
    /// See [`Plan::preconditions`].
    pub preconditions: Vec<Precondition>,
    /// See [`Plan::steps`].
    pub steps: Vec<Step>,
    /// See [`Plan::notes`].
    pub notes: Vec<String>,
}

/// Who makes a plan of a draft, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making<'a> {
    /// The program and its version.
    pub tool: &'a str,
    /// When.
    pub now: Timestamp,
    /// As [`Plan::options`].
    pub options: Vec<String>,
    /// As [`Plan::parent`].
    pub parent: Option<Sha256>,
}

impl Draft {
    /// Makes the plan: immutable from here on.
    ///
    /// # Errors
    /// When the steps are in an order that the rules forbid; that would be a bug of a planner.
    pub fn seal(self, making: Making<'_>) -> Result<Plan, order::OrderError> {
        let Self { command, mut preconditions, steps, notes } = self;
        let Making { tool, now, options, parent } = making;
        order::check(&steps)?;
        // What an effect on an object expects is a precondition, so that a plan is found stale
        // before it has begun and not in its middle.
        for expected in steps.iter().flat_map(|step| &step.actions).filter_map(expectation) {
            if !preconditions.contains(&expected) {
                preconditions.push(expected);
            }
        }
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let (format, created, tool) = (PLAN_FORMAT, now, tool.to_owned());
        let plan = Plan { format, tool, command, options, created, expires, parent, preconditions, steps, notes };
        let expires = plan.waivers().map(Waiver::end).fold(expires, Timestamp::min);
        Ok(Plan { expires, ..plan })
    }
}

/// What an effect on an object expects to find. Refs are left to the planners: a plan may move one
/// twice.
fn expectation(action: &Action) -> Option<Precondition> {
    match action {
        Action::CreateObject { to, content } => {
            Some(Precondition::ObjectFits { at: to.clone(), value: content.sha256() })
        }
        Action::CopyObject { to, sha256, .. } => Some(Precondition::ObjectFits { at: to.clone(), value: *sha256 }),
        Action::ReplaceObject { at, expect, .. }
        | Action::ReplaceEncoded { at, expect, .. }
        | Action::PutBack { at, expect, .. } => Some(Precondition::ObjectIs { at: at.clone(), value: *expect }),
        Action::RemoveObject { at, expect } => Some(Precondition::ObjectIs { at: at.clone(), value: Some(*expect) }),
        Action::PushRefs { .. }
        | Action::AdvanceBranch { .. }
        | Action::ReadBack { .. }
        | Action::CheckObjects { .. }
        | Action::AddLabel { .. } => None,
    }
}
