//! What `stage` looks at: the built files, and where the candidate and `test` stand.

mod from_store;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use trackside_artifact::{Contents, ReadError, Report, set_file, verify};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::{Policy, Profile};
use trackside_domain::manifest::{CandidateRecord, Channel, Manifest, Spread};
use trackside_domain::matrix::expand;
use trackside_domain::name::PackageName;
use trackside_domain::project::Project;
use trackside_domain::storage_key::{IndexRoot, KeyPrefix, Tree};
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_domain::version::Candidate;
use trackside_domain::world::{Built, BuiltArtifact, CandidateFacts, StageWorld};

use super::Interest;
use super::channel::pages;
use super::derivation::{DERIVATION_SUFFIX, derivation_path};
use crate::perform::present::AT_ONCE;
use crate::store::{Access, Stores};
use crate::trouble::with_causes;
use crate::{Trouble, all_together};

/// Where built artifacts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuiltIn {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a store that somebody uploads to.
    Store(StoreUrl),
}

/// Reads what is in `from` and everything that the candidate has already.
///
/// # Errors
/// When the folder or a store cannot be read. A file that is no good artifact is part of the answer.
pub fn stage(stores: &Stores, project: &Project, candidate: Candidate, from: &BuiltIn) -> Result<StageWorld, Trouble> {
    let facts = super::facts(stores, &project.test, candidate.release.line)?;
    let mut candidate_pages = BTreeMap::new();
    for later in facts.records.range(candidate..).map(|(later, _)| *later) {
        let store = stores.open(&project.test, Access::Read)?;
        candidate_pages.insert(later, pages(&store, IndexRoot::Candidate(later))?);
    }
    let policy = project.artifacts.policy(Profile::Channel);
    let coming = coming(project, candidate, &facts);
    let test = super::channel(stores, project, Channel::Test, Interest::Coming(&coming))?;
    let (built, unexpected) = match from {
        BuiltIn::Folder(folder) => (artifacts(folder)?.iter().map(|path| built(path, &policy)).collect(), Vec::new()),
        BuiltIn::Store(url) => {
            let found = from_store::find((stores, url), project, candidate, &facts)?;
            (found.built, found.unexpected)
        }
    };
    let mut keys = super::anaconda::of_built(&built);
    keys.extend(super::anaconda::of_manifests(of_candidate(&facts, candidate)));
    let anaconda = super::anaconda::hosted((stores, project), &[Channel::Test], &keys)?;
    let there = there((stores, project), candidate, &facts)?;
    Ok(StageWorld { facts, built, unexpected, there, candidate_pages, test, anaconda })
}

/// The sizes of what is there of the sets of a candidate, and of the later ones that have one of its sets: their pages
/// may change with its own. One listing for each set.
fn there(
    (stores, project): (&Stores, &Project),
    candidate: Candidate,
    facts: &CandidateFacts,
) -> Result<BTreeMap<StoreUrl, BTreeMap<ObjectKey, u64>>, Trouble> {
    let sets = |record: &CandidateRecord| -> BTreeSet<(PackageName, Candidate)> {
        record.packages.iter().map(|(package, entry)| (package.clone(), entry.candidate)).collect()
    };
    let own = facts.records.get(&candidate).map(sets).unwrap_or_default();
    let all = facts.records.range(candidate..).map(|(_, record)| sets(record)).filter(|sets| !sets.is_disjoint(&own));
    let later: BTreeSet<(PackageName, Candidate)> = all.flatten().collect();
    let mut there = BTreeMap::new();
    // The backup is looked at for what this plan is about.
    for (url, sets) in [(&project.test, later), (&project.backup, own)] {
        let sets: Vec<_> = sets.into_iter().filter(|set| facts.manifests.contains_key(set)).collect();
        let Some(store) = stores.open_if_present(url)?.filter(|_| !sets.is_empty()) else { continue };
        let listed = all_together(AT_ONCE, &sets, |(package, candidate)| {
            store.list(&KeyPrefix::Files { package: package.clone(), candidate: *candidate }.key())
        })?;
        let sizes = listed.into_iter().flatten().map(|entry| (entry.key, entry.size));
        there.insert(StoreUrl::clone(url), sizes.collect());
    }
    Ok(there)
}

