//! Where the conda data of a store differs from what its manifests say.

use std::collections::BTreeMap;

use super::{Drift, Listing, drift};
use crate::conda::CondaChannel;
use crate::digest::Sha256;
use crate::store::ObjectKey;

/// Data that is missing or other, and shards that the data leads to and that are gone. A shard's name is its digest.
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
        for key in subdir.shards.iter().map(|(key, _)| key.key()).filter(|key| !seen.contains_key(key)) {
            let message = "the index of shards leads to it, and it is not there".to_owned();
            drifts.push(drift("conda-shard-missing", listing, key.as_str(), message));
        }
    }
    drifts
}
