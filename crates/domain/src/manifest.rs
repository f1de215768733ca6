//! The facts about a release that lie beside the artifacts in their store: what a candidate holds,
//! what was checked, what each channel points to, what was promoted.
//!
//! Each record is canonical JSON: the same record gives the same bytes on every machine, and bytes
//! that are not exactly those of the record they hold are refused, so a record and its digest
//! cannot disagree.

mod candidate;
mod channel;
mod generation;
mod imported;
mod promotion;
pub(crate) mod record;
mod spread;
mod verdict;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::candidate::{CandidatePackage, CandidateRecord};
pub use self::channel::{Channel, ChannelEntry, ChannelMap, Imported, Linked, Yanked};
pub use self::generation::{GenerationRecord, PageChange};
pub use self::imported::{ImportRecord, ImportedFile, Proof};
pub use self::promotion::PromotionRecord;
pub use self::record::{FORMAT, RecordError};
pub use self::spread::Spread;
pub use self::verdict::{Check, Outcome, Verdict};
pub use crate::artifact_kind::ArtifactKind;
pub use crate::file_name::FileName;

use self::record::record;
use crate::conda::CondaRecord;
use crate::derivation::Derivation;
use crate::digest::Sha256;
use crate::git::{ObjectId, TagName};
use crate::name::{FolderName, PackageName, RepositoryName};
use crate::version::Candidate;

/// One file of a package's candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// The name of its file.
    pub name: FileName,
    /// What it is.
    pub kind: ArtifactKind,
    /// The folder of the channel that it goes to; `None` is the channel's root.
    pub folder: Option<FolderName>,
    /// Its length in bytes.
    pub size: u64,
    /// The digest of the whole file.
    pub sha256: Sha256,
    /// The metadata file beside it (PEP 658), which wheels have.
    pub metadata: Option<MetadataFile>,
    /// What the artifact's own metadata says in `Requires-Python`.
    pub requires_python: Option<String>,
    /// How it was made from another artifact. One that was built has none, and its record has the
    /// bytes that it had before there was this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derivation: Option<Derivation>,
    /// What the channel says about a conda package. Other artifacts have none, and their record has
    /// the bytes that it had before there was this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conda: Option<Box<CondaRecord>>,
}

/// The file `<artifact>.metadata` (PEP 658).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataFile {
    /// The digest of the whole file.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub size: u64,
}

/// The exact artifacts of one package's candidate, as far as they have been staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The package.
    pub package: PackageName,
    /// The package's own candidate, such as `0.30.0-rc1` of torchvision.
    pub candidate: Candidate,
    /// The number of this revision; the first is 1.
    pub revision: u32,
    /// The digest of the revision before this one.
    pub parent: Option<Sha256>,
    /// Whether it is complete; no revision follows a sealed one.
    pub sealed: bool,
    /// What the artifacts were built from.
    pub source: Source,
    /// The artifacts, sorted by folder and name, each once. [`Manifest::new`] keeps it so.
    pub artifacts: Vec<Artifact>,
}

/// The commit that artifacts were built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The repository, by its short name.
    pub repository: RepositoryName,
    /// The tag of the candidate.
    pub tag: TagName,
    /// The commit that the tag names.
    pub commit: ObjectId,
}

/// Names one revision of one manifest, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestRef {
    /// The package.
    pub package: PackageName,
    /// The package's own candidate.
    pub candidate: Candidate,
    /// The revision.
    pub revision: u32,
    /// The digest of the manifest's bytes.
    pub sha256: Sha256,
}

record!(Manifest, "manifest");

impl Manifest {
    /// The first revision of a manifest: open, without a parent.
    ///
    /// # Errors
    /// When two artifacts have one folder and name.
    pub fn new(
        package: PackageName,
        candidate: Candidate,
        source: Source,
        artifacts: Vec<Artifact>,
    ) -> Result<Self, RecordError> {
        let (format, revision, parent, sealed) = (FORMAT, 1, None, false);
        Self { format, package, candidate, revision, parent, sealed, source, artifacts }.in_order()
    }

    /// The next revision, with all artifacts of this one and more of them.
    ///
    /// # Errors
    /// When this one is sealed, or two artifacts have one folder and name.
    pub fn next(&self, more: impl IntoIterator<Item = Artifact>) -> Result<Self, RecordError> {
        if self.sealed {
            return Err(Self::refused("it is sealed, so no revision may follow"));
        }
        let mut next = self.clone();
        next.revision += 1;
        next.parent = Some(self.digest());
        next.artifacts.extend(more);
        next.in_order()
    }

    /// The same revision, sealed: to be called before it is written.
    #[must_use]
    pub fn sealed(self) -> Self {
        Self { sealed: true, ..self }
    }

    /// Names this revision.
    pub fn reference(&self) -> ManifestRef {
        ManifestRef {
            package: self.package.clone(),
            candidate: self.candidate,
            revision: self.revision,
            sha256: self.digest(),
        }
    }

    /// The sum of the artifacts' lengths, in bytes.
    pub fn bytes(&self) -> u64 {
        self.artifacts.iter().map(|artifact| artifact.size).sum()
    }

    fn in_order(mut self) -> Result<Self, RecordError> {
        self.artifacts.sort_by(|one, other| one.place().cmp(&other.place()));
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), RecordError> {
        if !self.artifacts.is_sorted_by(|one, next| one.place() < next.place()) {
            return Err(Self::refused("its artifacts are not sorted by folder and name, each once"));
        }
        if !self.artifacts.iter().all(Artifact::is_what_was_derived) {
            return Err(Self::refused("the derivation of one of its artifacts made another file"));
        }
        // A store in a folder of macOS or Windows would take the two for one file.
        let mut seen = BTreeSet::new();
        if !self.artifacts.iter().all(|artifact| seen.insert(artifact.place_ignoring_case())) {
            return Err(Self::refused("two of its artifacts differ only in upper and lower case"));
        }
        if (self.revision == 1) != self.parent.is_none() || self.revision == 0 {
            return Err(Self::refused("the first revision has no parent, each later one has"));
        }
        Ok(())
    }
}

impl Artifact {
    /// The folder and the name, which tell the artifacts of one manifest apart.
    pub fn place(&self) -> (Option<&FolderName>, &FileName) {
        (self.folder.as_ref(), &self.name)
    }

    /// Whether it is for conda's clients, and so on no page of the simple index.
    pub fn is_conda(&self) -> bool {
        self.kind == ArtifactKind::Conda
    }

    fn is_what_was_derived(&self) -> bool {
        let output = self.derivation.as_ref().map(|derivation| &derivation.output);
        output.is_none_or(|output| {
            (output.name.as_str(), output.size, output.sha256) == (self.name.as_str(), self.size, self.sha256)
        })
    }

    fn place_ignoring_case(&self) -> (Option<String>, String) {
        let (folder, name) = self.place();
        (folder.map(|folder| folder.as_str().to_lowercase()), name.as_str().to_lowercase())
    }
}

#[cfg(test)]
mod tests;
