//! `cut`: the frozen cut point, the release branch, the release-only edits and the version bump.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::edit::next_dev_version;
use crate::git::{BranchName, ObjectId};
use crate::name::{RepositoryName, WaveName};
use crate::plan::{Command, Decision, Draft, Stop, StopKind};
use crate::project::Project;
use crate::version::Line;
use crate::world::{CutWorld, Observed};

mod repository;

use self::repository::One;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The line of the train.
    pub line: Line,
    /// A repository or a wave; `None` means all that are due today.
    pub only: Option<String>,
    /// Another branch to cut from, for this run.
    pub from: Option<BranchName>,
    /// The version, where no file holds it; it replaces the check of the version files.
    pub release_version: Option<String>,
    /// Today's date.
    pub today: Date,
}

/// The trailer by which the commit of release-only edits is known.
pub fn edits_trailer(line: Line) -> String {
    format!("Trackside-Release-Only: {line}")
}

/// The trailer by which the bump of the default branch is known.
pub fn bump_trailer(next: Line) -> String {
    format!("Trackside-Version-Bump: {next}")
}

/// The message of the commit of release-only edits.
pub fn edits_message(line: Line) -> String {
    format!("[RELEASE-ONLY CHANGES] Branch cut for release {line}\n\n{}\n", edits_trailer(line))
}

/// The message of the bump of the default branch after a line was cut.
pub fn bump_message(line: Line) -> String {
    format!("Bump the version to {}\n\n{}\n", next_dev_version(line), bump_trailer(line.next_minor()))
}

/// The topic branch of the release-only edits.
pub fn edits_topic(line: Line) -> String {
    format!("trackside/release-only-{line}")
}

/// The topic branch of the version bump.
pub fn bump_topic(next: Line) -> String {
    format!("trackside/bump-{next}")
}

/// The repositories that the request is about, in the order of their waves, then by name.
///
/// # Errors
/// When the request names nothing of the project, or nothing is due.
pub fn selected<'a>(project: &'a Project, request: &Request) -> Result<Vec<&'a RepositoryName>, Stop> {
    let in_waves = project.waves.iter().flat_map(|wave| {
        project.repositories.iter().filter(move |(_, repository)| repository.wave == *wave).map(|(name, _)| name)
    });
    let wave_of = |name: &RepositoryName| project.repositories.get(name).map(|repository| &repository.wave);
    let chosen: Vec<&RepositoryName> = match &request.only {
        None => in_waves.filter(|name| wave_of(name).is_some_and(|wave| is_due(project, request, wave))).collect(),
        // A name that is both a wave and a repository stands for the wave.
        Some(only) if project.waves.iter().any(|wave| wave.as_str() == only) => {
            in_waves.filter(|name| wave_of(name).is_some_and(|wave| wave.as_str() == only)).collect()
        }
        Some(only) => in_waves.filter(|name| name.as_str() == only).collect(),
    };
    if chosen.is_empty() {
        let subject = request.only.clone().unwrap_or_else(|| request.line.to_string());
        return Err(match &request.only {
            Some(_) => Stop::new(StopKind::Failed, "unknown-selection", subject, "no repository or wave has this name")
                .hint("`trackside check` lists the repositories and waves"),
            None => Stop::new(StopKind::Blocked, "not-due", subject, "no wave of this line is due today")
                .hint("name a wave or repository with --only to cut it before its date"),
        });
    }
    Ok(chosen)
}

/// The waves whose dates are still to come.
fn not_due(project: &Project, request: &Request) -> Vec<String> {
    let all = request.only.is_none().then_some(&project.waves);
    let waiting = all.into_iter().flatten().filter(|wave| !is_due(project, request, wave));
    let dates = project.line(request.line).map(|line| &line.dates);
    let date = |wave: &WaveName| dates.and_then(|dates| dates.get(&format!("cut-{wave}"))).cloned().unwrap_or_default();
    waiting.map(|wave| format!("wave {wave}: due on {}; --only {wave} cuts it today", date(wave))).collect()
}

/// A wave is due when the line file gives it no date, or the date has come.
fn is_due(project: &Project, request: &Request, wave: &WaveName) -> bool {
    let dates = project.line(request.line).map(|line| &line.dates);
    let date = dates.and_then(|dates| dates.get(&format!("cut-{wave}")));
    date.is_none_or(|date| date.parse::<Date>().is_ok_and(|date| date <= request.today))
}

/// The cut point: where it exists it *is* the cut point, and the base is no longer looked at.
pub fn cut_point(cut: &Observed<ObjectId>, base: &Observed<ObjectId>) -> Option<ObjectId> {
    match cut {
        Observed::Known(commit) => Some(commit.clone()),
        Observed::Absent => base.known().cloned(),
        Observed::Unknown(_) => None,
    }
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: &Request, world: &BTreeMap<RepositoryName, CutWorld>) -> Decision {
    let mut stops = Vec::new();
    let mut draft = Draft {
        command: Command::Cut { line: request.line, only: request.only.clone() },
        preconditions: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
    };
    let names = match selected(project, request) {
        Ok(names) => names,
        Err(stop) => return Decision::Refused(vec![stop]),
    };
    for name in in_pin_order(project, &names) {
        let (Some(repository), Some(seen)) = (project.repositories.get(name), world.get(name)) else { continue };
        let line = project.line_of(name, request.line);
        let one = One { project, request, name, repository, seen, line, selected: &names, world };
        match one.decide() {
            Ok(part) => {
                draft.preconditions.extend(part.preconditions);
                draft.steps.extend(part.steps);
                draft.notes.extend(part.notes);
            }
            Err(stop) => stops.push(stop),
        }
    }
    draft.notes.extend(not_due(project, request));
    if !stops.is_empty() {
        Decision::Refused(stops)
    } else if draft.steps.is_empty() {
        Decision::NothingToDo(draft.notes)
    } else {
        Decision::Draft(draft)
    }
}

/// The repositories in the given order, but each after those whose branches or commits its edits
/// pin, so that a pin never points to something that is not pushed yet.
pub fn in_pin_order<'a>(project: &'a Project, names: &[&'a RepositoryName]) -> Vec<&'a RepositoryName> {
    let mut ordered: Vec<&RepositoryName> = Vec::new();
    fn visit<'a>(
        project: &'a Project,
        names: &[&'a RepositoryName],
        name: &'a RepositoryName,
        to: &mut Vec<&'a RepositoryName>,
    ) {
        if to.contains(&name) {
            return;
        }
        let pins = project.repositories.get(name).into_iter().flat_map(|repository| &repository.edits);
        for pinned in pins.filter_map(crate::edit::Edit::pins) {
            // A checked project has no cycle of pins, so this ends.
            if let Some(&pinned) = names.iter().find(|other| **other == pinned) {
                visit(project, names, pinned, to);
            }
        }
        to.push(name);
    }
    names.iter().for_each(|name| visit(project, names, name, &mut ordered));
    ordered
}
