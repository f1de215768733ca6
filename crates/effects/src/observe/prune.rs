//! What `prune` looks at: every candidate with its age, and everything that may still need it.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::digest::Sha256;
use trackside_domain::manifest::{Channel, ChannelMap, PromotionRecord};
use trackside_domain::name::PackageName;
use trackside_domain::plan::prune::{Request, choose, places};
use trackside_domain::project::Project;
use trackside_domain::storage_key::{KeyPrefix, StorageKey};
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_domain::version::{Candidate, Line};
use trackside_domain::world::PruneWorld;

use super::channel::{fingerprints, map};
use super::facts::{RECORD_CAP, refused};
use crate::perform::present::{AT_ONCE, present};
use crate::store::{Entry, Store, Stores};
use crate::{Trouble, all_together};

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Looks at the candidates of all lines. `now` is in seconds since 1970.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn prune(stores: &Stores, project: &Project, request: Request, now: i64) -> Result<PruneWorld, Trouble> {
    let mut world = PruneWorld::default();
    let Some(store) = stores.open_if_present(&project.test)? else { return Ok(world) };
    let listed = store.list(&KeyPrefix::Candidates.key())?;
    let mut written: BTreeMap<Candidate, i64> = BTreeMap::new();
    for entry in &listed {
        if let Some(StorageKey::CandidateRecord(candidate)) = StorageKey::parse(entry.key.as_str()) {
            written.insert(candidate, entry.modified);
        }
    }
    let lines: BTreeSet<Line> = written.keys().map(|candidate| candidate.release.line).collect();
    for line in lines {
        let facts = super::facts(stores, &project.test, line)?;
        world.verdicts.extend(facts.verdicts.iter().map(|(candidate, (number, _))| (*candidate, *number)));
        let passed = facts.verdicts.iter().filter(|(_, (_, verdict))| verdict.passed());
        world.approved.extend(passed.map(|(candidate, _)| *candidate));
        world.manifests.extend(facts.manifests.into_iter().map(|(set, (_, manifest))| (set, manifest)));
        world.records.extend(facts.records);
    }
    channels(stores, project, &mut world)?;
    ages(&store, &written, now, &mut world)?;
    let choice = choose(request, &world);
    for candidate in &choice.go {
        world.pages.insert(*candidate, pages(&store, *candidate, &listed)?);
    }
    let keys = places(&choice, &world);
    for url in [&project.test, &project.backup] {
        if let Some(store) = stores.open_if_present(url)? {
            world.there.insert(StoreUrl::clone(url), present(&store, &keys)?);
        }
    }
    Ok(world)
}

/// What channels and mirrors point to, and what was promoted.
fn channels(stores: &Stores, project: &Project, world: &mut PruneWorld) -> Result<(), Trouble> {
    let mut take = |url: &StoreUrl, channel: Channel, main: bool| -> Result<(), Trouble> {
        let Some(store) = stores.open_if_present(url)? else { return Ok(()) };
        if let Some((found, map)) = map(&store, channel)? {
            if main {
                world.seen.insert(channel, found.sha256);
            }
            world.maps.push(ChannelMap::clone(&map));
        }
        Ok(())
    };
    take(&project.test, Channel::Test, true)?;
    for (index, (_, url)) in project.released_stores().enumerate() {
        take(url, Channel::Stable, index == 0)?;
    }
    if let Some(store) = stores.open_if_present(&project.stable)? {
        for entry in store.list(&KeyPrefix::Promotions.key())? {
            let record = PromotionRecord::from_bytes(&store.read(&entry.key, RECORD_CAP)?);
            world.promotions.push(record.map_err(|error| refused(&entry.key, &error))?);
        }
    }
    Ok(())
}

/// How many whole days ago anything of a candidate was written last.
fn ages(store: &Store, written: &BTreeMap<Candidate, i64>, now: i64, world: &mut PruneWorld) -> Result<(), Trouble> {
    let sets: BTreeSet<(PackageName, Candidate)> = world
        .records
        .values()
        .flat_map(|record| record.packages.iter().map(|(package, entry)| (package.clone(), entry.candidate)))
        .collect();
    let sets: Vec<(PackageName, Candidate)> = sets.into_iter().collect();
    let newest = all_together(AT_ONCE, &sets, |(package, candidate)| {
        let prefix = KeyPrefix::Files { package: package.clone(), candidate: *candidate };
        let newest = store.list(&prefix.key())?.iter().map(|entry| entry.modified).max();
        Ok::<_, Trouble>(((package.clone(), *candidate), newest))
    })?;
    let newest: BTreeMap<(PackageName, Candidate), Option<i64>> = newest.into_iter().collect();
    // The dates are those of the server. Where our clock is ahead of it, nothing is older than it says.
    let now = store.clock().map_or(now, |server| now.min(server));
    for (candidate, record) in &world.records {
        let of_sets =
            record.packages.iter().filter_map(|(package, entry)| *newest.get(&(package.clone(), entry.candidate))?);
        if let Some(last) = of_sets.chain(written.get(candidate).copied()).max() {
            let days = now.saturating_sub(last).max(0) / DAY;
            world.ages.insert(*candidate, u32::try_from(days).unwrap_or(u32::MAX));
        }
    }
    Ok(())
}

/// Everything beside the record and the verdicts of a candidate: pages, channel data, conda packages.
fn pages(store: &Store, candidate: Candidate, listed: &[Entry]) -> Result<BTreeMap<ObjectKey, Sha256>, Trouble> {
    let folder = KeyPrefix::Candidate(candidate).key();
    let stays = |key: &ObjectKey| {
        matches!(StorageKey::parse(key.as_str()), Some(StorageKey::CandidateRecord(_) | StorageKey::Verdict { .. }))
    };
    let goes = listed.iter().map(|entry| &entry.key).filter(|key| key.below(&folder).is_some() && !stays(key));
    let keys: Vec<ObjectKey> = goes.cloned().collect();
    Ok(fingerprints(store, &keys)?.into_iter().map(|(key, found)| (key, found.sha256)).collect())
}
