//! Looks whether many objects are there and are what they must be, as far as that is known without reading them.

use std::collections::BTreeMap;

use trackside_domain::action::Receipt;
use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};

use super::present::{QUESTIONS, heads};
use crate::Trouble;
use crate::store::{Access, Head, Progress, Store, Stores};
use crate::together::all_together;

/// So many objects are asked for their digests first: a server that says none of them keeps none, or, of what it copied
/// itself, has said them with the copies.
const SOME: usize = 16;

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
    let seen = all_together(QUESTIONS, &wanted, |(key, wanted)| {
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
        Ok((*key, head, wanted.sha256))
    })?;
    let (some, rest) = seen.split_at(seen.len().min(SOME));
    if say_digests(&store, some)? {
        say_digests(&store, rest)?;
    }
    Ok(Receipt::Read)
}

/// Whether the server says the digest of any of these, none of which is another than it must be.
fn say_digests(store: &Store, objects: &[(&ObjectKey, &Head, Sha256)]) -> Result<bool, Trouble> {
    let said = all_together(QUESTIONS, objects, |(key, head, wanted)| match store.said_digest(key, head)? {
        Some(said) if said != *wanted => Err(Trouble::Conflict(format!(
            "{key} has sha256 {}, as its server says, not {}",
            said.short(),
            wanted.short()
        ))),
        said => Ok(said.is_some()),
    })?;
    Ok(said.contains(&true))
}
