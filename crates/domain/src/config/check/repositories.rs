//! The repositories: where they are, what is cut from what, and where their versions stand.

use std::collections::BTreeMap;

use super::{Given, Names, absolute, cycle, edits, known};
use crate::config::raw::{RawProject, RawRepository, RawVersion, Text};
use crate::config::read::Source;
use crate::config::resolve;
use crate::git::{BranchName, GitNameError, RemoteUrl};
use crate::name::RepositoryName;
use crate::project::{BranchPattern, Delivery, Repository, VersionField};

pub(super) fn check(
    raw: &RawProject,
    names: &Names<'_>,
    given: &Given<'_>,
    source: &mut Source<'_>,
) -> Option<BTreeMap<RepositoryName, Repository>> {
    let mut repositories: BTreeMap<RepositoryName, Repository> = BTreeMap::new();
    for (text, raw) in &raw.repositories.list {
        let name = source.parse::<RepositoryName>(text);
        let repository = repository((text, raw), names, given, source);
        let (Some(name), Some(repository)) = (name, repository) else { continue };
        // Folders of caches are named after repositories, and some disks do not tell case apart.
        let twin = |known: &RepositoryName| known.as_str().eq_ignore_ascii_case(name.as_str());
        if let Some(twin) = repositories.keys().find(|known| twin(known)) {
            source.report(&text.span, format_args!("`{name}` differs from `{twin}` only by case"));
        }
        if let Some((twin, _)) = repositories.iter().find(|(_, known)| known.url == repository.url) {
            source.report(&raw.url.span, format_args!("`{twin}` has the same URL"));
        }
        repositories.insert(name, repository);
    }
    if raw.repositories.list.is_empty() {
        source.report(&raw.repositories.span, "a train needs a repository");
    }
    refuse_cycle(raw, &repositories, source);
    (repositories.len() == raw.repositories.list.len()).then_some(repositories)
}

fn repository(
    (name, raw): (&Text, &RawRepository),
    names: &Names<'_>,
    given: &Given<'_>,
    source: &mut Source<'_>,
) -> Option<Repository> {
    let url = absolute(&raw.url, given, source).and_then(|text| source.parse::<RemoteUrl>(&text));
    let default_branch = branch(raw.default_branch.as_ref(), source);
    let cut_from = match &raw.cut_from {
        Some(text) => source.parse(text),
        None => default_branch.clone(),
    };
    let wave = known(&raw.wave, "wave", &names.waves, source);
    let patterns = patterns(raw, source);
    let versions = versions(raw, source);
    let edits = edits::check(raw, (name, names), given, source);
    let deliver = |delivery: Option<Delivery>| delivery.unwrap_or(Delivery::Push);
    let (release_branch, cut_branch) = patterns?;
    Some(Repository {
        url: url?,
        cut_from: cut_from?,
        default_branch: default_branch?,
        wave: wave?,
        release_branch,
        cut_branch,
        versions: versions?,
        edits: edits?,
        deliver_edits: deliver(raw.deliver.as_ref().and_then(|deliver| deliver.edits)),
        deliver_bump: deliver(raw.deliver.as_ref().and_then(|deliver| deliver.bump)),
        commands_allowed: raw.commands.as_ref().is_some_and(|commands| commands.value),
    })
}

fn branch(text: Option<&Text>, source: &mut Source<'_>) -> Option<BranchName> {
    match text {
        Some(text) => source.parse(text),
        None => "main".parse().map_err(|error: GitNameError| source.report(&(0..0), error)).ok(),
    }
}

/// The patterns of the release branch and of the frozen cut point.
fn patterns(raw: &RawRepository, source: &mut Source<'_>) -> Option<(BranchPattern, BranchPattern)> {
    let release = pattern(raw.release_branch.as_ref(), "release/{line}", source);
    let cut = pattern(raw.cut_branch.as_ref(), "orig/release/{line}", source);
    let (release, cut) = (release?, cut?);
    let span =
        raw.cut_branch.as_ref().or(raw.release_branch.as_ref()).map_or(raw.url.span.clone(), |text| text.span.clone());
    let (release_text, cut_text) = (format!("{}/", release.as_str()), format!("{}/", cut.as_str()));
    if release == cut {
        source.report(&span, "the release branch and the frozen cut point must have different names");
    } else if release_text.starts_with(&cut_text) || cut_text.starts_with(&release_text) {
        source.report(&span, "git cannot hold a branch and another one below it as a folder");
    }
    Some((release, cut))
}

fn pattern(text: Option<&Text>, otherwise: &str, source: &mut Source<'_>) -> Option<BranchPattern> {
    let written = text.map_or(otherwise, |text| text.value.as_str());
    let span = text.map_or(0..0, |text| text.span.clone());
    if written.matches("{line}").count() != 1 {
        let what = format_args!("`{}` must hold `{{line}}` exactly once", written.escape_debug());
        source.report(&span, what);
        return None;
    }
    BranchPattern::new(written).map_err(|error| source.report(&span, error)).ok()
}

fn versions(raw: &RawRepository, source: &mut Source<'_>) -> Option<Vec<VersionField>> {
    let places = raw.version.as_ref().map_or(&[][..], |places| &places.0);
    let mut fields: Vec<VersionField> = Vec::new();
    for raw in places {
        let Some(field) = version(raw, source) else { continue };
        if fields.iter().any(|known| known.path == field.path && known.pattern == field.pattern) {
            source.report(&raw.file.span, "this version place is listed twice");
        }
        fields.push(field);
    }
    (fields.len() == places.len()).then_some(fields)
}

fn version(raw: &RawVersion, source: &mut Source<'_>) -> Option<VersionField> {
    let path = resolve::plain_path(&raw.file.value).map_err(|error| source.report(&raw.file.span, error));
    let pattern = slot_pattern(raw.pattern.as_ref(), "{version}", source);
    path.ok()?;
    pattern?;
    Some(VersionField {
        path: raw.file.value.clone(),
        pattern: raw.pattern.as_ref().map(|text| text.value.clone()),
        exact: raw.exact.unwrap_or(false),
    })
}

/// A pattern of a version or pin must hold its placeholder once, with something before it.
pub(super) fn slot_pattern(pattern: Option<&Text>, placeholder: &str, source: &mut Source<'_>) -> Option<()> {
    let Some(pattern) = pattern else { return Some(()) };
    if pattern.value.matches(placeholder).count() != 1 {
        source.report(&pattern.span, format_args!("`pattern` must hold `{placeholder}` exactly once"));
        return None;
    }
    if pattern.value.trim_start().starts_with(placeholder) {
        let what =
            format_args!("`pattern` needs text before `{placeholder}`; leave it out if the file holds nothing else");
        source.report(&pattern.span, what);
        return None;
    }
    Some(())
}

/// Pins order the pushes, so they must not go round in a circle.
fn refuse_cycle(raw: &RawProject, repositories: &BTreeMap<RepositoryName, Repository>, source: &mut Source<'_>) {
    let pins = |repository: &Repository| {
        repository.edits.iter().filter_map(|edit| edit.pins()).map(ToString::to_string).collect()
    };
    let graph = repositories.iter().map(|(name, repository)| (name.to_string(), pins(repository))).collect();
    let Some(cycle) = cycle::find(&graph) else { return };
    let first = cycle.first().map(String::as_str);
    let at = raw.repositories.list.iter().find(|(name, _)| Some(name.value.as_str()) == first);
    let span = at.map_or(0..0, |(name, _)| name.span.clone());
    source.report(&span, format_args!("the pins go round in a circle: {}", cycle.join(" -> ")));
}
