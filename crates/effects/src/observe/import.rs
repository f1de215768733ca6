//! What `index import` looks at: the files of a channel that belong to no manifest, read in full unless the old
//! pages are trusted, and those pages.

use std::collections::BTreeMap;
use std::path::Path;

use trackside_artifact::{About, inspect_open};
use trackside_domain::action::Location;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;
use trackside_domain::plan::import::{
    Claims, Evidence, Import, ImportWorld, OldPage, Request, Stated, ToRead, old_pages, places, to_read,
};
use trackside_domain::plan::rebuild;
use trackside_domain::project::Project;
use trackside_domain::storage_key::{IndexRoot, KeyPrefix, Tree};
use trackside_domain::store::ObjectKey;

use super::Interest;
use super::facts::RECORD_CAP;
use super::promote::found;
use crate::Trouble;
use crate::perform::present::AT_ONCE;
use crate::proofs::Proofs;
use crate::store::{Entry, Store, Stores};
use crate::together::all_together;
use crate::trouble::with_causes;

/// Files that are read at the same time: a wheel on a server fills a temporary file of its size.
const READERS: usize = 8;

/// METADATA of more than this is none.
const METADATA_CAP: u64 = 16 << 20;

/// Is told how reading goes.
pub trait Watch: Sync {
    /// So many files of so many bytes are going to be read in full.
    fn begins(&self, files: usize, bytes: u64);
    /// One of so many bytes was read.
    fn read(&self, bytes: u64);
}

/// Looks at all of a channel. What was read in full is remembered in the cache folder, so that the second look
/// need not read it.
///
/// # Errors
/// When a store cannot be read. What is there but wrong is part of the answer.
pub fn import(
    (stores, cache): (&Stores, &Path),
    project: &Project,
    request: &Request,
    watch: &dyn Watch,
) -> Result<ImportWorld, Trouble> {
    let channel = super::channel(stores, project, request.channel, Interest::Everything)?;
    let mut world = ImportWorld { channel, ..ImportWorld::default() };
    let Some(store) = stores.open_if_present(project.store_of(request.channel))? else { return Ok(world) };
    let mut entries: BTreeMap<ObjectKey, Entry> = BTreeMap::new();
    for tree in [Tree::Whl, Tree::Libtorch, Tree::Source] {
        let listed = store.list(&KeyPrefix::Index(IndexRoot::Stable, tree).key())?.into_iter();
        entries.extend(listed.filter(|one| !Tree::holds_apart(&one.key)).map(|one| (one.key.clone(), one)));
    }
    world.tags = entries.iter().filter_map(|(key, entry)| Some((key.clone(), entry.etag.clone()?))).collect();
    world.sizes = entries.iter().map(|(key, entry)| (key.clone(), entry.size)).collect();
    world.claims = claims(&store, project, &world, request)?;
    let reader = Reader { store: &store, entries: &entries, cache, watch };
    world.evidence = reader.read(&to_read(project, request, &world))?;
    let tags = world.evidence.iter().filter_map(|(key, evidence)| Some((key.clone(), evidence.tag.clone()?)));
    world.tags.extend(tags);
    // What cannot be taken in goes nowhere; the planner says why.
    if let Ok(import) = Import::of(project, request, &world) {
        for (url, keys) in places(project, &world, &import) {
            let Some(mirror) = stores.open_if_present(url)? else { continue };
            let keys = keys.into_iter().map(|key| (key, !request.trust_pages)).collect();
            let there = found(&mirror, &keys)?.into_iter();
            world.there.extend(there.map(|(key, found)| (Location { store: url.clone(), key }, found)));
        }
    }
    Ok(world)
}

