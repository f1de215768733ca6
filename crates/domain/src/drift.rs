//! Where a channel differs from what its map, its manifests and the configuration say.

mod anaconda;
mod conda;
mod lost;
mod own;
mod strangers;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest::Sha256;
use crate::index::Page;
use crate::manifest::{Artifact, Channel, ChannelMap};
use crate::name::PackageName;
use crate::plan::Stop;
use crate::plan::rebuild::{self, is_page, pages, wanted};
use crate::project::Project;
use crate::say::bytes;
use crate::storage_key::{StorageKey, percent_decoded};
use crate::store::{Fingerprint, ObjectKey};
use crate::version::{Candidate, Release};
use crate::world::{ChannelWorld, Hosted};

pub use self::anaconda::names as anaconda_names;
pub use self::lost::readable;
pub use self::own::{OwnPages, shown};
pub use self::strangers::{has_strangers, taken_back};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Drift {
    /// A stable identifier.
    pub code: &'static str,
    /// The word for the store.
    pub store: String,
    /// The object, or the package.
    pub subject: String,
    /// What is wrong.
    pub message: String,
}

/// What a channel is made of, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DriftWorld {
    /// All of its map, manifests and pages.
    pub channel: ChannelWorld,
    /// What its stores hold, in the order of the project.
    pub stores: Vec<Listing>,
    /// The files of its packages at anaconda.org, if it has a label there.
    pub anaconda: BTreeMap<ObjectKey, Hosted>,
    /// The own pages of the candidates that it shows.
    pub candidates: BTreeMap<Candidate, OwnPages>,
    /// The sizes of the objects of releases that were promoted and are not in the channel, by their promotion records.
    /// It is looked at only if something is there that the channel does not have.
    pub promoted: BTreeMap<ObjectKey, u64>,
}

/// What one store holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The word for it.
    pub name: String,
    /// The objects below the folders of the channel with their sizes.
    pub sizes: BTreeMap<ObjectKey, u64>,
    /// The digests of those that were read, or that are proved to be what was read before.
    pub digests: BTreeMap<ObjectKey, Sha256>,
    /// Those that were to be read and are not there to be read, although they are listed.
    pub unreadable: BTreeSet<ObjectKey>,
    /// The pages that differ, as they are.
    pub pages: BTreeMap<ObjectKey, String>,
    /// How the headers of pages and channel data contradict what they must be sent with.
    pub headers: BTreeMap<ObjectKey, String>,
    /// Keys below the store that no key of ours can name, as they are.
    pub unnamed: BTreeSet<String>,
}

/// What of a channel is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All of it.
    All,
    /// Only these releases of packages, those of one release of the train.
    Only(&'a BTreeMap<PackageName, Release>),
}

impl Scope<'_> {
    fn holds(self, package: &PackageName, release: Option<Release>) -> bool {
        match self {
            Self::All => true,
            Self::Only(releases) => releases.get(package).is_some_and(|one| release.is_none_or(|other| *one == other)),
        }
    }
}

/// Every object that a channel links to, and what it must be.
pub fn objects(channel: Channel, world: &ChannelWorld, scope: Scope<'_>) -> BTreeMap<ObjectKey, Fingerprint> {
    let mut objects = BTreeMap::new();
    let Some((_, map)) = &world.map else { return objects };
    let mut add = |artifact: &Artifact, place: StorageKey| {
        if let (Some(key), Some(file)) = (place.metadata(), &artifact.metadata) {
            objects.insert(key.key(), Fingerprint { size: file.size, sha256: file.sha256 });
        }
        objects.insert(place.key(), Fingerprint { size: artifact.size, sha256: artifact.sha256 });
    };
    for (package, _, entry) in map.entries().filter(|(package, release, _)| scope.holds(package, Some(*release))) {
        let Some(manifest) = world.manifests.get(&entry.manifest.sha256) else { continue };
        for artifact in &manifest.artifacts {
            add(
                artifact,
                match channel {
                    Channel::Test => StorageKey::staged(package, manifest.candidate, artifact),
                    Channel::Stable => StorageKey::stable(artifact),
                },
            );
        }
    }
    if scope == Scope::All {
        for imported in map.imported.values() {
            let files = world.imported.get(&imported.record).into_iter().flat_map(|record| &record.files);
            files.for_each(|file| add(&file.artifact, StorageKey::stable(&file.artifact)));
        }
    }
    objects
}

