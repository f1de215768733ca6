//! What the candidate store holds: records, manifests and verdicts.

use std::collections::BTreeMap;

use trackside_domain::manifest::{CandidateRecord, Manifest, ManifestRef, Verdict};
use trackside_domain::name::PackageName;
use trackside_domain::storage_key::{KeyPrefix, StorageKey};
use trackside_domain::store::StoreUrl;
use trackside_domain::version::{Candidate, Line};
use trackside_domain::world::CandidateFacts;

use crate::Trouble;
use crate::store::{Store, Stores};
use crate::trouble::with_causes;

/// Records are small; one that is larger than this was not written by trackside.
pub(super) const RECORD_CAP: u64 = 64 << 20;

/// The facts about the candidates of one line.
///
/// # Errors
/// When the store cannot be read, or a record is not what it must be.
pub fn facts(stores: &Stores, url: &StoreUrl, line: Line) -> Result<CandidateFacts, Trouble> {
    let Some(store) = stores.open_if_present(url)? else { return Ok(CandidateFacts::default()) };
    let mut facts = CandidateFacts::default();
    for entry in store.list(&KeyPrefix::Candidates.key())? {
        match StorageKey::parse(entry.key.as_str()) {
            Some(StorageKey::CandidateRecord(candidate)) if candidate.release.line == line => {
                let record = CandidateRecord::from_bytes(&store.read(&entry.key, RECORD_CAP)?)
                    .map_err(|error| refused(&entry.key, &error))?;
                if record.candidate != candidate {
                    return Err(Trouble::Failed(format!("{} is the record of {}", entry.key, record.candidate)));
                }
                facts.records.insert(candidate, record);
            }
            Some(StorageKey::Verdict { candidate, number }) if candidate.release.line == line => {
                let verdict = Verdict::from_bytes(&store.read(&entry.key, RECORD_CAP)?)
                    .map_err(|error| refused(&entry.key, &error))?;
                // Listings are sorted, so the last one is the newest.
                facts.verdicts.insert(candidate, (number, verdict));
            }
            _ => {}
        }
    }
    let wanted = facts
        .records
        .values()
        .flat_map(|record| record.packages.iter().map(|(package, entry)| (package.clone(), entry.candidate)));
    let wanted: std::collections::BTreeSet<(PackageName, Candidate)> = wanted.collect();
    facts.manifests = wanted
        .into_iter()
        .filter_map(|(package, candidate)| {
            newest(&store, &package, candidate).transpose().map(|found| Ok(((package, candidate), found?)))
        })
        .collect::<Result<BTreeMap<_, _>, Trouble>>()?;
    Ok(facts)
}

/// The newest revision of a manifest.
fn newest(
    store: &Store,
    package: &PackageName,
    candidate: Candidate,
) -> Result<Option<(ManifestRef, Manifest)>, Trouble> {
    let prefix = KeyPrefix::Manifests { package: package.clone(), candidate };
    match store.list(&prefix.key())?.last() {
        None => Ok(None),
        Some(entry) => {
            let manifest = Manifest::from_bytes(&store.read(&entry.key, RECORD_CAP)?)
                .map_err(|error| refused(&entry.key, &error))?;
            Ok(Some((manifest.reference(), manifest)))
        }
    }
}

pub(super) fn refused(key: &trackside_domain::store::ObjectKey, error: &dyn std::error::Error) -> Trouble {
    Trouble::Failed(format!("{key}: {}", with_causes(error)))
}