/// What the pages say that are not those of the map. Each page is read, understood and forgotten.
fn claims(store: &Store, project: &Project, world: &ImportWorld, request: &Request) -> Result<Claims, Trouble> {
    let seen = &world.channel;
    let map = rebuild::wanted(project, request.channel, seen);
    // What cannot be rendered is for the planner to say; then all pages are others.
    let own = rebuild::pages(project, seen, &map).unwrap_or_default();
    let old = old_pages(request, seen, &own);
    let known = |key: &ObjectKey| world.sizes.contains_key(key);
    let claims = std::sync::Mutex::new(Claims::default());
    all_together(READERS, &old, |page| {
        let OldPage { key, sha256, .. } = page;
        let bytes = store.read(key, RECORD_CAP)?;
        if Sha256::of(&bytes) != *sha256 {
            return Err(Trouble::Transient(format!("{key} changed while it was looked at")));
        }
        let mut claims = claims.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match std::str::from_utf8(&bytes) {
            Ok(text) => claims.add(project, (page, text), &known),
            Err(error) => claims.faults.push(((*key).clone(), error.to_string())),
        }
        Ok(())
    })?;
    Ok(claims.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

struct Reader<'a> {
    store: &'a Store,
    entries: &'a BTreeMap<ObjectKey, Entry>,
    cache: &'a Path,
    watch: &'a dyn Watch,
}

impl Reader<'_> {
    fn read(&self, files: &[ToRead]) -> Result<BTreeMap<ObjectKey, Evidence>, Trouble> {
        let mut proofs = Proofs::of(self.cache, self.store.url());
        let proved: BTreeMap<&ObjectKey, Sha256> = files
            .iter()
            // A wheel without metadata beside it is opened again: what it says about itself is not in a proof.
            .filter(|one| one.full && (one.beside.is_some() || one.file.kind != ArtifactKind::Wheel))
            .filter_map(|one| Some((&one.file.key, proofs.digest(self.entries.get(&one.file.key)?)?)))
            .collect();
        let unread = files.iter().filter(|one| one.full && !proved.contains_key(&one.file.key));
        let (count, bytes) = unread.fold((0, 0), |(count, bytes), one| (count + 1, bytes + one.file.size));
        self.watch.begins(count, bytes);
        let (whole, beside): (Vec<&ToRead>, Vec<&ToRead>) =
            files.iter().partition(|one| one.full && !proved.contains_key(&one.file.key));
        let read = all_together(READERS, &whole, |one| {
            let evidence = self.whole(one)?;
            self.watch.read(one.file.size);
            Ok::<_, Trouble>((one.file.key.clone(), evidence))
        })?;
        let light = all_together(AT_ONCE, &beside, |one| {
            let sha256 = proved.get(&one.file.key).copied();
            let beside = self.beside(one)?;
            Ok::<_, Trouble>((one.file.key.clone(), Evidence { sha256, ..beside }))
        })?;
        for (key, evidence) in &read {
            // One that contradicts itself is looked at in full again.
            let agrees =
                evidence.beside.is_none() || evidence.beside.as_ref().map(|(it, _)| it) == evidence.inside.as_ref();
            if let (Some(sha256), Some(entry), true) = (evidence.sha256, self.entries.get(key), agrees) {
                proofs.learn(entry, sha256);
            }
        }
        // A cache: without it the next look reads again.
        drop(proofs.keep());
        Ok(read.into_iter().chain(light).collect())
    }

    /// Reads every byte of a file, and the metadata beside it.
    fn whole(&self, one: &ToRead) -> Result<Evidence, Trouble> {
        let key = &one.file.key;
        let mut evidence = self.beside(one)?;
        let listed = self.entries.get(key).map(|entry| self.store.listed_version(entry)).transpose()?.flatten();
        let vanished = || Trouble::Transient(format!("{key} vanished while it was looked at"));
        if one.file.kind == ArtifactKind::Wheel {
            let (file, _) = self.store.open_file(key)?.ok_or_else(vanished)?;
            match inspect_open(file, Path::new(key.as_str()), one.file.kind) {
                Ok(found) => {
                    evidence.sha256 = Some(found.sha256);
                    let requires_python = found.said.metadata.and_then(|metadata| metadata.requires_python);
                    evidence.inside = found.said.metadata_sha256.map(|sha256| Stated { sha256, requires_python });
                }
                Err(error) => evidence.trouble = Some(with_causes(&error)),
            }
        } else {
            evidence.sha256 = Some(self.store.digest(key)?.ok_or_else(vanished)?);
        }
        // What was read is what was listed only if it is still that.
        if listed.is_none() || self.store.head(key)? != listed {
            return Err(Trouble::Transient(format!("{key} changed while it was looked at")));
        }
        evidence.tag = listed.and_then(|listed| listed.etag);
        Ok(evidence)
    }

    fn beside(&self, one: &ToRead) -> Result<Evidence, Trouble> {
        let Some(key) = &one.beside else { return Ok(Evidence::default()) };
        let bytes = self.store.read(key, METADATA_CAP)?;
        let mut evidence = Evidence::default();
        match About::read(&bytes) {
            Ok(about) => {
                let stated = Stated { sha256: Sha256::of(&bytes), requires_python: about.requires_python };
                evidence.beside = Some((stated, bytes.len() as u64));
            }
            Err(why) => evidence.trouble = Some(format!("{key}: {why}")),
        }
        Ok(evidence)
    }
}
