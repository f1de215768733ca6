//! The packages: what they are built from, their order, and their matrices.

use std::collections::BTreeMap;

use super::{Names, cycle, known, rows};
use crate::config::raw::{RawPackage, RawProject, RawRow, Text};
use crate::config::read::{Located, Source, Span};
use crate::matrix::{Expected, MatrixError, Row, expand, refuse_collisions};
use crate::name::PackageName;
use crate::project::Package;
use crate::version::{Line, Release};

/// Any version will do to see what the rows make.
const SOME_RELEASE: Release = Line { major: 1, minor: 0 }.release(0);

pub(super) fn check(
    raw: &RawProject,
    names: &Names<'_>,
    source: &mut Source<'_>,
) -> Option<BTreeMap<PackageName, Package>> {
    let mut packages: BTreeMap<PackageName, Package> = BTreeMap::new();
    let mut expected: Vec<Expected> = Vec::new();
    for (text, raw) in &raw.packages.0 {
        let name = source.parse::<PackageName>(text);
        let package = package(raw, name.as_ref(), names, source);
        let (Some(name), Some(package)) = (name, package) else { continue };
        if name.as_str() == "test" {
            source.report(&text.span, "`test` is the folder of the test channel, so no package can be called so");
        }
        expected.extend(expand_rows(&name, text, (raw, &package.matrix), source));
        if packages.insert(name.clone(), package).is_some() {
            source.report(&text.span, format_args!("the package `{name}` is declared twice"));
        }
    }
    if raw.packages.0.is_empty() {
        source.report(&(0..0), "a train needs a package");
    }
    if let Err(error) = refuse_collisions(&expected) {
        source.report(&span_of(raw, colliding(&error)), &error);
    }
    if let Some(name) = rows::package_like_folder(packages.keys(), &expected) {
        let what = format_args!("the package `{name}` is called like a channel folder of the matrix");
        source.report(&span_of(raw, Some(name)), what);
    }
    refuse_cycle(raw, &packages, source);
    (packages.len() == raw.packages.0.len()).then_some(packages)
}

fn package(
    raw: &RawPackage,
    name: Option<&PackageName>,
    names: &Names<'_>,
    source: &mut Source<'_>,
) -> Option<Package> {
    let repository = known(&raw.repository, "repository", &names.repositories, source);
    let texts = raw.after.as_deref().unwrap_or_default();
    let mut after = Vec::new();
    for text in texts {
        let Some(before) = names.package(text, source) else { continue };
        if Some(&before) == name {
            source.report(&text.span, "a package cannot come after itself");
        } else if after.contains(&before) {
            source.report(&text.span, format_args!("`{before}` is listed twice"));
        } else {
            after.push(before);
        }
    }
    let matrix = raw.matrix.iter().map(|raw| rows::row(&raw.value)).collect();
    Some(Package { repository: repository?, after, matrix })
}

/// What the rows make; a problem is noted at its row.
fn expand_rows(
    name: &PackageName,
    text: &Text,
    (raw, matrix): (&RawPackage, &[Row]),
    source: &mut Source<'_>,
) -> Vec<Expected> {
    expand(name, SOME_RELEASE, matrix).unwrap_or_else(|error| {
        source.report(&row_span(&error, &raw.matrix, &text.span), &error);
        Vec::new()
    })
}

/// The place of the row that an error speaks of.
pub(super) fn row_span(error: &MatrixError, rows: &[Located<RawRow>], otherwise: &Span) -> Span {
    let number = match error {
        MatrixError::Row { number, .. } => *number,
        MatrixError::Duplicate { second, .. } => *second,
        MatrixError::NoRows { .. } | MatrixError::Collision { .. } | MatrixError::NoRelease { .. } => 0,
    };
    let row = number.checked_sub(1).and_then(|at| rows.get(at));
    row.map_or_else(|| otherwise.clone(), |row| row.span.clone())
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
    let found = raw.packages.0.iter().find(|(text, _)| text.value.parse().ok().as_ref() == name);
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
