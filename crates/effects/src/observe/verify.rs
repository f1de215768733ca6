//! What `verify` reads back from the store of a candidate: every object of its manifests, and its own pages.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use trackside_artifact::verify_open;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::{Finding, Policy, Profile};
use trackside_domain::index::{Listed, render};
use trackside_domain::manifest::{CandidateRecord, Check, Manifest, Outcome};
use trackside_domain::name::PackageName;
use trackside_domain::project::Project;
use trackside_domain::storage_key::{IndexRoot, StorageKey};
use trackside_domain::store::{Fingerprint, ObjectKey};

use super::channel::pages;
use super::conda;
use crate::Trouble;
use crate::store::{Access, Store, Stores};
use crate::trouble::with_causes;

/// More readers than this do not make a disk faster.
const MOST_READERS: usize = 8;

/// One object and what its manifest says it is.
struct Expected<'a> {
    package: &'a PackageName,
    key: ObjectKey,
    content: Fingerprint,
    /// The kind of an artifact; a metadata file has none.
    kind: Option<ArtifactKind>,
}

/// Where objects are read, and by which rules artifacts are judged.
struct Judge<'a> {
    store: &'a Store,
    policy: Policy,
}

/// Reads back the objects (checks `digests`, one for each package) and the pages (check `pages`) of a
/// candidate. Every artifact is read by the rules of its kind, as when it was staged, and judged as the
/// project does now. Once `interrupted` is set it stops early, and what it returns means nothing.
///
/// # Errors
/// When the store cannot be read. What is there but wrong is part of the answer.
pub fn verify(
    (project, stores): (&Project, &Stores),
    record: &CandidateRecord,
    manifests: &[&Manifest],
    interrupted: &AtomicBool,
) -> Result<Vec<Check>, Trouble> {
    let store = stores.open(&project.test, Access::Read)?;
    let judge = Judge { store: &store, policy: project.artifacts.policy(Profile::Channel) };
    let mut checks = digests(&judge, record, manifests, interrupted)?;
    checks.push(candidate_pages(&store, record, manifests)?);
    Ok(checks)
}

fn digests(
    judge: &Judge<'_>,
    record: &CandidateRecord,
    manifests: &[&Manifest],
    interrupted: &AtomicBool,
) -> Result<Vec<Check>, Trouble> {
    let expected: Vec<Expected<'_>> = manifests.iter().flat_map(|manifest| objects(manifest)).collect();
    let faults = read_back(judge, &expected, interrupted)?;
    let check = |manifest: &&Manifest| {
        let package = &manifest.package;
        let of_package = faults.iter().filter(|(expected, _)| expected.package == package);
        let mut wrong: Vec<String> = of_package.map(|(expected, why)| format!("{} {why}", expected.key)).collect();
        let recorded = record.packages.get(package).and_then(|entry| entry.manifest.as_ref());
        if recorded.is_some_and(|recorded| *recorded != manifest.reference()) {
            wrong.push("its manifest is not the one that the candidate's record names".to_owned());
        }
        let count = expected.iter().filter(|expected| expected.package == package).count();
        let good = format!("{count} objects are there with the size and sha256 of the manifest");
        conclude("digests", Some(package), &wrong, good)
    };
    Ok(manifests.iter().map(check).collect())
}

/// The artifacts of a manifest and the metadata files beside them.
fn objects(manifest: &Manifest) -> Vec<Expected<'_>> {
    let mut expected = Vec::new();
    for artifact in &manifest.artifacts {
        let key = StorageKey::staged(&manifest.package, manifest.candidate, artifact);
        let package = &manifest.package;
        if let Some((metadata, at)) = artifact.metadata.as_ref().zip(key.metadata()) {
            let content = Fingerprint { size: metadata.size, sha256: metadata.sha256 };
            expected.push(Expected { package, key: at.key(), content, kind: None });
        }
        let content = Fingerprint { size: artifact.size, sha256: artifact.sha256 };
        expected.push(Expected { package, key: key.key(), content, kind: Some(artifact.kind) });
    }
    expected
}

/// Reads every object in full, several at a time; those that are not what they should be, in order.
fn read_back<'a>(
    judge: &Judge<'_>,
    expected: &'a [Expected<'a>],
    interrupted: &AtomicBool,
) -> Result<Vec<(&'a Expected<'a>, String)>, Trouble> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut faults = Vec::new();
        while let Some(object) = expected.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupted.load(Ordering::SeqCst) {
                break;
            }
            faults.extend(judge.fault(object)?.map(|why| (object, why)));
        }
        Ok::<_, Trouble>(faults)
    };
    let readers = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_READERS).min(expected.len());
    let mut faults = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..readers).map(|_| scope.spawn(work)).collect();
        let mut faults = Vec::new();
        for reader in readers {
            faults.extend(reader.join().map_err(|_| Trouble::Failed("a reader of the store failed".to_owned()))??);
        }
        Ok::<_, Trouble>(faults)
    })?;
    faults.sort_by(|(one, _), (other, _)| one.key.cmp(&other.key));
    Ok(faults)
}

