//! Looks whether many objects are there and have their sizes, without reading them.

use std::collections::BTreeMap;

use trackside_domain::action::Receipt;
use trackside_domain::store::{ObjectKey, StoreUrl};

use super::present::present;
use crate::Trouble;
use crate::store::{Access, Progress, Stores};

pub(super) fn perform(
    stores: &Stores,
    store: &StoreUrl,
    sizes: &BTreeMap<ObjectKey, u64>,
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    progress(0);
    let keys: Vec<ObjectKey> = sizes.keys().cloned().collect();
    let found = present(&stores.open(store, Access::Read)?, &keys)?;
    for (key, size) in sizes {
        match found.get(key) {
            Some(found) if found == size => {}
            Some(found) => return Err(Trouble::Conflict(format!("{key} has {found} bytes, not {size}"))),
            None => return Err(Trouble::Conflict(format!("{key} is gone"))),
        }
    }
    Ok(Receipt::Read)
}
