//! The configuration: `trackside.toml`, `lines/M.m.toml` and the patches they name, read and
//! checked in one pass, and turned into a [`Project`].

mod check;
mod problem;
mod raw;
mod read;
mod resolve;
mod schema;
pub mod template;

use std::collections::BTreeMap;

pub use self::problem::{Problem, Problems};
pub use self::schema::schema;

use self::raw::{EditForm, RawLine, RawProject};
use self::read::{Source, WHOLE};
use crate::project::Project;

/// The name of the main file.
pub const MAIN: &str = "trackside.toml";
/// The folder of the line files.
pub const LINES: &str = "lines";

/// Reads and checks the whole configuration.
///
/// `files` holds the text of every file by its path in the release repository: `trackside.toml`,
/// each `lines/*.toml` and each of [`referenced_files`]. `base` is the absolute path of the release
/// repository; `./store` and `../core` in the configuration are meant from there.
///
/// # Errors
/// All problems of all files.
pub fn load(files: &BTreeMap<String, String>, base: &str) -> Result<Project, Problems> {
    let mut main = Source::new(MAIN, files.get(MAIN).map_or("", String::as_str));
    let raw = if files.contains_key(MAIN) {
        main.read::<RawProject>()
    } else {
        main.report(&WHOLE, "there is no such file; `trackside init` writes one");
        None
    };
    let mut lines: Vec<(Source<'_>, Option<RawLine>)> = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| is_line_file(file)) {
        let mut source = Source::new(file, text);
        let line = source.read::<RawLine>();
        lines.push((source, line));
    }
    let given = check::Given { files, base };
    let project = raw.and_then(|raw| check::project(&raw, &given, &mut main, &mut lines));
    let sources = || std::iter::once(&main).chain(lines.iter().map(|(source, _)| source));
    let mut problems: Vec<Problem> = sources().flat_map(|source| source.problems.iter().cloned()).collect();
    let more = sources().map(|source| source.more).sum();
    match project {
        Some(project) if problems.is_empty() => Ok(project),
        Some(_) | None => {
            problems.sort_by_key(|problem| (problem.file != MAIN, problem.clone()));
            problems.dedup();
            Err(Problems { problems, more })
        }
    }
}

/// The paths of the other files that `trackside.toml` names: the diffs of `patch` edits.
///
/// A file that cannot be read names none; [`load`] says what is wrong with it.
pub fn referenced_files(main: &str) -> Vec<String> {
    let Some(raw) = Source::new(MAIN, main).read::<RawProject>() else { return Vec::new() };
    let edits =
        raw.repositories.list.iter().flat_map(|(_, repository)| &repository.edits).flat_map(|edits| &edits.list);
    let patch = |edit: &read::Located<EditForm>| match &edit.value {
        EditForm::Patch(patch) if resolve::plain_path(&patch.file.value).is_ok() => Some(patch.file.value.clone()),
        EditForm::Patch(_)
        | EditForm::Substitute(_)
        | EditForm::SetVersion(_)
        | EditForm::Pin(_)
        | EditForm::Command(_) => None,
    };
    let mut files: Vec<String> = edits.filter_map(patch).collect();
    files.sort();
    files.dedup();
    files
}

fn is_line_file(file: &str) -> bool {
    file.strip_prefix(LINES).is_some_and(|rest| rest.starts_with('/')) && file.ends_with(".toml")
}

#[cfg(test)]
mod tests;
