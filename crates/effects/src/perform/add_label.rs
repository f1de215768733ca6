//! Puts a file of anaconda.org under a label, if it is what the plan says.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;

use super::writable;
use crate::Trouble;
use crate::store::{Access, Progress, Store, Stores};

pub(super) fn perform(
    stores: &Stores,
    at: &Location,
    sha256: Sha256,
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let store = writable(stores, at)?;
    match look(&store, at, sha256)? {
        None => return Err(Trouble::Conflict(format!("{} is gone", at.key))),
        Some(true) => return Ok(Receipt::Labelled { already: true }),
        Some(false) => {}
    }
    progress(0);
    store.add_label(&at.key)?;
    match look(&store, at, sha256)? {
        Some(true) => Ok(Receipt::Labelled { already: false }),
        _ => Err(Trouble::Unknown(format!("{} is not yet under {}", at.key, at.store))),
    }
}

/// Whether it has the label.
pub(super) fn probe(stores: &Stores, at: &Location, sha256: Sha256) -> Result<Option<Receipt>, Trouble> {
    let labelled = look(&stores.open(&at.store, Access::Read)?, at, sha256)? == Some(true);
    Ok(labelled.then_some(Receipt::Labelled { already: true }))
}

/// Whether the file has the label; `None` if there is no such file.
fn look(store: &Store, at: &Location, sha256: Sha256) -> Result<Option<bool>, Trouble> {
    let Some(found) = store.hosted(&at.key)? else { return Ok(None) };
    if found.sha256 != sha256 {
        let (found, wanted) = (found.sha256.short(), sha256.short());
        return Err(Trouble::Conflict(format!("{} exists with sha256 {found}, not {wanted}", at.key)));
    }
    Ok(Some(at.store.anaconda().is_some_and(|url| found.labels.contains(&url.label))))
}
