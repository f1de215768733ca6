//! What `channel rollback` looks at: the newest generations, what became of what they changed, and whether what
//! comes back has something to lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use trackside_domain::digest::Sha256;
use trackside_domain::drift::{self, Scope};
use trackside_domain::manifest::{Channel, ChannelMap, GenerationRecord};
use trackside_domain::plan::rollback::{contents, is_enough, shards, touched, wanted};
use trackside_domain::project::Project;
use trackside_domain::storage_key::StorageKey;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};
use trackside_domain::world::{ChannelWorld, RollbackWorld};

use super::channel::{
    everything, fingerprints, generation, generation_if_present, imported, manifests, map, newest_generation,
};
use super::facts::{RECORD_CAP, refused};
use crate::Trouble;
use crate::perform::present::{AT_ONCE, present};
use crate::store::{Access, Store, Stores};
use crate::together::all_together;

/// What `channel rollback` needs to know: the generation that made the map of today, what became of what it changed,
/// and what its neighbours say.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn rollback(stores: &Stores, project: &Project, channel: Channel) -> Result<RollbackWorld, Trouble> {
    let mut world = RollbackWorld::default();
    let Some(main) = stores.open_if_present(project.store_of(channel))? else { return Ok(world) };
    world.newest = newest_generation(&main, channel)?;
    let Some(newest) = &world.newest else { return Ok(world) };
    let Some((_, now)) = map(&main, channel)?.filter(|(_, map)| map.generation != 0) else { return Ok(world) };
    let undone = generation(&main, channel, now.generation)?;
    world.later = neighbours(&main, channel, undone.number + 1..=newest.number)?;
    world.earlier = earlier(&main, &undone)?;
    let changed = undone.changes.iter().map(|change| change.key.clone());
    let keys: Vec<ObjectKey> = changed.chain(touched(&undone, &world.earlier)).collect();
    world.seen = seen(stores, project, channel, &keys)?;
    world.before = before(stores, project, &undone)?;
    let before = world.before.clone().unwrap_or_else(|| ChannelMap::empty(channel));
    let wanted = wanted(&undone, &world.earlier);
    world.kept = kept(stores, project, &wanted)?;
    let lost: BTreeSet<Sha256> = wanted.iter().map(|content| content.sha256).collect();
    let lost: BTreeSet<Sha256> = lost.difference(&world.kept).copied().collect();
    let touches_conda = keys.iter().any(is_conda);
    let whole = match touches_conda || !lost.is_empty() {
        true => behind((stores, project), &main, before.clone())?,
        false => ChannelWorld::default(),
    };
    world.rendered = if lost.is_empty() { BTreeMap::new() } else { contents(project, &whole) };
    world.rendered.retain(|digest, _| lost.contains(digest));
    let shards = if touches_conda { shards(project, &whole) } else { Ok(BTreeMap::new()) };
    let shards = shards.map_err(|stop| Trouble::Failed(stop.message))?;
    world.coming = coming((stores, project), &main, before.beyond(&now))?;
    for (_, url) in project.stores_with(channel) {
        let Some(store) = stores.open_if_present(url)? else { continue };
        world.maps.extend(map(&store, channel)?.map(|(found, _)| (StoreUrl::clone(url), found.sha256)));
        let gone = gone(&store, &world.coming)?;
        world.missing.extend((!gone.is_empty()).then(|| (StoreUrl::clone(url), gone)));
        let names: Vec<ObjectKey> = shards.keys().cloned().collect();
        let there = present(&store, &names)?;
        let absent = shards.iter().filter(|(key, _)| !there.contains_key(*key));
        world.shards.insert(StoreUrl::clone(url), absent.map(|(key, shard)| (key.clone(), shard.clone())).collect());
    }
    world.undone = Some(undone);
    Ok(world)
}

