//! Listings of a bucket: all below a folder, or all whose keys begin in the same way.
//!
//! A server gives out a thousand keys with each answer and says only then where the next begins, so a listing of a big
//! folder is one request after another. Where most keys are known before, it is asked for in parts at the same time.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use object_store::ObjectMeta;
use object_store::list::PaginatedListOptions;
use trackside_domain::store::ObjectKey;

use super::answer::{Effect, Refusal, ask};
use super::client::Service;
use super::runtime::wait;
use super::s3::{Listed, Page};
use super::{Remote, fault};
use crate::perform::present::AT_ONCE;
use crate::store::{Entry, ServerFault, StoreError};
use crate::together::all_together;

/// How many known keys make a part: fewer than an answer has, so that a few that are not known cost no second one.
const PART: usize = 900;

/// A part of a listing: what comes after the one key, up to the other and with it.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    after: Option<&'a str>,
    last: Option<&'a str>,
}

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
        self.list_all(&self.below_folder(folder)?)
    }

    /// All objects whose keys begin with these characters: the work grows with them, not with their folder.
    pub(in crate::store) fn list_beginning(&self, beginning: &ObjectKey) -> Result<Vec<Entry>, StoreError> {
        self.list_all(self.path(beginning)?.as_ref())
    }

    /// All objects below a folder, of which these are likely there, in their order.
    pub(in crate::store) fn list_known(
        &self,
        folder: &ObjectKey,
        known: &[&ObjectKey],
    ) -> Result<Vec<Entry>, StoreError> {
        let begin = self.below_folder(Some(folder))?;
        // Only S3 is told a key to begin after.
        let known = if matches!(self.client.service, Service::S3(_)) { known } else { &[] };
        let ends = known.iter().skip(PART - 1).step_by(PART).map(|key| Ok(self.path(key)?.to_string()));
        let ends = ends.collect::<Result<Vec<String>, StoreError>>()?;
        let ends: Vec<Option<&str>> = ends.iter().map(|end| Some(end.as_str())).collect();
        if ends.is_empty() {
            return self.list_all(&begin);
        }
        let bounds = [vec![None], ends, vec![None]].concat();
        let parts: Vec<Part<'_>> = bounds.windows(2).map(|bounds| Part { after: bounds[0], last: bounds[1] }).collect();
        let listed = all_together(AT_ONCE, &parts, |part| self.list_part(&begin, *part))?;
        match listed.into_iter().collect::<Option<Vec<_>>>() {
            Some(listed) => {
                let mut entries = listed.concat();
                entries.sort();
                Ok(entries)
            }
            None => self.list_all(&begin),
        }
    }

    fn below_folder(&self, folder: Option<&ObjectKey>) -> Result<String, StoreError> {
        Ok(match (folder, &self.prefix) {
            (Some(folder), _) => format!("{}/", self.path(folder)?),
            (None, Some(prefix)) => format!("{prefix}/"),
            (None, None) => String::new(),
        })
    }

    fn list_all(&self, begin: &str) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        self.each_page(begin, None, |objects| {
            entries.extend(self.entries(objects));
            ControlFlow::Continue(())
        })?;
        entries.sort();
        Ok(entries)
    }

    /// `None` if the server does not list in the order of keys, so that there are no parts of its listing.
    fn list_part(&self, begin: &str, part: Part<'_>) -> Result<Option<Vec<Entry>>, StoreError> {
        let mut seen = part.after.map(str::to_owned);
        let (mut entries, mut in_order) = (Vec::new(), true);
        self.each_page(begin, part.after, |mut objects| {
            in_order = is_in_order(seen.as_deref(), objects.iter().map(|one| one.key.as_str()));
            seen = objects.last().map(|one| one.key.clone()).or_else(|| seen.take());
            objects.retain(|one| part.last.is_none_or(|last| one.key.as_str() <= last));
            entries.extend(self.entries(objects));
            let is_end = part.last.is_some() && seen.as_deref() >= part.last;
            if in_order && !is_end { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(in_order.then_some(entries))
    }

    /// The objects of a page that keys of ours can name; what they cannot was put there by somebody else, and is
    /// remembered.
    fn entries(&self, objects: Vec<Listed>) -> impl Iterator<Item = Entry> {
        self.note_unnamed(&objects);
        let entry = |Listed { key, size, etag, modified }| Some(Entry { key: self.key(&key)?, size, etag, modified });
        objects.into_iter().filter_map(entry)
    }

    /// Asks for one page after the other, from a key on, as long as `take` goes on.
    fn each_page(
        &self,
        begin: &str,
        from: Option<&str>,
        mut take: impl FnMut(Vec<Listed>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let (mut next, mut tokens) = (None, Tokens::default());
        loop {
            let token: Option<String> = next;
            let page = ask(&self.client.pace, Effect::Read, || self.list_page(begin, (from, token.clone())));
            let page = wait(page).map_err(|refusal| self.not_listed(refusal))?;
            if let Some(date) = page.date {
                self.client.learned.note_clock(date);
            }
            let flow = take(page.objects);
            next = tokens.next(page.next).map_err(|circle| {
                let (what, fault) = (self.url.to_string(), ServerFault::Refused);
                StoreError::Server { action: "list", what, fault, source: circle.into() }
            })?;
            if next.is_none() || flow.is_break() {
                return Ok(());
            }
        }
    }

    /// One page: the first after a key, or the one that a token leads to.
    async fn list_page(
        &self,
        begin: &str,
        (after, token): (Option<&str>, Option<String>),
    ) -> object_store::Result<Page> {
        if let Service::S3(s3) = &self.client.service {
            return s3.list(begin, after, token.as_deref()).await;
        }
        let options = PaginatedListOptions { page_token: token, ..PaginatedListOptions::default() };
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
        self.client.learned.clock()
    }

    /// Remembers the keys that nobody of ours can name: a check tells of them.
    fn note_unnamed(&self, objects: &[Listed]) {
        let keys = objects.iter().filter(|one| self.key(&one.key).is_none()).filter_map(|one| self.below(&one.key));
        self.client.learned.note_unnamed(keys.filter(|key| !key.contains(ObjectKey::RESERVED)).map(str::to_owned));
    }

    /// The keys of listings, below this store, that nobody of ours can name.
    pub(in crate::store) fn unnamed(&self) -> BTreeSet<String> {
        self.client.learned.unnamed()
    }

    fn not_listed(&self, refusal: Refusal) -> StoreError {
        let (what, fault) = (self.url.to_string(), fault(refusal.kind));
        StoreError::Server { action: "list", what, fault, source: refusal.source }
    }
}

/// Whether keys come in their order, and after this one.
fn is_in_order<'a>(after: Option<&'a str>, keys: impl Iterator<Item = &'a str>) -> bool {
    after.into_iter().chain(keys).is_sorted_by(|one, other| one < other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_need_a_server_that_lists_in_order_and_begins_where_it_is_told_to() {
        let is_in_order = |after, keys: &[&'static str]| is_in_order(after, keys.iter().copied());
        assert!(is_in_order(None, &[]) && is_in_order(Some("b"), &[]) && is_in_order(None, &["a", "b"]));
        assert!(is_in_order(Some("a"), &["a/", "aa", "b"]));
        assert!(!is_in_order(None, &["b", "a"]) && !is_in_order(Some("b"), &["a", "c"]));
        assert!(!is_in_order(Some("b"), &["b"]), "after it, and not from it on");
    }

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
