//! Replaces an object by the bytes of another, if it is still the one that the plan saw.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;

use super::replace_object;
use crate::Trouble;
use crate::store::{Access, Progress, Stores};

pub(super) fn perform(
    stores: &Stores,
    (from, at): (&Location, &Location),
    (expect, size, sha256): (Option<Sha256>, u64, Sha256),
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let bytes = stores.open(&from.store, Access::Read)?.read(&from.key, size)?;
    let found = Sha256::of(&bytes);
    if found != sha256 {
        let (found, wanted) = (found.short(), sha256.short());
        return Err(Trouble::Conflict(format!("{} was kept as sha256 {wanted} and is {found}", from.key)));
    }
    replace_object::replace(stores, at, (expect, &bytes), progress)
}
