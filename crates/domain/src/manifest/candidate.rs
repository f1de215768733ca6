//! The record of a candidate of the train: `candidates/2.15.0-rc3/candidate.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::record;
use super::{ManifestRef, RecordError};
use crate::git::{ObjectId, TagName};
use crate::name::{PackageName, RepositoryName};
use crate::version::Candidate;

/// What a candidate of the train consists of. It is written once, when the tags are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateRecord {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The train's candidate.
    pub candidate: Candidate,
    /// Its packages.
    pub packages: BTreeMap<PackageName, CandidatePackage>,
    /// Why it was made although nothing had changed (`--again`).
    pub reason: Option<String>,
}

/// One package of a candidate of the train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidatePackage {
    /// The package's own candidate.
    pub candidate: Candidate,
    /// Its tag.
    pub tag: TagName,
    /// The commit that the tag names.
    pub commit: ObjectId,
    /// The repository, by its short name.
    pub repository: RepositoryName,
    /// The train's candidate that it was first part of, if nothing of it has changed since.
    pub carried_from: Option<Candidate>,
    /// Its manifest, if it was sealed when this record was written.
    pub manifest: Option<ManifestRef>,
}

record!(CandidateRecord, "candidate record");

impl CandidateRecord {
    fn check(&self) -> Result<(), RecordError> {
        if self.packages.is_empty() {
            return Err(Self::refused("it names no package"));
        }
        let agrees = |(name, package): (&PackageName, &CandidatePackage)| {
            let manifest = package.manifest.as_ref();
            manifest.is_none_or(|manifest| manifest.package == *name && manifest.candidate == package.candidate)
        };
        if !self.packages.iter().all(agrees) {
            return Err(Self::refused("it gives a package the manifest of another package or candidate"));
        }
        Ok(())
    }
}
