//! Where anaconda.org differs from the manifests of a channel, by what the server says of its files.

use std::collections::BTreeSet;

use super::{Drift, DriftWorld, Scope};
use crate::manifest::{Artifact, Channel};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{AnacondaUrl, ObjectKey, StoreUrl};
use crate::world::{ChannelWorld, Hosted};

/// The conda packages of a channel.
fn artifacts<'a>(world: &'a ChannelWorld, scope: Scope<'_>) -> Vec<&'a Artifact> {
    let entries = world.map.iter().flat_map(|(_, map)| map.entries());
    let of_scope = entries.filter(|(package, release, _)| scope.holds(package, Some(*release)));
    let manifests = of_scope.filter_map(|(.., entry)| world.manifests.get(&entry.manifest.sha256));
    manifests.flat_map(|manifest| &manifest.artifacts).filter(|artifact| artifact.is_conda()).collect()
}

/// The packages, as conda knows them, whose files are to be looked at.
pub fn names(world: &ChannelWorld, scope: Scope<'_>) -> BTreeSet<String> {
    let keys = artifacts(world, scope).into_iter().filter_map(|artifact| Some(StorageKey::anaconda(artifact)?.key()));
    keys.filter_map(|key| key.parts().next().map(str::to_owned)).collect()
}

/// Every difference there; none if the channel has no label.
pub(super) fn drifts(project: &Project, channel: Channel, world: &DriftWorld, scope: Scope<'_>) -> Vec<Drift> {
    let Some(label) = project.anaconda.get(&channel).and_then(StoreUrl::anaconda) else { return Vec::new() };
    let of_artifact = |artifact: &Artifact| {
        let key = StorageKey::anaconda(artifact)?.key();
        of_file(&label, &key, world.anaconda.get(&key), artifact)
    };
    artifacts(&world.channel, scope).into_iter().filter_map(of_artifact).collect()
}

fn of_file(label: &AnacondaUrl, key: &ObjectKey, found: Option<&Hosted>, artifact: &Artifact) -> Option<Drift> {
    let drift = |code, message| {
        let store = format!("anaconda.org/{}", label.owner);
        Some(Drift { code, store, subject: key.to_string(), message })
    };
    match found {
        None => drift("anaconda-missing", "it is not there".to_owned()),
        Some(found) if found.sha256 != artifact.sha256 || found.size != artifact.size => {
            let (there, ours) = (found.sha256.short(), artifact.sha256.short());
            let (size, wanted) = (found.size, artifact.size);
            drift(
                "anaconda-bytes",
                format!("the server says sha256 {there} ({size} bytes), the manifest {ours} ({wanted} bytes)"),
            )
        }
        Some(found) if !found.labels.contains(&label.label) => {
            drift("anaconda-label", format!("it is not under label {}", label.label))
        }
        Some(_) => None,
    }
}
