//! What a step copies from a place that others write to must still be what was read when the plan was made.

use trackside_domain::action::{Action, Receipt};
use trackside_domain::plan::{Plan, Precondition, Step};
use trackside_effects::{Performer, Trouble};

/// Refuses a step if one of its origins has moved. A copy within a server only knows the size of what it
/// copies, and what has once taken a key of a candidate stays there.
pub(super) fn refuse_moved(
    performer: &Performer,
    plan: &Plan,
    step: &Step,
    done: &[Option<Receipt>],
) -> Result<(), Trouble> {
    let open = step.actions.iter().zip(done).filter(|(_, receipt)| receipt.is_none());
    let origins: Vec<_> = open
        .filter_map(|(action, _)| match action {
            Action::CopyObject { from, .. } => Some(from),
            _ => None,
        })
        .collect();
    let about = |precondition: &&Precondition| matches!(precondition, Precondition::ObjectUnchanged { at, .. } if origins.contains(&at));
    let preconditions: Vec<&Precondition> = plan.preconditions.iter().filter(about).collect();
    let moved = performer.moved(&preconditions)?;
    if moved.is_empty() { Ok(()) } else { Err(Trouble::Conflict(moved.join("; "))) }
}
