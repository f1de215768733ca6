//! `restore`: what the backup has comes back into a store, each object with the digest of its manifest.
//!
//! A candidate comes back where it was staged, with its manifests and its record. A release comes back at the
//! classic keys of `stable`; its pages are for `index rebuild`.

use std::collections::BTreeMap;

use crate::action::{Action, Content, Location};
use crate::manifest::{CandidateRecord, Manifest};
use crate::name::PackageName;
use crate::plan::promote::objects::{Bundle, Promoted, Reading, Way, objects};
use crate::plan::stage::own;
use crate::plan::{Command, Decision, Draft, Phase, Restored, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::Candidate;
use crate::world::RestoreWorld;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What comes back.
    pub what: Restored,
    /// Where to.
    pub to: StoreUrl,
}

/// The candidate that comes back: the one that was named, or the one that became the release.
///
/// # Errors
/// When the backup does not know it.
pub fn candidate(request: &Request, world: &RestoreWorld) -> Result<Candidate, Stop> {
    let unknown = |message: &str| {
        let stop = Stop::new(StopKind::Failed, "not-in-backup", request.what.to_string(), message);
        stop.hint("trackside status lists the candidates")
    };
    let candidate = match request.what {
        Restored::Candidate(candidate) => candidate,
        Restored::Release(release) => match &world.promotion {
            Some(record) if record.release == release => record.candidate,
            Some(_) | None => return Err(unknown("the backup has no record of its promotion")),
        },
    };
    let known = world.facts.records.contains_key(&candidate);
    if known { Ok(candidate) } else { Err(unknown("the backup has no record of this candidate")) }
}

/// The manifests that come back: the newest revision of each package.
fn manifests<'a>(record: &'a CandidateRecord, world: &'a RestoreWorld) -> Vec<(&'a PackageName, &'a Manifest)> {
    let newest = |(package, entry): (&'a PackageName, &crate::manifest::CandidatePackage)| {
        let (_, manifest) = world.facts.manifests.get(&(package.clone(), entry.candidate))?;
        Some((package, manifest))
    };
    record.packages.iter().filter_map(newest).collect()
}

/// What must be looked at in the store that it comes back to.
pub fn places(request: &Request, world: &RestoreWorld) -> Vec<ObjectKey> {
    let Ok(candidate) = candidate(request, world) else { return Vec::new() };
    let all = manifests(&world.facts.records[&candidate], world);
    all.into_iter().flat_map(|(_, manifest)| coming(request, manifest)).map(|object| object.stable).collect()
}

/// The objects of a manifest: where the backup has them, and where they come back.
fn coming(request: &Request, manifest: &Manifest) -> Vec<Promoted> {
    let back = |object: Promoted| match request.what {
        Restored::Candidate(_) => Promoted { stable: object.staged.clone(), ..object },
        Restored::Release(_) => object,
    };
    objects(manifest, Reading::All).into_iter().map(back).collect()
}

/// The objects that would have to come back and that the backup does not have.
fn lost(request: &Request, (candidate, manifest): (Candidate, &Manifest), world: &RestoreWorld) -> Vec<Stop> {
    let is_there = |object: &Promoted| {
        world.there.contains_key(&Location { store: request.to.clone(), key: object.stable.clone() })
    };
    let lost = coming(request, manifest).into_iter().filter(|object| !is_there(object));
    let lost = lost.filter(|object| world.kept.get(&object.staged) != Some(&object.size));
    lost.map(|object| {
        let message = "the backup does not have it, or not as its manifest says";
        let stop = Stop::new(StopKind::Failed, "not-in-backup", object.staged.to_string(), message);
        stop.hint(format!("trackside stage {candidate} --from DIR, if the built files are at hand"))
    })
    .collect()
}

/// Where the backup has what may come back.
pub fn origins(request: &Request, world: &RestoreWorld) -> Vec<ObjectKey> {
    let Ok(candidate) = candidate(request, world) else { return Vec::new() };
    let all = manifests(&world.facts.records[&candidate], world);
    all.into_iter().flat_map(|(_, manifest)| coming(request, manifest)).map(|object| object.staged).collect()
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: &Request, world: &RestoreWorld) -> Decision {
    match draft(project, request, world) {
        Ok(steps) if steps.is_empty() => {
            Decision::NothingToDo(vec![format!("{} has all of {}", request.to, request.what)])
        }
        Ok(steps) => {
            let command = Command::Restore { what: request.what, to: request.to.clone() };
            let notes = match request.what {
                Restored::Candidate(candidate) => {
                    vec![format!("its verdict does not come back: trackside verify {candidate} --apply")]
                }
                Restored::Release(_) => vec!["pages do not come back: trackside index rebuild stable".to_owned()],
            };
            Decision::Draft(Draft { command, preconditions: Vec::new(), steps, notes })
        }
        Err(stops) => Decision::Refused(stops),
    }
}

