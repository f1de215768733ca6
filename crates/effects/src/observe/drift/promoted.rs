//! What promotion records say of objects that a channel has no more.

use std::collections::BTreeMap;

use trackside_domain::digest::Sha256;
use trackside_domain::manifest::{Manifest, ManifestRef, PromotionRecord};
use trackside_domain::plan::promote::objects::{Reading, objects};
use trackside_domain::project::Project;
use trackside_domain::storage_key::{KeyPrefix, StorageKey};
use trackside_domain::store::ObjectKey;
use trackside_domain::world::ChannelWorld;

use crate::Trouble;
use crate::observe::facts::RECORD_CAP;
use crate::perform::present::AT_ONCE;
use crate::store::{Store, Stores};
use crate::together::all_together;

/// The classic keys and sizes of what was promoted and is not in the channel. A record or a manifest that is gone, or
/// is not what it must be, explains nothing.
pub(super) fn promoted(
    stores: &Stores,
    project: &Project,
    seen: &ChannelWorld,
) -> Result<BTreeMap<ObjectKey, u64>, Trouble> {
    let (Some(stable), Some(test)) = (stores.open_if_present(&project.stable)?, stores.open_if_present(&project.test)?)
    else {
        return Ok(BTreeMap::new());
    };
    let listed = stable.list(&KeyPrefix::Promotions.key())?;
    let records = all_together(AT_ONCE, &listed, |entry| {
        let bytes = stable.read_if_present(&entry.key, RECORD_CAP)?;
        Ok::<_, Trouble>(bytes.and_then(|bytes| PromotionRecord::from_bytes(&bytes).ok()))
    })?;
    let references = records.into_iter().flatten().flat_map(|record| record.manifests);
    let references: BTreeMap<Sha256, ManifestRef> = references.map(|reference| (reference.sha256, reference)).collect();
    let gone: Vec<ManifestRef> =
        references.into_values().filter(|reference| !seen.manifests.contains_key(&reference.sha256)).collect();
    let manifests = all_together(AT_ONCE, &gone, |reference| manifest(&test, reference))?;
    let all = manifests.iter().flatten().flat_map(|manifest| objects(manifest, Reading::All));
    Ok(all.map(|object| (object.stable, object.size)).collect())
}

fn manifest(store: &Store, reference: &ManifestRef) -> Result<Option<Manifest>, Trouble> {
    let (package, candidate, revision) = (reference.package.clone(), reference.candidate, reference.revision);
    let bytes = store.read_if_present(&StorageKey::Manifest { package, candidate, revision }.key(), RECORD_CAP)?;
    let bytes = bytes.filter(|bytes| Sha256::of(bytes) == reference.sha256);
    Ok(bytes.and_then(|bytes| Manifest::from_bytes(&bytes).ok()))
}
