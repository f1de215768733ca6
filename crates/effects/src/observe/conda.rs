//! Conda channels as they are in their store: the digests of their data, and the packages beside it.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::conda::{CondaChannel, CondaError, Source, channel};
use trackside_domain::digest::Sha256;
use trackside_domain::manifest::Manifest;
use trackside_domain::storage_key::{CondaFile, CondaKey, IndexRoot, KeyPrefix, StorageKey, Tree};
use trackside_domain::store::{Fingerprint, ObjectKey};

use crate::Trouble;
use crate::store::Store;

/// The digests of the data of one root. A shard's digest is its name; what it holds is read by
/// whoever checks a channel, not by whoever plans.
pub(super) fn data(store: &Store, root: IndexRoot) -> Result<BTreeMap<ObjectKey, Sha256>, Trouble> {
    let mut data = BTreeMap::new();
    for entry in store.list(&KeyPrefix::Index(root, Tree::Conda).key())? {
        match StorageKey::parse(entry.key.as_str()) {
            Some(StorageKey::Conda(CondaKey { root: of, file, .. })) if of == root => match file {
                CondaFile::Shard(digest) => drop(data.insert(entry.key, digest)),
                _ => data.extend(store.digest(&entry.key)?.map(|digest| (entry.key, digest))),
            },
            _ => {}
        }
    }
    Ok(data)
}

/// A candidate's own channel, as its manifests make it.
pub(super) fn of_candidate(root: IndexRoot, manifests: &[&Manifest]) -> Result<CondaChannel, CondaError> {
    let sources: Vec<Source<'_>> =
        manifests.iter().map(|manifest| Source { manifest, candidate: None, yanked: None }).collect();
    channel(root, &sources, &BTreeSet::new())
}

/// What is wrong with the packages and shards of a channel, each read in full.
pub(super) fn faults(store: &Store, wanted: &CondaChannel) -> Result<Vec<String>, Trouble> {
    let mut faults = Vec::new();
    for subdir in wanted.subdirs.values() {
        let copies = subdir.copies.iter().map(|copy| (&copy.to, copy.sha256));
        let shards = subdir.shards.iter().map(|(key, shard)| (key, shard.sha256));
        for (key, wanted) in copies.chain(shards) {
            match store.digest(&key.key())? {
                Some(found) if found == wanted => {}
                Some(found) => {
                    faults.push(format!("{} has sha256 {}, not {}", key.path(), found.short(), wanted.short()));
                }
                None => faults.push(format!("{} is not there", key.path())),
            }
        }
    }
    Ok(faults)
}

/// Whether a key is that of a shard. Those of earlier data stay: somebody may be reading them.
pub(super) fn is_shard(key: &ObjectKey) -> bool {
    matches!(StorageKey::parse(key.as_str()), Some(StorageKey::Conda(CondaKey { file: CondaFile::Shard(_), .. })))
}

/// The same with sizes, for what may be replaced: shards never are.
pub(super) fn sized(store: &Store, root: IndexRoot) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
    let listed = store.list(&KeyPrefix::Index(root, Tree::Conda).key())?;
    let sizes: BTreeMap<ObjectKey, u64> = listed.into_iter().map(|entry| (entry.key, entry.size)).collect();
    let sized = |(key, sha256): (ObjectKey, Sha256)| {
        let size = *sizes.get(&key)?;
        Some((key, Fingerprint { size, sha256 }))
    };
    Ok(data(store, root)?.into_iter().filter_map(sized).collect())
}
