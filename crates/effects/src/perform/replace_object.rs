//! Replaces an object if it is still the one that the plan saw.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;

use super::{digest, writable};
use crate::Trouble;
use crate::store::{Progress, StoreError, Stores, Target};

pub(super) fn perform(
    stores: &Stores,
    at: &Location,
    (expect, text): (Option<Sha256>, &str),
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    replace(stores, at, (expect, text.as_bytes()), progress)
}

/// The same with any bytes.
pub(super) fn replace(
    stores: &Stores,
    at: &Location,
    (expect, bytes): (Option<Sha256>, &[u8]),
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let wanted = Sha256::of(bytes);
    match writable(stores, at)?.replace_if(Target::new(&at.key), expect, bytes, progress) {
        Ok(()) => Ok(Receipt::Stored { sha256: wanted, already: false }),
        // Somebody, perhaps an earlier attempt of ours, has put exactly these bytes there.
        Err(StoreError::Changed { found: Some(found), .. }) if *found == wanted => {
            Ok(Receipt::Stored { sha256: wanted, already: true })
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the new content is there. What else may be there is for the compare-and-swap to refuse.
pub(super) fn probe(stores: &Stores, at: &Location, text: &str) -> Result<Option<Receipt>, Trouble> {
    probe_digest(stores, at, Sha256::of(text.as_bytes()))
}

/// The same with the digest of the new content.
pub(super) fn probe_digest(stores: &Stores, at: &Location, wanted: Sha256) -> Result<Option<Receipt>, Trouble> {
    let found = digest(stores, at)?.filter(|found| *found == wanted);
    Ok(found.map(|sha256| Receipt::Stored { sha256, already: true }))
}
