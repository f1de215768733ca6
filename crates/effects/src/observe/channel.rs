//! A channel as it is in its store: its map, the manifests it points to, the digests of its pages.

use std::collections::BTreeMap;

use trackside_domain::digest::Sha256;
use trackside_domain::manifest::{Channel, ChannelMap, Manifest};
use trackside_domain::storage_key::{IndexRoot, KeyPrefix, StorageKey, Tree, Twin};
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_domain::world::ChannelWorld;

use super::facts::{RECORD_CAP, refused};
use crate::Trouble;
use crate::store::{Access, Store};

/// A channel. `candidates` is the store that holds the manifests.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn channel(url: &StoreUrl, candidates: &StoreUrl, channel: Channel) -> Result<ChannelWorld, Trouble> {
    let Some(store) = Store::open_if_present(url)? else { return Ok(ChannelWorld::default()) };
    let root = match channel {
        Channel::Test => IndexRoot::Test,
        Channel::Stable => IndexRoot::Stable,
    };
    let mut world = ChannelWorld { pages: pages(&store, root)?, ..ChannelWorld::default() };
    let key = StorageKey::Channel(channel).key();
    if let Some(bytes) = store.read_if_present(&key, RECORD_CAP)? {
        let map = ChannelMap::from_bytes(&bytes).map_err(|error| refused(&key, &error))?;
        let manifests = Store::open(candidates, Access::Read)?;
        for (_, _, entry) in map.entries() {
            let reference = &entry.manifest;
            let (package, candidate, revision) = (reference.package.clone(), reference.candidate, reference.revision);
            let key = StorageKey::Manifest { package, candidate, revision }.key();
            let bytes = manifests.read(&key, RECORD_CAP)?;
            if Sha256::of(&bytes) != reference.sha256 {
                return Err(Trouble::Conflict(format!("{key} is not the manifest that channel {channel} points to")));
            }
            world
                .manifests
                .insert(reference.sha256, Manifest::from_bytes(&bytes).map_err(|error| refused(&key, &error))?);
        }
        world.map = Some((Sha256::of(&bytes), map));
    }
    Ok(world)
}

/// The digests of all pages of one root.
pub(super) fn pages(store: &Store, root: IndexRoot) -> Result<BTreeMap<ObjectKey, Sha256>, Trouble> {
    let mut pages = BTreeMap::new();
    for tree in [Tree::Whl, Tree::Libtorch] {
        for entry in store.list(&KeyPrefix::Index(root, tree).key())? {
            if Twin::ALL.iter().any(|twin| twin.file_name() == entry.key.file_name()) {
                pages.extend(store.digest(&entry.key)?.map(|digest| (entry.key, digest)));
            }
        }
    }
    Ok(pages)
}
