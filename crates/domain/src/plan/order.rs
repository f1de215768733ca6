//! The order of effects, checked on every plan before anybody can see it.

use std::collections::BTreeSet;

use crate::action::Action;
use crate::plan::{Phase, Step, StepId};

/// Why a list of steps is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// A step of an earlier phase follows one of a later phase.
    #[error("step `{step}` ({phase:?}) follows a step of a later phase")]
    Late {
        /// The step.
        step: StepId,
        /// Its phase.
        phase: Phase,
    },
    /// An action stands in a phase that is not its own.
    #[error("step `{step}` ({phase:?}) holds an action on {subject} that does not belong there")]
    Misplaced {
        /// The step.
        step: StepId,
        /// Its phase.
        phase: Phase,
        /// What the action is about.
        subject: String,
    },
    /// Two steps have one name, so the journal could not tell them apart.
    #[error("two steps are called `{0}`")]
    Twice(StepId),
    /// A step without effects; zero is an error.
    #[error("step `{0}` does nothing")]
    Empty(StepId),
    /// The plan has no steps; zero is an error.
    #[error("the plan does nothing")]
    NoSteps,
}

/// Checks the rules: phases never go back, every action stands in its phase, no step is empty or
/// named twice.
///
/// # Errors
/// The first rule that is broken.
pub fn check(steps: &[Step]) -> Result<(), OrderError> {
    let mut seen = BTreeSet::new();
    let mut reached = Phase::Write;
    for step in steps {
        if step.actions.is_empty() {
            return Err(OrderError::Empty(step.id.clone()));
        }
        if !seen.insert(&step.id) {
            return Err(OrderError::Twice(step.id.clone()));
        }
        if step.phase < reached {
            return Err(OrderError::Late { step: step.id.clone(), phase: step.phase });
        }
        reached = step.phase;
        if let Some(action) = step.actions.iter().find(|action| !belongs(action, step.phase)) {
            let (step, phase) = (step.id.clone(), step.phase);
            return Err(OrderError::Misplaced { step, phase, subject: action.subject() });
        }
    }
    if steps.is_empty() { Err(OrderError::NoSteps) } else { Ok(()) }
}

/// Whether an action may stand in a phase.
fn belongs(action: &Action, phase: Phase) -> bool {
    match action {
        Action::PushRefs { updates, .. } => {
            let tags = updates.iter().any(|update| update.name.as_str().starts_with("refs/tags/"));
            phase == if tags { Phase::Tag } else { Phase::Write }
        }
        Action::AdvanceBranch { .. } | Action::CopyObject { .. } => phase == Phase::Write,
        Action::CreateObject { .. } => matches!(phase, Phase::Write | Phase::Record),
        Action::ReplaceObject { .. } | Action::ReplaceEncoded { .. } => {
            matches!(phase, Phase::Map | Phase::PackagePages | Phase::ListPages | Phase::Back)
        }
        Action::PutBack { .. } => phase == Phase::Back,
        // Whatever leads to an object is switched before.
        Action::RemoveObject { .. } => matches!(phase, Phase::Back | Phase::Remove),
        // What came from where somebody else may change it is read back before a manifest names it.
        Action::ReadBack { .. } => matches!(phase, Phase::Write | Phase::ReadBack),
        Action::CheckObjects { .. } => phase == Phase::ReadBack,
        // The public sees what is under a label at once, so this is a switch.
        Action::AddLabel { .. } => phase == Phase::PackagePages,
    }
}
