//! The packages: what they are built from, their order, and their matrices.

use std::collections::{BTreeMap, BTreeSet};

use super::{Names, cycle, known, rows};
use crate::config::raw::{RawPackage, RawProject, Text};
use crate::config::read::{Source, Span};
use crate::matrix::{Expected, MatrixError, Row, expand, refuse_collisions};
use crate::name::PackageName;
use crate::project::Package;
use crate::version::{Line, Release};

/// Any version will do to see what the rows make.
pub(super) const SOME_RELEASE: Release = Line { major: 1, minor: 0 }.release(0);

/// The packages, as far as they are right.
pub(super) struct Packages {
    pub(super) all: BTreeMap<PackageName, Package>,
    /// Whether none is missing.
    pub(super) complete: bool,
    /// Those whose matrix expands.
    pub(super) sound: BTreeSet<PackageName>,
    /// Whether they get along with one another and with the folders of channels.
    pub(super) at_peace: bool,
}

pub(super) fn check(raw: &RawProject, names: &Names<'_>, source: &mut Source<'_>) -> Packages {
    let (mut all, mut sound) = (BTreeMap::new(), BTreeSet::new());
    let mut expected: Vec<Expected> = Vec::new();
    for (text, raw) in &raw.packages.list {
        let name = source.parse::<PackageName>(text);
        let package = package(raw, name.as_ref(), names, source);
        let (Some(name), Some(package)) = (name, package) else { continue };
        if name.as_str() == "test" {
            source.report(&text.span, "`test` is the folder of the test channel, so no package can be called so");
        }
        if let Some(made) = expand_rows(&name, text, (raw, &package.matrix), source) {
            expected.extend(made);
            sound.insert(name.clone());
        }
        if all.insert(name.clone(), package).is_some() {
            source.report(&text.span, format_args!("the package `{name}` is declared twice"));
        }
    }
    if raw.packages.list.is_empty() {
        source.report(&raw.packages.span, "a train needs a package");
    }
    let at_peace = refuse_clashes(raw, &all, &expected, source);
    refuse_cycle(raw, &all, source);
    Packages { at_peace, complete: all.len() == raw.packages.list.len(), all, sound }
}

fn refuse_clashes(
    raw: &RawProject,
    packages: &BTreeMap<PackageName, Package>,
    expected: &[Expected],
    source: &mut Source<'_>,
) -> bool {
    let collision = refuse_collisions(expected);
    if let Err(error) = &collision {
        source.report(&span_of(raw, colliding(error)), error);
    }
    let like_folder = rows::package_like_folder(packages.keys(), expected);
    if let Some(name) = like_folder {
        let what = format_args!("the package `{name}` is called like a channel folder of the matrix");
        source.report(&span_of(raw, Some(name)), what);
    }
    collision.is_ok() && like_folder.is_none()
}

fn package(
    raw: &RawPackage,
    name: Option<&PackageName>,
    names: &Names<'_>,
    source: &mut Source<'_>,
) -> Option<Package> {
    let repository = known(&raw.repository, "repository", &names.repositories, source);
    let mut after = Vec::new();
    for text in raw.after.iter().flatten() {
        let Some(before) = names.package(text, source) else { continue };
        if Some(&before) == name {
            source.report(&text.span, "a package cannot come after itself");
        } else if after.contains(&before) {
            source.report(&text.span, format_args!("`{before}` is listed twice"));
        } else {
            after.push(before);
        }
    }
    let matrix = raw.matrix.list.iter().map(|raw| rows::row(&raw.value)).collect();
    Some(Package { repository: repository?, after, matrix })
}

/// What the rows make; a problem is noted at its row. Without all the rows nothing can be said.
fn expand_rows(
    name: &PackageName,
    text: &Text,
    (raw, matrix): (&RawPackage, &[Row]),
    source: &mut Source<'_>,
) -> Option<Vec<Expected>> {
    if !raw.matrix.complete {
        return None;
    }
    let rows: Vec<&Span> = raw.matrix.list.iter().map(|row| &row.span).collect();
    let expanded = expand(name, SOME_RELEASE, matrix);
    expanded.map_err(|error| source.report(row_span(&error, &rows, &text.span), &error)).ok()
}

/// The place of the row that an error speaks of.
pub(super) fn row_span<'a>(error: &MatrixError, rows: &[&'a Span], otherwise: &'a Span) -> &'a Span {
    let number = match error {
        MatrixError::Row { number, .. } => *number,
        MatrixError::Duplicate { second, .. } => *second,
        MatrixError::NoRows { .. } | MatrixError::Collision { .. } | MatrixError::NoRelease { .. } => 0,
    };
    number.checked_sub(1).and_then(|at| rows.get(at)).unwrap_or(&otherwise)
}

fn colliding(error: &MatrixError) -> Option<&PackageName> {
    match error {
        MatrixError::Collision { second, .. } => Some(second),
        MatrixError::Row { .. }
        | MatrixError::Duplicate { .. }
        | MatrixError::NoRows { .. }
        | MatrixError::NoRelease { .. } => None,
    }
}

fn span_of(raw: &RawProject, name: Option<&PackageName>) -> Span {
    let found = raw.packages.list.iter().find(|(text, _)| text.value.parse().ok().as_ref() == name);
    found.map_or(0..0, |(text, _)| text.span.clone())
}

fn refuse_cycle(raw: &RawProject, packages: &BTreeMap<PackageName, Package>, source: &mut Source<'_>) {
    let after = |package: &Package| package.after.iter().map(ToString::to_string).collect();
    let graph = packages.iter().map(|(name, package)| (name.to_string(), after(package))).collect();
    let Some(cycle) = cycle::find(&graph) else { return };
    let first = cycle.first().and_then(|name| name.parse().ok());
    let what = format_args!("the packages wait for one another: {}", cycle.join(" -> "));
    source.report(&span_of(raw, first.as_ref()), what);
}