/// What a candidate has already.
fn of_candidate(facts: &CandidateFacts, candidate: Candidate) -> impl Iterator<Item = &Manifest> {
    let packages = facts.records.get(&candidate).into_iter().flat_map(|record| &record.packages);
    packages.filter_map(|(package, entry)| {
        facts.manifests.get(&(package.clone(), entry.candidate)).map(|(_, manifest)| manifest)
    })
}

/// The packages of this candidate and of the later ones, which may carry some of it, and every folder
/// that one of them may go to.
fn coming(project: &Project, candidate: Candidate, facts: &CandidateFacts) -> BTreeMap<PackageName, Spread> {
    let mut coming: BTreeMap<PackageName, Spread> = BTreeMap::new();
    for record in facts.records.range(candidate..).map(|(_, record)| record) {
        for (package, entry) in &record.packages {
            let spread = coming.entry(package.clone()).or_default();
            let rows = project.matrix(package, record.candidate.release.line);
            // What cannot be expanded is for the planner to refuse.
            for expected in expand(package, entry.candidate.release, rows).into_iter().flatten() {
                spread.add(Tree::of(expected.kind), expected.folder);
            }
            let staged = facts.manifests.get(&(package.clone(), entry.candidate));
            staged.into_iter().for_each(|(_, manifest)| spread.extend(&Spread::of(&manifest.artifacts)));
        }
    }
    coming
}

/// All files below a folder but the derivation records that lie beside theirs.
fn artifacts(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let all = files(folder)?;
    let records: BTreeSet<PathBuf> = all.iter().map(|path| derivation_path(path)).collect();
    Ok(all.into_iter().filter(|path| !records.contains(path)).collect())
}

/// All files below a folder, sorted. Symbolic links are not followed out of it.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let unreadable = |error: std::io::Error| Trouble::Failed(format!("cannot read {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_type().map_err(unreadable)?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn built(path: &Path, policy: &Policy) -> Built {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder =
        path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    // A plan may be applied from another folder.
    let (path, content, derivation) = match std::path::absolute(path) {
        Ok(absolute) => {
            (absolute.display().to_string(), content(&absolute, &name, policy), super::derivation(&absolute))
        }
        Err(error) => (path.display().to_string(), Err(error.to_string()), None),
    };
    Built { path, name, folder, content, derivation, origin: None }
}

fn content(path: &Path, name: &str, policy: &Policy) -> Result<BuiltArtifact, String> {
    if let Some(file) = name.strip_suffix(DERIVATION_SUFFIX) {
        return Err(format!("it is the derivation record of {}, which does not lie beside it", file.escape_debug()));
    }
    let kind = ArtifactKind::of_file_name(name).ok_or("no artifact has such a name")?;
    accepted(verify(path, kind).map_err(|error| refusal(&error))?, policy)
}

/// What a report says of an artifact that is in order.
fn accepted(report: Report, policy: &Policy) -> Result<BuiltArtifact, String> {
    let kind = report.kind;
    let says = set_file(&report).says;
    let artifact = report.accept(policy).map_err(|error| refusal(&error))?;
    let (size, sha256, warnings) = (artifact.size, artifact.sha256, artifact.warnings);
    let requires_python = artifact.contents.metadata().and_then(|metadata| metadata.requires_python.clone());
    let mut conda = None;
    let metadata = match artifact.contents {
        Contents::Wheel(wheel) => {
            Some(String::from_utf8(wheel.metadata_bytes).map_err(|_| "its METADATA is not UTF-8")?)
        }
        Contents::Conda(package) => {
            conda = Some(Box::new(package.record));
            None
        }
        // Only wheels have a metadata file beside them (PEP 658).
        _ => None,
    };
    Ok(BuiltArtifact { kind, size, sha256, metadata, requires_python, conda, says, warnings })
}

/// Everything that is wrong with a file; the path is named by whoever shows it.
fn refusal(error: &ReadError) -> String {
    const SHOWN: usize = 8;
    let findings = error.findings();
    let more = findings.len().saturating_sub(SHOWN);
    match findings {
        [] => with_causes(error),
        findings => {
            let shown: Vec<String> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
            let more = if more == 0 { String::new() } else { format!("; and {more} more") };
            format!("refused: {}{more}", shown.join("; "))
        }
    }
}
