//! What a channel points to: `channels/stable.json` and `channels/test.json`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::{FORMAT, record};
use super::{ManifestRef, RecordError};
use crate::name::PackageName;
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
    /// For each package, its own releases.
    pub releases: BTreeMap<PackageName, BTreeMap<Release, ChannelEntry>>,
}

/// What one release of a package points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelEntry {
    /// The sealed manifest.
    pub manifest: ManifestRef,
    /// The train's candidate that brought it here.
    pub candidate: Candidate,
}

/// Why a text is not a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a channel: `test` or `stable` is needed", .0.escape_debug())]
pub struct ChannelError(String);

record!(ChannelMap, "channel map");

impl Channel {
    /// The word for it everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Stable => "stable",
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

impl ChannelMap {
    /// A channel that points to nothing yet.
    pub const fn empty(channel: Channel) -> Self {
        Self { format: FORMAT, channel, releases: BTreeMap::new() }
    }

    /// Every entry with its package and release.
    pub fn entries(&self) -> impl Iterator<Item = (&PackageName, Release, &ChannelEntry)> {
        self.releases
            .iter()
            .flat_map(|(package, releases)| releases.iter().map(move |(release, entry)| (package, *release, entry)))
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
