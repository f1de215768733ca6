//! `prune`: the artifacts of old candidates leave the `test` store. What anybody may still need stays: the
//! newest candidates of each line, what a channel points to, what was approved and is not released yet.
//! Records and manifests stay in any case, and so does the backup unless it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Location};
use crate::digest::Sha256;
use crate::manifest::{CandidateRecord, Channel, ChannelMap, Manifest};
use crate::name::PackageName;
use crate::plan::{BATCH, Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::{Candidate, Line, Release};
use crate::world::PruneWorld;

/// The fewest candidates of a line that stay.
pub const LEAST: u32 = 2;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// How old they are at least, in days.
    pub days: u32,
    /// How many of each line stay in any case.
    pub keep: u32,
    /// Whether they are removed from the backup too.
    pub backup: bool,
}

/// The set of a package's own candidate.
type Set = (PackageName, Candidate);

/// The train's candidates that go, and why each of the others stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Those that go.
    pub go: BTreeSet<Candidate>,
    /// The sets that go: those of no candidate that stays.
    pub sets: BTreeSet<Set>,
    /// Those that stay, each with the reason.
    pub stay: BTreeMap<Candidate, &'static str>,
}

/// Chooses. `world` need not hold the objects yet.
pub fn choose(request: Request, world: &PruneWorld) -> Choice {
    let mut choice = Choice::default();
    let pointed = pointed(world);
    for candidate in world.records.keys() {
        match reason(request, world, *candidate) {
            Some(reason) => drop(choice.stay.insert(*candidate, reason)),
            None => drop(choice.go.insert(*candidate)),
        }
    }
    let sets = |candidates: &mut dyn Iterator<Item = &Candidate>| -> BTreeSet<Set> {
        candidates.flat_map(|candidate| sets_of(&world.records[candidate])).collect()
    };
    let stay = sets(&mut choice.stay.keys());
    choice.sets =
        sets(&mut choice.go.iter()).into_iter().filter(|set| !stay.contains(set) && !pointed.contains(set)).collect();
    choice
}

fn sets_of(record: &CandidateRecord) -> impl Iterator<Item = Set> {
    record.packages.iter().map(|(package, entry)| (package.clone(), entry.candidate))
}

/// The sets that a channel or one of its mirrors points to, and those of which a release was made.
fn pointed(world: &PruneWorld) -> BTreeSet<Set> {
    let of_maps = world.maps.iter().flat_map(ChannelMap::entries);
    let of_maps = of_maps.map(|(package, _, entry)| (package.clone(), entry.manifest.candidate));
    let promoted = world.promotions.iter().flat_map(|record| &record.manifests);
    of_maps.chain(promoted.map(|manifest| (manifest.package.clone(), manifest.candidate))).collect()
}

/// Why a candidate stays; nothing if it may go. A set of it may still stay: a later candidate can carry it.
fn reason(request: Request, world: &PruneWorld, candidate: Candidate) -> Option<&'static str> {
    let newest = newest(world, candidate.release.line, request.keep);
    let mut brought = world.maps.iter().flat_map(ChannelMap::entries).map(|(_, _, entry)| entry.candidate);
    if world.promotions.iter().any(|promotion| promotion.candidate == candidate) {
        Some("it was promoted")
    } else if brought.any(|brought| brought == candidate) {
        Some("a channel points to it")
    } else if newest.contains(&candidate) {
        Some("it is one of the newest of its line")
    } else if world.approved.contains(&candidate)
        && !world.promotions.iter().any(|promotion| promotion.release == candidate.release)
    {
        Some("it is verified, and its release is not out")
    } else {
        // What has no date is young: nothing goes that nobody knows the age of.
        let age = world.ages.get(&candidate).copied().unwrap_or(0);
        (age < request.days).then_some("it is young")
    }
}

