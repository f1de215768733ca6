//! What `restore` looks at: what the backup has, and what lies where it comes back.

use std::collections::BTreeMap;

use trackside_domain::action::Location;
use trackside_domain::manifest::{Manifest, PromotionRecord};
use trackside_domain::plan::Restored;
use trackside_domain::plan::restore::{Request, candidate, origins, places};
use trackside_domain::project::Project;
use trackside_domain::storage_key::{IndexRoot, KeyPrefix, StorageKey};
use trackside_domain::store::ObjectKey;
use trackside_domain::world::{Found, RestoreWorld};

use super::facts::{RECORD_CAP, refused};
use crate::perform::present::{AT_ONCE, present};
use crate::store::{Access, Store, Stores};
use crate::{Trouble, all_together};

/// Looks at the backup and at the store that something comes back to.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn restore(stores: &Stores, project: &Project, request: &Request) -> Result<RestoreWorld, Trouble> {
    let line = match request.what {
        Restored::Candidate(candidate) => candidate.release.line,
        Restored::Release(release) => release.line,
    };
    let mut world = RestoreWorld { facts: super::facts(stores, &project.backup, line)?, ..RestoreWorld::default() };
    let backup = stores.open(&project.backup, Access::Read)?;
    if let Restored::Release(release) = request.what {
        let key = StorageKey::Promotion(release).key();
        let record = backup.read_if_present(&key, RECORD_CAP)?;
        let record = record.map(|bytes| PromotionRecord::from_bytes(&bytes)).transpose();
        world.promotion = record.map_err(|error| refused(&key, &error))?;
    }
    let Ok(candidate) = candidate(request, &world) else { return Ok(world) };
    for (package, entry) in &world.facts.records[&candidate].packages {
        let prefix = KeyPrefix::Manifests { package: package.clone(), candidate: entry.candidate };
        for listed in backup.list(&prefix.key())? {
            world.revisions.push(manifest(&backup, &listed.key)?);
        }
    }
    world.kept = present(&backup, &origins(request, &world))?;
    if let Some(store) = stores.open_if_present(&request.to)? {
        let there: Vec<(ObjectKey, u64)> = present(&store, &places(request, &world))?.into_iter().collect();
        let found = all_together(AT_ONCE, &there, |(key, size)| {
            let found = store.fingerprint(key, &mut |_| {})?;
            let found =
                Found { size: found.map_or(*size, |found| found.size), sha256: found.map(|found| found.sha256) };
            Ok::<_, Trouble>((Location { store: request.to.clone(), key: key.clone() }, found))
        })?;
        world.there = found.into_iter().collect();
        world.records = records(&store, &world, candidate)?;
        world.pages = super::channel::pages(&store, IndexRoot::Candidate(candidate))?;
    }
    Ok(world)
}

fn manifest(backup: &Store, key: &ObjectKey) -> Result<Manifest, Trouble> {
    Manifest::from_bytes(&backup.read(key, RECORD_CAP)?).map_err(|error| refused(key, &error))
}

/// The records that are there already, and whether with the bytes of the backup.
fn records(
    store: &Store,
    world: &RestoreWorld,
    candidate: trackside_domain::version::Candidate,
) -> Result<BTreeMap<ObjectKey, bool>, Trouble> {
    let mut texts: BTreeMap<ObjectKey, String> = BTreeMap::new();
    texts.insert(StorageKey::CandidateRecord(candidate).key(), world.facts.records[&candidate].to_text());
    for manifest in &world.revisions {
        let (package, candidate, revision) = (manifest.package.clone(), manifest.candidate, manifest.revision);
        texts.insert(StorageKey::Manifest { package, candidate, revision }.key(), manifest.to_text());
    }
    let mut there = BTreeMap::new();
    for (key, text) in texts {
        if let Some(bytes) = store.read_if_present(&key, RECORD_CAP)? {
            there.insert(key, bytes == text.as_bytes());
        }
    }
    Ok(there)
}
