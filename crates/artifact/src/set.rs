//! The files of one call side by side: what their reports say, compared in the domain.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::artifact_set::{self, Fact, SetFile, Statement};
use trackside_domain::name::PackageName;
use trackside_domain::requirement::{self, Clause, Requirement};

use crate::metadata::Metadata;
use crate::report::{Contents, Report};

pub use trackside_domain::artifact_set::{Limits, SetFindings};

/// Compares reports with each other, with the versions that the line `expects` of each package, and
/// with the limits. Each report's own findings are not looked at again.
pub fn check_set(reports: &[Report], expects: &BTreeMap<PackageName, Version>, limits: &Limits) -> SetFindings {
    let files: Vec<SetFile> = reports.iter().map(set_file).collect();
    artifact_set::check(&files, expects, limits)
}

/// What one report says, as far as files are compared.
pub fn set_file(report: &Report) -> SetFile {
    let metadata = report.contents.as_ref().and_then(Contents::metadata);
    SetFile {
        name: name(report),
        size: report.size,
        sha256: report.sha256,
        is_sdist: report.kind == ArtifactKind::Sdist,
        says: metadata.and_then(|metadata| statement(metadata, report.kind == ArtifactKind::Sdist)),
    }
}

/// The name by which a file is told from others. Packages of conda for several platforms have one name, each
/// in the folder of its platform.
fn name(report: &Report) -> String {
    match &report.contents {
        Some(Contents::Conda(conda)) => format!("{}/{}", conda.record.subdir, report.file_name),
        _ => report.file_name.clone(),
    }
}

/// None if name or version cannot be read, which is a finding of the file alone.
fn statement(metadata: &Metadata, is_sdist: bool) -> Option<Statement> {
    let open = if is_sdist { left_open(metadata) } else { BTreeSet::new() };
    let facts = Fact::ALL.into_iter().filter(|fact| !open.contains(fact)).map(|fact| (fact, stated(metadata, fact)));
    Some(Statement {
        package: metadata.name.parse().ok()?,
        version: metadata.version.parse().ok()?,
        requires_dist: metadata.requires_dist.clone(),
        facts: facts.collect(),
    })
}

/// The facts that a source distribution leaves to the build: those that it says are dynamic
/// (PEP 643), and all of one that is older than the word.
fn left_open(metadata: &Metadata) -> BTreeSet<Fact> {
    let old = ["1.0", "1.1", "1.2", "2.0", "2.1"].contains(&metadata.metadata_version.as_str());
    let dynamic = |fact: &Fact| metadata.all("Dynamic").any(|field| field.eq_ignore_ascii_case(fact.field()));
    Fact::ALL.into_iter().filter(|fact| old || dynamic(fact)).collect()
}

/// What is said, in a form in which the same is the same text.
fn stated(metadata: &Metadata, fact: Fact) -> String {
    let lines = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join("\n");
    match fact {
        Fact::MetadataVersion => metadata.metadata_version.clone(),
        Fact::Summary => metadata.stated("Summary").unwrap_or_default().to_owned(),
        Fact::RequiresPython => metadata.requires_python.as_deref().map(range).unwrap_or_default(),
        Fact::RequiresDist => lines(metadata.requires_dist.iter().map(|text| normal::<Requirement>(text)).collect()),
        Fact::ProvidesExtra => {
            let extras = metadata.all("Provides-Extra");
            lines(extras.map(normal::<PackageName>).collect())
        }
        Fact::Description => metadata.description.map(|digest| digest.to_string()).unwrap_or_default(),
    }
}

/// A range in its normal spelling, or the text itself if it cannot be read.
fn range(text: &str) -> String {
    requirement::range(text).map_or_else(
        |_| text.trim().to_owned(),
        |clauses| clauses.iter().map(Clause::as_str).collect::<Vec<_>>().join(","),
    )
}

/// The normal spelling, or the text itself if it cannot be read.
fn normal<T: std::str::FromStr + ToString>(text: &str) -> String {
    text.parse::<T>().map_or_else(|_| text.trim().to_owned(), |read| read.to_string())
}
