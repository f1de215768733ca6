//! Manifests that a channel points to and that could not be read. What they say cannot be compared; all else can.

use std::collections::BTreeSet;

use super::{Drift, Scope};
use crate::manifest::{ChannelEntry, ChannelMap};
use crate::name::PackageName;
use crate::storage_key::StorageKey;
use crate::version::Release;
use crate::world::ChannelWorld;

/// The entries whose manifests were not read.
fn entries<'a>(
    map: &'a ChannelMap,
    world: &'a ChannelWorld,
) -> impl Iterator<Item = (&'a PackageName, Release, &'a ChannelEntry)> {
    map.entries().filter(|(.., entry)| !world.manifests.contains_key(&entry.manifest.sha256))
}

/// Whether all of them were read.
pub(super) fn is_whole(map: &ChannelMap, world: &ChannelWorld) -> bool {
    entries(map, world).next().is_none()
}

/// What the channel points to, without the packages of which a manifest was not read.
pub fn readable(map: &ChannelMap, world: &ChannelWorld) -> ChannelMap {
    let lost: BTreeSet<&PackageName> = entries(map, world).map(|(package, ..)| package).collect();
    let mut readable = map.clone();
    readable.releases.retain(|package, _| !lost.contains(package));
    readable.imported.retain(|package, _| !lost.contains(package));
    readable.links.retain(|package, _| !lost.contains(package));
    readable
}

/// The manifests that were not read.
pub(super) fn drifts(map: &ChannelMap, world: &ChannelWorld, scope: Scope<'_>) -> Vec<Drift> {
    let lost = entries(map, world).filter(|(package, release, _)| scope.holds(package, Some(*release)));
    let of_entry = |(package, _, entry): (&PackageName, Release, &ChannelEntry)| {
        let reference = &entry.manifest;
        let (name, candidate, revision) = (reference.package.clone(), reference.candidate, reference.revision);
        Drift {
            code: "manifest-missing",
            store: "test".to_owned(),
            subject: StorageKey::Manifest { package: name, candidate, revision }.path(),
            message: format!(
                "channel {} points to it, and it is not there, or is another, so neither {package} nor what lists it was \
                 compared: trackside restore {} --to test",
                map.channel, entry.candidate
            ),
        }
    };
    lost.map(of_entry).collect()
}