/// The objects that are to be read of a channel: its artifacts, and its conda shards, whose bytes nobody else compares.
///
/// # Errors
/// When conda data cannot be made of what was seen.
pub fn to_read(
    project: &Project,
    channel: Channel,
    world: &ChannelWorld,
    scope: Scope<'_>,
) -> Result<BTreeMap<ObjectKey, Fingerprint>, Stop> {
    let mut all = objects(channel, world, scope);
    let map = wanted(project, channel, world);
    if lost::is_whole(&map, world) {
        let conda = rebuild::conda(project, world, &map, &world.pages)?;
        all.extend(conda.iter().flat_map(conda::shards));
    }
    Ok(all)
}

/// Every difference, by store and subject.
///
/// # Errors
/// When its pages cannot be rendered at all.
pub fn drifts(project: &Project, channel: Channel, world: &DriftWorld, scope: Scope<'_>) -> Result<Vec<Drift>, Stop> {
    let map = wanted(project, channel, &world.channel);
    // What lists several packages is right only if all of them are known.
    let whole = lost::is_whole(&map, &world.channel);
    let mut rendered = pages(project, &world.channel, &readable(&map, &world.channel))?;
    rendered.retain(|page| whole || page.of.package().is_some());
    let expected = objects(channel, &world.channel, scope);
    let mut drifts = lost::drifts(&map, &world.channel, scope);
    if world.channel.map.is_none() {
        drifts.push(Drift {
            code: "map-missing",
            store: channel.to_string(),
            subject: StorageKey::Channel(channel).path(),
            message: "it is not there, so the channel has nothing that could be compared".into(),
        });
    }
    if scope == Scope::All {
        drifts.extend(names(project, channel, &map));
        drifts.extend(of_map(channel, world.channel.map.as_ref().map(|(_, map)| map), &map));
    }
    if let Scope::Only(releases) = scope {
        drifts.extend(absent(channel, releases, &map));
    }
    let main = world.channel.map.as_ref().map(|(digest, _)| *digest);
    for (index, listing) in world.stores.iter().enumerate() {
        let mirror = index.checked_sub(1).and_then(|index| world.channel.mirrors.get(index));
        let seen = mirror.map_or(&world.channel.pages, |mirror| &mirror.pages);
        let theirs = mirror.map_or(main, |mirror| mirror.map.as_ref().map(|(digest, _)| *digest));
        if theirs != main {
            drifts.push(drift("map-differs", listing, channel.as_str(), "it points to something else".into()));
        }
        drifts.extend(expected.iter().filter_map(|(key, wanted)| of_object(listing, key, *wanted)));
        let in_scope = |page: &&Page| match scope {
            Scope::All => true,
            // A list is everybody's.
            Scope::Only(_) => page.of.package().is_none_or(|package| scope.holds(package, None)),
        };
        for page in rendered.iter().filter(in_scope) {
            drifts.extend(of_page(listing, page, seen.get(&page.key.key()).copied(), &expected));
        }
        let shown: BTreeSet<ObjectKey> = rendered.iter().filter(in_scope).map(|page| page.key.key()).collect();
        let in_question = |key: &ObjectKey| scope == Scope::All || shown.contains(key) || expected.contains_key(key);
        let code = |key: &ObjectKey| if expected.contains_key(key) { "object-headers" } else { "page-headers" };
        let headers = listing.headers.iter().filter(|(key, _)| in_question(key));
        drifts.extend(headers.map(|(key, why)| drift(code(key), listing, key.as_str(), why.clone())));
        if !whole {
            // What is strange, and what conda data is to be, is known only of a whole channel.
            continue;
        }
        let wanted = rebuild::conda(project, &world.channel, &map, seen)?;
        drifts.extend(wanted.iter().flat_map(|wanted| conda::of_conda(listing, wanted, seen)));
        if scope == Scope::All {
            let known: BTreeSet<ObjectKey> = rendered.iter().map(|page| page.key.key()).collect();
            let strangers = seen.keys().filter(|key| is_page(key) && !known.contains(*key));
            drifts.extend(
                strangers.map(|key| {
                    drift("stranger-page", listing, key.as_str(), "the channel has no such page".to_owned())
                }),
            );
            drifts.extend(strangers::drifts(project, channel, (listing, &world.promoted), &expected));
            drifts.extend(strangers::unnamed(channel, listing));
            drifts.extend(strangers::later_manifests(world.channel.map.as_ref().map(|(_, map)| map), listing));
            if wanted.is_none() {
                drifts.extend(strangers::conda_of_nothing(listing, listing.sizes.keys()));
            }
        }
    }
    drifts.extend(anaconda::drifts(project, channel, world, scope));
    drifts.extend(own::drifts(world)?);
    drifts.sort();
    Ok(drifts)
}

fn drift(code: &'static str, listing: &Listing, subject: &str, message: String) -> Drift {
    Drift { code, store: listing.name.clone(), subject: subject.to_owned(), message }
}

