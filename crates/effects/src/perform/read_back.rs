//! Reads an object in full and compares what it is with what it must be.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;

use crate::Trouble;
use crate::store::{Access, Progress, Stores};

pub(super) fn perform(
    stores: &Stores,
    at: &Location,
    (size, sha256): (u64, Sha256),
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let wanted = Fingerprint { size, sha256 };
    match stores.open(&at.store, Access::Read)?.fingerprint(&at.key, progress)? {
        Some(found) if found == wanted => Ok(Receipt::Read),
        Some(found) => Err(Trouble::Conflict(format!("{} reads back as {found}, not {wanted}", at.key))),
        None => Err(Trouble::Conflict(format!("{} is gone", at.key))),
    }
}
