//! A channel as it is in its stores: its map, and of what a command is about the manifests and the
//! digests of pages. The work grows with what changes, not with the channel.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::digest::Sha256;
use trackside_domain::drift::{self, Scope};
use trackside_domain::manifest::{
    Channel, ChannelEntry, ChannelMap, GenerationRecord, ImportRecord, Manifest, RecordError, Spread,
};
use trackside_domain::name::PackageName;
use trackside_domain::plan::switch::Needs;
use trackside_domain::project::Project;
use trackside_domain::storage_key::{IndexRoot, KeyPrefix, StorageKey, Tree, Twin};
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};
use trackside_domain::world::{ChannelWorld, MirrorWorld};

use super::facts::{RECORD_CAP, refused};
use crate::perform::present::{AT_ONCE, QUESTIONS};
use crate::store::{Access, Entry, Store, StoreError, Stores};
use crate::together::{all_together, both};
use crate::trouble::{Trouble, with_causes};

/// What of a channel is looked at.
#[derive(Debug, Clone, Copy)]
pub enum Interest<'a> {
    /// What it points to, and nothing behind that.
    Map,
    /// What these packages need, each with the folders of what comes of it.
    Coming(&'a BTreeMap<PackageName, Spread>),
    /// All of it.
    Everything,
    /// All of it, as far as its manifests can be read: which cannot is for the judge to name.
    Readable,
}

/// Everything below the folders of a channel, in each store that has it.
pub(super) type Listings = BTreeMap<StoreUrl, Vec<Entry>>;

/// A channel with its mirrors.
///
/// # Errors
/// When a store cannot be read, or a record is not what it must be.
pub fn channel(
    stores: &Stores,
    project: &Project,
    channel: Channel,
    interest: Interest<'_>,
) -> Result<ChannelWorld, Trouble> {
    Ok(with_listings(stores, project, channel, interest)?.0)
}

/// The same, and what of it was listed.
pub(super) fn with_listings(
    stores: &Stores,
    project: &Project,
    channel: Channel,
    interest: Interest<'_>,
) -> Result<(ChannelWorld, Listings), Trouble> {
    let mut listings = Listings::new();
    let mut world = ChannelWorld::default();
    let root = IndexRoot::from(channel);
    let main = stores.open_if_present(project.store_of(channel))?;
    let none = ChannelMap::empty(channel);
    if let Some(store) = &main
        && let Some((found, map)) = map(store, channel)?
    {
        world.sizes.insert(found.sha256, found.size);
        world.map = Some((found.sha256, map));
    }
    let map = world.map.as_ref().map_or(&none, |(_, map)| map);
    let needs = match interest {
        Interest::Map => return Ok((world, listings)),
        Interest::Coming(coming) => Needs::of(map, coming),
        Interest::Everything | Interest::Readable => everything(map),
    };
    if let Some(store) = &main {
        let (records, newest) = both(|| imported(store, map, &needs), || newest_generation(store, channel));
        (world.imported, world.generation) = (records?, newest?);
    }
    world.manifests = match interest {
        Interest::Readable => readable_manifests(stores, project, map)?,
        Interest::Map | Interest::Coming(_) | Interest::Everything => manifests(stores, project, map, &needs)?,
    };
    let all = needs.unlisted || matches!(interest, Interest::Everything | Interest::Readable);
    let mut known: BTreeSet<ObjectKey> = needs.pages.iter().map(StorageKey::key).collect();
    if all {
        known.extend(drift::objects(channel, &world, Scope::All).into_keys());
    }
    let look = Look { root, needs: &needs, all, known };
    if let Some(store) = &main {
        let seen = look.pages(store, &mut listings)?;
        world.sizes.extend(seen.values().map(|found| (found.sha256, found.size)));
        world.pages = digests(seen);
    }
    for (_, url) in project.stores_with(channel).into_iter().skip(1) {
        let mut mirror = MirrorWorld::default();
        if let Some(store) = stores.open_if_present(url)? {
            if let Some((found, map)) = self::map(&store, channel)? {
                world.sizes.insert(found.sha256, found.size);
                if let Some(main) = &main {
                    mirror.is_ours = is_ours(main, world.generation.as_ref(), (found, &map))?;
                }
                mirror.map = Some((found.sha256, map));
            }
            let seen = look.pages(&store, &mut listings)?;
            world.sizes.extend(seen.values().map(|found| (found.sha256, found.size)));
            mirror.pages = digests(seen);
            let listed = listings.get(url).into_iter().flatten();
            mirror.listed = listed.map(|entry| (entry.key.clone(), entry.size)).collect();
        }
        world.mirrors.push(mirror);
    }
    Ok((world, listings))
}

/// Whether a map that a mirror has is one that a generation of the channel made.
fn is_ours(
    main: &Store,
    newest: Option<&GenerationRecord>,
    (found, map): (Fingerprint, &ChannelMap),
) -> Result<bool, Trouble> {
    let known = 1..=newest.map_or(0, |newest| newest.number);
    if !known.contains(&map.generation) {
        return Ok(false);
    }
    let made = generation_if_present(main, map.channel, map.generation)?;
    let change = made.as_ref().and_then(|made| made.change(&StorageKey::Channel(map.channel).key()));
    Ok(change.and_then(|change| change.new) == Some(found))
}

