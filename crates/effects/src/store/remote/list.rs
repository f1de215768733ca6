//! Listings of a bucket: all below a folder, or all whose keys begin in the same way.

use futures_util::TryStreamExt as _;
use object_store::list::PaginatedListOptions;
use object_store::{ObjectMeta, ObjectStore as _};
use trackside_domain::store::ObjectKey;

use super::answer::{Effect, Refusal, ask};
use super::runtime::wait;
use super::{Remote, fault, parsed};
use crate::store::{Entry, StoreError};

impl Remote {
    /// All objects below a folder.
    pub(in crate::store) fn list(&self, folder: Option<&ObjectKey>) -> Result<Vec<Entry>, StoreError> {
        let below = match folder {
            Some(folder) => Some(self.path(folder)?),
            None => self.prefix.as_ref().map(|prefix| parsed(prefix.as_str())).transpose()?,
        };
        let client = &self.client;
        let all = || client.objects.list(below.as_ref()).try_collect::<Vec<ObjectMeta>>();
        let found = wait(ask(&client.pace, Effect::Read, all)).map_err(|refusal| self.not_listed(refusal))?;
        Ok(self.entries(found))
    }

    /// All objects whose keys begin with these characters: the work grows with them, not with their folder.
    pub(in crate::store) fn list_beginning(&self, beginning: &ObjectKey) -> Result<Vec<Entry>, StoreError> {
        let begin = self.path(beginning)?;
        let client = &self.client;
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let options = PaginatedListOptions { page_token: next, ..PaginatedListOptions::default() };
            let page = || client.objects.list_paginated(Some(begin.as_ref()), options.clone());
            let page = wait(ask(&client.pace, Effect::Read, page)).map_err(|refusal| self.not_listed(refusal))?;
            found.extend(page.result.objects);
            next = page.page_token;
            if next.is_none() {
                return Ok(self.entries(found));
            }
        }
    }

    fn not_listed(&self, refusal: Refusal) -> StoreError {
        let (what, fault) = (self.url.to_string(), fault(refusal.kind));
        StoreError::Server { action: "list", what, fault, source: refusal.source }
    }

    fn entries(&self, found: Vec<ObjectMeta>) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(found.len());
        for meta in found {
            // What no key of ours can name was put there by somebody else, and so was what is reserved.
            if let Some(key) = self.key(&meta.location) {
                let modified = meta.last_modified.timestamp();
                entries.push(Entry { key, size: meta.size, etag: meta.e_tag, modified });
            }
        }
        entries.sort();
        entries
    }
}
