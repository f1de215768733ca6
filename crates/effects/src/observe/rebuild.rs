//! What `index rebuild` looks at: all of a channel, and the own pages of the candidates that it shows.

use trackside_domain::drift::{OwnPages, Scope, shown};
use trackside_domain::manifest::{Channel, Manifest};
use trackside_domain::plan::promote::objects::{Reading, objects};
use trackside_domain::project::Project;
use trackside_domain::store::ObjectKey;
use trackside_domain::world::RebuildWorld;

use super::Interest;
use super::drift::own;
use crate::Trouble;
use crate::perform::present::present;
use crate::store::{Access, Stores};

/// Looks at all of a channel, and at what there is of the candidates that it shows.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn rebuild(stores: &Stores, project: &Project, channel: Channel) -> Result<RebuildWorld, Trouble> {
    let seen = super::channel(stores, project, channel, Interest::Everything)?;
    let all = own::candidates(stores, project, &seen, &shown(channel, &seen, Scope::All))?;
    let mut world = RebuildWorld { channel: seen, ..RebuildWorld::default() };
    if all.is_empty() {
        return Ok(world);
    }
    let store = stores.open(&project.test, Access::Read)?;
    let manifests = all.values().filter_map(|own| own.manifests.as_ref()).flatten();
    let keys: Vec<ObjectKey> = manifests.flat_map(staged).map(|(key, _)| key).collect();
    let there = present(&store, &keys)?;
    let is_there = |manifest: &Manifest| staged(manifest).all(|(key, size)| there.get(&key) == Some(&size));
    let is_whole = |own: &OwnPages| own.manifests.as_ref().is_some_and(|manifests| manifests.iter().all(is_there));
    for (candidate, own) in all {
        world.channel.sizes.extend(&own.sizes);
        if is_whole(&own) {
            world.candidates.insert(candidate, own);
        } else {
            world.lost.insert(candidate);
        }
    }
    Ok(world)
}

/// The objects of a manifest with their sizes.
fn staged(manifest: &Manifest) -> impl Iterator<Item = (ObjectKey, u64)> {
    objects(manifest, Reading::All).into_iter().map(|object| (object.staged, object.size))
}
