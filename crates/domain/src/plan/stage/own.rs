//! The pages and the conda data of a candidate's own channel: a function of its manifests, for all who make or check them.

use std::collections::BTreeMap;

use crate::conda::{CondaChannel, Source};
use crate::digest::Sha256;
use crate::index::{IndexRoot, Page};
use crate::manifest::Manifest;
use crate::plan::pages::immutable;
use crate::plan::{Stop, conda as data};
use crate::store::ObjectKey;
use crate::version::Candidate;

/// Its pages.
///
/// # Errors
/// When they would be wrong.
pub fn pages(candidate: Candidate, manifests: &[&Manifest]) -> Result<Vec<Page>, Stop> {
    immutable(IndexRoot::Candidate(candidate), manifests.iter().copied())
}

/// Its conda data; `seen` is what is there.
///
/// # Errors
/// As [`pages`].
pub fn conda(
    candidate: Candidate,
    manifests: &[&Manifest],
    seen: &BTreeMap<ObjectKey, Sha256>,
) -> Result<CondaChannel, Stop> {
    // The place of a manifest's packages follows from the candidate.
    let alone = |manifest| Source { manifest, candidate: None, yanked: None };
    let sources: Vec<Source<'_>> = manifests.iter().copied().map(alone).collect();
    data::wanted(IndexRoot::Candidate(candidate), &sources, seen)
}
