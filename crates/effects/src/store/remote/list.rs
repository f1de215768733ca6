//! Listings of a bucket: all below a folder, or all whose keys begin in the same way.

use std::sync::atomic::Ordering;

use object_store::ObjectMeta;
use object_store::list::PaginatedListOptions;
use trackside_domain::store::ObjectKey;

use super::answer::{Effect, Refusal, ask};
use super::client::Service;
use super::runtime::wait;
use super::s3::{Listed, Page};
use super::{Remote, fault};
use crate::store::{Entry, StoreError};

impl Remote {
    /// All objects below a folder.
    pub(in crate::store) fn list(&self, folder: Option<&ObjectKey>) -> Result<Vec<Entry>, StoreError> {
        let below = match (folder, &self.prefix) {
            (Some(folder), _) => format!("{}/", self.path(folder)?),
            (None, Some(prefix)) => format!("{prefix}/"),
            (None, None) => String::new(),
        };
        self.list_all(&below)
    }

    /// All objects whose keys begin with these characters: the work grows with them, not with their folder.
    pub(in crate::store) fn list_beginning(&self, beginning: &ObjectKey) -> Result<Vec<Entry>, StoreError> {
        self.list_all(self.path(beginning)?.as_ref())
    }

    fn list_all(&self, begin: &str) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        let mut next = None;
        loop {
            let after = next;
            let page = ask(&self.client.pace, Effect::Read, || self.list_page(begin, after.clone()));
            let page = wait(page).map_err(|refusal| self.not_listed(refusal))?;
            // What no key of ours can name was put there by somebody else, and so was what is reserved.
            if let Some(date) = page.date {
                self.client.clock.store(date, Ordering::Relaxed);
            }
            let entry =
                |Listed { key, size, etag, modified }| Some(Entry { key: self.key(&key)?, size, etag, modified });
            entries.extend(page.objects.into_iter().filter_map(entry));
            next = page.next;
            if next.is_none() {
                entries.sort();
                return Ok(entries);
            }
        }
    }

    async fn list_page(&self, begin: &str, after: Option<String>) -> object_store::Result<Page> {
        if let Service::S3(s3) = &self.client.service {
            return s3.list(begin, after.as_deref()).await;
        }
        let options = PaginatedListOptions { page_token: after, ..PaginatedListOptions::default() };
        let begin = Some(begin).filter(|begin| !begin.is_empty());
        let page = self.client.objects.list_paginated(begin, options).await?;
        let listed = |meta: ObjectMeta| {
            let modified = meta.last_modified.timestamp();
            Listed { key: meta.location.to_string(), size: meta.size, etag: meta.e_tag, modified }
        };
        Ok(Page { objects: page.result.objects.into_iter().map(listed).collect(), date: None, next: page.page_token })
    }

    /// What the server's clock said at the last listing, in seconds since 1970; `None` if it said nothing yet.
    pub(in crate::store) fn clock(&self) -> Option<i64> {
        Some(self.client.clock.load(Ordering::Relaxed)).filter(|date| *date != 0)
    }

    fn not_listed(&self, refusal: Refusal) -> StoreError {
        let (what, fault) = (self.url.to_string(), fault(refusal.kind));
        StoreError::Server { action: "list", what, fault, source: refusal.source }
    }
}
