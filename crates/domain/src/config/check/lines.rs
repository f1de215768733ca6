//! The line files: versions, dates and what they change in the matrices.

use std::collections::BTreeMap;

use super::packages::{Packages, SOME_RELEASE, row_span};
use super::{Names, rows};
use crate::config::raw::{RawLine, RawMatrixChange, Text};
use crate::config::read::{Entries, Source, Span};
use crate::matrix::{Expected, Row, expand, refuse_collisions};
use crate::name::PackageName;
use crate::project::LineFile;
use crate::version::{Line, Release};

type Versions = BTreeMap<PackageName, Release>;

pub(super) fn check(
    files: &mut [(Source<'_>, Option<RawLine>)],
    names: &Names<'_>,
    packages: &Packages,
) -> Option<BTreeMap<Line, LineFile>> {
    let mut lines = BTreeMap::new();
    for (source, raw) in files.iter_mut() {
        let checked = raw.as_ref().and_then(|raw| line_file(raw, names, packages, source));
        lines.extend(checked);
    }
    (lines.len() == files.len()).then_some(lines)
}

fn line_file(
    raw: &RawLine,
    names: &Names<'_>,
    packages: &Packages,
    source: &mut Source<'_>,
) -> Option<(Line, LineFile)> {
    let line = line(raw, source);
    let releases = releases(raw, line, names, source);
    waves_of_dates(raw, names, source);
    let dates = raw.dates.iter().flat_map(|dates| &dates.list);
    let dates = dates.map(|(name, date)| (name.value.clone(), date.0.clone())).collect();
    same_repository_same_version(raw, &releases, packages, source);
    steady(raw, &releases, source);
    let matrix = matrices(raw, names, packages, source);
    let (line, matrix) = (line?, matrix?);
    let file = LineFile { releases, dates, matrix };
    no_collisions(raw, &file, packages, source);
    Some((line, file))
}

/// A date `cut-WAVE` decides when a wave is due, so it must be the date of a wave.
fn waves_of_dates(raw: &RawLine, names: &Names<'_>, source: &mut Source<'_>) {
    for (name, _) in raw.dates.iter().flat_map(|dates| &dates.list) {
        if let Some(wave) = name.value.strip_prefix("cut-").filter(|wave| !names.waves.contains(wave)) {
            source.report_unknown(&name.span, format_args!("there is no wave `{wave}`"), wave, &names.waves);
        }
    }
}

/// The line, which the name of the file repeats.
fn line(raw: &RawLine, source: &mut Source<'_>) -> Option<Line> {
    let line: Line = source.parse(&raw.line)?;
    let file = format!("{}/{line}.toml", crate::config::LINES);
    if source.file != file {
        source.report(&raw.line.span, format_args!("the file of the line {line} must be called `{file}`"));
    }
    Some(line)
}

fn releases(
    raw: &RawLine,
    line: Option<Line>,
    names: &Names<'_>,
    source: &mut Source<'_>,
) -> BTreeMap<Release, Versions> {
    let mut releases = BTreeMap::new();
    if raw.releases.list.is_empty() {
        source.report(&raw.releases.span, "a line needs a release");
    }
    for (text, entries) in &raw.releases.list {
        if text.value.bytes().all(|byte| byte.is_ascii_digit()) {
            let what = "TOML takes the dots of a release apart: write it in quotes, such as \"2.15.0\"";
            source.report(&text.span, what);
            continue;
        }
        let release: Option<Release> = source.parse(text);
        let versions = versions(text, entries, names, source);
        let Some(release) = release else { continue };
        if let Some(line) = line.filter(|line| release.line != *line) {
            source.report(&text.span, format_args!("the release {release} does not belong to the line {line}"));
        }
        releases.insert(release, versions);
    }
    releases
}

fn versions(release: &Text, entries: &Entries<Text>, names: &Names<'_>, source: &mut Source<'_>) -> Versions {
    let mut versions = Versions::new();
    let mut written = Vec::new();
    for (text, version) in &entries.list {
        let package = names.package(text, source);
        written.extend(package.clone());
        let version = source.parse(version);
        let (Some(package), Some(version)) = (package, version) else { continue };
        if versions.insert(package.clone(), version).is_some() {
            source.report(&text.span, format_args!("the version of `{package}` is given twice"));
        }
    }
    for name in &names.packages {
        let missing = name.parse::<PackageName>().is_ok_and(|name| !written.contains(&name));
        if missing {
            let what = format_args!("the release {} does not give the version of `{name}`", release.value);
            source.report(&release.span, what);
        }
    }
    versions
}

fn same_repository_same_version(
    raw: &RawLine,
    releases: &BTreeMap<Release, Versions>,
    packages: &Packages,
    source: &mut Source<'_>,
) {
    for (release, versions) in releases {
        let mut first: BTreeMap<_, (&PackageName, Release)> = BTreeMap::new();
        for (name, version) in versions {
            let Some(package) = packages.all.get(name) else { continue };
            let (twin, expected) = *first.entry(&package.repository).or_insert((name, *version));
            if expected != *version {
                let repository = &package.repository;
                let what = format!(
                    "`{name}` {version} and `{twin}` {expected} are built from one repository, `{repository}`, and need one version"
                );
                source.report(&version_span(raw, *release, name), what);
            }
        }
    }
}

/// Within a line each package stays in one minor version and does not go back.
fn steady(raw: &RawLine, releases: &BTreeMap<Release, Versions>, source: &mut Source<'_>) {
    let mut last: BTreeMap<&PackageName, Release> = BTreeMap::new();
    for (release, versions) in releases {
        for (name, version) in versions {
            let Some(before) = last.insert(name, *version) else { continue };
            let span = version_span(raw, *release, name);
            if before.line != version.line {
                let what = format_args!(
                    "`{name}` goes from {before} to {version}; within a line it must stay in {}",
                    before.line
                );
                source.report(&span, what);
            } else if *version < before {
                source.report(&span, format_args!("`{name}` goes back from {before} to {version}"));
            }
        }
    }
}

fn version_span(raw: &RawLine, release: Release, package: &PackageName) -> Span {
    let entries =
        raw.releases.list.iter().find(|(text, _)| text.value.parse() == Ok(release)).map(|(_, entries)| entries);
    let found =
        entries.and_then(|entries| entries.list.iter().find(|(text, _)| text.value.parse().as_ref() == Ok(package)));
    found.map_or(0..0, |(_, version)| version.span.clone())
}

fn matrices(
    raw: &RawLine,
    names: &Names<'_>,
    packages: &Packages,
    source: &mut Source<'_>,
) -> Option<BTreeMap<PackageName, Vec<Row>>> {
    let mut matrices = BTreeMap::new();
    let changes = raw.matrix.as_ref().map_or(&[][..], |changes| &changes.list);
    for (text, change) in changes {
        let Some(name) = names.package(text, source) else { continue };
        if change.add.is_none() && change.remove.is_none() {
            source.report(&text.span, format_args!("the change of the matrix of `{name}` is empty"));
        }
        if let Some(rows) = matrix((text, change), &name, packages, source) {
            matrices.insert(name, rows);
        }
    }
    (matrices.len() == changes.len()).then_some(matrices)
}

/// The rows of one package in this line, if those that it changes are right.
fn matrix(
    (text, change): (&Text, &RawMatrixChange),
    name: &PackageName,
    packages: &Packages,
    source: &mut Source<'_>,
) -> Option<Vec<Row>> {
    let package = packages.all.get(name).filter(|_| packages.sound.contains(name))?;
    let complete = |tables: Option<bool>| tables.unwrap_or(true);
    if !complete(change.add.as_ref().map(|add| add.complete))
        || !complete(change.remove.as_ref().map(|all| all.complete))
    {
        return None;
    }
    let added = || change.add.iter().flat_map(|add| &add.list);
    let mut rows = removed(&package.matrix, change, name, source);
    // The rows that were kept are right, so an error is about one that was added.
    let spans: Vec<&Span> = rows.iter().map(|_| &text.span).chain(added().map(|raw| &raw.span)).collect();
    rows.extend(added().map(|raw| rows::row(&raw.value)));
    let expanded = expand(name, SOME_RELEASE, &rows);
    expanded.map_err(|error| source.report(row_span(&error, &spans, &text.span), &error)).ok()?;
    Some(rows)
}

/// The rows without what a line removes. A removal that meets nothing is a mistake.
fn removed(rows: &[Row], change: &RawMatrixChange, name: &PackageName, source: &mut Source<'_>) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for raw in change.remove.iter().flat_map(|remove| &remove.list) {
        let exclude = rows::exclude(&raw.value);
        let met =
            rows.iter_mut().filter(|row| exclude.touches(row)).map(|row| row.excludes.push(exclude.clone())).count();
        if met == 0 {
            source.report(
                &raw.span,
                format_args!("nothing in the matrix of `{name}` is like this, so nothing is removed"),
            );
        }
    }
    rows.retain(|row| !row.is_empty());
    rows
}

fn no_collisions(raw: &RawLine, file: &LineFile, packages: &Packages, source: &mut Source<'_>) {
    if !source.problems.is_empty() || !packages.at_peace {
        return;
    }
    for (text, _) in &raw.releases.list {
        let versions = text.value.parse().ok().and_then(|release: Release| file.releases.get(&release));
        let mut expected: Vec<Expected> = Vec::new();
        for (name, version) in versions.into_iter().flatten() {
            let of_package = packages.all.get(name).map(|package| &package.matrix);
            let rows = file.matrix.get(name).or(of_package).map_or(&[][..], Vec::as_slice);
            // What is wrong with the rows themselves has been noted where they are written.
            expected.extend(expand(name, *version, rows).unwrap_or_default());
        }
        if let Err(error) = refuse_collisions(&expected) {
            source.report(&text.span, error);
        }
        if let Some(name) = rows::package_like_folder(packages.all.keys(), &expected) {
            source
                .report(&text.span, format_args!("the package `{name}` is called like a channel folder of the matrix"));
        }
    }
}
