//! The files of each package side by side, against the versions of the candidate and the limits;
//! and what is told of every finding that is no stop.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::arrival::{Arrival, printable};
use crate::artifact_kind::ArtifactKind;
use crate::artifact_set::{self, SetFile};
use crate::finding::{Finding, Policy, Profile, Severity};
use crate::manifest::{Artifact, CandidateRecord};
use crate::name::PackageName;
use crate::plan::{Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::world::CandidateFacts;

/// Warnings of one package that are listed.
const LISTED: usize = 200;

/// The notes with what is odd, package by package; or all stops.
pub(super) fn judge(
    project: &Project,
    record: &CandidateRecord,
    facts: &CandidateFacts,
    arrived: &BTreeMap<&PackageName, Vec<Arrival<'_>>>,
) -> Result<Vec<String>, Vec<Stop>> {
    let policy = project.artifacts.policy(Profile::Channel);
    let expects = versions(record);
    let mut stops = Vec::new();
    let mut notes = Vec::new();
    for (&package, arrivals) in arrived {
        let candidate = record.packages[package].candidate;
        let staged = facts.manifests.get(&(package.clone(), candidate)).map(|(_, manifest)| &manifest.artifacts);
        let files = files(arrivals, staged.map_or(&[][..], Vec::as_slice));
        let found = artifact_set::check(&files, &expects, &project.artifacts.limits);
        let mut told = Told { policy: &policy, stops: &mut stops, warnings: Vec::new() };
        for (arrival, findings) in arrivals.iter().zip(&found.files) {
            let subject = printable(&arrival.built.path);
            arrival.content.warnings.iter().chain(findings).for_each(|finding| told.tell(&subject, finding));
        }
        found.set.iter().for_each(|finding| told.tell(package.as_str(), finding));
        notes.extend(note(package, &told.warnings));
    }
    if stops.is_empty() { Ok(notes) } else { Err(stops) }
}

/// The version of every package of the candidate. One that PEP 440 cannot read is not compared.
fn versions(record: &CandidateRecord) -> BTreeMap<PackageName, Version> {
    let version = |package: &PackageName| record.packages[package].candidate.release.to_string().parse().ok();
    record.packages.keys().filter_map(|package| Some((package.clone(), version(package)?))).collect()
}

/// The files that arrive, in their order, and then those that are staged already. What the latter
/// say was compared when they came.
fn files(arrivals: &[Arrival<'_>], staged: &[Artifact]) -> Vec<SetFile> {
    let file = |artifact: &Artifact, says| SetFile {
        name: name(artifact),
        size: artifact.size,
        sha256: artifact.sha256,
        is_sdist: artifact.kind == ArtifactKind::Sdist,
        says,
    };
    let places: BTreeSet<_> = arrivals.iter().map(|arrival| arrival.artifact.place()).collect();
    let arriving = arrivals.iter().map(|arrival| file(&arrival.artifact, arrival.content.says.clone()));
    let there =
        staged.iter().filter(|artifact| !places.contains(&artifact.place())).map(|artifact| file(artifact, None));
    arriving.chain(there).collect()
}

/// The name by which a file is told from others. Packages of conda for several platforms have one name, each
/// in the folder of its platform.
fn name(artifact: &Artifact) -> String {
    match &artifact.folder {
        Some(folder) if artifact.is_conda() => format!("{folder}/{}", artifact.name),
        _ => artifact.name.to_string(),
    }
}

/// Where findings go.
struct Told<'a> {
    policy: &'a Policy,
    stops: &'a mut Vec<Stop>,
    warnings: Vec<String>,
}

impl Told<'_> {
    fn tell(&mut self, subject: &str, finding: &Finding) {
        match self.policy.severity(finding.code) {
            Severity::Error => {
                let member = finding.member.as_ref().map(|member| format!("`{member}`: ")).unwrap_or_default();
                let message = format!("{member}{}", finding.message);
                self.stops.push(Stop::new(StopKind::Failed, finding.code.id(), subject, message));
            }
            Severity::Warning => self.warnings.push(format!("{subject}: {finding}")),
            Severity::Ignore => {}
        }
    }
}

/// A note that counts the warnings in its first line and lists them below.
fn note(package: &PackageName, warnings: &[String]) -> Option<String> {
    if warnings.is_empty() {
        return None;
    }
    let mut text = format!("{package}: {} about its artifacts; -v lists them", count(warnings.len(), "warning"));
    for warning in warnings.iter().take(LISTED) {
        text.push('\n');
        text.push_str(warning);
    }
    if warnings.len() > LISTED {
        text.push_str(&format!("\nand {} more", warnings.len() - LISTED));
    }
    Some(text)
}
