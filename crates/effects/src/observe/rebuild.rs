//! What `index rebuild` looks at: all of a channel, and the own pages of the candidates that it shows.

use std::collections::BTreeMap;

use trackside_domain::drift::{OwnPages, Scope, shown};
use trackside_domain::manifest::{Channel, Manifest};
use trackside_domain::plan::promote::objects::{Reading, objects};
use trackside_domain::project::Project;
use trackside_domain::store::ObjectKey;
use trackside_domain::version::Candidate;
use trackside_domain::world::ChannelWorld;

use super::Interest;
use super::drift::own;
use crate::Trouble;
use crate::perform::present::present;
use crate::store::Stores;

/// Looks at all of a channel, and at those candidates that it shows and whose objects are there: pages of others
/// would lead to nothing.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn rebuild(
    stores: &Stores,
    project: &Project,
    channel: Channel,
) -> Result<(ChannelWorld, BTreeMap<Candidate, OwnPages>), Trouble> {
    let seen = super::channel(stores, project, channel, Interest::Everything)?;
    let mut candidates = own::candidates(stores, project, &seen, &shown(channel, &seen, Scope::All))?;
    let Some(store) = stores.open_if_present(&project.test)? else { return Ok((seen, candidates)) };
    let manifests = candidates.values().filter_map(|own| own.manifests.as_ref()).flatten();
    let keys: Vec<ObjectKey> = manifests.flat_map(staged).map(|(key, _)| key).collect();
    let there = present(&store, &keys)?;
    let is_whole = |manifest: &Manifest| staged(manifest).all(|(key, size)| there.get(&key) == Some(&size));
    candidates.retain(|_, own| own.manifests.iter().flatten().all(is_whole));
    Ok((seen, candidates))
}

/// The objects of a manifest with their sizes.
fn staged(manifest: &Manifest) -> impl Iterator<Item = (ObjectKey, u64)> {
    objects(manifest, Reading::All).into_iter().map(|object| (object.staged, object.size))
}
