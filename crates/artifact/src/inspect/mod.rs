//! A first look at an artifact: what it says about itself, and the digests of the whole file.
//!
//! Of a wheel or zip only the end records, the central directory, METADATA and WHEEL are opened; a
//! compressed tar has no directory and is read to its end. Nothing is proved by that; [`crate::verify`] does.

mod about;
mod digests;
mod tars;
mod zips;

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;

pub use self::about::About;
pub use self::digests::Blake2b256;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;

/// What a first look shows.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// Where it was read.
    #[serde(skip)]
    pub path: PathBuf,
    /// The name of the file.
    pub file_name: String,
    /// The kind by whose rules it was read.
    pub kind: ArtifactKind,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the whole file.
    pub sha256: Sha256,
    /// The BLAKE2b-256 of the whole file, which PyPI shows too.
    pub blake2b_256: Blake2b256,
    /// What the archive says.
    #[serde(flatten)]
    pub said: Said,
}

/// What an archive and the name of its file say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The name of the package, as the file's name spells it.
    pub name: Option<String>,
    /// The version, as the file's name spells it.
    pub version: Option<String>,
    /// The build tag of a wheel, or the build string of a conda package.
    pub build: Option<String>,
    /// What it can be installed on: the tags of a wheel's file name, one by one; the subdir of a
    /// conda package.
    pub tags: Vec<String>,
    /// The tags that WHEEL states, if those of the file name are others.
    pub other_tags: Vec<String>,
    /// How many files and folders it holds.
    pub members: usize,
    /// Each of them, in the order of the archive.
    pub entries: Vec<Entry>,
    /// What they have together when unpacked, in bytes, as the archive says.
    pub unpacked_size: u64,
    /// Its metadata.
    pub metadata: Option<About>,
    /// The SHA-256 of METADATA: what pages state for the `.metadata` file beside a wheel (PEP 658).
    pub metadata_sha256: Option<Sha256>,
}

/// A file or folder in an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name; that of a folder may end with a slash.
    pub name: String,
    /// What it has when unpacked, in bytes, as the archive says.
    pub size: u64,
    /// What it has in the archive, in bytes; none in a compressed tar, where it is not known.
    pub compressed: Option<u64>,
}

/// Looks at the artifact at `path` by the rules of its `kind`, and reads the file once for its
/// digests.
///
/// # Errors
/// When the file cannot be read; [`ReadError::Refused`] when its content is so broken that it says
/// nothing.
pub fn inspect(path: &Path, kind: ArtifactKind) -> Result<Inspection, ReadError> {
    inspect_source(&SourceFile::open(path)?, path, kind)
}

/// The same for a regular file that is open already; `path` is for messages, and its last part is the name of the
/// artifact.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_open(file: File, path: &Path, kind: ArtifactKind) -> Result<Inspection, ReadError> {
    inspect_source(&SourceFile::of(file, path)?, path, kind)
}

fn inspect_source(source: &SourceFile, path: &Path, kind: ArtifactKind) -> Result<Inspection, ReadError> {
    let file_name = source.name()?.to_owned();
    let mut findings = Findings::default();
    let said = match kind {
        ArtifactKind::Wheel => zips::wheel(source, &file_name, &mut findings)?,
        ArtifactKind::Libtorch => zips::libtorch(source, &file_name, &mut findings)?,
        ArtifactKind::Sdist => tars::sdist(source, &file_name, &mut findings)?,
        ArtifactKind::Source => tars::source(source, &file_name, &mut findings)?,
        ArtifactKind::Conda => tars::conda(source, &file_name, &mut findings)?,
    };
    let Some(said) = said.filter(|_| findings.is_empty()) else {
        return Err(ReadError::Refused { path: path.to_owned(), findings: findings.into_vec() });
    };
    let digests::Digests { sha256, blake2b_256 } = digests::read(source)?;
    source.check_unchanged()?;
    Ok(Inspection { path: path.to_owned(), file_name, kind, size: source.size(), sha256, blake2b_256, said })
}

impl Inspection {
    /// Unpacked bytes for each byte of the file, in hundredths: 250 is 2.5.
    pub const fn ratio_in_hundredths(&self) -> u64 {
        let size = if self.size == 0 { 1 } else { self.size };
        self.said.unpacked_size.saturating_mul(100) / size
    }
}
