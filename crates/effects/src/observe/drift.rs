//! What `index check` and `channel audit` look at: all of a channel, in every store that has it.

use std::collections::BTreeMap;
use std::path::Path;

use trackside_domain::digest::Sha256;
use trackside_domain::drift::{DriftWorld, Listing, Scope, anaconda_names, objects};
use trackside_domain::manifest::Channel;
use trackside_domain::plan::rebuild;
use trackside_domain::project::Project;
use trackside_domain::storage_key::{IndexRoot, KeyPrefix, Tree};
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};

use super::Interest;
use super::facts::RECORD_CAP;
use crate::Trouble;
use crate::perform::present::AT_ONCE;
use crate::proofs::Proofs;
use crate::store::{Entry, Store, Stores};
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
    let seen = super::channel(stores, project, channel, Interest::Everything)?;
    let anaconda = super::anaconda::of_packages((stores, project), channel, &anaconda_names(&seen, scope))?;
    let mut world = DriftWorld { channel: seen, stores: Vec::new(), anaconda };
    let expected = objects(channel, &world.channel, scope);
    let map = rebuild::wanted(project, channel, &world.channel);
    // What cannot be rendered is for the judge to say.
    let pages = rebuild::pages(project, &world.channel, &map).unwrap_or_default();
    let pages: BTreeMap<ObjectKey, Sha256> =
        pages.iter().map(|page| (page.key.key(), Sha256::of(page.content.as_bytes()))).collect();
    for (index, (name, url)) in project.stores_with(channel).into_iter().enumerate() {
        let seen = match index.checked_sub(1) {
            None => &world.channel.pages,
            Some(mirror) => &world.channel.mirrors[mirror].pages,
        };
        let differing = seen.iter().filter(|(key, digest)| pages.get(*key).is_some_and(|page| page != *digest));
        let differing: Vec<ObjectKey> = differing.map(|(key, _)| key.clone()).collect();
        let listing = match stores.open_if_present(url)? {
            Some(store) => listing(&store, url, channel, (&expected, &differing, reading))?,
            None => Listing::default(),
        };
        world.stores.push(Listing { name, ..listing });
    }
    Ok(world)
}

fn listing(
    store: &Store,
    url: &StoreUrl,
    channel: Channel,
    (expected, differing, reading): (&BTreeMap<ObjectKey, Fingerprint>, &[ObjectKey], Reading<'_>),
) -> Result<Listing, Trouble> {
    let mut entries: Vec<Entry> = Vec::new();
    match channel {
        Channel::Stable => {
            for tree in [Tree::Whl, Tree::Libtorch, Tree::Conda] {
                entries.extend(store.list(&KeyPrefix::Index(IndexRoot::Stable, tree).key())?);
            }
        }
        Channel::Test => entries.extend(store.list(&KeyPrefix::Packages.key())?),
    }
    let digests = digests(store, url, &entries, (expected, reading))?;
    let texts = all_together(AT_ONCE, differing, |key| {
        let bytes = store.read_if_present(key, RECORD_CAP)?;
        Ok::<_, Trouble>((key.clone(), bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()))
    })?;
    let sizes = entries.into_iter().map(|entry| (entry.key, entry.size)).collect();
    Ok(Listing { name: String::new(), sizes, digests, pages: texts.into_iter().collect() })
}

/// The digests of what is expected, read or proved. What has another size is wrong without being read.
fn digests(
    store: &Store,
    url: &StoreUrl,
    entries: &[Entry],
    (expected, reading): (&BTreeMap<ObjectKey, Fingerprint>, Reading<'_>),
) -> Result<BTreeMap<ObjectKey, Sha256>, Trouble> {
    let (Reading::Unproved(cache) | Reading::All(cache)) = reading else { return Ok(BTreeMap::new()) };
    let mut proofs = Proofs::of(cache, url);
    let right_size = |entry: &&Entry| expected.get(&entry.key).is_some_and(|wanted| wanted.size == entry.size);
    let mut digests = BTreeMap::new();
    let mut unread = Vec::new();
    for entry in entries.iter().filter(right_size) {
        let proved = if matches!(reading, Reading::All(_)) { None } else { proofs.digest(entry) };
        match proved {
            Some(digest) => drop(digests.insert(entry.key.clone(), digest)),
            None => unread.push(entry),
        }
    }
    let read = all_together(AT_ONCE, &unread, |entry| Ok::<_, Trouble>(store.digest(&entry.key)?))?;
    for (entry, digest) in unread.into_iter().zip(read) {
        let Some(digest) = digest else { continue };
        digests.insert(entry.key.clone(), digest);
        // An object that was replaced since the listing has another tag by the next one, so a proof of
        // the old tag proves nothing of it.
        if expected.get(&entry.key).is_some_and(|wanted| wanted.sha256 == digest) {
            proofs.learn(entry, digest);
        }
    }
    proofs.keep()?;
    Ok(digests)
}