/// The map of a channel.
pub(super) fn map(store: &Store, channel: Channel) -> Result<Option<(Fingerprint, ChannelMap)>, Trouble> {
    let key = StorageKey::Channel(channel).key();
    let Some(bytes) = store.read_if_present(&key, RECORD_CAP)? else { return Ok(None) };
    let map = ChannelMap::from_bytes(&bytes).map_err(|error| {
        let url = store.url();
        let why = with_causes(&error);
        Trouble::Failed(format!(
            "{key} in {url}: {why}; bring it back: from another store of the channel, or an older version of the object"
        ))
    })?;
    Ok(Some((Fingerprint::of(&bytes), map)))
}

/// All packages are of interest, and all that they have.
pub(super) fn everything(map: &ChannelMap) -> Needs {
    let all = map.packages().into_iter().map(|package| (package.clone(), Spread::default()));
    Needs::of(map, &all.collect())
}

pub(super) fn manifests(
    stores: &Stores,
    project: &Project,
    map: &ChannelMap,
    needs: &Needs,
) -> Result<BTreeMap<Sha256, Manifest>, Trouble> {
    let needed = map.entries().filter(|(package, _, entry)| needs.manifest(package, entry));
    let needed: Vec<&ChannelEntry> = needed.map(|(_, _, entry)| entry).collect();
    if needed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let store = stores.open(&project.test, Access::Read)?;
    let read = all_together(AT_ONCE, &needed, |entry| manifest(&store, map.channel, entry))?;
    Ok(read.into_iter().collect())
}

/// Those of all entries that are there, and are what the map points to.
fn readable_manifests(
    stores: &Stores,
    project: &Project,
    map: &ChannelMap,
) -> Result<BTreeMap<Sha256, Manifest>, Trouble> {
    let Some(store) = stores.open_if_present(&project.test)? else { return Ok(BTreeMap::new()) };
    let entries: Vec<&ChannelEntry> = map.entries().map(|(.., entry)| entry).collect();
    let read = all_together(AT_ONCE, &entries, |entry| match manifest(&store, map.channel, entry) {
        Err(Trouble::Blocked(_) | Trouble::Conflict(_)) => Ok(None),
        read => read.map(Some),
    })?;
    Ok(read.into_iter().flatten().collect())
}

fn manifest(store: &Store, channel: Channel, entry: &ChannelEntry) -> Result<(Sha256, Manifest), Trouble> {
    let reference = &entry.manifest;
    let (package, candidate, revision) = (reference.package.clone(), reference.candidate, reference.revision);
    let key = StorageKey::Manifest { package, candidate, revision }.key();
    let Some(bytes) = store.read_if_present(&key, RECORD_CAP)? else {
        return Err(Trouble::Blocked(format!(
            "{key} is not there, and channel {channel} points to it: trackside restore {} --to test brings it back",
            entry.candidate
        )));
    };
    if Sha256::of(&bytes) != reference.sha256 {
        return Err(Trouble::Conflict(format!("{key} is not the manifest that channel {channel} points to")));
    }
    Ok((reference.sha256, Manifest::from_bytes(&bytes).map_err(|error| refused(&key, &error))?))
}

pub(super) fn imported(
    store: &Store,
    map: &ChannelMap,
    needs: &Needs,
) -> Result<BTreeMap<Sha256, ImportRecord>, Trouble> {
    let needed: Vec<_> = map.imported.iter().filter(|(package, _)| needs.record(package)).collect();
    let read = all_together(AT_ONCE, &needed, |(package, imported)| {
        let (channel, package, sha256) = (map.channel, (*package).clone(), imported.record);
        let key = StorageKey::Imported { channel, package, sha256 }.key();
        let bytes = store.read(&key, RECORD_CAP)?;
        if Sha256::of(&bytes) != sha256 {
            return Err(Trouble::Conflict(format!("{key} is not the record that channel {channel} points to")));
        }
        Ok((sha256, ImportRecord::from_bytes(&bytes).map_err(|error| refused(&key, &error))?))
    })?;
    Ok(read.into_iter().collect())
}

/// What pages of one store are looked at.
struct Look<'a> {
    root: IndexRoot,
    needs: &'a Needs,
    /// All pages that are there, not only those that are needed.
    all: bool,
    /// What is likely there.
    known: BTreeSet<ObjectKey>,
}

impl Look<'_> {
    /// The pages, for which all may be listed.
    fn pages(&self, store: &Store, listings: &mut Listings) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
        if self.all {
            let entries = listed(store, self.root, &self.known)?;
            let mut seen = fingerprints(store, &page_keys(&entries, self.root))?;
            seen.extend(super::conda::sized(store, &entries, self.root)?);
            listings.insert(store.url().clone(), entries);
            return Ok(seen);
        }
        let keys: Vec<ObjectKey> = self.needs.pages.iter().map(StorageKey::key).collect();
        let mut seen = fingerprints(store, &keys)?;
        if !self.needs.conda.is_empty() {
            let entries = store.list(&KeyPrefix::Index(self.root, Tree::Conda).key())?;
            seen.extend(super::conda::sized(store, &entries, self.root)?);
        }
        Ok(seen)
    }
}

