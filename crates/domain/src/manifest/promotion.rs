//! What was promoted: `promotions/2.15.0.json`.

use serde::{Deserialize, Serialize};

use super::record::record;
use super::{ManifestRef, RecordError};
use crate::version::{Candidate, Release};

/// The promotion of one release of the train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotionRecord {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The train's release.
    pub release: Release,
    /// The train's candidate that became it.
    pub candidate: Candidate,
    /// The manifests whose artifacts were promoted, sorted by package.
    pub manifests: Vec<ManifestRef>,
    /// Why this candidate was taken although a newer one exists.
    pub reason: Option<String>,
}

record!(PromotionRecord, "promotion record");

impl PromotionRecord {
    fn check(&self) -> Result<(), RecordError> {
        if self.candidate.release != self.release {
            return Err(Self::refused("its candidate is one of another release"));
        }
        if !self.manifests.is_sorted_by(|one, next| one.package < next.package) {
            return Err(Self::refused("its manifests are not sorted by package, each once"));
        }
        Ok(())
    }
}
