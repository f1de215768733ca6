//! Files that were in a channel before trackside was: `channels/stable/imported/numpy/<digest>.json`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::record;
use super::{Artifact, Channel, RecordError};
use crate::name::PackageName;

/// All files of one package that were found in a channel and belong to no manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRecord {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The channel.
    pub channel: Channel,
    /// The package.
    pub package: PackageName,
    /// The files, sorted by folder and name, each once.
    pub files: Vec<ImportedFile>,
}

/// One file that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportedFile {
    /// What it is; it lies at the place where an artifact of its name would lie.
    pub artifact: Artifact,
    /// When it came to the channel, if the old page said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<Timestamp>,
    /// Where its digest comes from.
    pub proof: Proof,
}

/// Where the digest of a file that was found comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Every byte was read.
    Read,
    /// The old page said so, and it was trusted.
    Page,
}

record!(ImportRecord, "import record");

impl ImportRecord {
    fn check(&self) -> Result<(), RecordError> {
        if !self.files.is_sorted_by(|one, next| one.artifact.place() < next.artifact.place()) {
            return Err(Self::refused("its files are not sorted by folder and name, each once"));
        }
        Ok(())
    }
}