fn draft(project: &Project, request: &Request, world: &RestoreWorld) -> Result<Vec<Step>, Vec<Stop>> {
    let candidate = candidate(request, world).map_err(|stop| vec![stop])?;
    let record = &world.facts.records[&candidate];
    let mut stops = Vec::new();
    let mut steps = Vec::new();
    if request.to == project.backup {
        let message = "this is the backup itself";
        return Err(vec![Stop::new(StopKind::Failed, "not-a-target", request.to.to_string(), message)]);
    }
    let public = project.released_stores().any(|(_, store)| *store == request.to) && request.to != project.test;
    if matches!(request.what, Restored::Candidate(_)) && public || project.state.as_ref() == Some(&request.to) {
        let message = if public { "the public reads it: only releases come back there" } else { "it holds the state" };
        return Err(vec![Stop::new(StopKind::Failed, "not-a-target", request.to.to_string(), message)]);
    }
    let all = manifests(record, world);
    for package in record.packages.keys().filter(|package| !all.iter().any(|(name, _)| name == package)) {
        let message = "the backup has no manifest of it";
        stops.push(Stop::new(StopKind::Failed, "not-in-backup", package.as_str(), message));
    }
    // One store may be both channels: the word is the one that fits.
    let test = ("test".to_owned(), &project.test);
    let known: Vec<(String, &StoreUrl)> = match request.what {
        Restored::Candidate(_) => std::iter::once(test).chain(project.released_stores()).collect(),
        Restored::Release(_) => project.released_stores().chain([test]).collect(),
    };
    let name = known.into_iter().find(|(_, store)| **store == request.to).map(|(name, _)| name);
    let way = Way {
        name: name.as_deref().unwrap_or("the-store"),
        to: &request.to,
        from: &project.backup,
        classic: false,
        there: &world.there,
        hint: "move it away if it is wrong: nothing is replaced",
    };
    let others = world.records.iter().filter(|(_, same)| matches!(request.what, Restored::Candidate(_)) && !**same);
    stops.extend(others.map(|(key, _)| {
        let message = "it is there, and is not what the backup has";
        Stop::new(StopKind::Conflict, "other-bytes", key.to_string(), message).hint(way.hint)
    }));
    stops.extend(all.iter().flat_map(|(_, manifest)| lost(request, (candidate, manifest), world)));
    for (package, manifest) in &all {
        let word = Some(manifest.candidate.to_string());
        match way.steps(&Bundle { package, word, objects: coming(request, manifest) }) {
            Ok(more) => steps.extend(more),
            Err(more) => stops.extend(more),
        }
    }
    if !stops.is_empty() {
        return Err(stops);
    }
    let mut steps = [sources(&steps), steps].concat();
    if let Restored::Candidate(candidate) = request.what {
        let manifests: Vec<&Manifest> = all.iter().map(|(_, manifest)| *manifest).collect();
        // `verify` reads its pages.
        let pages = own::steps(project, &request.to, (candidate, &manifests), &world.pages);
        steps.extend(pages.map_err(|stop| vec![stop])?);
        steps.extend(records(request, record, world));
    }
    steps.sort_by_key(|step| step.phase);
    Ok(steps)
}

/// Reads what is to be copied before any of it is: what the backup holds by now is not what was put there for sure,
/// and pages may lead to where it comes back.
fn sources(steps: &[Step]) -> Vec<Step> {
    let read = |action: &Action| match action {
        Action::CopyObject { from, size, sha256, .. } => {
            Some(Action::ReadBack { at: from.clone(), size: *size, sha256: *sha256 })
        }
        _ => None,
    };
    let of_step = |step: &Step| {
        let reads: Vec<Action> = step.actions.iter().filter_map(read).collect();
        let title = format!("read {} in the backup", count(reads.len(), "object"));
        (!reads.is_empty()).then(|| Step::new(&["source", step.id.as_str()], title, Phase::Write, reads))
    };
    steps.iter().filter_map(of_step).collect()
}

/// The manifests, all revisions of them, and the record of the candidate: last, so that whoever finds them
/// finds what they name.
fn records(request: &Request, record: &CandidateRecord, world: &RestoreWorld) -> Option<Step> {
    let mut texts: BTreeMap<ObjectKey, String> = BTreeMap::new();
    for manifest in &world.revisions {
        let (package, candidate, revision) = (manifest.package.clone(), manifest.candidate, manifest.revision);
        texts.insert(StorageKey::Manifest { package, candidate, revision }.key(), manifest.to_text());
    }
    texts.insert(StorageKey::CandidateRecord(record.candidate).key(), record.to_text());
    let actions: Vec<Action> = texts
        .into_iter()
        .filter(|(key, _)| !world.records.contains_key(key))
        .map(|(key, text)| Action::CreateObject {
            to: Location { store: request.to.clone(), key },
            content: Content::Text(text),
        })
        .collect();
    let title = format!("manifests and record of {}", record.candidate);
    let id = record.candidate.to_string();
    (!actions.is_empty()).then(|| Step::new(&["records", &id], title, Phase::Record, actions))
}
