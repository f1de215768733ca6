//! What the planners decide: the order of effects over random releases, and plans that read like a
//! specification.

mod candidate;
mod cut;
mod heed;
mod order;
mod refused;
mod sketch;
mod switch;

use jiff::Timestamp;

use super::{Decision, Making, Plan, Precondition};
use crate::git::ObjectId;
use crate::project::Project;
use crate::say;

/// A commit of the tests, by a number.
fn commit(number: u64) -> ObjectId {
    format!("{number:010x}{:030}", 0).parse().unwrap()
}

fn making(now: Timestamp) -> Making<'static> {
    Making { tool: "test", now, options: Vec::new(), parent: None }
}

/// The plan of a draft, which must keep the rules.
fn sealed(decision: Decision) -> Option<Plan> {
    match decision {
        Decision::Draft(draft) => Some(draft.seal(making(Timestamp::UNIX_EPOCH)).unwrap()),
        Decision::NothingToDo(_) | Decision::Refused(_) => None,
    }
}

/// A decision as a person reads it: what must hold, what is done in which phase, what is to be known.
fn told(decision: Decision) -> String {
    let draft = match decision {
        Decision::Draft(draft) => draft,
        Decision::NothingToDo(notes) => return format!("nothing to do\n{}", lines(&notes)),
        Decision::Refused(stops) => return stops.iter().map(say::stop).collect(),
    };
    let holds: Vec<String> = draft.preconditions.iter().map(held).collect();
    let steps = draft.steps.iter().map(|step| format!("{:?}: {}: {}", step.phase, step.id, step.title));
    let steps: Vec<String> = steps.collect();
    format!("{}\nif\n{}do\n{}{}", draft.command, lines(&holds), lines(&steps), lines(&draft.notes))
}

fn lines(items: &[String]) -> String {
    items.iter().map(|item| format!("  {item}\n")).collect()
}

fn held(precondition: &Precondition) -> String {
    match precondition {
        Precondition::RefIs { repository, name, value: Some(value), .. } => {
            format!("{repository} {} is at {}", name.short(), value.short())
        }
        Precondition::RefIs { repository, name, value: None, .. } => format!("{repository} {} is absent", name.short()),
        Precondition::RefContains { repository, name, commit, .. } => {
            format!("{repository} {} contains {}", name.short(), commit.short())
        }
        Precondition::ObjectIs { at, value: Some(value) } => format!("{} is {}", at.key, value.short()),
        Precondition::ObjectIs { at, value: None } => format!("{} is absent", at.key),
        Precondition::StoreHeeds { name, probes, .. } => {
            let probes: Vec<&str> = probes.iter().map(|probe| probe.id()).collect();
            format!("{name} heeds {}", probes.join(", "))
        }
        Precondition::Waived { waiver } => format!("{} of {} is waived", waiver.code.id(), waiver.subject),
        Precondition::ObjectUnchanged { at, .. } => format!("{} is what was read", at.key),
        Precondition::ObjectFits { at, .. } => format!("{} is absent or right", at.key),
    }
}

/// A configuration that must be right.
fn project(main: &str, line: &str) -> Project {
    let files = [("trackside.toml", main), ("lines/1.0.toml", line)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    crate::config::load(&files, "/release").unwrap_or_else(|problems| panic!("{problems}\n{main}"))
}
