//! Zips with the C++ library: sound framing, every member's checksum, the digest of the file.

use std::path::Path;

use trackside_domain::digest::Sha256;

use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::{Code, Finding, Findings};
use crate::zip;

/// A zip that has been read and found good. A zip has no list of its own contents, so this is all
/// that can be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zip {
    /// The name of the file, without its folder.
    pub file_name: String,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the whole file, computed here.
    pub sha256: Sha256,
    /// How many files and folders it holds.
    pub members: usize,
    /// What is odd about it, but no reason to refuse it.
    pub warnings: Vec<Finding>,
}

impl Zip {
    /// Reads and verifies the zip at `path`.
    ///
    /// # Errors
    /// When it cannot be read or is refused; a refusal holds all findings.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let source = SourceFile::open(path)?;
        let file_name = source.name()?.to_owned();
        let (mut findings, mut warnings) = (Findings::default(), Findings::default());
        let archive = zip::read_archive(&source, &mut findings, &mut warnings)?;
        let verified = match &archive {
            Some(archive) => Some((zip::verify(&source, archive, &mut findings)?, archive.members.len())),
            None => None,
        };
        if archive.as_ref().is_some_and(|archive| archive.members.is_empty()) {
            findings.archive(Code::Empty, "it has no members");
        }
        source.check_unchanged()?;
        match verified {
            Some((verified, members)) if findings.is_empty() => {
                let (size, sha256, warnings) = (source.size(), verified.whole, warnings.into_vec());
                Ok(Self { file_name, size, sha256, members, warnings })
            }
            _ => Err(ReadError::Refused { path: path.to_owned(), findings: findings.into_vec() }),
        }
    }
}
