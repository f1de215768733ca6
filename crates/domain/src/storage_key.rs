//! The layout of the stores: every key, its URL, its content type and how long it may be cached.
//!
//! Nobody else formats a key. In keys a `+` is literal; in URLs it is `%2B`, because some servers
//! and stores read a literal one as a space.

mod attributes;
mod conda;
mod page;
mod parse;
mod prefix;
mod url;

pub use self::attributes::Attributes;
pub use self::conda::{CondaFile, CondaKey};
pub use self::page::{IndexRoot, PageKey, Tree, Twin};
pub use self::prefix::KeyPrefix;
pub use self::url::{percent_decoded, percent_encoded, relative_url};

use crate::artifact_kind::ArtifactKind;
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::manifest::{Artifact, Channel};
use crate::name::{FolderName, PackageName};
use crate::store::ObjectKey;
use crate::version::{Candidate, Release};

/// The place of one object. The comment of each variant shows its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StorageKey {
    /// `candidates/2.15.0-rc3/candidate.json`, with the train's candidate.
    CandidateRecord(Candidate),
    /// `candidates/2.15.0-rc3/verdict/000001.json`: a verdict is never replaced, the next one has
    /// the next number.
    Verdict {
        /// The train's candidate.
        candidate: Candidate,
        /// The first is 1.
        number: u32,
    },
    /// `packages/torchvision/0.30.0-rc1/manifest/000001.json`.
    Manifest {
        /// The package.
        package: PackageName,
        /// The package's own candidate.
        candidate: Candidate,
        /// The revision; the first is 1.
        revision: u32,
    },
    /// `packages/torchvision/0.30.0-rc1/files/cpu/<file>` or `whl/cpu/<file>`.
    Artifact(ArtifactKey),
    /// `whl/cpu/torch/index.html`.
    Page(PageKey),
    /// `conda/linux-64/repodata.json`: channel data, not packages.
    Conda(CondaKey),
    /// `channels/stable.json`.
    Channel(Channel),
    /// `channels/stable/generations/000042.json`: a switch of the channel and what it replaced.
    Generation {
        /// The channel.
        channel: Channel,
        /// The first is 1.
        number: u64,
    },
    /// `channels/stable/imported/numpy/<digest>.json`: files that were there before trackside was.
    Imported {
        /// The channel.
        channel: Channel,
        /// The package.
        package: PackageName,
        /// The digest of the record.
        sha256: Sha256,
    },
    /// `kept/<digest>`, in the backup store: the bytes of a page that was replaced.
    Kept(Sha256),
    /// `promotions/2.15.0.json`, with the train's release.
    Promotion(Release),
    /// `torch/2.15.0/linux-64/torch-2.15.0-py310_0.conda`, at anaconda.org: its files have no other layout.
    Anaconda {
        /// The name of the package as conda knows it.
        name: String,
        /// Its version.
        version: String,
        /// The platform.
        subdir: FolderName,
        /// The file.
        file: FileName,
    },
    /// `plans/<digest>.json`, in the state store.
    Plan(Sha256),
}

/// The place of an artifact's file, or of the metadata file beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArtifactKey {
    /// In which of its places.
    pub home: Home,
    /// The folder of the channel; `None` is the root.
    pub folder: Option<FolderName>,
    /// The file's name.
    pub file: FileName,
    /// The file or its metadata.
    pub part: Part,
}

/// The places where an artifact can be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// The immutable set of a package's candidate.
    Candidate {
        /// The package.
        package: PackageName,
        /// The package's own candidate.
        candidate: Candidate,
    },
    /// The classic place in the stable channel.
    Stable(Tree),
    /// `candidates/2.15.0-rc3/conda/linux-64/<file>`: beside the data of a candidate's own channel,
    /// for conda packages of several sets, which must lie in one folder.
    CondaCandidate(Candidate),
    /// `conda/test/sets/<digest>/linux-64/<file>`: the same for `test`, by the digest of what is together.
    CondaSet(Sha256),
}

/// A file and what lies beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The artifact.
    File,
    /// Its metadata file (PEP 658): the same name and `.metadata`.
    Metadata,
}

impl StorageKey {
    /// Where an artifact is staged: in the immutable set of its package's candidate.
    pub fn staged(package: &PackageName, candidate: Candidate, artifact: &Artifact) -> Self {
        Self::artifact(Home::Candidate { package: package.clone(), candidate }, artifact)
    }

    /// Where an artifact is in the stable channel: at its classic key.
    pub fn stable(artifact: &Artifact) -> Self {
        Self::artifact(Home::Stable(Tree::of(artifact.kind)), artifact)
    }

