//! Replaces an object if it is still the one that the plan saw.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;

use super::{digest, writable};
use crate::Trouble;
use crate::store::{Progress, StoreError, Target};

pub(super) fn perform(
    at: &Location,
    expect: Option<Sha256>,
    text: &str,
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let wanted = Sha256::of(text.as_bytes());
    match writable(at)?.replace_if(Target::new(&at.key), expect, text.as_bytes(), progress) {
        Ok(()) => Ok(Receipt::Stored { sha256: wanted, already: false }),
        // Somebody, perhaps an earlier attempt of ours, has put exactly these bytes there.
        Err(StoreError::Changed { found: Some(found), .. }) if *found == wanted => {
            Ok(Receipt::Stored { sha256: wanted, already: true })
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the new content is there. What else may be there is for the compare-and-swap to refuse.
pub(super) fn probe(at: &Location, text: &str) -> Result<Option<Receipt>, Trouble> {
    let wanted = Sha256::of(text.as_bytes());
    let found = digest(at)?.filter(|found| *found == wanted);
    Ok(found.map(|sha256| Receipt::Stored { sha256, already: true }))
}
