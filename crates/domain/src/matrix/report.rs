//! What `check --matrix` says: the expected file names of a release, package by package, with counts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Expected, MatrixError};
use crate::artifact_kind::ArtifactKind;
use crate::name::PackageName;
use crate::project::Project;
use crate::version::Release;

/// The expected artifacts of one release of the train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixReport {
    /// The release of the train.
    pub release: Release,
    /// How many artifacts all packages have together.
    pub count: usize,
    /// The packages in the order of their dependencies.
    pub packages: Vec<PackageReport>,
}

/// The expected artifacts of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageReport {
    /// The package.
    pub package: PackageName,
    /// Its version in this release.
    pub version: Release,
    /// How many artifacts of each kind it has.
    pub counts: BTreeMap<ArtifactKind, usize>,
    /// Folder and name of each, sorted.
    pub files: Vec<String>,
}

impl MatrixReport {
    /// Expands the matrices of one release.
    ///
    /// # Errors
    /// When no line file holds the release, or, which the check has ruled out, a matrix is wrong.
    pub fn new(project: &Project, release: Release) -> Result<Self, MatrixError> {
        let all = project.expected(release)?;
        let versions = project.versions(release).ok_or(MatrixError::NoRelease { release })?;
        let of = |name: &PackageName, version: Release| {
            let expected: Vec<&Expected> = all.iter().filter(|one| one.package == *name).collect();
            let mut counts = BTreeMap::new();
            for one in &expected {
                *counts.entry(one.kind).or_default() += 1;
            }
            let files = expected.iter().map(|one| one.path()).collect();
            PackageReport { package: name.clone(), version, counts, files }
        };
        let ordered = project.in_dependency_order();
        let packages: Vec<_> =
            ordered.into_iter().filter_map(|name| versions.get(name).map(|version| of(name, *version))).collect();
        Ok(Self { release, count: all.len(), packages })
    }
}

impl fmt::Display for MatrixReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} artifacts", self.release, self.count)?;
        for package in &self.packages {
            let counts: Vec<String> = package.counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            let (name, version, total) = (&package.package, package.version, package.files.len());
            let noun = if total == 1 { "artifact" } else { "artifacts" };
            writeln!(f, "\n{name} {version}: {total} {noun} ({})", counts.join(", "))?;
            for file in &package.files {
                writeln!(f, "  {file}")?;
            }
        }
        Ok(())
    }
}
