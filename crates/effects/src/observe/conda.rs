//! Conda channels as they are in their store: the digests of their data, and the packages beside it.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::conda::{CondaChannel, CondaError, Source, channel};
use trackside_domain::digest::Sha256;
use trackside_domain::manifest::Manifest;
use trackside_domain::storage_key::{CondaFile, CondaKey, IndexRoot, KeyPrefix, StorageKey, Tree};
use trackside_domain::store::{Fingerprint, ObjectKey};

use crate::Trouble;
use crate::perform::present::AT_ONCE;
use crate::store::{Entry, Store};
use crate::together::all_together;

/// The digests of the data of one root. A shard's digest is its name; what it holds is read by
/// whoever checks a channel, not by whoever plans.
pub(super) fn data(store: &Store, listed: &[Entry], root: IndexRoot) -> Result<BTreeMap<ObjectKey, Sha256>, Trouble> {
    let folder = KeyPrefix::Index(root, Tree::Conda).key();
    let keys = listed.iter().map(|entry| &entry.key).filter(|key| key.below(&folder).is_some());
    let files = keys.filter_map(|key| match StorageKey::parse(key.as_str()) {
        Some(StorageKey::Conda(CondaKey { root: of, file, .. })) if of == root => Some((key, file)),
        _ => None,
    });
    let files: Vec<(&ObjectKey, CondaFile)> = files.collect();
    let found = all_together(AT_ONCE, &files, |(key, file)| {
        let digest = match file {
            CondaFile::Shard(digest) => Some(*digest),
            _ => store.digest(key)?,
        };
        Ok::<_, Trouble>(digest.map(|digest| ((*key).clone(), digest)))
    })?;
    Ok(found.into_iter().flatten().collect())
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
pub(super) fn sized(
    store: &Store,
    listed: &[Entry],
    root: IndexRoot,
) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
    let sizes: BTreeMap<&ObjectKey, u64> = listed.iter().map(|entry| (&entry.key, entry.size)).collect();
    let sized = |(key, sha256): (ObjectKey, Sha256)| {
        let size = *sizes.get(&key)?;
        Some((key, Fingerprint { size, sha256 }))
    };
    Ok(data(store, listed, root)?.into_iter().filter_map(sized).collect())
}
