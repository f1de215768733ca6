//! `channel rollback`: the pages and the map of a channel become again, byte for byte, what they were
//! before its newest change. Objects stay where they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Location};
use crate::manifest::{Channel, GenerationRecord, PageChange};
use crate::plan::generation::Generation;
use crate::plan::{Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::world::RollbackWorld;

/// Decides what is to be done. A second rollback goes back one change further.
pub fn decide(project: &Project, channel: Channel, world: &RollbackWorld) -> Decision {
    let (Some(newest), Some(undone)) = (&world.newest, &world.undone) else {
        let message = "there is no generation to go back from";
        let stop = Stop::new(StopKind::Failed, "no-generation", channel.as_str(), message);
        return Decision::Refused(vec![stop]);
    };
    let rollback = Rollback { project, channel, undone, world };
    let mut stops = missing(channel, world);
    let mut steps = Vec::new();
    for (name, store) in project.stores_with(channel) {
        match rollback.steps(&name, store) {
            Ok(more) => steps.extend(more),
            Err(more) => stops.extend(more),
        }
    }
    if !stops.is_empty() {
        return Decision::Refused(stops);
    }
    let command = Command::Rollback { channel };
    if steps.is_empty() {
        return Decision::NothingToDo(vec![format!("generation {} has changed nothing yet", undone.number)]);
    }
    let sizes = undone.changes.iter().filter_map(|change| change.new);
    let generation = Generation {
        project,
        channel,
        newest: Some(newest),
        sizes: &sizes.map(|new| (new.sha256, new.size)).collect(),
        back_to: Some(undone.before),
    };
    match generation.steps(&command, &steps) {
        Ok(kept) => steps.extend(kept),
        Err(stop) => return Decision::Refused(vec![stop]),
    }
    steps.extend(kept_is_whole(channel, &steps));
    steps.extend(comes_back(project, channel, world));
    steps.sort_by_key(|step| step.phase);
    let notes = vec![format!("takes back generation {}: {}", undone.number, undone.command)];
    let at = Location {
        store: project.store_of(channel).clone(),
        key: StorageKey::Generation { channel, number: newest.number + 1 }.key(),
    };
    let preconditions = vec![Precondition::ObjectIs { at, value: None }];
    Decision::Draft(Draft { command, preconditions, steps, notes })
}

/// Reads the bytes that come back, before any of them does.
fn kept_is_whole(channel: Channel, steps: &[Step]) -> Option<Step> {
    let read = |action: &Action| match action {
        Action::PutBack { from, size, sha256, .. } => {
            Some((from.clone(), Action::ReadBack { at: from.clone(), size: *size, sha256: *sha256 }))
        }
        _ => None,
    };
    let reads: BTreeMap<Location, Action> = steps.iter().flat_map(|step| &step.actions).filter_map(read).collect();
    let title = format!(
        "{channel}: read {} that {} kept",
        count(reads.len(), "page"),
        if reads.len() == 1 { "is" } else { "are" }
    );
    (!reads.is_empty())
        .then(|| Step::new(&["kept", channel.as_str()], title, Phase::Write, reads.into_values().collect()))
}

/// A last look at what pages that come back lead to: a plan may wait for days.
fn comes_back(project: &Project, channel: Channel, world: &RollbackWorld) -> Vec<Step> {
    let objects = &world.coming;
    let look = |(name, store): (String, &StoreUrl)| {
        let title = format!("{name}: look at {} that pages lead to which come back", count(objects.len(), "object"));
        let action = Action::CheckObjects { store: store.clone(), objects: objects.clone(), tags: BTreeMap::new() };
        Step::new(&["look", &name], title, Phase::ReadBack, vec![action])
    };
    project.stores_with(channel).into_iter().filter(|_| !objects.is_empty()).map(look).collect()
}

/// The objects that pages would lead to and that are gone: removed by hand, or with an old candidate.
fn missing(channel: Channel, world: &RollbackWorld) -> Vec<Stop> {
    let of_store = |(store, keys): (&StoreUrl, &BTreeSet<ObjectKey>)| {
        let first = keys.first()?;
        let message = match keys.len() - 1 {
            0 => format!("a page that comes back links to it, and it is not in {store}"),
            more => format!("pages that come back link to it and to {more} more objects that are not in {store}"),
        };
        let back = match channel {
            Channel::Test => "trackside restore CANDIDATE --to test",
            Channel::Stable => "trackside restore RELEASE --to stable",
        };
        Some(Stop::new(StopKind::Blocked, "object-missing", first.to_string(), message).hint(back))
    };
    world.missing.iter().filter_map(of_store).collect()
}

/// The pages of packages, those first that were switched last: what depends on a release goes back
/// before the release does.
fn packages(actions: &[(Phase, Action)]) -> Vec<(String, Vec<Action>)> {
    let mut packages: Vec<(String, Vec<Action>)> = Vec::new();
    for (_, action) in actions.iter().rev().filter(|(phase, _)| *phase == Phase::PackagePages) {
        // The folder of a package's page has its name.
        let key = action.subject();
        let package = key.rsplit('/').nth(1).unwrap_or_default();
        match packages.iter_mut().find(|(of, _)| of == package) {
            Some((_, of_package)) => of_package.push(action.clone()),
            None => packages.push((package.to_owned(), vec![action.clone()])),
        }
    }
    packages
}

struct Rollback<'a> {
    project: &'a Project,
    channel: Channel,
    undone: &'a GenerationRecord,
    world: &'a RollbackWorld,
}

