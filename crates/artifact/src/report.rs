//! The whole of one artifact as it was read: what it is, and everything that was found.

use std::fs::File;
use std::path::{Path, PathBuf};

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::{Finding, Policy};

use crate::binary::{Binaries, Found};
use crate::conda::{self, Conda};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::libtorch;
use crate::metadata::Metadata;
use crate::sdist::{self, Sdist};
use crate::source;
use crate::tar::Tree;
use crate::wheel::{self, Wheel};
use crate::zip::Archive;

/// What reading every byte of an artifact showed.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where it was read.
    pub path: PathBuf,
    /// The name of the file.
    pub file_name: String,
    /// The kind by whose rules it was read.
    pub kind: ArtifactKind,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the whole file, computed here.
    pub sha256: Sha256,
    /// How many files and folders it holds; none if the framing is refused.
    pub members: Option<usize>,
    /// The sum of the sizes of its files when unpacked, in bytes; none if the framing is refused.
    pub unpacked_size: Option<u64>,
    /// What the binaries in it need; none if the framing is refused.
    pub binaries: Option<Binaries>,
    /// What it says about itself; none if that cannot be read.
    pub contents: Option<Contents>,
    /// Everything that is wrong or odd, in the order of its discovery.
    pub findings: Vec<Finding>,
}

/// What an artifact of each kind says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// A wheel.
    Wheel(Box<Wheel>),
    /// A zip with the C++ library, which says nothing.
    Libtorch,
    /// A source distribution.
    Sdist(Box<Sdist>),
    /// A source archive, which says nothing.
    Source,
    /// A conda package.
    Conda(Box<Conda>),
}

impl Contents {
    /// Its core metadata, if it is of a kind that has them.
    pub fn metadata(&self) -> Option<&Metadata> {
        match self {
            Self::Wheel(wheel) => Some(&wheel.metadata),
            Self::Sdist(sdist) => Some(&sdist.metadata),
            Self::Libtorch | Self::Source | Self::Conda(_) => None,
        }
    }
}

/// An artifact that was read and accepted.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The name of the file.
    pub file_name: String,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the whole file, computed here; the one to publish.
    pub sha256: Sha256,
    /// How many files and folders it holds.
    pub members: usize,
    /// What it says about itself.
    pub contents: Contents,
    /// What is odd about it, but no reason to refuse it.
    pub warnings: Vec<Finding>,
}

/// What the reader of one kind brings back.
pub(crate) struct Read {
    pub(crate) sha256: Sha256,
    pub(crate) entries: Option<Entries>,
    pub(crate) contents: Option<Contents>,
}

/// The members of an archive in sum.
pub(crate) struct Entries {
    pub(crate) members: usize,
    pub(crate) unpacked_size: u64,
    pub(crate) binaries: Binaries,
    /// Names and sizes, of what passes only once.
    pub(crate) list: Vec<(String, u64)>,
}

impl Entries {
    /// The sum of a tar, in which no binaries are looked for.
    pub(crate) fn of_tar(tree: &Tree) -> Self {
        let (members, unpacked_size) = (tree.members.len(), tree.unpacked_size());
        let list = tree.members.iter().map(|member| (member.name.clone(), member.size)).collect();
        Self { members, unpacked_size, binaries: Binaries::default(), list }
    }

    /// The sum of a zip and of the binaries that were found in it.
    pub(crate) fn of(archive: &Archive, found: &[Found<'_>]) -> Self {
        let binaries = Binaries::of(found.iter().map(|(_, seen)| *seen));
        Self { members: archive.members.len(), unpacked_size: archive.unpacked_size(), binaries, list: Vec::new() }
    }
}

/// Reads every byte of the artifact at `path` by the rules of its `kind` and reports what it finds.
///
/// # Errors
/// When the file cannot be read. What is wrong with its content is part of the answer.
pub fn verify(path: &Path, kind: ArtifactKind) -> Result<Report, ReadError> {
    verify_source(&SourceFile::open(path)?, path, kind)
}

/// The same for a regular file that is open already; `path` is for messages, and its last part is
/// the name of the artifact.
///
/// # Errors
/// As [`verify`].
pub fn verify_open(file: File, path: &Path, kind: ArtifactKind) -> Result<Report, ReadError> {
    verify_source(&SourceFile::of(file, path)?, path, kind)
}

fn verify_source(source: &SourceFile, path: &Path, kind: ArtifactKind) -> Result<Report, ReadError> {
    let file_name = source.name()?.to_owned();
    let mut findings = Findings::default();
    let read = match kind {
        ArtifactKind::Wheel => wheel::read(source, &file_name, &mut findings)?,
        ArtifactKind::Libtorch => libtorch::read(source, &file_name, &mut findings)?,
        ArtifactKind::Sdist => sdist::read(source, &file_name, &mut findings)?,
        ArtifactKind::Source => source::read(source, &file_name, &mut findings)?,
        ArtifactKind::Conda => conda::read(source, &file_name, &mut findings)?,
    };
    source.check_unchanged()?;
    let Read { sha256, entries, contents } = read;
    Ok(Report {
        path: path.to_owned(),
        file_name,
        kind,
        size: source.size(),
        sha256,
        members: entries.as_ref().map(|entries| entries.members),
        unpacked_size: entries.as_ref().map(|entries| entries.unpacked_size),
        binaries: entries.map(|entries| entries.binaries),
        contents,
        findings: findings.into_vec(),
    })
}

/// Reads the artifact at `path` like [`verify`], and accepts it or not.
///
/// # Errors
/// When the file cannot be read or is refused by the `policy`; a refusal holds all findings that
/// are errors.
pub fn read(path: &Path, kind: ArtifactKind, policy: &Policy) -> Result<Artifact, ReadError> {
    verify(path, kind)?.accept(policy)
}

impl Report {
    /// The artifact, if the `policy` has nothing against it.
    ///
    /// # Errors
    /// [`ReadError::Refused`] with all findings that are errors.
    pub fn accept(self, policy: &Policy) -> Result<Artifact, ReadError> {
        let Self { path, file_name, size, sha256, members, contents, findings, .. } = self;
        let (errors, warnings) = policy.split(findings);
        match (members, contents) {
            (Some(members), Some(contents)) if errors.is_empty() => {
                Ok(Artifact { file_name, size, sha256, members, contents, warnings })
            }
            // A project may ignore a finding, but nobody can use what could not be read.
            _ if errors.is_empty() => Err(ReadError::Refused { path, findings: warnings }),
            _ => Err(ReadError::Refused { path, findings: errors }),
        }
    }
}
