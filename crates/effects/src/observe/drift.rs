//! What `index check` and `channel audit` look at: all of a channel, in every store that has it.

pub(super) mod own;
mod promoted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use trackside_domain::digest::Sha256;
use trackside_domain::drift::{
    DriftWorld, Listing, Scope, anaconda_names, has_strangers, objects, readable, shown, to_read,
};
use trackside_domain::manifest::Channel;
use trackside_domain::plan::rebuild;
use trackside_domain::project::Project;
use trackside_domain::storage_key::KeyPrefix;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};

use super::Interest;
use super::channel::{list_known, with_listings};
use super::facts::RECORD_CAP;
use crate::Trouble;
use crate::perform::present::AT_ONCE;
use crate::proofs::Proofs;
use crate::store::{Entry, ServerFault, Store, StoreError, Stores};
use crate::together::all_together;

/// Which objects are read in full.
#[derive(Debug, Clone, Copy)]
pub enum Reading<'a> {
    /// None: names and sizes say enough.
    None,
    /// Those that the proofs in this cache folder do not tell of.
    Unproved(&'a Path),
    /// All; what is found out is kept in this cache folder.
    All(&'a Path),
}

/// Looks at all of a channel.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn drift(
    stores: &Stores,
    project: &Project,
    channel: Channel,
    (scope, reading): (Scope<'_>, Reading<'_>),
) -> Result<DriftWorld, Trouble> {
    let (seen, mut listed) = with_listings(stores, project, channel, Interest::Readable)?;
    let anaconda = super::anaconda::of_packages((stores, project), channel, &anaconda_names(&seen, scope))?;
    let candidates = own::candidates(stores, project, &seen, &shown(channel, &seen, scope))?;
    let mut world = DriftWorld { channel: seen, anaconda, candidates, ..DriftWorld::default() };
    // What cannot be made is for the judge to say.
    let expected = to_read(project, channel, &world.channel, scope).unwrap_or_default();
    let map = readable(&rebuild::wanted(project, channel, &world.channel), &world.channel);
    // What cannot be rendered is for the judge to say.
    let pages = rebuild::pages(project, &world.channel, &map).unwrap_or_default();
    let pages: BTreeMap<ObjectKey, Sha256> = pages
        .into_iter()
        .chain(own::pages(&world.candidates))
        .map(|page| (page.key.key(), Sha256::of(page.content.as_bytes())))
        .collect();
    let objects = objects(channel, &world.channel, Scope::All).into_keys().collect();
    let own_pages = || world.candidates.values().flat_map(|own| &own.pages);
    let mut listings = Vec::new();
    for (index, (name, url)) in project.stores_with(channel).into_iter().enumerate() {
        let seen = match index.checked_sub(1) {
            None => &world.channel.pages,
            Some(mirror) => &world.channel.mirrors[mirror].pages,
        };
        let differing =
            seen.iter().chain(own_pages()).filter(|(key, digest)| pages.get(*key).is_some_and(|page| page != *digest));
        let differing: Vec<ObjectKey> = differing.map(|(key, _)| key.clone()).collect();
        let listing = match stores.open_if_present(url)? {
            Some(store) => {
                let entries = match channel {
                    Channel::Stable => listed.remove(url).unwrap_or_default(),
                    Channel::Test => [
                        list_known(&store, &KeyPrefix::Packages.key(), &objects)?,
                        listed.remove(url).unwrap_or_default(),
                    ]
                    .concat(),
                };
                let listing = listing(&store, url, entries, (&expected, &differing, reading))?;
                // All pages were just read, and some of the objects.
                let read = seen.keys().chain(expected.keys()).chain(own_pages().map(|(key, _)| key));
                let headers = read.filter_map(|key| Some((key.clone(), store.contradiction(key)?)));
                Listing { headers: headers.collect(), unnamed: store.unnamed(), ..listing }
            }
            None => Listing::default(),
        };
        listings.push(Listing { name, ..listing });
    }
    world.stores = listings;
    if scope == Scope::All && has_strangers(channel, &world) {
        world.promoted = promoted::promoted(stores, project, &world.channel)?;
    }
    Ok(world)
}

fn listing(
    store: &Store,
    url: &StoreUrl,
    entries: Vec<Entry>,
    (expected, differing, reading): (&BTreeMap<ObjectKey, Fingerprint>, &[ObjectKey], Reading<'_>),
) -> Result<Listing, Trouble> {
    let (digests, unreadable) = digests(store, url, &entries, (expected, reading))?;
    let texts = all_together(AT_ONCE, differing, |key| {
        let bytes = store.read_if_present(key, RECORD_CAP)?;
        Ok::<_, Trouble>((key.clone(), bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()))
    })?;
    let sizes = entries.into_iter().map(|entry| (entry.key, entry.size)).collect();
    Ok(Listing {
        name: String::new(),
        sizes,
        digests,
        unreadable,
        pages: texts.into_iter().collect(),
        headers: BTreeMap::new(),
        unnamed: BTreeSet::new(),
    })
}

/// The digests of what is expected, read or proved, and what could not be read. What has another size is wrong
/// without being read.
fn digests(
    store: &Store,
    url: &StoreUrl,
    entries: &[Entry],
    (expected, reading): (&BTreeMap<ObjectKey, Fingerprint>, Reading<'_>),
) -> Result<(BTreeMap<ObjectKey, Sha256>, BTreeSet<ObjectKey>), Trouble> {
    let (Reading::Unproved(cache) | Reading::All(cache)) = reading else { return Ok(Default::default()) };
    let mut proofs = Proofs::of(cache, url);
    let right_size = |entry: &&Entry| expected.get(&entry.key).is_some_and(|wanted| wanted.size == entry.size);
    let mut digests = BTreeMap::new();
    let (mut unread, mut unreadable) = (Vec::new(), BTreeSet::new());
    for entry in entries.iter().filter(right_size) {
        let proved = if matches!(reading, Reading::All(_)) { None } else { proofs.digest(entry) };
        match proved {
            Some(digest) => drop(digests.insert(entry.key.clone(), digest)),
            None => unread.push(entry),
        }
    }
    // What the store refuses to give out is one difference among others, and no reason to look at no other object.
    let read = all_together(AT_ONCE, &unread, |entry| match store.digest(&entry.key) {
        Err(StoreError::Server { fault: ServerFault::Denied, .. } | StoreError::Denied { .. }) => Ok(None),
        found => Ok::<_, Trouble>(found?),
    })?;
    for (entry, digest) in unread.into_iter().zip(read) {
        let Some(digest) = digest else {
            unreadable.insert(entry.key.clone());
            continue;
        };
        digests.insert(entry.key.clone(), digest);
        // An object that was replaced since the listing has another tag by the next one, so a proof of
        // the old tag proves nothing of it.
        if expected.get(&entry.key).is_some_and(|wanted| wanted.sha256 == digest) {
            proofs.learn(entry, digest);
        }
    }
    // Proofs are a cache: without it the next audit reads more, and what was found out is told all the same.
    drop(proofs.keep());
    Ok((digests, unreadable))
}
