//! What comes back and is made of manifests again, as far as it is kept nowhere.

use std::collections::BTreeMap;

use crate::conda::{CondaChannel, Data};
use crate::digest::Sha256;
use crate::encoded::Encoded;
use crate::manifest::ChannelMap;
use crate::plan::{Stop, rebuild};
use crate::project::Project;
use crate::store::ObjectKey;
use crate::world::ChannelWorld;

/// The pages and the conda data of a channel with all that is behind its map, by their digests. What cannot be made is
/// not among them: it comes back as it was found, and that is told.
pub fn contents(project: &Project, world: &ChannelWorld) -> BTreeMap<Sha256, Data> {
    let Some(map) = map(world) else { return BTreeMap::new() };
    let pages = rebuild::pages(project, world, map).into_iter().flatten();
    let pages = pages.map(|page| Data::Text(page.content));
    let conda = conda(project, world).into_iter().flatten();
    let data = conda.flat_map(|conda| conda.subdirs.into_values()).flat_map(|subdir| subdir.data);
    pages.chain(data.map(|(_, data)| data)).map(|data| (data.sha256(), data)).collect()
}

/// The shards of its conda data.
///
/// # Errors
/// When the data cannot be made of what was seen.
pub fn shards(project: &Project, world: &ChannelWorld) -> Result<BTreeMap<ObjectKey, Encoded>, Stop> {
    let subdirs = conda(project, world)?.into_iter().flat_map(|conda| conda.subdirs.into_values());
    Ok(subdirs.flat_map(|subdir| subdir.shards).map(|(key, shard)| (key.key(), shard)).collect())
}

fn conda(project: &Project, world: &ChannelWorld) -> Result<Option<CondaChannel>, Stop> {
    map(world).map_or(Ok(None), |map| rebuild::conda(project, world, map, &BTreeMap::new()))
}

fn map(world: &ChannelWorld) -> Option<&ChannelMap> {
    world.map.as_ref().map(|(_, map)| map)
}