impl Judge<'_> {
    /// What is wrong with an object, if anything is.
    fn fault(&self, object: &Expected<'_>) -> Result<Option<String>, Trouble> {
        let Some(kind) = object.kind else {
            let found = self.store.fingerprint(&object.key, &mut |_| {})?;
            return Ok(found.map_or(Some("is not there".to_owned()), |found| other_content(found, object.content)));
        };
        let Some((file, path)) = self.store.open_file(&object.key)? else {
            return Ok(Some("is not there".to_owned()));
        };
        let report = verify_open(file, &path, kind).map_err(|error| Trouble::Failed(with_causes(&error)))?;
        let found = Fingerprint { size: report.size, sha256: report.sha256 };
        if let Some(why) = other_content(found, object.content) {
            return Ok(Some(why));
        }
        Ok(report.accept(&self.policy).err().map(|error| refused(error.findings())))
    }
}

fn other_content(found: Fingerprint, wanted: Fingerprint) -> Option<String> {
    if found == wanted {
        return None;
    }
    Some(if found.size == wanted.size {
        format!("has sha256 {}, the manifest says {}", found.sha256.short(), wanted.sha256.short())
    } else {
        format!("has {} bytes, the manifest says {}", found.size, wanted.size)
    })
}

/// The bytes are those that were staged, but the rules are stricter now.
fn refused(findings: &[Finding]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if findings.len() > SHOWN { "; ..." } else { "" };
    format!("is refused: {}{more}", shown.join("; "))
}

/// The candidate's own pages must be exactly those that its manifests make: no other file is named, none
/// is left out.
fn candidate_pages(store: &Store, record: &CandidateRecord, manifests: &[&Manifest]) -> Result<Check, Trouble> {
    let root = IndexRoot::Candidate(record.candidate);
    let listed = manifests.iter().flat_map(|manifest| {
        let location = |artifact| StorageKey::staged(&manifest.package, manifest.candidate, artifact);
        let artifacts = manifest.artifacts.iter().filter(|artifact| !artifact.is_conda());
        artifacts.map(move |artifact| Listed {
            package: &manifest.package,
            artifact,
            location: location(artifact),
            uploaded: None,
            yanked: None,
        })
    });
    let mut wanted: BTreeMap<ObjectKey, Sha256> = match render(root, &listed.collect::<Vec<_>>()) {
        Ok(pages) => pages.iter().map(|page| (page.key.key(), Sha256::of(page.content.as_bytes()))).collect(),
        Err(error) => return Ok(conclude("pages", None, &[error.to_string()], String::new())),
    };
    let conda = match conda::of_candidate(root, manifests) {
        Ok(channel) => channel,
        Err(error) => return Ok(conclude("pages", None, &[with_causes(&error)], String::new())),
    };
    wanted.extend(conda.digests().into_iter().map(|(key, digest)| (key.key(), digest)));
    let mut found = pages(store, root)?;
    found.retain(|key, _| wanted.contains_key(key) || !conda::is_shard(key));
    let keys: BTreeSet<&ObjectKey> = wanted.keys().chain(found.keys()).collect();
    let wrong = keys.into_iter().filter_map(|key| match (wanted.get(key), found.get(key)) {
        (Some(wanted), Some(found)) if wanted == found => None,
        (Some(_), Some(_)) => Some(format!("{key} is not the page that the manifests make")),
        (Some(_), None) => Some(format!("{key} is not there")),
        (None, _) => Some(format!("{key} is a page that the manifests do not make")),
    });
    let wrong: Vec<String> = wrong.chain(conda::faults(store, &conda)?).collect();
    let good = format!("{} pages name exactly the artifacts of the manifests", wanted.len());
    Ok(conclude("pages", None, &wrong, good))
}

/// A check that passed if nothing is wrong. The first few faults are told, and how many there are.
fn conclude(name: &str, package: Option<&PackageName>, wrong: &[String], good: String) -> Check {
    let (outcome, detail) = match wrong {
        [] => (Outcome::Passed, good),
        [one] => (Outcome::Failed, one.clone()),
        several => {
            let first = several.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("; ");
            (
                Outcome::Failed,
                format!("{} faults: {first}{}", several.len(), if several.len() > 5 { "; ..." } else { "" }),
            )
        }
    };
    Check { name: name.to_owned(), package: package.cloned(), outcome, detail }
}
