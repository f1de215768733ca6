//! Looks whether many objects are there and are what they must be, as far as that is known without reading them.

use std::collections::BTreeMap;

use trackside_domain::action::Receipt;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};

use super::present::{QUESTIONS, heads};
use crate::Trouble;
use crate::store::{Access, Progress, Stores};
use crate::together::all_together;

pub(super) fn perform(
    stores: &Stores,
    url: &StoreUrl,
    (objects, tags): (&BTreeMap<ObjectKey, Fingerprint>, &BTreeMap<ObjectKey, String>),
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    progress(0);
    let store = stores.open(url, Access::Read)?;
    let keys: Vec<ObjectKey> = objects.keys().cloned().collect();
    let found = heads(&store, &keys)?;
    let wanted: Vec<(&ObjectKey, &Fingerprint)> = objects.iter().collect();
    all_together(QUESTIONS, &wanted, |(key, wanted)| {
        let head = found.get(key).ok_or_else(|| Trouble::Conflict(format!("{key} is gone")))?;
        if head.size != wanted.size {
            return Err(Trouble::Conflict(format!("{key} has {} bytes, not {}", head.size, wanted.size)));
        }
        if let Some(tag) = tags.get(*key) {
            // Not every server shows tags in its listings.
            let asked = if head.etag.is_none() { store.head(key)? } else { None };
            if asked.as_ref().unwrap_or(head).etag.as_ref() != Some(tag) {
                return Err(Trouble::Conflict(format!("{key} is not what was read: it was replaced since")));
            }
        }
        match store.said_digest(key, head)? {
            Some(said) if said != wanted.sha256 => Err(Trouble::Conflict(format!(
                "{key} has sha256 {}, as its server says, not {}",
                said.short(),
                wanted.sha256.short()
            ))),
            _ => Ok(()),
        }
    })?;
    Ok(Receipt::Read)
}
