//! The own pages of candidates, as they are and as their records say.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::drift::OwnPages;
use trackside_domain::index::{IndexRoot, Page};
use trackside_domain::manifest::{CandidateRecord, Manifest};
use trackside_domain::name::PackageName;
use trackside_domain::plan::stage::own;
use trackside_domain::project::Project;
use trackside_domain::storage_key::StorageKey;
use trackside_domain::version::Candidate;
use trackside_domain::world::ChannelWorld;

use crate::Trouble;
use crate::observe::channel;
use crate::observe::facts::{RECORD_CAP, newest, refused};
use crate::perform::present::AT_ONCE;
use crate::store::{Store, Stores};
use crate::together::all_together;

/// What is there of these candidates. A manifest that the channel points to was read before.
pub(in crate::observe) fn candidates(
    stores: &Stores,
    project: &Project,
    seen: &ChannelWorld,
    shown: &BTreeSet<Candidate>,
) -> Result<BTreeMap<Candidate, OwnPages>, Trouble> {
    let mut candidates = BTreeMap::new();
    if shown.is_empty() {
        return Ok(candidates);
    }
    let Some(store) = stores.open_if_present(&project.test)? else { return Ok(candidates) };
    let known: BTreeMap<(&PackageName, Candidate), &Manifest> =
        seen.manifests.values().map(|manifest| ((&manifest.package, manifest.candidate), manifest)).collect();
    for candidate in shown {
        let manifests = manifests(&store, *candidate, &known)?;
        let seen = channel::sized_pages(&store, IndexRoot::Candidate(*candidate))?;
        let sizes = seen.values().map(|found| (found.sha256, found.size)).collect();
        candidates.insert(*candidate, OwnPages { manifests, pages: channel::digests(seen), sizes });
    }
    Ok(candidates)
}

/// The manifests of a candidate; `None` if its record or one of them is not there.
fn manifests(
    store: &Store,
    candidate: Candidate,
    known: &BTreeMap<(&PackageName, Candidate), &Manifest>,
) -> Result<Option<Vec<Manifest>>, Trouble> {
    let key = StorageKey::CandidateRecord(candidate).key();
    let Some(bytes) = store.read_if_present(&key, RECORD_CAP)? else { return Ok(None) };
    let record = CandidateRecord::from_bytes(&bytes).map_err(|error| refused(&key, &error))?;
    let packages: Vec<(&PackageName, Candidate)> =
        record.packages.iter().map(|(package, entry)| (package, entry.candidate)).collect();
    let found = all_together(AT_ONCE, &packages, |set| match known.get(set) {
        Some(manifest) => Ok(Some(Manifest::clone(manifest))),
        None => Ok::<_, Trouble>(newest(store, set.0, set.1)?.map(|(_, manifest)| manifest)),
    })?;
    Ok(found.into_iter().collect())
}

/// What their pages should be. What cannot be rendered is for the judge to say.
pub(super) fn pages(candidates: &BTreeMap<Candidate, OwnPages>) -> Vec<Page> {
    let pages = candidates.iter().filter_map(|(candidate, seen)| own::pages(*candidate, &seen.manifests()?).ok());
    pages.flatten().collect()
}
