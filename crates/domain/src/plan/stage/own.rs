//! The pages and the conda data of a candidate's own channel: a function of its manifests, for all who make or check them.

use std::collections::{BTreeMap, BTreeSet};

use crate::conda::{CondaChannel, Source};
use crate::digest::Sha256;
use crate::index::{IndexRoot, Page};
use crate::manifest::Manifest;
use crate::plan::conda::CondaPages;
use crate::plan::pages::{Pages, immutable};
use crate::plan::rebuild::is_page;
use crate::plan::{Step, Stop, conda as data};
use crate::project::Project;
use crate::storage_key::Tree;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::Candidate;

/// Its pages.
///
/// # Errors
/// When they would be wrong.
pub fn pages(candidate: Candidate, manifests: &[&Manifest]) -> Result<Vec<Page>, Stop> {
    immutable(IndexRoot::Candidate(candidate), manifests.iter().copied())
}

/// Its conda data, if it has a conda package; `seen` is what is there.
///
/// # Errors
/// As [`pages`].
pub fn conda(
    candidate: Candidate,
    manifests: &[&Manifest],
    seen: &BTreeMap<ObjectKey, Sha256>,
) -> Result<Option<CondaChannel>, Stop> {
    // The place of a manifest's packages follows from the candidate.
    let alone = |manifest| Source { manifest, candidate: None, yanked: None };
    let has_conda =
        |manifest: &&Manifest| manifest.artifacts.iter().any(|artifact| Tree::of(artifact.kind) == Tree::Conda);
    let sources: Vec<Source<'_>> = manifests.iter().copied().filter(has_conda).map(alone).collect();
    // Where nobody makes data, none is made anew because somebody has put some there.
    if sources.is_empty() { Ok(None) } else { data::wanted(IndexRoot::Candidate(candidate), &sources, seen).map(Some) }
}

/// The steps that make them right in a store; `seen` is what is there.
///
/// # Errors
/// As [`pages`].
pub(in crate::plan) fn steps(
    project: &Project,
    store: &StoreUrl,
    (candidate, manifests): (Candidate, &[&Manifest]),
    seen: &BTreeMap<ObjectKey, Sha256>,
) -> Result<Vec<Step>, Stop> {
    let name = candidate.to_string();
    let mut steps = Pages { name: &name, store, wanted: pages(candidate, manifests)?, seen }.steps(project);
    if let Some(wanted) = conda(candidate, manifests, seen)? {
        steps.extend(CondaPages { name: &name, store, wanted, seen }.steps());
    }
    Ok(steps)
}

/// What lies among its pages and is none of them.
///
/// # Errors
/// As [`pages`].
pub fn strangers(
    candidate: Candidate,
    manifests: &[&Manifest],
    seen: &BTreeMap<ObjectKey, Sha256>,
) -> Result<BTreeMap<ObjectKey, Sha256>, Stop> {
    let wanted: BTreeSet<ObjectKey> = pages(candidate, manifests)?.into_iter().map(|page| page.key.key()).collect();
    let strangers = seen.iter().filter(|(key, _)| is_page(key) && !wanted.contains(*key));
    Ok(strangers.map(|(key, digest)| (key.clone(), *digest)).collect())
}
