//! What lies where the artifacts of a channel lie and is none of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Drift, DriftWorld, Listing, Scope, drift, objects};
use crate::artifact_kind::ArtifactKind;
use crate::file_name::FileName;
use crate::manifest::{Channel, ChannelMap};
use crate::name::PackageName;
use crate::plan::rebuild::is_page;
use crate::project::Project;
use crate::say::bytes;
use crate::storage_key::{ArtifactKey, CondaFile, Home, IndexRoot, KeyPrefix, StorageKey, Tree};
use crate::store::{Fingerprint, ObjectKey};
use crate::version::Candidate;

/// Keys such as `whl//index.html`: some edges fold them into others.
pub(super) fn unnamed(channel: Channel, listing: &Listing) -> impl Iterator<Item = Drift> {
    let root = IndexRoot::from(channel);
    let of_candidates: &[KeyPrefix] = match channel {
        Channel::Test => &[KeyPrefix::Packages, KeyPrefix::Candidates],
        Channel::Stable => &[],
    };
    let roots = Tree::ALL.iter().map(|tree| root.path(*tree));
    let roots: Vec<String> = roots.chain(of_candidates.iter().map(|prefix| prefix.key().to_string())).collect();
    let below = move |key: &&String| roots.iter().any(|root| key.starts_with(&format!("{root}/")));
    let message = "no key of trackside can be called so, and some edges show it under another name";
    listing
        .unnamed
        .iter()
        .filter(below)
        .map(move |key| drift("stranger-object", listing, &key.escape_debug().to_string(), message.to_owned()))
}

/// What nothing of the channel is, with its size, and its name if it could be that of an artifact: in `stable` whatever
/// lies there, in `test` what lies with a candidate that it shows, beside its manifests. What builds upload below
/// `whl/test` until it is staged is theirs.
fn strangers<'a>(
    channel: Channel,
    listing: &'a Listing,
    expected: &'a BTreeMap<ObjectKey, Fingerprint>,
) -> impl Iterator<Item = (&'a ObjectKey, u64, Option<FileName>)> {
    let sets: BTreeSet<&str> = expected.keys().filter_map(set_of).collect();
    let is_here = move |key: &ObjectKey| match channel {
        Channel::Stable => true,
        Channel::Test => set_of(key).is_some_and(|set| sets.contains(set)),
    };
    let others = listing.sizes.iter().filter(move |(key, _)| !expected.contains_key(*key) && is_here(key));
    let others = others.filter(|(key, _)| !is_page(key) && !Tree::holds_apart(key));
    others.filter_map(|(key, size)| match StorageKey::parse(key.as_str()) {
        // Data of a conda channel, whose shards stay when others come, and manifests are judged apart.
        Some(StorageKey::Conda(_) | StorageKey::Manifest { .. }) => None,
        Some(StorageKey::Artifact(ArtifactKey { home: Home::Stable(_), file, .. })) => Some((key, *size, Some(file))),
        _ => Some((key, *size, None)),
    })
}

/// The folder of one candidate of a package, `packages/torch/2.15.0-rc1/`, that a key lies in.
fn set_of(key: &ObjectKey) -> Option<&str> {
    let below = key.below(&KeyPrefix::Packages.key())?;
    let (end, _) = below.match_indices('/').nth(1)?;
    let text = key.as_str();
    Some(&text[..=text.len() - below.len() + end])
}

/// Manifests of candidates that `test` shows, later than the ones that it points to: `stage` and `verify` go by the newest.
pub(super) fn later_manifests(map: Option<&ChannelMap>, listing: &Listing) -> Vec<Drift> {
    let Some(map) = map.filter(|map| map.channel == Channel::Test) else { return Vec::new() };
    let revisions: BTreeMap<(&PackageName, Candidate), u32> = map
        .entries()
        .map(|(package, _, entry)| ((package, entry.manifest.candidate), entry.manifest.revision))
        .collect();
    let of_key = |key: &ObjectKey| match StorageKey::parse(key.as_str()) {
        Some(StorageKey::Manifest { package, candidate, revision }) => {
            let shown = revisions.get(&(&package, candidate)).filter(|shown| **shown < revision)?;
            let message =
                format!("the channel points to revision {shown}, and whoever stages or verifies takes this one");
            Some(drift("manifest-later", listing, key.as_str(), message))
        }
        _ => None,
    };
    listing.sizes.keys().filter_map(of_key).collect()
}

