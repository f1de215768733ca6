//! The release-only edits.

use regex::Regex;

use super::repositories::slot_pattern;
use super::{Given, Names, known};
use crate::config::raw::{
    EditForm, RawCommand, RawPatch, RawPin, RawRepository, RawSetVersion, RawSubstitute, Text, Texts,
};
use crate::config::read::{Located, MAX_BYTES, Source, Span};
use crate::config::resolve;
use crate::edit::{Count, Edit, Find, Glob, near_placeholder};
use crate::name::RepositoryName;

/// The longest that a command may be given, in seconds.
const MAX_TIMEOUT: u32 = 3600;
/// What a command is given if nothing is said, in seconds.
const DEFAULT_TIMEOUT: u32 = 300;

pub(super) fn check(
    raw: &RawRepository,
    (repository, names): (&Text, &Names<'_>),
    given: &Given<'_>,
    source: &mut Source<'_>,
) -> Option<Vec<Edit>> {
    let Some(raw_edits) = &raw.edits else { return Some(Vec::new()) };
    let mut edits = Vec::new();
    for raw_edit in &raw_edits.list {
        let edit = match &raw_edit.value {
            EditForm::Substitute(edit) => substitute(edit, &raw_edit.span, source),
            EditForm::SetVersion(edit) => set_version(edit, source),
            EditForm::Pin(edit) => pin(edit, repository, names, source),
            EditForm::Patch(edit) => patch(edit, given, source),
            EditForm::Command(edit) => command(edit, (raw.commands.as_ref(), &raw_edit.span), source),
        };
        edits.extend(edit);
    }
    (raw_edits.complete && edits.len() == raw_edits.list.len()).then_some(edits)
}

fn substitute(raw: &RawSubstitute, span: &Span, source: &mut Source<'_>) -> Option<Edit> {
    let files = globs(&raw.files, span, source);
    let find = find(raw, span, source);
    let count = match (&raw.exactly, &raw.at_least) {
        (Some(count), None) => positive(count, source).map(Count::Exactly),
        (None, Some(count)) => positive(count, source).map(Count::AtLeast),
        (Some(_), Some(_)) | (None, None) => {
            source.report(span, "a `substitute` edit needs `exactly` or `at-least`, and not both");
            None
        }
    };
    refuse_near_placeholder(&raw.replace, source);
    if raw.find.as_ref().is_some_and(|find| find.value == raw.replace.value) {
        source.report(&raw.replace.span, "`replace` is what it replaces, so the edit would change nothing");
    }
    Some(Edit::Substitute { files: files?, find: find?, replace: raw.replace.value.clone(), count: count? })
}

fn globs(texts: &Texts, span: &Span, source: &mut Source<'_>) -> Option<Vec<String>> {
    if texts.is_empty() {
        source.report(span, "`files` must name a file");
    }
    let mut globs = Vec::new();
    for text in texts {
        match Glob::new(&text.value) {
            Ok(_) => globs.push(text.value.clone()),
            Err(error) => source.report(&text.span, error),
        }
    }
    (globs.len() == texts.len()).then_some(globs)
}

fn find(raw: &RawSubstitute, span: &Span, source: &mut Source<'_>) -> Option<Find> {
    match (&raw.find, &raw.find_regex) {
        (Some(text), None) if text.value.is_empty() => {
            source.report(&text.span, "`find` is empty");
            None
        }
        (Some(text), None) => Some(Find::Literal(text.value.clone())),
        (None, Some(text)) => match Regex::new(&text.value) {
            Ok(regex) if regex.is_match("") => {
                source.report(&text.span, "`find-regex` matches nothing at all, so it would match everywhere");
                None
            }
            Ok(_) => Some(Find::Regex(text.value.clone())),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                source.report(&text.span, format_args!("`find-regex` is no regular expression: {reason}"));
                None
            }
        },
        (Some(_), Some(_)) | (None, None) => {
            source.report(span, "a `substitute` edit needs `find` or `find-regex`, and not both");
            None
        }
    }
}

fn positive(count: &Located<u32>, source: &mut Source<'_>) -> Option<u32> {
    if count.value == 0 {
        source.report(&count.span, "an edit that finds nothing is an error, so this must be 1 or more");
    }
    (count.value > 0).then_some(count.value)
}

