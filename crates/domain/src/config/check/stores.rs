//! The stores and the external indexes.

mod anaconda;

use std::collections::BTreeMap;

use url::Url;

use super::{Given, absolute};
use crate::config::raw::{RawChannel, RawIndexes, RawProject, RawStable, Text};
use crate::config::read::{Located, Source};
use crate::manifest::Channel;
use crate::project::{Links, Mirror};
use crate::store::{StoreKind, StoreUrl};

/// The stores of a project.
pub(super) struct Stores {
    pub(super) state: Option<StoreUrl>,
    pub(super) test: Mirror,
    pub(super) stable: Mirror,
    pub(super) mirrors: Vec<Mirror>,
    pub(super) links: Links,
    pub(super) backup: StoreUrl,
    pub(super) anaconda: BTreeMap<Channel, StoreUrl>,
}

/// A store as it is used in checks: the word for it, where it stands, where it is.
type Seen<'a> = (String, &'a Text, StoreUrl);

pub(super) fn check(raw: &RawProject, given: &Given<'_>, source: &mut Source<'_>) -> Option<Stores> {
    let one = |text: &Text, source: &mut Source<'_>| -> Option<StoreUrl> {
        let url: StoreUrl = absolute(text, given, source).and_then(|text| source.parse(&text))?;
        if url.kind() == StoreKind::Anaconda {
            source.report(&text.span, "anaconda.org takes conda packages only: name it with `anaconda`");
            return None;
        }
        Some(url)
    };
    let state = raw.state.as_ref().map(|raw| one(&raw.store, source));
    let (test, stable) = (&raw.channels.test, &raw.channels.stable);
    let test_store = one(&test.store, source);
    let stable_store = one(&stable.store, source);
    let backup = one(&raw.backup.store, source);
    let (mirror_list, complete) = mirrors(stable);
    let mirror_stores: Vec<Option<StoreUrl>> = mirror_list.iter().map(|raw| one(&raw.value.store, source)).collect();
    let mut channels: Vec<Seen<'_>> = Vec::new();
    channels.extend(test_store.clone().map(|url| ("test".to_owned(), &test.store, url)));
    channels.extend(stable_store.clone().map(|url| ("stable".to_owned(), &stable.store, url)));
    for (number, (raw, url)) in (1..).zip(mirror_list.iter().zip(&mirror_stores)) {
        let Some(url) = url else { continue };
        if let Some((name, ..)) = channels.iter().find(|(_, _, other)| overlap(other, url)) {
            let what = format_args!("a mirror must be apart from the `{name}` store: one must not hold the other");
            source.report(&raw.value.store.span, what);
        }
        channels.push((format!("mirror {number}"), &raw.value.store, url.clone()));
    }
    if let (Some(one), Some(other)) = (&test_store, &stable_store)
        && one != other
        && overlap(one, other)
    {
        source.report(&test.store.span, "`test` and `stable` must be one store or apart: one must not hold the other");
    }
    if let (Some(raw), Some(Some(url))) = (&raw.state, &state)
        && let Some((name, ..)) = channels.iter().find(|(_, _, other)| overlap(other, url))
    {
        let what = format_args!("the state must be apart from the `{name}` store: what one holds the public reads");
        source.report(&raw.store.span, what);
    }
    let of_state = state.clone().flatten().map(|url| ("state".to_owned(), &raw.backup.store, url));
    for (name, _, other) in of_state.iter().chain(&channels) {
        if backup.as_ref().is_some_and(|backup| overlap(other, backup)) {
            let what = format_args!("the backup must be apart from the `{name}` store: one must not hold the other");
            source.report(&raw.backup.store.span, what);
        }
    }
    let test_url = public_url(test.url.as_ref(), source);
    let stable_url = public_url(stable.url.as_ref(), source);
    let mirror_urls: Vec<Option<Option<Url>>> =
        mirror_list.iter().map(|raw| public_url(raw.value.url.as_ref(), source)).collect();
    let known: Vec<&Url> =
        std::iter::once(&stable_url).chain(&mirror_urls).filter_map(|url| url.as_ref()?.as_ref()).collect();
    let links = links(stable.links.as_ref(), &known, source);
    let mirrors =
        mirror_stores.into_iter().zip(mirror_urls).map(|(store, url)| Some(Mirror { store: store?, url: url? }));
    let mirrors: Option<Vec<Mirror>> = mirrors.collect();
    let anaconda = anaconda::check(raw, source);
    let state = match state {
        Some(state) => Some(state?),
        None => None,
    };
    Some(Stores {
        state,
        test: Mirror { store: test_store?, url: test_url? },
        stable: Mirror { store: stable_store?, url: stable_url? },
        mirrors: mirrors.filter(|_| complete)?,
        links: links?,
        backup: backup?,
        anaconda: anaconda?,
    })
}

/// The mirrors that could be read, and whether these are all.
fn mirrors(raw: &RawStable) -> (&[Located<RawChannel>], bool) {
    raw.mirrors.as_ref().map_or((&[], true), |mirrors| (&mirrors.list, mirrors.complete))
}

/// Whether two stores are one, or one lies inside the other. The same bucket name at two endpoints is two
/// stores; so a mirror may be called like what it mirrors.
fn overlap(one: &StoreUrl, other: &StoreUrl) -> bool {
    let place = |url: &StoreUrl| {
        let endpoint = url.server().and_then(|server| server.endpoint);
        let path = url.as_str().split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
        (endpoint, path)
    };
    let ((at, one), (other_at, other)) = (place(one), place(other));
    let inside = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    at == other_at && (one == other || inside(&one, &other) || inside(&other, &one))
}

/// The public URL of a channel, with a slash at its end so that paths can be joined to it. The outer `None`
/// means that it is refused.
fn public_url(text: Option<&Text>, source: &mut Source<'_>) -> Option<Option<Url>> {
    let Some(text) = text else { return Some(None) };
    // The text is not repeated: it may hold a secret.
    let refused = |reason| format!("this public URL is refused: {reason}");
    match index(&text.value) {
        Ok(url) if url.scheme() == "file" => {
            source.report(&text.span, refused("only https and http are allowed"));
            None
        }
        Ok(url) => Some(Some(with_slash(url))),
        Err(reason) => {
            source.report(&text.span, refused(reason));
            None
        }
    }
}

fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

/// Where the links of pages lead.
fn links(text: Option<&Text>, known: &[&Url], source: &mut Source<'_>) -> Option<Links> {
    let Some(text) = text.filter(|text| text.value != Links::RELATIVE) else { return Some(Links::Relative) };
    let wanted = Url::parse(&text.value).map(with_slash).ok();
    if let Some(url) = wanted.filter(|wanted| known.contains(&wanted)) {
        return Some(Links::Absolute(url));
    }
    let mut allowed = vec![Links::RELATIVE];
    allowed.extend(known.iter().map(|url| url.as_str()));
    let what = "links can only lead where all files are: `relative`, or the `url` of this channel or of a mirror";
    source.report_unknown(&text.span, what, &text.value, &allowed);
    None
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
