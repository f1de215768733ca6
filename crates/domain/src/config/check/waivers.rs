//! Exceptions to what stores must do. Whether one is over is for the day on which a plan is made.

use super::known;
use crate::config::raw::{RawProject, RawWaiver, Text};
use crate::config::read::Source;
use crate::doctor::Probe;
use crate::hidden::is_hidden;
use crate::waiver::Waiver;

/// The waivers, each about something that can be waived and a store that there is.
pub(super) fn check(raw: &RawProject, source: &mut Source<'_>) -> Option<Vec<Waiver>> {
    let Some(tables) = &raw.waivers else { return Some(Vec::new()) };
    let mirrors = raw.channels.stable.mirrors.as_ref().map_or(0, |mirrors| mirrors.list.len());
    let mirrors = (1..=mirrors).map(|number| format!("mirror-{number}"));
    let stores = ["test", "stable", "backup", "state"].map(str::to_owned);
    let subjects: Vec<String> = stores.into_iter().chain(mirrors).collect();
    let all: Vec<Option<Waiver>> = tables.list.iter().map(|table| one(&table.value, &subjects, source)).collect();
    let all: Option<Vec<Waiver>> = all.into_iter().collect();
    all.filter(|_| tables.complete)
}

fn one(raw: &RawWaiver, subjects: &[String], source: &mut Source<'_>) -> Option<Waiver> {
    let code = code(&raw.code, source);
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let subject = known::<String>(&raw.subject, "store", &subjects, source);
    let reason = line("reason", &raw.reason, source);
    let owner = line("owner", &raw.owner, source);
    // The form of a day is checked where it is read.
    let expires = raw.expires.0.parse().ok()?;
    Some(Waiver { code: code?, subject: subject?, reason: reason?, owner: owner?, expires })
}

fn code(text: &Text, source: &mut Source<'_>) -> Option<Probe> {
    let found = Waiver::CODES.into_iter().find(|code| code.id() == text.value);
    if found.is_none() {
        let what = format_args!("`{}` cannot be waived", text.value.escape_debug());
        source.report_unknown(&text.span, what, &text.value, &Waiver::CODES.map(Probe::id));
    }
    found
}

/// What stands in plans and is read by people.
fn line(key: &str, text: &Text, source: &mut Source<'_>) -> Option<String> {
    let value = text.value.trim();
    if value.is_empty() || value.contains(is_hidden) {
        source.report(&text.span, format_args!("`{key}` must be a line of text"));
        return None;
    }
    Some(value.to_owned())
}
