//! `channel rollback`: the pages and the map of a channel become again, byte for byte, what they were before the
//! generation that made the map of today. Objects stay where they are.

mod aim;
mod anew;

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Content, Location};
use crate::conda::Data;
use crate::encoded::Encoded;
use crate::index::Outline;
use crate::manifest::{Channel, ChannelMap, GenerationRecord};
use crate::name::PackageName;
use crate::plan::change::of_others;
use crate::plan::generation::{Generation, next};
use crate::plan::{Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{Fingerprint, ObjectKey, StoreUrl};
use crate::world::RollbackWorld;

use self::aim::{Aim, Aims, aims};

pub use self::aim::{is_enough, touched, wanted};
pub use self::anew::{contents, shards};

/// Decides what is to be done. A second rollback goes back one change further.
pub fn decide(project: &Project, channel: Channel, world: &RollbackWorld) -> Decision {
    let (Some(newest), Some(undone)) = (&world.newest, &world.undone) else {
        let message = "there is no generation to go back from";
        let stop = Stop::new(StopKind::Failed, "no-generation", channel.as_str(), message);
        return Decision::Refused(vec![stop]);
    };
    let rollback = Rollback { project, channel, undone, world };
    let Aims { aims, odd } = aims(undone, world);
    let mut stops = Vec::new();
    let mut steps = Vec::new();
    let (mut stores, others) = rollback.stores();
    // The map of the channel itself comes last: until then it says that all of this is still to be done.
    stores.rotate_left(1);
    for (name, store) in project.stores_with(channel) {
        stops.extend(rollback.without_map(&name, store, &aims));
    }
    for (name, store) in &stores {
        stops.extend(missing(channel, world, store));
        match rollback.steps(name, store, &aims) {
            Ok(more) => steps.extend(more),
            Err(more) => stops.extend(more),
        }
    }
    if !stops.is_empty() {
        return Decision::Refused(stops);
    }
    let command = Command::Rollback { channel };
    let sizes = world.seen.values().flat_map(BTreeMap::values);
    let generation = Generation {
        project,
        channel,
        newest: Some(newest),
        sizes: &sizes.map(|found| (found.sha256, found.size)).collect(),
        before: undone.number,
        after: undone.before,
    };
    match generation.steps(&command, &steps) {
        Ok(kept) => steps.extend(kept),
        Err(stop) => return Decision::Refused(vec![stop]),
    }
    steps.extend(kept_is_whole(channel, &steps));
    steps.extend(stores.iter().filter_map(|(name, store)| create_shards(name, store, world)));
    steps.extend(stores.iter().filter_map(|(name, store)| comes_back(name, store, world)));
    steps.sort_by_key(|step| step.phase);
    let mut notes = vec![format!("takes back generation {}: {}", undone.number, undone.command)];
    notes.extend(others.iter().map(|name| {
        format!("{name} shows another state of the channel and stays as it is: it catches up with the next promotion")
    }));
    notes.extend(in_part(channel, undone, &odd));
    let at = Location {
        store: project.store_of(channel).clone(),
        key: StorageKey::Generation { channel, number: next(Some(newest), undone.number) }.key(),
    };
    let preconditions = vec![Precondition::ObjectIs { at, value: None }];
    Decision::Draft(Draft { command, preconditions, steps, notes })
}

/// What comes back is no whole state of the channel.
fn in_part(channel: Channel, undone: &GenerationRecord, odd: &[ObjectKey]) -> Option<String> {
    let first = odd.first()?;
    Some(format!(
        "{}, such as {}, as generation {} found it and not as generation {} had meant it: afterwards trackside index \
         rebuild {channel}",
        count(odd.len(), "page"),
        first,
        undone.number,
        undone.before,
    ))
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

/// The shards that data leads to which comes back, where a store does not have them.
fn create_shards(name: &str, store: &StoreUrl, world: &RollbackWorld) -> Option<Step> {
    let create = |(key, shard): (&ObjectKey, &Encoded)| Action::CreateObject {
        to: Location { store: store.clone(), key: key.clone() },
        content: Content::Encoded(shard.clone()),
    };
    let actions: Vec<Action> = world.shards.get(store).into_iter().flatten().map(create).collect();
    let title = format!("{name}: create {} that conda data leads to which comes back", count(actions.len(), "shard"));
    (!actions.is_empty()).then(|| Step::new(&["shards", name], title, Phase::Write, actions))
}

/// A last look at what pages that come back lead to: a plan may wait for days.
fn comes_back(name: &str, store: &StoreUrl, world: &RollbackWorld) -> Option<Step> {
    let objects = &world.coming;
    let title = format!("{name}: look at {} that pages lead to which come back", count(objects.len(), "object"));
    let action = Action::CheckObjects { store: store.clone(), objects: objects.clone(), tags: BTreeMap::new() };
    (!objects.is_empty()).then(|| Step::new(&["look", name], title, Phase::ReadBack, vec![action]))
}

/// The objects that pages would lead to and that are gone: removed by hand, or with an old candidate.
fn missing(channel: Channel, world: &RollbackWorld, store: &StoreUrl) -> Option<Stop> {
    let keys: &BTreeSet<ObjectKey> = world.missing.get(store)?;
    let first = keys.first()?;
    let message = match keys.len() - 1 {
        0 => format!("a page that comes back links to it, and it is not in {store}"),
        more => format!("pages that come back link to it and to {more} more objects that are not in {store}"),
    };
    let of_file = |package: &PackageName, release| {
        first.file_name().starts_with(&format!("{}-{release}", package.in_file_names()))
    };
    let mut entries = world.before.iter().flat_map(ChannelMap::entries);
    let candidate =
        entries.find(|(package, release, _)| of_file(package, *release)).map(|(_, _, entry)| entry.candidate);
    let back = match (channel, candidate) {
        (Channel::Test, Some(candidate)) => format!("trackside restore {candidate} --to test"),
        (Channel::Test, None) => "trackside restore CANDIDATE --to test".to_owned(),
        (Channel::Stable, Some(candidate)) => format!("trackside restore {} --to stable", candidate.release),
        (Channel::Stable, None) => "trackside restore RELEASE --to stable".to_owned(),
    };
    Some(Stop::new(StopKind::Blocked, "object-missing", first.to_string(), message).hint(back))
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
    /// The stores that show what is taken back, or are on their way from it, the channel's own first; and the words of
    /// those mirrors that show something else.
    fn stores(&self) -> (Vec<(String, &StoreUrl)>, Vec<String>) {
        let main = self.project.store_of(self.channel);
        let before = self.world.before.as_ref().map(ChannelMap::digest);
        let now = self.world.maps.get(main);
        let shows = |store: &StoreUrl| self.world.maps.get(store);
        let is_due = |store: &StoreUrl| shows(store).is_some_and(|map| Some(map) == now || Some(*map) == before);
        let all = self.project.stores_with(self.channel).into_iter();
        let (due, others): (Vec<_>, Vec<_>) = all.partition(|(_, store)| *store == main || is_due(store));
        // A mirror without a map shows nothing.
        let others = others.into_iter().filter(|(_, store)| shows(store).is_some()).map(|(name, _)| name);
        (due, others.collect())
    }

    /// A mirror that has lost its map and still shows what is to be taken back: nothing says what it shows.
    fn without_map(&self, name: &str, store: &StoreUrl, aims: &[Aim]) -> Option<Stop> {
        if store == self.project.store_of(self.channel) || self.world.maps.contains_key(store) {
            return None;
        }
        let seen = |aim: &Aim| self.world.seen.get(store).and_then(|seen| seen.get(&aim.key)).copied();
        let shows = |aim: &&Aim| seen(aim).is_some() && seen(aim) != self.old(store, aim) && self.is_mirrored(aim);
        let aim = aims.iter().find(shows)?;
        let hint = format!("trackside index import {} brings the map back", self.channel);
        Some(of_others(name, &aim.key).hint(hint))
    }

    /// What an object was in a store. A mirror shows what the channel shows; before the channel had a map, each had
    /// something of its own, or nothing.
    fn old(&self, store: &StoreUrl, aim: &Aim) -> Option<Fingerprint> {
        match self.world.before {
            None if store != self.project.store_of(self.channel) => aim.mirrors.get(store).copied().flatten(),
            _ => aim.old,
        }
    }

    /// The steps of one store.
    fn steps(&self, name: &str, store: &StoreUrl, aims: &[Aim]) -> Result<Vec<Step>, Vec<Stop>> {
        let mut actions: Vec<(Phase, Action)> = Vec::new();
        let mut stops = Vec::new();
        for aim in aims {
            match self.action(name, store, aim) {
                Ok(action) => actions.extend(action.map(|action| (aim.phase, action))),
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
    fn action(&self, name: &str, store: &StoreUrl, aim: &Aim) -> Result<Option<Action>, Stop> {
        let is_mirror = store != self.project.store_of(self.channel);
        if is_mirror && !self.is_mirrored(aim) {
            return Ok(None);
        }
        let old = self.old(store, aim);
        let found = self.world.seen.get(store).and_then(|seen| seen.get(&aim.key)).copied();
        if found == old {
            return Ok(None);
        }
        let at = Location { store: store.clone(), key: aim.key.clone() };
        if !aim.ours.contains(&found) {
            let message = format!("{name}: it is not what generation {} made of it", self.undone.number);
            let stop = Stop::new(StopKind::Conflict, "page-changed", at.key.to_string(), message);
            return Err(stop.hint(format!("trackside index rebuild {}, and roll back again", self.channel)));
        }
        Ok(match (old, found) {
            (Some(old), _) if self.world.rendered.contains_key(&old.sha256) => {
                let expect = found.map(|found| found.sha256);
                Some(match self.world.rendered[&old.sha256].clone() {
                    Data::Text(text) => Action::ReplaceObject { at, expect, text },
                    Data::Encoded(content) => Action::ReplaceEncoded { at, expect, content },
                })
            }
            (Some(old), _) => {
                let from = Location { store: self.project.backup.clone(), key: StorageKey::Kept(old.sha256).key() };
                let expect = found.map(|found| found.sha256);
                Some(Action::PutBack { at, expect, from, size: old.size, sha256: old.sha256 })
            }
            (None, Some(found)) => Some(Action::RemoveObject { at, expect: found.sha256 }),
            (None, None) => None,
        })
    }

    /// Whether an object belongs to what a mirror shows too: a page of what the channel had, not one that somebody had
    /// put beside them.
    fn is_mirrored(&self, aim: &Aim) -> bool {
        let Some(map) = self.world.before.as_ref().filter(|_| aim.phase == Phase::Remove) else { return true };
        let folder = aim.key.as_str().rsplit('/').nth(1).unwrap_or_default();
        let outline = Outline::of(map).unwrap_or_default();
        map.packages().iter().any(|package| package.as_str() == folder)
            || outline.folders().iter().any(|name| name.as_str() == folder)
    }
}
