//! The objects of a promotion: into `stable` and every mirror, and read back before anything leads there.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Location};
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::manifest::{Artifact, ImportRecord, Manifest};
use crate::name::{FolderName, PackageName};
use crate::plan::{BATCH, Phase, Step, Stop, StopKind};
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{Fingerprint, ObjectKey, StoreUrl};
use crate::world::{ChannelWorld, Found, MirrorWorld};

/// How much of what was copied is read in full. The rest is looked at: it must be there, with its size and, where
/// the server says one, its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// Every object.
    #[default]
    All,
    /// Of each folder of each package one in thirty, at least one, in the order of the digests.
    Sample,
}

/// One object of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promoted {
    /// Where it was staged, in the store of candidates.
    pub staged: ObjectKey,
    /// Where it goes, in `stable` and its mirrors.
    pub stable: ObjectKey,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// Whether it is read in full.
    pub read: bool,
}

/// All objects of a manifest.
pub fn objects(manifest: &Manifest, reading: Reading) -> Vec<Promoted> {
    let staged = |artifact: &Artifact| StorageKey::staged(&manifest.package, manifest.candidate, artifact);
    of_artifacts(&manifest.artifacts.iter().collect::<Vec<_>>(), staged, reading)
}

/// All objects that an import found, which lie at their classic keys.
pub fn imported(record: &ImportRecord, reading: Reading) -> Vec<Promoted> {
    let artifacts: Vec<&Artifact> = record.files.iter().map(|file| &file.artifact).collect();
    of_artifacts(&artifacts, StorageKey::stable, reading)
}

fn of_artifacts(artifacts: &[&Artifact], from: impl Fn(&Artifact) -> StorageKey, reading: Reading) -> Vec<Promoted> {
    let sample = sample(artifacts);
    let mut objects = Vec::new();
    for artifact in artifacts {
        let (from, to) = (from(artifact), StorageKey::stable(artifact));
        let read = reading == Reading::All || sample.contains(&artifact.place());
        let (size, sha256) = (artifact.size, artifact.sha256);
        objects.push(Promoted { staged: from.key(), stable: to.key(), size, sha256, read });
        if let (Some(from), Some(to), Some(file)) = (from.metadata(), to.metadata(), &artifact.metadata) {
            let (size, sha256) = (file.size, file.sha256);
            objects.push(Promoted { staged: from.key(), stable: to.key(), size, sha256, read });
        }
    }
    objects
}

/// Of so many artifacts of a folder one is read. What is wrong with the copies of a folder is wrong with all of them, so
/// that it is more worth to read some of each than many of one.
const SHARE: usize = 30;

/// The places of a share of the artifacts of each folder, rounded up: those with the smallest digests, which
/// nobody chose and every machine finds.
fn sample<'a>(artifacts: &[&'a Artifact]) -> BTreeSet<Place<'a>> {
    let mut folders: BTreeMap<_, Vec<(Sha256, Place<'a>)>> = BTreeMap::new();
    for artifact in artifacts {
        folders.entry(artifact.folder.as_ref()).or_default().push((artifact.sha256, artifact.place()));
    }
    let of_folder = |mut all: Vec<(Sha256, Place<'a>)>| {
        all.sort_unstable();
        let share = all.len().div_ceil(SHARE);
        all.into_iter().take(share).map(|(_, place)| place)
    };
    folders.into_values().flat_map(of_folder).collect()
}

type Place<'a> = (Option<&'a FolderName>, &'a FileName);

/// Where objects come from and go to.
pub(in crate::plan) struct Way<'a> {
    /// The word for the store that they go to: `stable` or `mirror-1`.
    pub(in crate::plan) name: &'a str,
    /// The store that they go to.
    pub(in crate::plan) to: &'a StoreUrl,
    /// The store that they come from.
    pub(in crate::plan) from: &'a StoreUrl,
    /// Whether they come from their classic keys and not from those of their candidate.
    pub(in crate::plan) classic: bool,
    /// What is there.
    pub(in crate::plan) there: &'a BTreeMap<Location, Found>,
    /// The way on when something else is there.
    pub(in crate::plan) hint: &'a str,
}