/// Data of a conda channel where the channel has no conda package: nobody makes it anew, and a solver reads it. Shards
/// stay when others come.
pub(super) fn conda_of_nothing<'a>(
    listing: &'a Listing,
    seen: impl Iterator<Item = &'a ObjectKey>,
) -> impl Iterator<Item = Drift> {
    let is_data = |key: &ObjectKey| match StorageKey::parse(key.as_str()) {
        Some(StorageKey::Conda(key)) => !matches!(key.file, CondaFile::Shard(_)),
        _ => false,
    };
    let message = "there is no conda package that it could be data of";
    let data = seen.filter(move |key| is_data(key));
    data.map(move |key| drift("stranger-object", listing, key.as_str(), message.to_owned()))
}

/// Whether there is something in one of the stores of `stable` that nothing of the channel is.
pub fn has_strangers(channel: Channel, world: &DriftWorld) -> bool {
    let expected = objects(channel, &world.channel, Scope::All);
    // Nothing is taken back from `test`.
    channel == Channel::Stable
        && world.stores.iter().any(|listing| strangers(channel, listing, &expected).next().is_some())
}

/// How many objects are left of releases that were taken back. They stay by design, in every store.
pub fn taken_back(channel: Channel, world: &DriftWorld) -> usize {
    if world.promoted.is_empty() {
        return 0;
    }
    let expected = objects(channel, &world.channel, Scope::All);
    let all = world.stores.iter().flat_map(|listing| strangers(channel, listing, &expected));
    let known = all.filter(|(key, size, _)| world.promoted.get(*key) == Some(size));
    known.map(|(key, ..)| key).collect::<BTreeSet<_>>().len()
}

/// Those that no promotion brought. A channel that takes whatever is there has been the way in for somebody else's
/// package.
pub(super) fn drifts(
    project: &Project,
    channel: Channel,
    (listing, promoted): (&Listing, &BTreeMap<ObjectKey, u64>),
    expected: &BTreeMap<ObjectKey, Fingerprint>,
) -> Vec<Drift> {
    let of_stranger = |(key, size, file): (&ObjectKey, u64, Option<FileName>)| {
        let (code, message) = match promoted.get(key) {
            Some(wanted) if *wanted == size => return None,
            Some(wanted) => {
                let (found, wanted) = (bytes(size), bytes(*wanted));
                let message = format!("a release that was taken back has it with {wanted}, and it has {found}");
                ("stranger-object", message)
            }
            None if channel == Channel::Test => ("stranger-object", "no manifest of the candidate has it".to_owned()),
            None if file.is_none_or(|file| allowed(project, &file)) => {
                ("stranger-object", "no release of the channel has it".to_owned())
            }
            None => {
                let message = "no release of the channel has it, and its package is not allowed here";
                ("name-not-allowed", message.to_owned())
            }
        };
        Some(drift(code, listing, key.as_str(), message))
    };
    strangers(channel, listing, expected).filter_map(of_stranger).collect()
}

fn allowed(project: &Project, file: &FileName) -> bool {
    let package: Option<PackageName> = file.as_str().split('-').next().and_then(|name| name.parse().ok());
    // The names of archives are not those of packages.
    let flat = ArtifactKind::of_file_name(file.as_str()).is_some_and(|kind| Tree::FLAT.contains(&Tree::of(kind)));
    flat || package.is_some_and(|package| project.allows(&package))
}
