//! Conda channels as a pure function of manifests: which packages a channel holds, where they lie,
//! and the data per subdir that conda, mamba and pixi read.
//!
//! For each subdir: `repodata.json` with its `.zst`, sharded repodata (CEP 16) and
//! `run_exports.json` (CEP 12) with its `.zst`. `noarch` is always there, if empty, because clients
//! take a channel without it for broken. Records name files, not URLs, so all packages of a subdir
//! lie in one folder. Where that is not the folder of the data, `base_url` (CEP 15) leads there.

mod place;
mod record;
mod render;
mod shards;

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Sha256;
use crate::encoded::{EncodeError, Encoded};
use crate::file_name::FileName;
use crate::manifest::{Artifact, Manifest, Yanked};
use crate::name::{FolderName, PackageName};
use crate::storage_key::{CondaFile, CondaKey, IndexRoot, StorageKey};
use crate::version::Candidate;

pub use self::record::{CondaAbout, CondaRecord, Md5, Md5Error, RunExports};

/// One manifest of a channel.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The train's candidate that brought it to the channel; none where that is not told.
    pub candidate: Option<Candidate>,
    /// What of it is yanked: conda has no word for it, so such a file is listed as removed and no longer
    /// offered. It stays where it is, for those who know its URL from a lock file.
    pub yanked: Option<&'a Yanked>,
}

/// A channel as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaChannel {
    /// Its subdirs.
    pub subdirs: BTreeMap<FolderName, Subdir>,
}

/// One subdir of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subdir {
    /// Packages that must lie together before anything names them, and where they come from.
    pub copies: Vec<Copy>,
    /// Shards, which are named by their digest and never replaced.
    pub shards: Vec<(StorageKey, Encoded)>,
    /// The objects that are replaced, in the order in which they are to be.
    pub data: Vec<(StorageKey, Data)>,
}

/// A package that is copied within its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its immutable place.
    pub from: StorageKey,
    /// The folder of the channel.
    pub to: StorageKey,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
}

/// The content of an object that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A text as it is.
    Text(String),
    /// The bytes of a text.
    Encoded(Encoded),
}

/// Why manifests make no channel.
#[derive(Debug, thiserror::Error)]
pub enum CondaError {
    /// The manifest was written before records were kept.
    #[error("the manifest says nothing about the conda package `{0}`: it was staged by an older trackside")]
    NoRecord(FileName),
    /// The package says that it belongs elsewhere.
    #[error("`{file}` is a package for `{subdir}`, the matrix has it in {}", folder.as_ref().map_or("no folder", FolderName::as_str))]
    OtherSubdir {
        /// The file.
        file: FileName,
        /// What the package says.
        subdir: String,
        /// The folder that the matrix gives it.
        folder: Option<FolderName>,
    },
    /// Two different files of one name cannot lie in one folder.
    #[error("two different files named `{file}` would be in `{subdir}`: {one} and {other}")]
    TwoFiles {
        /// The file.
        file: FileName,
        /// The subdir.
        subdir: FolderName,
        /// The path of one.
        one: String,
        /// The path of the other.
        other: String,
    },
    /// A text could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A type of ours has no JSON, which cannot be.
    #[error("channel data cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A package of a subdir.
#[derive(Debug, Clone, Copy)]
struct Package<'a> {
    manifest: &'a Manifest,
    artifact: &'a Artifact,
    record: &'a CondaRecord,
    candidate: Option<Candidate>,
    yanked: bool,
}

/// The subdir that every channel has.
const NOARCH: &str = "noarch";

