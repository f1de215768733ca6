//! Release artifacts as bytes: read strictly, on a memory-bounded path, never unpacked to disk.
//!
//! [`read`] is the entry point. It takes nothing on trust: the framing of the archive must tile
//! the file, the central directory and the local headers must agree, every member must inflate to
//! what is declared, and a wheel must be what its file name, METADATA and RECORD say.

use std::path::Path;

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;

mod base64url;
mod error;
mod file;
mod finding;
mod headers;
mod libtorch;
pub mod limits;
mod metadata;
mod record;
mod wheel;
mod wheel_file;
mod zip;

pub use error::ReadError;
pub use file::open_regular;
pub use finding::{Code, Finding};
pub use libtorch::Zip;
pub use metadata::Metadata;
pub use wheel::Wheel;

/// An artifact that has been read and found good.
#[derive(Clone, Debug)]
pub enum Artifact {
    /// A wheel.
    Wheel(Box<Wheel>),
    /// A zip with the C++ library.
    Libtorch(Zip),
}

/// Reads the artifact at `path` by the rules of its `kind`, every byte of it.
///
/// # Errors
/// When the file cannot be read, is refused (with everything that is wrong with it), or is of a
/// kind that cannot be read yet.
pub fn read(path: &Path, kind: ArtifactKind) -> Result<Artifact, ReadError> {
    match kind {
        ArtifactKind::Wheel => Wheel::read(path).map(Box::new).map(Artifact::Wheel),
        ArtifactKind::Libtorch => Zip::read(path).map(Artifact::Libtorch),
        ArtifactKind::Sdist | ArtifactKind::Conda => Err(ReadError::NotYet { kind }),
    }
}

impl Artifact {
    /// The name of the file, without its folder.
    pub fn file_name(&self) -> &str {
        match self {
            Self::Wheel(wheel) => wheel.file_name.as_str(),
            Self::Libtorch(zip) => &zip.file_name,
        }
    }

    /// The size of the file in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Wheel(wheel) => wheel.size,
            Self::Libtorch(zip) => zip.size,
        }
    }

    /// The SHA-256 of the whole file, computed here.
    pub fn sha256(&self) -> Sha256 {
        match self {
            Self::Wheel(wheel) => wheel.sha256,
            Self::Libtorch(zip) => zip.sha256,
        }
    }

    /// What is odd about it, but no reason to refuse it.
    pub fn warnings(&self) -> &[Finding] {
        match self {
            Self::Wheel(wheel) => &wheel.warnings,
            Self::Libtorch(zip) => &zip.warnings,
        }
    }
}