fn newest(world: &PruneWorld, line: Line, keep: u32) -> BTreeSet<Candidate> {
    let keep = usize::try_from(keep.max(LEAST)).unwrap_or(usize::MAX);
    let of_line = world.records.keys().rev().filter(|candidate| candidate.release.line == line);
    of_line.take(keep).copied().collect()
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: Request, world: &PruneWorld) -> Decision {
    let choice = choose(request, world);
    let mut notes: Vec<String> =
        choice.stay.iter().map(|(candidate, reason)| format!("{candidate} stays: {reason}")).collect();
    let mut steps = Vec::new();
    let mut stops = Vec::new();
    let mut stores = vec![("test", &project.test)];
    if request.backup {
        stores.push(("backup", &project.backup));
    }
    for candidate in &choice.go {
        // Pages first: nothing is removed while something of the candidate leads to it.
        let pages = world.pages.get(candidate).into_iter().flatten();
        let actions = pages.map(|(key, sha256)| remove(&project.test, key.clone(), *sha256));
        let actions: Vec<Action> = actions.collect();
        steps.extend(batches(&["pages", &candidate.to_string()], ("page", &format!("of {candidate}")), &actions));
    }
    for (name, store) in stores {
        for (package, candidate) in &choice.sets {
            let Some(manifest) = world.manifests.get(&(package.clone(), *candidate)) else { continue };
            let there = world.there.get(store);
            let mut actions = Vec::new();
            for (key, size, sha256) in files(manifest) {
                match there.and_then(|there| there.get(&key)) {
                    None => {}
                    Some(found) if *found == size => actions.push(remove(store, key, sha256)),
                    Some(found) => {
                        let message = format!("it has {found} bytes, its manifest says {size}");
                        stops.push(Stop::new(StopKind::Conflict, "other-bytes", key.to_string(), message));
                    }
                }
            }
            let id = ["remove", name, package.as_str(), &candidate.to_string()];
            steps.extend(batches(&id, ("object", &format!("of {package} {candidate} from {name}")), &actions));
        }
    }
    if !stops.is_empty() {
        return Decision::Refused(stops);
    }
    if steps.is_empty() {
        notes.insert(0, "no candidate is old enough and of no use".to_owned());
        return Decision::NothingToDo(notes);
    }
    let Request { days, keep, backup } = request;
    let command = Command::Prune { days, keep, backup };
    let preconditions = [maps_hold(project, world), nothing_new(project, &choice, world)].concat();
    Decision::Draft(Draft { command, preconditions, steps, notes })
}

fn remove(store: &StoreUrl, key: ObjectKey, expect: Sha256) -> Action {
    Action::RemoveObject { at: Location { store: store.clone(), key }, expect }
}

/// The objects of a set.
fn files(manifest: &Manifest) -> Vec<(ObjectKey, u64, Sha256)> {
    let mut files = Vec::new();
    for artifact in &manifest.artifacts {
        let key = StorageKey::staged(&manifest.package, manifest.candidate, artifact);
        if let (Some(at), Some(file)) = (key.metadata(), &artifact.metadata) {
            files.push((at.key(), file.size, file.sha256));
        }
        files.push((key.key(), artifact.size, artifact.sha256));
    }
    files
}

/// The objects that this plan would look at, of the sets that go.
pub fn places(choice: &Choice, world: &PruneWorld) -> Vec<ObjectKey> {
    let manifests = choice.sets.iter().filter_map(|set| world.manifests.get(set));
    manifests.flat_map(files).map(|(key, ..)| key).collect()
}

fn batches(id: &[&str], (noun, what): (&str, &str), actions: &[Action]) -> Vec<Step> {
    let step = |(index, batch): (usize, &[Action])| {
        let number = (index + 1).to_string();
        let parts: Vec<&str> = id.iter().copied().chain([number.as_str()]).collect();
        Step::new(&parts, format!("remove {} {what}", count(batch.len(), noun)), Phase::Remove, batch.to_vec())
    };
    actions.chunks(BATCH).enumerate().map(step).collect()
}

/// No channel points to anything else than what was seen.
fn maps_hold(project: &Project, world: &PruneWorld) -> Vec<Precondition> {
    let hold = |(channel, store): (Channel, &StoreUrl)| Precondition::ObjectIs {
        at: Location { store: store.clone(), key: StorageKey::Channel(channel).key() },
        value: world.seen.get(&channel).copied(),
    };
    [(Channel::Test, &project.test), (Channel::Stable, &project.stable)].map(hold).into()
}

/// None of those that go was verified again or promoted since, and no later candidate may carry its sets over.
fn nothing_new(project: &Project, choice: &Choice, world: &PruneWorld) -> Vec<Precondition> {
    let absent = |store: &StoreUrl, key: StorageKey| Precondition::ObjectIs {
        at: Location { store: store.clone(), key: key.key() },
        value: None,
    };
    let mut holds = Vec::new();
    for candidate in &choice.go {
        let number = world.verdicts.get(candidate).map_or(1, |newest| newest + 1);
        holds.push(absent(&project.test, StorageKey::Verdict { candidate: *candidate, number }));
    }
    let releases: BTreeSet<Release> = choice.go.iter().map(|candidate| candidate.release).collect();
    for release in releases {
        if !world.promotions.iter().any(|promotion| promotion.release == release) {
            holds.push(absent(&project.stable, StorageKey::Promotion(release)));
        }
        let newest = world.records.keys().rev().find(|candidate| candidate.release == release);
        let next = newest.map(|newest| release.candidate(newest.number + 1));
        holds.extend(next.map(|next| absent(&project.test, StorageKey::CandidateRecord(next))));
    }
    holds
}

#[cfg(test)]
mod tests;