fn refuse_near_placeholder(template: &Text, source: &mut Source<'_>) {
    if let Some((name, near)) = near_placeholder(&template.value) {
        let what = format_args!("`{{{name}}}` is no placeholder");
        source.report_unknown(&template.span, what, &format!("{{{name}}}"), &[&format!("{{{near}}}")]);
    }
}

fn set_version(raw: &RawSetVersion, source: &mut Source<'_>) -> Option<Edit> {
    let file = one_file(&raw.file, source);
    let pattern = slot_pattern(raw.pattern.as_ref(), "{version}", source);
    refuse_near_placeholder(&raw.version, source);
    if raw.version.value.trim().is_empty() {
        source.report(&raw.version.span, "`version` is empty");
    }
    pattern?;
    let pattern = raw.pattern.as_ref().map(|text| text.value.clone());
    Some(Edit::SetVersion { file: file?, pattern, version: raw.version.value.clone() })
}

fn one_file(text: &Text, source: &mut Source<'_>) -> Option<String> {
    let checked = resolve::plain_path(&text.value).map_err(|error| source.report(&text.span, error));
    checked.ok().map(|()| text.value.clone())
}

fn pin(raw: &RawPin, own: &Text, names: &Names<'_>, source: &mut Source<'_>) -> Option<Edit> {
    let file = one_file(&raw.file, source);
    let pattern = slot_pattern(raw.pattern.as_ref(), "{pin}", source);
    let repository = known::<RepositoryName>(&raw.repository, "repository", &names.repositories, source);
    if raw.repository.value == own.value {
        source.report(&raw.repository.span, "a repository cannot pin itself");
        return None;
    }
    pattern?;
    let pattern = raw.pattern.as_ref().map(|text| text.value.clone());
    Some(Edit::Pin { file: file?, pattern, repository: repository?, to: raw.to })
}

fn patch(raw: &RawPatch, given: &Given<'_>, source: &mut Source<'_>) -> Option<Edit> {
    let name = one_file(&raw.file, source)?;
    let Some(diff) = given.files.get(&name) else {
        let files: Vec<&str> = given.files.keys().map(String::as_str).filter(|file| !file.ends_with(".toml")).collect();
        source.report_unknown(
            &raw.file.span,
            format_args!("there is no file `{name}` beside trackside.toml"),
            &name,
            &files,
        );
        return None;
    };
    if diff.len() > MAX_BYTES {
        source.report(&raw.file.span, format_args!("`{name}` has {} bytes; at most {MAX_BYTES} are read", diff.len()));
        return None;
    }
    if !diff.lines().any(|line| line.starts_with("diff --git ") || line.starts_with("+++ ")) {
        source.report(&raw.file.span, format_args!("`{name}` is not a diff"));
        return None;
    }
    Some(Edit::Patch { name, diff: diff.clone() })
}

fn command(
    raw: &RawCommand,
    (allowed, span): (Option<&Located<bool>>, &Span),
    source: &mut Source<'_>,
) -> Option<Edit> {
    if !allowed.is_some_and(|allowed| allowed.value) {
        let span = allowed.map_or(span, |allowed| &allowed.span);
        source.report(span, "a `command` edit runs a program of the repository; allow it with `commands = true`");
    }
    let argv: Vec<String> = raw.run.value.iter().map(|text| text.value.clone()).collect();
    let program = argv.first().map_or("", String::as_str);
    let outside = program.starts_with('/') || program.split('/').any(|part| part == "..");
    if program.trim().is_empty() || outside || program.starts_with('-') {
        source.report(&raw.run.span, "`run` must begin with a program: a name, or a path inside the repository");
        return None;
    }
    if let Some(text) = raw.run.value.iter().find(|text| text.value.contains('\0')) {
        source.report(&text.span, "an argument must not hold NUL");
        return None;
    }
    let timeout_seconds = raw.timeout.as_ref().map_or(DEFAULT_TIMEOUT, |timeout| timeout.value);
    if let Some(timeout) = raw.timeout.as_ref().filter(|timeout| !(1..=MAX_TIMEOUT).contains(&timeout.value)) {
        source.report(&timeout.span, format_args!("`timeout` must be between 1 and {MAX_TIMEOUT} seconds"));
        return None;
    }
    Some(Edit::Command { argv, timeout_seconds })
}
