//! Where the conda data of a store differs from what its manifests say.

use std::collections::BTreeMap;

use super::{Drift, Listing, drift};
use crate::conda::CondaChannel;
use crate::digest::Sha256;
use crate::store::{Fingerprint, ObjectKey};

/// The shards of a channel, to be read like other objects.
pub(super) fn shards(wanted: &CondaChannel) -> impl Iterator<Item = (ObjectKey, Fingerprint)> {
    let shards = wanted.subdirs.values().flat_map(|subdir| &subdir.shards);
    shards.map(|(key, shard)| (key.key(), Fingerprint { size: shard.size, sha256: shard.sha256 }))
}

/// Data that is missing or other, and shards that the data leads to and that are gone, or are not what their names say.
pub(super) fn of_conda(listing: &Listing, wanted: &CondaChannel, seen: &BTreeMap<ObjectKey, Sha256>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for subdir in wanted.subdirs.values() {
        for (key, data) in &subdir.data {
            let key = key.key();
            match seen.get(&key) {
                Some(found) if *found == data.sha256() => {}
                Some(_) => {
                    let message = "it is not what the manifests say".to_owned();
                    drifts.push(drift("conda-data-differs", listing, key.as_str(), message));
                }
                None => drifts.push(drift("conda-data-missing", listing, key.as_str(), "it is not there".to_owned())),
            }
        }
    }
    for (key, wanted) in shards(wanted) {
        if !seen.contains_key(&key) {
            let message = "the index of shards leads to it, and it is not there".to_owned();
            drifts.push(drift("conda-shard-missing", listing, key.as_str(), message));
        } else if listing.sizes.get(&key).is_some_and(|size| *size != wanted.size)
            || listing.digests.get(&key).is_some_and(|digest| *digest != wanted.sha256)
        {
            let message = "its bytes are not those of the digest that it is named by".to_owned();
            drifts.push(drift("conda-shard-differs", listing, key.as_str(), message));
        }
    }
    drifts
}