/// What a mirror has not of the channel: whole releases and imports, as far as they were looked at.
pub(in crate::plan) fn late<'a>(world: &'a ChannelWorld, mirror: &MirrorWorld, reading: Reading) -> Vec<Bundle<'a>> {
    let Some((_, map)) = &world.map else { return Vec::new() };
    let theirs = mirror.map.as_ref().map(|(_, map)| map);
    let mut late = Vec::new();
    for (package, release, entry) in map.entries() {
        let there = theirs.and_then(|map| map.releases.get(package)?.get(&release));
        if there.is_none_or(|there| there.manifest != entry.manifest) {
            let manifest = world.manifests.get(&entry.manifest.sha256);
            let objects = manifest.map(|manifest| objects(manifest, reading)).unwrap_or_default();
            late.push(Bundle { package, word: Some(release.to_string()), objects });
        }
    }
    for (package, found) in &map.imported {
        let there = theirs.and_then(|map| map.imported.get(package));
        if there.is_none_or(|there| there.record != found.record) {
            let record = world.imported.get(&found.record);
            let objects = record.map(|record| imported(record, reading)).unwrap_or_default();
            late.push(Bundle { package, word: Some("imported".to_owned()), objects });
        }
    }
    late
}

/// What is copied together: a release of a package, or the files that an import found.
pub(in crate::plan) struct Bundle<'a> {
    pub(in crate::plan) package: &'a PackageName,
    /// What tells several bundles of a package apart; nothing for the release that is promoted.
    pub(in crate::plan) word: Option<String>,
    pub(in crate::plan) objects: Vec<Promoted>,
}

impl Way<'_> {
    /// Copies what is not there, and reads back everything that was copied; or all that is in the way.
    pub(in crate::plan) fn steps(&self, bundle: &Bundle<'_>) -> Result<Vec<Step>, Vec<Stop>> {
        let mut copies = Vec::new();
        let mut reads = Vec::new();
        let mut others = BTreeMap::new();
        let mut stops = Vec::new();
        for object in &bundle.objects {
            let to = Location { store: self.to.clone(), key: object.stable.clone() };
            if let Some(found) = self.there.get(&to) {
                stops.extend(self.in_the_way(object, found));
                continue;
            }
            let Promoted { size, sha256, .. } = *object;
            if object.read {
                reads.push(Action::ReadBack { at: to.clone(), size, sha256 });
            } else {
                others.insert(to.key.clone(), Fingerprint { size, sha256 });
            }
            let key = if self.classic { object.stable.clone() } else { object.staged.clone() };
            copies.push(Action::CopyObject { from: Location { store: self.from.clone(), key }, to, size, sha256 });
        }
        if !stops.is_empty() {
            return Err(stops);
        }
        let package = bundle.package.as_str();
        let place = self.name;
        let copy = copies.chunks(BATCH).enumerate().map(|(index, batch)| {
            let title = format!("copy {} of {package} to {place}", count(batch.len(), "object"));
            self.step(("copy", bundle, index + 1), title, Phase::Write, batch.to_vec())
        });
        let read = reads.chunks(BATCH).enumerate().map(|(index, batch)| {
            let title = format!("read back {} of {package}{}", count(batch.len(), "object"), self.in_place());
            self.step(("read", bundle, index + 1), title, Phase::ReadBack, batch.to_vec())
        });
        let mut steps: Vec<Step> = copy.chain(read).collect();
        if !others.is_empty() {
            let title = format!("look at {} of {package}{}", count(others.len(), "other object"), self.in_place());
            let action = Action::CheckObjects { store: self.to.clone(), objects: others, tags: BTreeMap::new() };
            steps.push(self.step(("look", bundle, 1), title, Phase::ReadBack, vec![action]));
        }
        Ok(steps)
    }

    fn in_the_way(&self, object: &Promoted, found: &Found) -> Option<Stop> {
        let place = self.in_place();
        let message = match found.sha256 {
            Some(found) if found == object.sha256 => return None,
            Some(found) => {
                format!("sha256 {} is there{place}, the candidate has {}", found.short(), object.sha256.short())
            }
            None if found.size != object.size => {
                format!("{} bytes are there{place}, the candidate has {}", found.size, object.size)
            }
            None => return None,
        };
        let stop = Stop::new(StopKind::Conflict, "other-bytes", object.stable.to_string(), message);
        Some(stop.hint(self.hint))
    }

    /// Nothing is said of `stable`, which everybody thinks of.
    fn in_place(&self) -> String {
        if self.is_stable() { String::new() } else { format!(" in {}", self.name) }
    }

    fn is_stable(&self) -> bool {
        self.name == "stable"
    }

    fn step(
        &self,
        (verb, bundle, number): (&str, &Bundle<'_>, usize),
        title: String,
        phase: Phase,
        actions: Vec<Action>,
    ) -> Step {
        let number = number.to_string();
        let mut parts = vec![verb];
        if !self.is_stable() {
            parts.push(self.name);
        }
        parts.push(bundle.package.as_str());
        parts.extend(bundle.word.as_deref());
        parts.push(&number);
        Step::new(&parts, title, phase, actions)
    }
}
