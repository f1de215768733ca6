//! Removes an object if it is still the one that the plan saw.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;

use super::{digest, writable};
use crate::Trouble;
use crate::store::{StoreError, Stores};

pub(super) fn perform(stores: &Stores, at: &Location, expect: Sha256) -> Result<Receipt, Trouble> {
    match writable(stores, at)?.remove_if(&at.key, expect) {
        Ok(()) => Ok(Receipt::Removed { already: false }),
        // Somebody, perhaps an earlier attempt of ours, has removed it.
        Err(StoreError::Changed { found: None, .. }) => Ok(Receipt::Removed { already: true }),
        Err(error) => Err(error.into()),
    }
}

/// Whether it is gone. What else may be there is for the compare-and-swap to refuse.
pub(super) fn probe(stores: &Stores, at: &Location) -> Result<Option<Receipt>, Trouble> {
    Ok(digest(stores, at)?.is_none().then_some(Receipt::Removed { already: true }))
}