/// The generations before one, back to the state that comes back, and further until they say what each object was.
fn earlier(main: &Store, undone: &GenerationRecord) -> Result<Vec<GenerationRecord>, Trouble> {
    let mut first = undone.before.max(1);
    let mut earlier = neighbours(main, undone.channel, first..=undone.number - 1)?;
    while first > 1 && !is_enough(undone, &earlier) {
        let further = first.saturating_sub(AT_ONCE as u64).max(1);
        earlier = [neighbours(main, undone.channel, further..=first - 1)?, earlier].concat();
        first = further;
    }
    Ok(earlier)
}

/// The generations with these numbers that there are.
fn neighbours(main: &Store, channel: Channel, numbers: RangeInclusive<u64>) -> Result<Vec<GenerationRecord>, Trouble> {
    let numbers: Vec<u64> = numbers.collect();
    let found = all_together(AT_ONCE, &numbers, |number| generation_if_present(main, channel, *number))?;
    Ok(found.into_iter().flatten().collect())
}

/// The map that comes back; none if there was none.
fn before(stores: &Stores, project: &Project, undone: &GenerationRecord) -> Result<Option<ChannelMap>, Trouble> {
    let change = undone.change(&StorageKey::Channel(undone.channel).key());
    let Some(old) = change.and_then(|change| change.old) else { return Ok(None) };
    let key = StorageKey::Kept(old.sha256).key();
    let bytes = stores.open(&project.backup, Access::Read)?.read(&key, RECORD_CAP)?;
    ChannelMap::from_bytes(&bytes).map(Some).map_err(|error| refused(&key, &error))
}

/// Those of these contents that the backup has.
fn kept(stores: &Stores, project: &Project, wanted: &BTreeSet<Fingerprint>) -> Result<BTreeSet<Sha256>, Trouble> {
    let Some(backup) = stores.open_if_present(&project.backup)?.filter(|_| !wanted.is_empty()) else {
        return Ok(BTreeSet::new());
    };
    let keys: BTreeMap<ObjectKey, Sha256> =
        wanted.iter().map(|content| (StorageKey::Kept(content.sha256).key(), content.sha256)).collect();
    let there = present(&backup, &keys.keys().cloned().collect::<Vec<_>>())?;
    Ok(keys.into_iter().filter(|(key, _)| there.contains_key(key)).map(|(_, sha256)| sha256).collect())
}

fn is_conda(key: &ObjectKey) -> bool {
    matches!(StorageKey::parse(key.as_str()), Some(StorageKey::Conda(_)))
}

/// A channel with everything behind its map, and without its pages.
fn behind((stores, project): (&Stores, &Project), main: &Store, map: ChannelMap) -> Result<ChannelWorld, Trouble> {
    let needs = everything(&map);
    let manifests = manifests(stores, project, &map, &needs)?;
    let imported = imported(main, &map, &needs)?;
    Ok(ChannelWorld { map: Some((map.digest(), map)), manifests, imported, ..ChannelWorld::default() })
}

/// What is there of these objects in each store of a channel.
fn seen(
    stores: &Stores,
    project: &Project,
    channel: Channel,
    keys: &[ObjectKey],
) -> Result<BTreeMap<StoreUrl, BTreeMap<ObjectKey, Fingerprint>>, Trouble> {
    let mut all = BTreeMap::new();
    for (_, url) in project.stores_with(channel) {
        let found = match stores.open_if_present(url)? {
            Some(store) => fingerprints(&store, keys)?,
            None => BTreeMap::new(),
        };
        all.insert(StoreUrl::clone(url), found);
    }
    Ok(all)
}

/// The objects that this part of a map leads to.
fn coming(
    (stores, project): (&Stores, &Project),
    main: &Store,
    map: ChannelMap,
) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
    let channel = map.channel;
    Ok(drift::objects(channel, &behind((stores, project), main, map)?, Scope::All))
}

/// Those that are not there as they were.
fn gone(store: &Store, wanted: &BTreeMap<ObjectKey, Fingerprint>) -> Result<BTreeSet<ObjectKey>, Trouble> {
    let keys: Vec<ObjectKey> = wanted.keys().cloned().collect();
    let there = present(store, &keys)?;
    let gone = wanted.iter().filter(|(key, wanted)| there.get(*key) != Some(&wanted.size));
    Ok(gone.map(|(key, _)| key.clone()).collect())
}
