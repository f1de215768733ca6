//! What a channel points to: `channels/stable.json` and `channels/test.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::{FORMAT, record};
use super::{FileName, Manifest, ManifestRef, RecordError, Spread};
use crate::digest::Sha256;
use crate::name::PackageName;
use crate::storage_key::{IndexRoot, KeyPrefix, StorageKey, Tree};
use crate::store::ObjectKey;
use crate::version::{Candidate, Release};

/// A channel that installers read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Sealed candidates.
    Test,
    /// Promoted releases.
    Stable,
}

/// Which manifest each release of each package points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelMap {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The channel.
    pub channel: Channel,
    /// The number of the generation that made it: so a map is like no other, and says what a rollback takes back.
    /// 0 if none did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u64,
    /// For each package, its own releases.
    pub releases: BTreeMap<PackageName, BTreeMap<Release, ChannelEntry>>,
    /// The files that were there before trackside was, by package.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub imported: BTreeMap<PackageName, Imported>,
    /// The links to files of other indexes that the pages hold, by package.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<PackageName, Linked>,
}

/// What one release of a package points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelEntry {
    /// The sealed manifest.
    pub manifest: ManifestRef,
    /// The train's candidate that brought it here.
    pub candidate: Candidate,
    /// The folders of its files. Maps of older programs do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
    /// When it came here, as the plan that brought it was made: the upload time of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What of it is yanked.
    #[serde(default, skip_serializing_if = "Yanked::is_empty")]
    pub yanked: Yanked,
}

/// What is yanked (PEP 592), each with the reason. Installers take such a file only for a requirement
/// that names exactly its version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yanked {
    /// All files of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Single files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<FileName, String>,
}

/// The files of a package that were there before trackside was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The digest of the record that names them.
    pub record: Sha256,
    /// Their folders.
    pub spread: Spread,
    /// Which of them are yanked.
    #[serde(default, skip_serializing_if = "Yanked::is_empty")]
    pub yanked: Yanked,
}

/// The links of a package's pages to files of other indexes, as they were last rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    /// The digest of all of them.
    pub sha256: Sha256,
    /// Their folders.
    pub spread: Spread,
}

/// Why a text is not a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a channel: `test` or `stable` is needed", .0.escape_debug())]
pub struct ChannelError(String);

record!(ChannelMap, "channel map");

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Channel {
    /// The word for it everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Stable => "stable",
        }
    }
}

impl Channel {
    /// Whether an object is the map, a page or conda data of this channel.
    pub fn owns(self, key: &ObjectKey) -> bool {
        let below = |root| Tree::ALL.into_iter().any(|tree| key.below(&KeyPrefix::Index(root, tree).key()).is_some());
        *key == StorageKey::Channel(self).key()
            || match self {
                Self::Test => below(IndexRoot::Test),
                Self::Stable => below(IndexRoot::Stable) && !below(IndexRoot::Test),
            }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        match text {
            "test" => Ok(Self::Test),
            "stable" => Ok(Self::Stable),
            _ => Err(ChannelError(text.to_owned())),
        }
    }
}

impl Yanked {
    /// Whether nothing is yanked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Why a file is yanked, if it is.
    pub fn reason(&self, file: &FileName) -> Option<&str> {
        self.files.get(file).or(self.release.as_ref()).map(String::as_str)
    }
}

impl ChannelEntry {
    /// What a release points to from now on.
    pub fn new(manifest: &Manifest, candidate: Candidate, since: Option<Timestamp>) -> Self {
        let spread = Some(Spread::of(&manifest.artifacts));
        Self { manifest: manifest.reference(), candidate, spread, since, yanked: Yanked::default() }
    }
}

impl ChannelMap {
    /// A channel that points to nothing yet.
    pub const fn empty(channel: Channel) -> Self {
        Self {
            format: FORMAT,
            channel,
            generation: 0,
            releases: BTreeMap::new(),
            imported: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// Every entry with its package and release.
    pub fn entries(&self) -> impl Iterator<Item = (&PackageName, Release, &ChannelEntry)> {
        self.releases
            .iter()
            .flat_map(|(package, releases)| releases.iter().map(move |(release, entry)| (package, *release, entry)))
    }

    /// The folders of everything that a package has here; `None` if an older program wrote an entry
    /// that does not say it.
    pub fn spread(&self, package: &PackageName) -> Option<Spread> {
        let mut spread = Spread::default();
        for entry in self.releases.get(package).into_iter().flat_map(BTreeMap::values) {
            spread.extend(entry.spread.as_ref()?);
        }
        self.imported.get(package).into_iter().for_each(|imported| spread.extend(&imported.spread));
        self.links.get(package).into_iter().for_each(|linked| spread.extend(&linked.spread));
        Some(spread)
    }

    /// What this map points to and `other` does not: what comes when this one takes the place of the other.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        let mut beyond = self.clone();
        for (package, releases) in &mut beyond.releases {
            let theirs = other.releases.get(package);
            let known = |release: &Release, entry: &ChannelEntry| {
                theirs.and_then(|theirs| theirs.get(release)).is_some_and(|there| there.manifest == entry.manifest)
            };
            releases.retain(|release, entry| !known(release, entry));
        }
        beyond.releases.retain(|_, releases| !releases.is_empty());
        let known = |package: &PackageName, imported: &Imported| {
            other.imported.get(package).is_some_and(|there| there.record == imported.record)
        };
        beyond.imported.retain(|package, imported| !known(package, imported));
        beyond.links.clear();
        beyond
    }

    /// Whether a package has something else here than in another map.
    pub fn differs(&self, other: &Self, package: &PackageName) -> bool {
        self.releases.get(package) != other.releases.get(package)
            || self.imported.get(package) != other.imported.get(package)
            || self.links.get(package) != other.links.get(package)
    }

    /// Every package that has something here, sorted.
    pub fn packages(&self) -> BTreeSet<&PackageName> {
        self.releases.keys().chain(self.imported.keys()).chain(self.links.keys()).collect()
    }

    fn check(&self) -> Result<(), RecordError> {
        let agrees = |(package, release, entry): (&PackageName, Release, &ChannelEntry)| {
            entry.manifest.package == *package && entry.manifest.candidate.release == release
        };
        if !self.entries().all(agrees) {
            return Err(Self::refused("it points a release to the manifest of another package or release"));
        }
        Ok(())
    }
}
