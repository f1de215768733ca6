//! Which pages of a channel are looked at: those that trackside did not make.

use std::collections::BTreeMap;

use super::Request;
use crate::digest::Sha256;
use crate::index::Page;
use crate::storage_key::Twin;
use crate::store::ObjectKey;
use crate::world::ChannelWorld;

/// A page that somebody else made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldPage<'a> {
    /// Where it lies.
    pub key: &'a ObjectKey,
    /// Its digest.
    pub sha256: Sha256,
    /// What trackside would have there: a link of it that is missing means something.
    pub instead: Option<&'a str>,
}

/// The pages of somebody else; `own` are those that trackside would have.
pub fn old_pages<'a>(request: &Request, world: &'a ChannelWorld, own: &'a [Page]) -> Vec<OldPage<'a>> {
    let own: BTreeMap<ObjectKey, &str> = own.iter().map(|page| (page.key.key(), page.content.as_str())).collect();
    let mut pages = Vec::new();
    for (key, sha256) in &world.pages {
        let instead = own.get(key).copied();
        let is_own = instead.is_some_and(|text| Sha256::of(text.as_bytes()) == *sha256);
        // What stands below a folder that is left out is read if it is replaced all the same.
        let left_out = request.leave_out.contains(key) || instead.is_none() && request.leaves_out(key);
        if Twin::of(key).is_some() && !is_own && !left_out {
            pages.push(OldPage { key, sha256: *sha256, instead });
        }
    }
    pages
}
