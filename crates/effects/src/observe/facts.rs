//! What the candidate store holds: records, manifests and verdicts.

use std::collections::BTreeSet;

use trackside_domain::manifest::{CandidateRecord, Manifest, ManifestRef, Verdict};
use trackside_domain::name::PackageName;
use trackside_domain::storage_key::{KeyPrefix, StorageKey};
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_domain::version::{Candidate, Line};
use trackside_domain::world::CandidateFacts;

use crate::Trouble;
use crate::perform::present::AT_ONCE;
use crate::store::{Store, Stores};
use crate::together::all_together;
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
    let listed = store.list(&KeyPrefix::Candidates.key())?.into_iter();
    let keys = listed.filter_map(|entry| match StorageKey::parse(entry.key.as_str()) {
        Some(key @ (StorageKey::CandidateRecord(of) | StorageKey::Verdict { candidate: of, .. }))
            if of.release.line == line =>
        {
            Some((key, entry.key))
        }
        _ => None,
    });
    let keys: Vec<(StorageKey, ObjectKey)> = keys.collect();
    let texts = all_together(AT_ONCE, &keys, |(_, key)| Ok::<_, Trouble>(store.read(key, RECORD_CAP)?))?;
    for ((parsed, key), bytes) in keys.into_iter().zip(texts) {
        match parsed {
            StorageKey::CandidateRecord(candidate) => {
                let record = CandidateRecord::from_bytes(&bytes).map_err(|error| refused(&key, &error))?;
                if record.candidate != candidate {
                    return Err(Trouble::Failed(format!("{key} is the record of {}", record.candidate)));
                }
                facts.records.insert(candidate, record);
            }
            StorageKey::Verdict { candidate, number } => {
                let verdict = Verdict::from_bytes(&bytes).map_err(|error| refused(&key, &error))?;
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
    let wanted: Vec<(PackageName, Candidate)> = wanted.collect::<BTreeSet<_>>().into_iter().collect();
    let found = all_together(AT_ONCE, &wanted, |(package, candidate)| newest(&store, package, *candidate))?;
    facts.manifests = wanted.into_iter().zip(found).filter_map(|(of, found)| Some((of, found?))).collect();
    Ok(facts)
}

/// The newest revision of a manifest.
pub(super) fn newest(
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

pub(super) fn refused(key: &ObjectKey, error: &dyn std::error::Error) -> Trouble {
    Trouble::Failed(format!("{key}: {}", with_causes(error)))
}
