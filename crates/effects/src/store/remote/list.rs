//! Listings of a bucket: all below a folder, or all whose keys begin in the same way.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use object_store::ObjectMeta;
use object_store::list::PaginatedListOptions;
use trackside_domain::store::ObjectKey;

use super::answer::{Effect, Refusal, ask};
use super::client::Service;
use super::runtime::wait;
use super::s3::{Listed, Page};
use super::{Remote, fault};
use crate::store::{Entry, ServerFault, StoreError};

/// A listing that would never end.
#[derive(Debug, thiserror::Error)]
#[error("the server's listing goes round in a circle")]
struct Circle;

/// Where pages have begun.
#[derive(Debug, Default)]
struct Tokens(BTreeSet<String>);

impl Tokens {
    /// Where the next page begins, if none has begun there.
    fn next(&mut self, token: Option<String>) -> Result<Option<String>, Circle> {
        match token {
            Some(token) if !self.0.insert(token.clone()) => Err(Circle),
            token => Ok(token),
        }
    }
}

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
        let (mut next, mut tokens) = (None, Tokens::default());
        loop {
            let after = next;
            let page = ask(&self.client.pace, Effect::Read, || self.list_page(begin, after.clone()));
            let page = wait(page).map_err(|refusal| self.not_listed(refusal))?;
            if let Some(date) = page.date {
                self.client.clock.store(date, Ordering::Relaxed);
            }
            // What no key of ours can name was put there by somebody else.
            let entry =
                |Listed { key, size, etag, modified }| Some(Entry { key: self.key(&key)?, size, etag, modified });
            self.note_unnamed(&page.objects);
            entries.extend(page.objects.into_iter().filter_map(entry));
            next = tokens.next(page.next).map_err(|circle| {
                let (what, fault) = (self.url.to_string(), ServerFault::Refused);
                StoreError::Server { action: "list", what, fault, source: circle.into() }
            })?;
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

    /// Remembers the keys that nobody of ours can name: a check tells of them.
    fn note_unnamed(&self, objects: &[Listed]) {
        let keys = objects.iter().filter(|one| self.key(&one.key).is_none()).filter_map(|one| self.below(&one.key));
        let strange = keys.filter(|key| !key.contains(ObjectKey::RESERVED)).map(str::to_owned);
        self.client.unnamed.lock().unwrap_or_else(PoisonError::into_inner).extend(strange);
    }

    /// The keys of listings, below this store, that nobody of ours can name.
    pub(in crate::store) fn unnamed(&self) -> BTreeSet<String> {
        self.client.unnamed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn not_listed(&self, refusal: Refusal) -> StoreError {
        let (what, fault) = (self.url.to_string(), fault(refusal.kind));
        StoreError::Server { action: "list", what, fault, source: refusal.source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_begins_twice() {
        let mut tokens = Tokens::default();
        let mut next = |token: Option<&str>| tokens.next(token.map(str::to_owned)).map_err(|circle| circle.to_string());
        assert_eq!(next(Some("a")), Ok(Some("a".to_owned())));
        assert_eq!(next(Some("b")), Ok(Some("b".to_owned())));
        assert_eq!(next(Some("a")), Err("the server's listing goes round in a circle".to_owned()));
        assert_eq!(next(None), Ok(None));
    }
}