pub(super) fn digests(seen: BTreeMap<ObjectKey, Fingerprint>) -> BTreeMap<ObjectKey, Sha256> {
    seen.into_iter().map(|(key, found)| (key, found.sha256)).collect()
}

/// What is there at each of these keys.
pub(super) fn fingerprints(store: &Store, keys: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
    let found = all_together(QUESTIONS, keys, |key| {
        Ok::<_, Trouble>(store.fingerprint(key, &mut |_| {})?.map(|found| (key.clone(), found)))
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// Everything below the folders of one root, where these objects are likely there.
pub(super) fn listed(store: &Store, root: IndexRoot, known: &BTreeSet<ObjectKey>) -> Result<Vec<Entry>, Trouble> {
    let listings = all_together(Tree::ALL.len(), &Tree::ALL, |tree| {
        list_known(store, &KeyPrefix::Index(root, *tree).key(), known)
    })?;
    Ok(listings.into_iter().flatten().collect())
}

/// Everything below a folder, where some of these are likely there.
pub(super) fn list_known(
    store: &Store,
    folder: &ObjectKey,
    known: &BTreeSet<ObjectKey>,
) -> Result<Vec<Entry>, StoreError> {
    let below: Vec<&ObjectKey> = known.iter().filter(|key| key.below(folder).is_some()).collect();
    store.list_known(folder, &below)
}

/// The keys of all pages of one root, as a listing shows them.
fn page_keys(listed: &[Entry], root: IndexRoot) -> Vec<ObjectKey> {
    // `whl/test` is a root of its own inside that of `stable`, and so are others.
    let own = |key: &ObjectKey| root != IndexRoot::Stable || !Tree::holds_apart(key);
    let conda = KeyPrefix::Index(root, Tree::Conda).key();
    let page = |key: &ObjectKey| Twin::ALL.iter().any(|twin| twin.file_name() == key.file_name());
    let keys = listed.iter().map(|entry| &entry.key).filter(|key| key.below(&conda).is_none());
    keys.filter(|key| own(key) && page(key)).cloned().collect()
}

/// The digests of all pages of one root.
pub(super) fn pages(store: &Store, root: IndexRoot) -> Result<BTreeMap<ObjectKey, Sha256>, Trouble> {
    Ok(digests(sized_pages(store, root)?))
}

/// The same with sizes.
pub(super) fn sized_pages(store: &Store, root: IndexRoot) -> Result<BTreeMap<ObjectKey, Fingerprint>, Trouble> {
    let entries = listed(store, root, &BTreeSet::new())?;
    let mut pages = fingerprints(store, &page_keys(&entries, root))?;
    pages.extend(super::conda::sized(store, &entries, root)?);
    Ok(pages)
}

/// The newest generation of a channel.
pub(super) fn newest_generation(store: &Store, channel: Channel) -> Result<Option<GenerationRecord>, Trouble> {
    let listed = store.list(&KeyPrefix::Generations(channel).key())?;
    let newest = listed.iter().filter_map(|entry| match StorageKey::parse(entry.key.as_str()) {
        Some(StorageKey::Generation { number, .. }) => Some(number),
        _ => None,
    });
    newest.max().map(|number| generation(store, channel, number)).transpose()
}

/// The channel goes on without such a record: only nothing goes back past it.
fn damaged(key: &ObjectKey, error: &RecordError) -> Trouble {
    let trouble = refused(key, error);
    Trouble::Failed(format!(
        "{trouble}; bring back an older version of the object, or move it away: then no rollback goes back past it"
    ))
}

pub(super) fn generation(store: &Store, channel: Channel, number: u64) -> Result<GenerationRecord, Trouble> {
    let key = StorageKey::Generation { channel, number }.key();
    parsed_generation(&key, &store.read(&key, RECORD_CAP)?, (channel, number))
}

/// The same of one that may have been moved away.
pub(super) fn generation_if_present(
    store: &Store,
    channel: Channel,
    number: u64,
) -> Result<Option<GenerationRecord>, Trouble> {
    let key = StorageKey::Generation { channel, number }.key();
    let bytes = store.read_if_present(&key, RECORD_CAP)?;
    bytes.map(|bytes| parsed_generation(&key, &bytes, (channel, number))).transpose()
}

fn parsed_generation(
    key: &ObjectKey,
    bytes: &[u8],
    (channel, number): (Channel, u64),
) -> Result<GenerationRecord, Trouble> {
    let record = GenerationRecord::from_bytes(bytes).map_err(|error| damaged(key, &error))?;
    if (record.channel, record.number) != (channel, number) {
        return Err(Trouble::Failed(format!("{key} is the record of another generation")));
    }
    Ok(record)
}
