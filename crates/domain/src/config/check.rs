//! The checks: from tables as they are written to a [`Project`] whose every reference holds.
//!
//! Each check notes what it finds and goes on, so that one pass finds everything. A part that is
//! wrong is `None`; names are looked up among those that are written, so that one wrong repository
//! does not make every mention of it wrong.

mod artifacts;
mod cycle;
mod edits;
mod lines;
mod packages;
mod repositories;
mod rows;
mod stores;
mod third_party;
mod waivers;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use super::raw::{RawIdentity, RawLine, RawProject, Text};
use super::read::{Located, Source};
use super::resolve;
use crate::name::{PackageName, WaveName};
use crate::project::{Identity, Project};

/// What the caller gave.
pub(super) struct Given<'a> {
    pub(super) files: &'a BTreeMap<String, String>,
    pub(super) base: &'a str,
}

/// Every name that is written somewhere, right or wrong.
struct Names<'a> {
    waves: Vec<&'a str>,
    repositories: Vec<&'a str>,
    packages: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(raw: &'a RawProject) -> Self {
        Self {
            waves: raw.waves.value.iter().map(|wave| wave.value.as_str()).collect(),
            repositories: raw.repositories.list.iter().map(|(name, _)| name.value.as_str()).collect(),
            packages: raw.packages.list.iter().map(|(name, _)| name.value.as_str()).collect(),
        }
    }

    /// A package of the train by any spelling of its name.
    fn package(&self, text: &Text, source: &mut Source<'_>) -> Option<PackageName> {
        let name: PackageName = source.parse(text)?;
        if self.packages.is_empty() {
            return Some(name);
        }
        if self.packages.iter().any(|known| known.parse().as_ref() == Ok(&name)) {
            return Some(name);
        }
        source.report_unknown(&text.span, format_args!("no package is called `{name}`"), &text.value, &self.packages);
        None
    }
}

/// A name that must be among those that are known. That none is known at all is noted elsewhere.
fn known<T: FromStr<Err: Display>>(text: &Text, kind: &str, known: &[&str], source: &mut Source<'_>) -> Option<T> {
    if known.is_empty() || known.contains(&text.value.as_str()) {
        return source.parse(text);
    }
    let what = format_args!("no {kind} is called `{}`", text.value.escape_debug());
    source.report_unknown(&text.span, what, &text.value, known);
    None
}

/// Checks everything.
pub(super) fn project(
    raw: &RawProject,
    given: &Given<'_>,
    main: &mut Source<'_>,
    line_files: &mut [(Source<'_>, Option<RawLine>)],
) -> Option<Project> {
    let names = Names::of(raw);
    let identity = identity(&raw.project, main);
    let stores = stores::check(raw, given, main);
    let external_indexes = stores::indexes(raw.indexes.as_ref(), given, main);
    let third_party = third_party::links(raw, &names, main);
    let allow = third_party::allowed(raw, main);
    let artifacts = artifacts::check(raw.artifacts.as_ref(), main);
    let waivers = waivers::check(raw, main);
    let waves = waves(raw, main);
    let repositories = repositories::check(raw, &names, given, main);
    let packages = packages::check(raw, &names, main);
    let lines = lines::check(line_files, &names, &packages);
    let stores = stores?;
    Some(Project {
        name: raw.project.name.value.clone(),
        identity: identity?,
        state: stores.state,
        test: stores.test.store,
        test_url: stores.test.url,
        stable: stores.stable.store,
        stable_url: stores.stable.url,
        mirrors: stores.mirrors,
        links: stores.links,
        backup: stores.backup,
        anaconda: stores.anaconda,
        third_party: third_party?,
        allow: allow?,
        external_indexes: external_indexes?,
        artifacts: artifacts?,
        waivers: waivers?,
        waves: waves?,
        repositories: repositories?,
        packages: packages.complete.then_some(packages.all)?,
        lines: lines?,
    })
}

/// `Name <mail@example.org>`.
fn identity(raw: &RawIdentity, source: &mut Source<'_>) -> Option<Identity> {
    if raw.name.value.trim().is_empty() || raw.name.value.chars().any(char::is_control) {
        source.report(&raw.name.span, "`name` must be a line of text");
    }
    let text = raw.identity.value.as_str();
    let split = text.strip_suffix('>').and_then(|rest| rest.split_once('<'));
    let clean = |part: &str| !part.is_empty() && !part.contains(['<', '>']) && !part.chars().any(char::is_control);
    match split.map(|(name, email)| (name.trim(), email)) {
        Some((name, email)) if clean(name) && clean(email) && email.contains('@') && !email.contains(' ') => {
            Some(Identity { name: name.to_owned(), email: email.to_owned() })
        }
        Some(_) | None => {
            source.report(&raw.identity.span, "`identity` must have the form `Name <mail@example.org>`");
            None
        }
    }
}

fn waves(raw: &RawProject, source: &mut Source<'_>) -> Option<Vec<WaveName>> {
    let mut waves: Vec<WaveName> = Vec::new();
    if raw.waves.value.is_empty() {
        source.report(&raw.waves.span, "a train needs a wave");
    }
    for text in &raw.waves.value {
        let Some(wave) = source.parse::<WaveName>(text) else { continue };
        if waves.contains(&wave) {
            source.report(&text.span, format_args!("the wave `{wave}` is listed twice"));
        }
        if !raw.repositories.list.iter().any(|(_, repository)| repository.wave.value == text.value) {
            source.report(&text.span, format_args!("no repository is cut in the wave `{wave}`"));
        }
        waves.push(wave);
    }
    (waves.len() == raw.waves.value.len()).then_some(waves)
}

/// Makes a path absolute; notes what is wrong with it.
fn absolute(text: &Text, given: &Given<'_>, source: &mut Source<'_>) -> Option<Text> {
    match resolve::absolute(given.base, &text.value) {
        Ok(value) => Some(Located { value: value.into_owned(), span: text.span.clone() }),
        Err(reason) => {
            source.report(&text.span, reason);
            None
        }
    }
}
