//! What anaconda.org has of the conda packages of a candidate.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::manifest::{Channel, Manifest};
use trackside_domain::project::Project;
use trackside_domain::storage_key::StorageKey;
use trackside_domain::store::ObjectKey;
use trackside_domain::world::{AnacondaWorld, Built, Hosted};

use crate::Trouble;
use crate::perform::present::AT_ONCE;
use crate::store::{Access, Stores};
use crate::together::all_together;

/// The files of these manifests.
pub(super) fn of_manifests<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> BTreeSet<ObjectKey> {
    let artifacts = manifests.into_iter().flat_map(|manifest| &manifest.artifacts);
    artifacts.filter_map(StorageKey::anaconda).map(|key| key.key()).collect()
}

/// The files that these builds would be.
pub(super) fn of_built(built: &[Built]) -> BTreeSet<ObjectKey> {
    let key = |built: &Built| {
        let record = built.content.as_ref().ok()?.conda.as_ref()?;
        // What names no place is for the planner to refuse.
        let (subdir, file) = (record.subdir.parse().ok()?, built.name.parse().ok()?);
        Some(StorageKey::anaconda_file(subdir, file)?.key())
    };
    built.iter().filter_map(key).collect()
}

/// Looks at each of these files with each of these channels that has a label.
///
/// # Errors
/// When the server cannot be asked.
pub(super) fn hosted(
    (stores, project): (&Stores, &Project),
    channels: &[Channel],
    keys: &BTreeSet<ObjectKey>,
) -> Result<AnacondaWorld, Trouble> {
    let mut world = AnacondaWorld::new();
    let keys: Vec<&ObjectKey> = keys.iter().collect();
    for channel in channels {
        let Some(url) = project.anaconda.get(channel).filter(|_| !keys.is_empty()) else { continue };
        let store = stores.open(url, Access::Read)?;
        let found = all_together(AT_ONCE, &keys, |key| {
            Ok::<_, Trouble>(store.hosted(key)?.map(|found| ((*key).clone(), found)))
        })?;
        world.insert(*channel, found.into_iter().flatten().collect::<BTreeMap<_, _>>());
    }
    Ok(world)
}

/// All files of these packages, with one request for each package.
///
/// # Errors
/// When the server cannot be asked.
pub(super) fn of_packages(
    (stores, project): (&Stores, &Project),
    channel: Channel,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<ObjectKey, Hosted>, Trouble> {
    let Some(url) = project.anaconda.get(&channel).filter(|_| !names.is_empty()) else { return Ok(BTreeMap::new()) };
    let store = stores.open(url, Access::Read)?;
    let names: Vec<&String> = names.iter().collect();
    let found = all_together(AT_ONCE, &names, |name| Ok::<_, Trouble>(store.hosted_of(name)?))?;
    Ok(found.into_iter().flatten().collect())
}
