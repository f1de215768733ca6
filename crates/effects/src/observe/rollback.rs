//! What `channel rollback` looks at: the newest generations, what became of what they changed, and whether what
//! comes back has something to lead to.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::drift::{self, Scope};
use trackside_domain::manifest::{Channel, ChannelMap, GenerationRecord};
use trackside_domain::project::Project;
use trackside_domain::storage_key::StorageKey;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};
use trackside_domain::world::{ChannelWorld, RollbackWorld};

use super::channel::{everything, fingerprints, generation, imported, manifests, map, newest_generation};
use super::facts::{RECORD_CAP, refused};
use crate::Trouble;
use crate::perform::present::present;
use crate::store::{Access, Store, Stores};

/// What `channel rollback` needs to know: the newest generations, and what became of what they changed.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn rollback(stores: &Stores, project: &Project, channel: Channel) -> Result<RollbackWorld, Trouble> {
    let mut world = RollbackWorld::default();
    let Some(store) = stores.open_if_present(project.store_of(channel))? else { return Ok(world) };
    world.newest = newest_generation(&store, channel)?;
    let Some(newest) = &world.newest else { return Ok(world) };
    let mut state = newest.state(changed(stores, project, newest)?.values());
    while state != 0 {
        let undone = generation(&store, channel, state)?;
        world.seen = changed(stores, project, &undone)?;
        let found = undone.state(world.seen.values());
        if found == state {
            let undone = whole(&store, undone)?;
            world.seen = changed(stores, project, &undone)?;
            world.coming = coming(stores, project, &undone)?;
            for (_, url) in project.stores_with(channel) {
                let gone = gone(stores, url, &world.coming)?;
                world.missing.extend((!gone.is_empty()).then(|| (StoreUrl::clone(url), gone)));
            }
            world.undone = Some(undone);
            break;
        }
        state = found;
    }
    Ok(world)
}

/// A generation with those before it that were given up in their middle.
fn whole(store: &Store, mut undone: GenerationRecord) -> Result<GenerationRecord, Trouble> {
    while undone.before != 0 {
        match undone.joined(&generation(store, undone.channel, undone.before)?) {
            Some(joined) => undone = joined,
            None => break,
        }
    }
    Ok(undone)
}

/// What is there in each store of a channel, of the objects that a generation changed.
fn changed(
    stores: &Stores,
    project: &Project,
    undone: &GenerationRecord,
) -> Result<BTreeMap<StoreUrl, BTreeMap<ObjectKey, Fingerprint>>, Trouble> {
    let keys: Vec<ObjectKey> = undone.changes.iter().map(|change| change.key.clone()).collect();
    let mut changed = BTreeMap::new();
    for (_, url) in project.stores_with(undone.channel) {
        let seen = match stores.open_if_present(url)? {
            Some(store) => fingerprints(&store, &keys)?,
            None => BTreeMap::new(),
        };
        changed.insert(StoreUrl::clone(url), seen);
    }
    Ok(changed)
}

/// What the map before a generation led to and the one of today does not.
fn coming(
    stores: &Stores,
    project: &Project,
    undone: &GenerationRecord,
) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
    let channel = undone.channel;
    let key = StorageKey::Channel(channel).key();
    let before = undone.changes.iter().find(|change| change.key == key).and_then(|change| change.old);
    let Some(before) = before else { return Ok(BTreeMap::new()) };
    let kept = StorageKey::Kept(before.sha256).key();
    let bytes = stores.open(&project.backup, Access::Read)?.read(&kept, RECORD_CAP)?;
    let before = ChannelMap::from_bytes(&bytes).map_err(|error| refused(&kept, &error))?;
    let main = stores.open(project.store_of(channel), Access::Read)?;
    let now = map(&main, channel)?.map_or_else(|| ChannelMap::empty(channel), |(_, map)| map);
    let coming = before.beyond(&now);
    let needs = everything(&coming);
    let manifests = manifests(stores, project, &coming, &needs)?;
    let imported = imported(&main, &coming, &needs)?;
    let world = ChannelWorld { map: Some((coming.digest(), coming)), manifests, imported, ..ChannelWorld::default() };
    Ok(drift::objects(channel, &world, Scope::All))
}

/// Those that are not there as they were.
fn gone(
    stores: &Stores,
    url: &StoreUrl,
    wanted: &BTreeMap<ObjectKey, Fingerprint>,
) -> Result<BTreeSet<ObjectKey>, Trouble> {
    let keys: Vec<ObjectKey> = wanted.keys().cloned().collect();
    // In a store that is not there nothing is.
    let there = stores.open_if_present(url)?.map(|store| present(&store, &keys)).transpose()?.unwrap_or_default();
    let gone = wanted.iter().filter(|(key, wanted)| there.get(*key) != Some(&wanted.size));
    Ok(gone.map(|(key, _)| key.clone()).collect())
}