/// Packages that nobody allowed.
fn names(project: &Project, channel: Channel, map: &ChannelMap) -> Vec<Drift> {
    let strange = map.packages().into_iter().filter(|package| !project.allows(package));
    strange
        .map(|package| Drift {
            code: "name-not-allowed",
            store: channel.to_string(),
            subject: package.to_string(),
            message: "it is no package of the train, no third-party package, and not in `channels.allow`".into(),
        })
        .collect()
}

/// Packages of a release of which the channel has not that version.
fn absent(channel: Channel, releases: &BTreeMap<PackageName, Release>, map: &ChannelMap) -> Vec<Drift> {
    let has = |package, release| map.releases.get(package).is_some_and(|there| there.contains_key(release));
    let absent = releases.iter().filter(|(package, release)| !has(*package, *release));
    absent
        .map(|(package, release)| Drift {
            code: "release-missing",
            store: channel.to_string(),
            subject: package.to_string(),
            message: format!("the channel does not have {release}"),
        })
        .collect()
}

fn of_map(channel: Channel, seen: Option<&ChannelMap>, wanted: &ChannelMap) -> Option<Drift> {
    let empty = ChannelMap::empty(channel);
    (seen.unwrap_or(&empty).links != wanted.links).then(|| Drift {
        code: "links-outdated",
        store: channel.to_string(),
        subject: StorageKey::Channel(channel).path(),
        message: "the third-party links of the configuration are others".into(),
    })
}

fn of_object(listing: &Listing, key: &ObjectKey, wanted: Fingerprint) -> Option<Drift> {
    let found = |code, message| Some(drift(code, listing, key.as_str(), message));
    if listing.unreadable.contains(key) {
        return found("object-unreadable", "it is listed, and the store does not give it out".to_owned());
    }
    match (listing.sizes.get(key), listing.digests.get(key)) {
        (None, _) => found("object-missing", "pages link to it, and it is not there".to_owned()),
        (Some(size), _) if *size != wanted.size => {
            found("object-size", format!("it has {}, the manifest says {}", bytes(*size), bytes(wanted.size)))
        }
        (Some(_), Some(digest)) if *digest != wanted.sha256 => found(
            "object-bytes",
            format!("it has sha256 {}, the manifest says {}", digest.short(), wanted.sha256.short()),
        ),
        (Some(_), _) => None,
    }
}

/// What is wrong with a page: first what its links say that is not so.
fn of_page(
    listing: &Listing,
    page: &Page,
    seen: Option<Sha256>,
    expected: &BTreeMap<ObjectKey, Fingerprint>,
) -> Vec<Drift> {
    let key = page.key.key();
    let Some(seen) = seen else {
        return vec![drift("page-missing", listing, key.as_str(), "it is not there".to_owned())];
    };
    if seen == Sha256::of(page.content.as_bytes()) {
        return Vec::new();
    }
    let mut drifts = vec![drift("page-differs", listing, key.as_str(), "it is not what it should be".to_owned())];
    let Some(text) = listing.pages.get(&key) else { return drifts };
    let digests: BTreeMap<&str, Sha256> =
        expected.iter().map(|(key, wanted)| (key.file_name(), wanted.sha256)).collect();
    for (file, sha256) in hashes(text) {
        let linked = file.as_str();
        match digests.get(linked) {
            Some(wanted) if wanted.to_string() != sha256 => {
                let message = format!("its link to {linked} says sha256 {}, not {}", short(&sha256), wanted.short());
                drifts.push(drift("page-hash", listing, key.as_str(), message));
            }
            None if !page.content.contains(&sha256) => {
                let message = format!("it links to {linked}, which the channel does not have");
                drifts.push(drift("dangling-link", listing, key.as_str(), message));
            }
            Some(_) | None => {}
        }
    }
    drifts
}

fn short(sha256: &str) -> String {
    sha256.chars().take(12).filter(char::is_ascii_hexdigit).collect()
}

/// The names of the files that a page links to with their digests, from HTML and JSON alike.
fn hashes(text: &str) -> Vec<(String, String)> {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(text) {
        let files = json["files"].as_array().cloned().unwrap_or_default();
        let of_file = |file: &serde_json::Value| {
            Some((file["filename"].as_str()?.to_owned(), file["hashes"]["sha256"].as_str()?.to_owned()))
        };
        return files.iter().filter_map(of_file).collect();
    }
    let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let of_link = |link: &str| {
        let (url, sha256) = link.split_once("#sha256=")?;
        let name = percent_decoded(url.rsplit('/').next()?)?.into_owned();
        Some((name, sha256.to_owned()))
    };
    links.filter_map(of_link).collect()
}