impl Rollback<'_> {
    /// The steps of one store.
    fn steps(&self, name: &str, store: &StoreUrl) -> Result<Vec<Step>, Vec<Stop>> {
        let mut actions: Vec<(Phase, Action)> = Vec::new();
        let mut stops = Vec::new();
        for change in &self.undone.changes {
            match self.action(store, change) {
                Ok(action) => actions.extend(action),
                Err(stop) => stops.push(stop),
            }
        }
        if !stops.is_empty() {
            return Err(stops);
        }
        let of = |wanted: Phase| -> Vec<Action> {
            actions.iter().filter(|(phase, _)| *phase == wanted).map(|(_, action)| action.clone()).collect()
        };
        let step = |id: &[&str], what: &str, actions: Vec<Action>| {
            Step::new(&[id, &[name]].concat(), format!("{name}: {what}"), Phase::Back, actions)
        };
        // What was removed comes back before anything leads to it.
        let mut steps = vec![
            step(&["removed"], "pages that were removed", of(Phase::Remove)),
            step(&["lists"], "list pages as they were", of(Phase::ListPages)),
        ];
        let of_package = |(package, actions): (String, Vec<Action>)| {
            step(&["pages", &package], &format!("pages of {package} as they were"), actions)
        };
        steps.extend(packages(&actions).into_iter().map(of_package));
        steps.push(step(&["map"], "what the channel pointed to", of(Phase::Map)));
        steps.retain(|step| !step.actions.is_empty());
        Ok(steps)
    }

    /// What brings one object back; nothing if it is as it was.
    fn action(&self, store: &StoreUrl, change: &PageChange) -> Result<Option<(Phase, Action)>, Stop> {
        let found = self.world.seen.get(store).and_then(|seen| seen.get(&change.key)).copied();
        if found == change.old {
            return Ok(None);
        }
        let at = Location { store: store.clone(), key: change.key.clone() };
        if found != change.new {
            let message = format!("it is not what generation {} made of it", self.undone.number);
            let stop = Stop::new(StopKind::Conflict, "page-changed", at.key.to_string(), message);
            return Err(stop.hint(format!("trackside index check {}", self.channel)));
        }
        Ok(match (change.old, found) {
            (Some(old), _) => {
                let from = Location { store: self.project.backup.clone(), key: StorageKey::Kept(old.sha256).key() };
                let expect = found.map(|found| found.sha256);
                Some((change.phase, Action::PutBack { at, expect, from, size: old.size, sha256: old.sha256 }))
            }
            (None, Some(found)) => Some((change.phase, Action::RemoveObject { at, expect: found.sha256 })),
            (None, None) => None,
        })
    }
}
