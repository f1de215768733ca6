//! The stores and the external indexes.

use url::Url;

use super::{Given, absolute};
use crate::config::raw::{RawIndexes, RawProject, RawStore};
use crate::config::read::Source;
use crate::store::StoreUrl;

/// The stores of a project.
pub(super) struct Stores {
    pub(super) state: Option<StoreUrl>,
    pub(super) test: StoreUrl,
    pub(super) stable: StoreUrl,
    pub(super) backup: StoreUrl,
}

pub(super) fn check(raw: &RawProject, given: &Given<'_>, source: &mut Source<'_>) -> Option<Stores> {
    let mut one = |raw: &RawStore| absolute(&raw.store, given, source).and_then(|text| source.parse(&text));
    let state = raw.state.as_ref().map(&mut one);
    let (test, stable) = (one(&raw.channels.test), one(&raw.channels.stable));
    let backup: Option<StoreUrl> = one(&raw.backup);
    let others = [("state", state.clone().flatten()), ("test", test.clone()), ("stable", stable.clone())];
    for (name, other) in others {
        if let (Some(other), Some(backup)) = (&other, &backup)
            && overlap(other, backup)
        {
            let what = format_args!("the backup must be apart from the `{name}` store: one must not hold the other");
            source.report(&raw.backup.store.span, what);
        }
    }
    let state = match state {
        Some(state) => Some(state?),
        None => None,
    };
    Some(Stores { state, test: test?, stable: stable?, backup: backup? })
}

/// Whether two stores are one, or one lies inside the other.
fn overlap(one: &StoreUrl, other: &StoreUrl) -> bool {
    let place = |url: &StoreUrl| url.as_str().split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
    let (one, other) = (place(one), place(other));
    let inside = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    one == other || inside(&one, &other) || inside(&other, &one)
}

pub(super) fn indexes(raw: Option<&RawIndexes>, given: &Given<'_>, source: &mut Source<'_>) -> Option<Vec<Url>> {
    let texts = raw.map_or(&[][..], |indexes| &indexes.external);
    let mut urls: Vec<Url> = Vec::new();
    for text in texts {
        let Some(absolute) = absolute(text, given, source) else { continue };
        match index(&absolute.value) {
            Ok(url) if urls.contains(&url) => source.report(&text.span, "this index is listed twice"),
            Ok(url) => urls.push(url),
            // The text is not repeated: it may hold a secret.
            Err(reason) => source.report(&text.span, format_args!("this index is refused: {reason}")),
        }
    }
    (urls.len() == texts.len()).then_some(urls)
}

fn index(text: &str) -> Result<Url, &'static str> {
    if text.starts_with('/') {
        return Url::from_file_path(text).map_err(|()| "it is no path");
    }
    let url = Url::parse(text).map_err(|_| "it is no URL")?;
    if !matches!(url.scheme(), "https" | "http" | "file") {
        return Err("only https, http and file are allowed");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name or a secret; give credentials in the environment");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or a fragment");
    }
    Ok(url)
}
