//! Copies an object, checked on the way, to a place where nothing or the same bytes may be.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;

use super::create_object::stored;
use super::look::Look;
use super::writable;
use crate::Trouble;
use crate::store::{Access, Origin, Progress, Stores, Target};

pub(super) fn perform(
    stores: &Stores,
    (from, to): (&Location, &Location),
    (size, sha256): (u64, Sha256),
    look: &Look,
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let origin = stores.open(&from.store, Access::Read)?;
    let origin = Origin { store: &origin, key: &from.key, content: Fingerprint { size, sha256 } };
    let (store, target) = (writable(stores, to)?, Target::new(&to.key));
    let created = match look.origin(to) {
        Some(seen) => store.copy_seen(origin, seen, target, progress)?,
        None => store.copy_create(origin, target, progress)?,
    };
    Ok(stored(sha256, created))
}
