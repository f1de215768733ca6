//! The own pages of the candidates that `test` shows, which whoever tries a candidate reads.

use std::collections::{BTreeMap, BTreeSet};

use super::conda::of_conda;
use super::strangers::conda_of_nothing;
use super::{Drift, DriftWorld, Scope, drift, of_page};
use crate::digest::Sha256;
use crate::manifest::{Channel, Manifest};
use crate::plan::Stop;
use crate::plan::promote::objects::{Reading, objects};
use crate::plan::stage::own;
use crate::storage_key::StorageKey;
use crate::store::{Fingerprint, ObjectKey};
use crate::version::Candidate;
use crate::world::ChannelWorld;

/// A candidate as it is in its store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnPages {
    /// The manifests of its packages; `None` if its record or one of them is not there.
    pub manifests: Option<Vec<Manifest>>,
    /// The digests of its pages and conda data.
    pub pages: BTreeMap<ObjectKey, Sha256>,
    /// The sizes of these contents.
    pub sizes: BTreeMap<Sha256, u64>,
}

impl OwnPages {
    /// The manifests, if all of them are there.
    pub fn manifests(&self) -> Option<Vec<&Manifest>> {
        Some(self.manifests.as_ref()?.iter().collect())
    }
}

/// The candidates whose own pages are looked at with a channel: those that `test` shows.
pub fn shown(channel: Channel, world: &ChannelWorld, scope: Scope<'_>) -> BTreeSet<Candidate> {
    let map = world.map.iter().filter(|_| channel == Channel::Test && scope == Scope::All);
    map.flat_map(|(_, map)| map.entries()).map(|(.., entry)| entry.candidate).collect()
}

/// Every difference of these pages.
pub(super) fn drifts(world: &DriftWorld) -> Result<Vec<Drift>, Stop> {
    let Some(listing) = world.stores.first() else { return Ok(Vec::new()) };
    let mut drifts = Vec::new();
    for (candidate, own) in &world.candidates {
        let Some(manifests) = own.manifests() else {
            let message = format!(
                "test shows this candidate, and its record or a manifest is not there: \
                 trackside restore {candidate} --to test"
            );
            let subject = StorageKey::CandidateRecord(*candidate).path();
            drifts.push(drift("record-missing", listing, &subject, message));
            continue;
        };
        let expected: BTreeMap<ObjectKey, Fingerprint> = manifests
            .iter()
            .flat_map(|manifest| objects(manifest, Reading::All))
            .map(|object| (object.staged, Fingerprint { size: object.size, sha256: object.sha256 }))
            .collect();
        let mut found = Vec::new();
        for page in own::pages(*candidate, &manifests)? {
            found.extend(of_page(listing, &page, own.pages.get(&page.key.key()).copied(), &expected));
        }
        match own::conda(*candidate, &manifests, &own.pages)? {
            Some(wanted) => found.extend(of_conda(listing, &wanted, &own.pages)),
            None => found.extend(conda_of_nothing(listing, own.pages.keys())),
        }
        drifts.extend(found);
        let strangers = own::strangers(*candidate, &manifests, &own.pages)?.into_keys();
        let message = "the candidate has no such page".to_owned();
        drifts.extend(strangers.map(|key| drift("stranger-page", listing, key.as_str(), message.clone())));
    }
    Ok(drifts)
}