    /// Where a conda package is at anaconda.org; `None` for other artifacts.
    pub fn anaconda(artifact: &Artifact) -> Option<Self> {
        let folder = artifact.folder.clone().filter(|_| artifact.is_conda())?;
        Self::anaconda_file(folder, artifact.name.clone())
    }

    /// Where a file `name-version-build.conda` is at anaconda.org.
    pub fn anaconda_file(subdir: FolderName, file: FileName) -> Option<Self> {
        let stem = file.as_str().strip_suffix(".conda").or_else(|| file.as_str().strip_suffix(".tar.bz2"))?;
        let (rest, build) = stem.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        let is_part = |part: &&str| !part.is_empty() && !part.starts_with('.');
        let (name, version) =
            [name, version, build].iter().all(is_part).then(|| (name.to_owned(), version.to_owned()))?;
        Some(Self::Anaconda { name, version, subdir, file })
    }

    fn artifact(home: Home, artifact: &Artifact) -> Self {
        let (folder, file) = (artifact.folder.clone(), artifact.name.clone());
        Self::Artifact(ArtifactKey { home, folder, file, part: Part::File })
    }

    /// The metadata file beside an artifact; `None` for every other key.
    pub fn metadata(&self) -> Option<Self> {
        match self {
            Self::Artifact(key) if key.part == Part::File => {
                Some(Self::Artifact(ArtifactKey { part: Part::Metadata, ..key.clone() }))
            }
            _ => None,
        }
    }

    /// The path below the root of the store.
    pub fn path(&self) -> String {
        match self {
            Self::CandidateRecord(candidate) => format!("candidates/{candidate}/candidate.json"),
            Self::Verdict { candidate, number } => format!("candidates/{candidate}/verdict/{number:06}.json"),
            Self::Manifest { package, candidate, revision } => {
                format!("packages/{package}/{candidate}/manifest/{revision:06}.json")
            }
            Self::Artifact(key) => key.path(),
            Self::Page(key) => key.path(),
            Self::Conda(key) => key.path(),
            Self::Channel(channel) => format!("channels/{channel}.json"),
            Self::Generation { channel, number } => format!("channels/{channel}/generations/{number:06}.json"),
            Self::Imported { channel, package, sha256 } => {
                format!("channels/{channel}/imported/{package}/{sha256}.json")
            }
            Self::Kept(digest) => format!("kept/{digest}"),
            Self::Promotion(release) => format!("promotions/{release}.json"),
            Self::Anaconda { name, version, subdir, file } => format!("{name}/{version}/{subdir}/{file}"),
            Self::Plan(digest) => format!("plans/{digest}.json"),
        }
    }

    /// The path as a checked key.
    pub fn key(&self) -> ObjectKey {
        // The parts are checked names of limited length without slashes; a property test agrees.
        self.path().parse().expect("checked names make a legal key")
    }

    /// The path as it stands in a URL: `+` is `%2B`.
    pub fn url_path(&self) -> String {
        percent_encoded(&self.path())
    }

    /// The value of the `Content-Type` header.
    pub fn content_type(&self) -> &'static str {
        self.attributes().content_type
    }

    /// The value of the `Cache-Control` header.
    pub fn cache_control(&self) -> &'static str {
        self.attributes().cache_control
    }
}

impl ArtifactKey {
    fn path(&self) -> String {
        let home = match &self.home {
            Home::Candidate { package, candidate } => format!("packages/{package}/{candidate}/files"),
            Home::Stable(tree) => tree.as_str().to_owned(),
            Home::CondaCandidate(candidate) => IndexRoot::Candidate(*candidate).path(Tree::Conda),
            Home::CondaSet(digest) => format!("{}/sets/{digest}", IndexRoot::Test.path(Tree::Conda)),
        };
        let folder = self.folder.as_ref().map(|folder| format!("/{folder}")).unwrap_or_default();
        format!("{home}{folder}/{}{}", self.file, self.part.suffix())
    }
}

impl Part {
    /// What the part adds to the file's name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::File => "",
            Self::Metadata => ".metadata",
        }
    }
}

impl Tree {
    /// The tree that artifacts of a kind go to.
    pub const fn of(kind: ArtifactKind) -> Self {
        match kind {
            ArtifactKind::Wheel | ArtifactKind::Sdist => Self::Whl,
            ArtifactKind::Libtorch => Self::Libtorch,
            ArtifactKind::Source => Self::Source,
            ArtifactKind::Conda => Self::Conda,
        }
    }
}

#[cfg(test)]
mod tests;
