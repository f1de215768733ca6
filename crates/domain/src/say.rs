//! Plans, runs and stops as a person reads them. Nothing else in trackside writes such sentences.

use std::fmt::Write as _;

use crate::action::{Action, Content, Recipe};
use crate::digest::Sha256;
use crate::journal::{Outcome, Run, StepState};
use crate::plan::{Plan, Step, Stop, StopKind};
use crate::store::Fingerprint;

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// One line for each step.
    Short,
    /// Every effect and every diff.
    Full,
}

/// A word of a command line, as a shell takes it for one word.
pub fn typed(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-+=:,@%".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A plan.
pub fn plan(plan: &Plan, digest: &Sha256, detail: Detail) -> String {
    let mut text = format!("plan {} · {}\n", digest.short(), plan.command);
    let width = plan.steps.iter().map(|step| step.id.as_str().len()).max().unwrap_or(0);
    for (number, step) in (1..).zip(&plan.steps) {
        line(&mut text, format_args!("{number:>4}  {:width$}  {}", step.id, step.title));
        if detail == Detail::Full {
            step.actions.iter().for_each(|action| effect(&mut text, action));
        }
    }
    if let Some(parent) = plan.parent {
        line(&mut text, format_args!("      repairs the withdrawn run {}", parent.short()));
    }
    for text_of in &plan.notes {
        note(&mut text, text_of, detail);
    }
    let (effects, bytes) = weight(&plan.steps);
    line(
        &mut text,
        format_args!(
            "      {}, {} to move; expires {}",
            count(effects, "effect"),
            self::bytes(bytes),
            plan.expires.strftime("%Y-%m-%d %H:%M UTC")
        ),
    );
    text
}

/// The first line of a note is for everybody; what follows, with every effect only.
fn note(text: &mut String, note: &str, detail: Detail) {
    let shown = if detail == Detail::Full { usize::MAX } else { 1 };
    for (index, part) in note.lines().take(shown).enumerate() {
        line(text, format_args!("      {}{part}", if index == 0 { "note: " } else { "        " }));
    }
}

/// How many effects a list of steps has, and how many bytes travel.
fn weight(steps: &[Step]) -> (usize, u64) {
    let writes = steps.iter().flat_map(|step| &step.actions).filter(|action| action.writes());
    writes.fold((0, 0), |(count, bytes), action| (count + 1, bytes + action.bytes()))
}

fn effect(text: &mut String, action: &Action) {
    match action {
        Action::PushRefs { url, recipes, updates, .. } => {
            line(text, format_args!("        push to {url}, all or none:"));
            for update in updates {
                let old = update.expect.as_ref().map_or("nothing", |old| old.short());
                line(text, format_args!("          {}: {old} -> {}", update.name, update.new));
            }
            recipes.iter().for_each(|made| recipe(text, made));
        }
        Action::AdvanceBranch { url, branch, diff: change, message, .. } => {
            line(text, format_args!("        push to {url}, on the tip of {branch}: {}", subject(message)));
            diff(text, change);
        }
        Action::CreateObject { to, content } => {
            let from = match content {
                Content::Text(_) => String::new(),
                Content::Encoded(encoded) => format!(", {}", encoded.encoding.as_str()),
                Content::File { path, .. } => format!(" from {path}"),
            };
            line(
                text,
                format_args!(
                    "        create {} in {} ({}, sha256 {}){from}",
                    to.key,
                    to.store,
                    bytes(content.size()),
                    content.sha256().short()
                ),
            );
        }
        Action::CopyObject { from, to, size, sha256 } => {
            line(
                text,
                format_args!(
                    "        copy {} to {} in {} ({}, sha256 {})",
                    from.key,
                    to.key,
                    to.store,
                    bytes(*size),
                    sha256.short()
                ),
            );
        }
        Action::ReplaceObject { at, expect, text: new } => {
            let old = expect.map_or_else(|| "nothing".to_owned(), |old| old.short());
            line(
                text,
                format_args!(
                    "        replace {} in {}: {old} -> {}",
                    at.key,
                    at.store,
                    Sha256::of(new.as_bytes()).short()
                ),
            );
        }
        Action::ReplaceEncoded { at, expect, content } => {
            let old = expect.map_or_else(|| "nothing".to_owned(), |old| old.short());
            let (new, how) = (content.sha256.short(), content.encoding.as_str());
            line(text, format_args!("        replace {} in {}: {old} -> {new}, {how}", at.key, at.store));
        }
        Action::PutBack { at, expect, from, sha256, .. } => {
            let old = expect.map_or_else(|| "nothing".to_owned(), |old| old.short());
            let new = sha256.short();
            line(
                text,
                format_args!("        put back {} in {}: {old} -> {new}, from {}", at.key, at.store, from.store),
            );
        }
        Action::RemoveObject { at, expect } => {
            line(text, format_args!("        remove {} in {}, sha256 {}", at.key, at.store, expect.short()));
        }
        Action::CheckObjects { store, objects, .. } => {
            line(text, format_args!("        look at {} in {store}", count(objects.len(), "object")));
            for (key, Fingerprint { size, sha256 }) in objects {
                line(text, format_args!("          {key} ({}, sha256 {})", bytes(*size), sha256.short()));
            }
        }
        Action::AddLabel { at, sha256 } => {
            line(text, format_args!("        put {} under {}, sha256 {}", at.key, at.store, sha256.short()));
        }
        Action::ReadBack { at, sha256, .. } => {
            line(text, format_args!("        read {} in {}, sha256 {}", at.key, at.store, sha256.short()));
        }
    }
}

fn recipe(text: &mut String, recipe: &Recipe) {
    match recipe {
        Recipe::Commit { id, parent, diff: change, message, .. } => {
            line(text, format_args!("          commit {} on {}: {}", id.short(), parent.short(), subject(message)));
            diff(text, change);
        }
        Recipe::Pick { id, commit, onto, .. } => {
            line(text, format_args!("          pick {commit} on {} as {}", onto.short(), id.short()));
        }
        Recipe::Tag { id, target, name, .. } => {
            line(text, format_args!("          annotated tag {name} ({}) on {target}", id.short()));
        }
    }
}

fn diff(text: &mut String, diff: &str) {
    diff.lines().for_each(|changed| line(text, format_args!("            {changed}")));
}

fn subject(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// A run.
pub fn run(run: &Run, plan: &Plan) -> String {
    let state = match &run.outcome {
        None => "open".to_owned(),
        Some(Outcome::Done) => "done".to_owned(),
        Some(Outcome::Withdrawn { reason }) => format!("withdrawn: {reason}"),
    };
    let mut text = format!("run {} · {} · {state}\n", run.plan.short(), plan.command);
    line(&mut text, format_args!("      opened {} by {}", run.opened.strftime("%Y-%m-%d %H:%M UTC"), run.owner));
    for (id, state) in &run.steps {
        let state = match state {
            StepState::Pending => "pending".to_owned(),
            StepState::Unknown => "tried, outcome unknown".to_owned(),
            StepState::Failed(reason) => format!("failed: {reason}"),
            StepState::Done(receipts) => format!("done, {} receipts", receipts.len()),
        };
        line(&mut text, format_args!("      {id}: {state}"));
    }
    text
}

/// One reason not to do something.
pub fn stop(stop: &Stop) -> String {
    let kind = match stop.kind {
        StopKind::Failed => "error",
        StopKind::Blocked => "blocked",
        StopKind::Conflict => "conflict",
        StopKind::Transient => "not observed",
    };
    let mut text = format!("{kind}[{}]: {}: {}\n", stop.code, stop.subject, stop.message);
    if let Some(hint) = &stop.hint {
        line(&mut text, format_args!("  way on: {hint}"));
    }
    text
}

/// A number of things.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A number of bytes, with the unit that fits.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut value = number;
    let mut unit = 0;
    while value >= 1024 * 1024 && unit + 1 < UNITS.len() {
        value /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", value / 1024, value % 1024 * 10 / 1024, UNITS[unit])
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let written = writeln!(text, "{arguments}");
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_unit_that_fits() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (766 << 20, "766.0 MiB"),
            (7 << 30, "7.0 GiB"),
        ];
        for (number, text) in table {
            assert_eq!(bytes(number), text);
        }
    }
}