/// The channel of a root. `seen` are the subdirs that it has now: one that lost its last package
/// becomes empty, because data that stays would lead to what is gone. A channel without packages
/// that never had any has no data.
///
/// # Errors
/// When the manifests make no channel.
pub fn channel(
    root: IndexRoot,
    sources: &[Source<'_>],
    seen: &BTreeSet<FolderName>,
) -> Result<CondaChannel, CondaError> {
    let mut packages = sorted(sources)?;
    if packages.is_empty() && seen.is_empty() {
        return Ok(CondaChannel { subdirs: BTreeMap::new() });
    }
    let noarch = NOARCH.parse().ok();
    for subdir in seen.iter().cloned().chain(noarch) {
        packages.entry(subdir).or_default();
    }
    let subdirs = packages.into_iter().map(|(name, packages)| {
        let subdir = render::subdir(root, &name, &packages)?;
        Ok((name, subdir))
    });
    Ok(CondaChannel { subdirs: subdirs.collect::<Result<_, CondaError>>()? })
}

/// Whether any of the manifests has a conda package.
pub fn has_packages<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> bool {
    manifests.into_iter().flat_map(|manifest| &manifest.artifacts).any(|artifact| artifact.conda.is_some())
}

/// The subdirs whose data is among the keys of a listing.
pub fn subdirs_of<'a>(root: IndexRoot, paths: impl IntoIterator<Item = &'a str>) -> BTreeSet<FolderName> {
    let subdir = |path| match StorageKey::parse(path) {
        Some(StorageKey::Conda(CondaKey { root: of, subdir, file: CondaFile::Repodata })) if of == root => Some(subdir),
        _ => None,
    };
    paths.into_iter().filter_map(subdir).collect()
}

/// Checks what a built package says about its place.
///
/// # Errors
/// When the matrix has it elsewhere.
pub fn check_subdir(artifact: &Artifact, record: &CondaRecord) -> Result<(), CondaError> {
    let folder = artifact.folder.as_ref();
    if folder.is_some_and(|folder| folder.as_str() == record.subdir) {
        return Ok(());
    }
    Err(CondaError::OtherSubdir { file: artifact.name.clone(), subdir: record.subdir.clone(), folder: folder.cloned() })
}

type Sorted<'a> = BTreeMap<FolderName, BTreeMap<&'a FileName, Package<'a>>>;

/// The packages by subdir and file name, each once.
fn sorted<'a>(sources: &[Source<'a>]) -> Result<Sorted<'a>, CondaError> {
    let mut sorted: Sorted<'a> = BTreeMap::new();
    for &Source { manifest, candidate, yanked } in sources {
        for artifact in manifest.artifacts.iter().filter(|artifact| artifact.is_conda()) {
            let record = artifact.conda.as_deref().ok_or_else(|| CondaError::NoRecord(artifact.name.clone()))?;
            check_subdir(artifact, record)?;
            let Some(subdir) = &artifact.folder else { continue };
            let yanked = yanked.is_some_and(|yanked| yanked.reason(&artifact.name).is_some());
            let package = Package { manifest, artifact, record, candidate, yanked };
            let there = sorted.entry(subdir.clone()).or_default().insert(&artifact.name, package);
            if let Some(other) = there.filter(|other| other.artifact.sha256 != artifact.sha256) {
                return Err(CondaError::TwoFiles {
                    file: artifact.name.clone(),
                    subdir: subdir.clone(),
                    one: other.staged().path(),
                    other: package.staged().path(),
                });
            }
        }
    }
    Ok(sorted)
}

impl Package<'_> {
    /// Its immutable place.
    fn staged(&self) -> StorageKey {
        StorageKey::staged(&self.manifest.package, self.manifest.candidate, self.artifact)
    }

    /// The package whose set it is part of.
    fn set(&self) -> (&PackageName, Candidate) {
        (&self.manifest.package, self.manifest.candidate)
    }
}

impl Data {
    /// The digest of the bytes.
    pub fn sha256(&self) -> Sha256 {
        match self {
            Self::Text(text) => Sha256::of(text.as_bytes()),
            Self::Encoded(encoded) => encoded.sha256,
        }
    }
}

impl CondaChannel {
    /// The keys and digests of everything that the channel shows.
    pub fn digests(&self) -> BTreeMap<StorageKey, Sha256> {
        let shards = |subdir: &Subdir| -> Vec<_> {
            let shards = subdir.shards.iter().map(|(key, shard)| (key.clone(), shard.sha256));
            shards.chain(subdir.data.iter().map(|(key, data)| (key.clone(), data.sha256()))).collect()
        };
        self.subdirs.values().flat_map(shards).collect()
    }
}

#[cfg(test)]
mod tests;
