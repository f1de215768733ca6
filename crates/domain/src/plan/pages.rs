//! The switch of what the public sees: the pages of a channel, dependencies before dependents.

use std::collections::BTreeMap;

use crate::action::{Action, Location};
use crate::digest::Sha256;
use crate::index::{IndexRoot, Listed, Page, PageOf, render};
use crate::manifest::{Artifact, ChannelMap, Manifest};
use crate::name::PackageName;
use crate::plan::{Phase, Step, Stop, StopKind};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};

/// The pages of one channel or candidate: where they are, what they should be, what they are.
pub(super) struct Pages<'a> {
    /// The word for steps: `stable`, `test` or the candidate.
    pub(super) name: &'a str,
    /// The store.
    pub(super) store: &'a StoreUrl,
    /// What they should be.
    pub(super) wanted: Vec<Page>,
    /// The digests of what is there.
    pub(super) seen: &'a BTreeMap<ObjectKey, Sha256>,
}

impl Pages<'_> {
    /// The steps that switch what differs: package pages in the order of dependencies, list pages
    /// after them. Pages that are right already are not written.
    pub(super) fn steps(&self, project: &Project) -> Vec<Step> {
        let order = project.in_dependency_order();
        let mut steps: Vec<Step> = order
            .into_iter()
            .map(|package| {
                let actions = self.differing(|of| matches!(of, PageOf::Package(name) if name == package));
                let title = format!("{}: pages of {package}", self.name);
                Step::new(&["pages", self.name, package.as_str()], title, Phase::PackagePages, actions)
            })
            .collect();
        let lists = self.differing(|of| matches!(of, PageOf::List));
        let title = format!("{}: list pages", self.name);
        steps.push(Step::new(&["lists", self.name], title, Phase::ListPages, lists));
        steps.retain(|step| !step.actions.is_empty());
        steps
    }

    fn differing(&self, which: impl Fn(&PageOf) -> bool) -> Vec<Action> {
        let of_these = self.wanted.iter().filter(|page| which(&page.of));
        let replace = |page: &Page| {
            let at = Location { store: self.store.clone(), key: page.key.key() };
            let expect = self.seen.get(&at.key).copied();
            let changed = expect != Some(Sha256::of(page.content.as_bytes()));
            changed.then(|| Action::ReplaceObject { at, expect, text: page.content.clone() })
        };
        of_these.filter_map(replace).collect()
    }
}

/// The pages of a candidate or of `test`: they link into the immutable prefixes of the packages'
/// candidates, so two candidates never share a URL.
pub(super) fn immutable<'a>(
    root: IndexRoot,
    manifests: impl IntoIterator<Item = &'a Manifest>,
) -> Result<Vec<Page>, Stop> {
    pages(root, manifests, |manifest, artifact| StorageKey::staged(&manifest.package, manifest.candidate, artifact))
}

/// The pages of `stable`: they link to the classic keys.
pub(super) fn classic<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Result<Vec<Page>, Stop> {
    pages(IndexRoot::Stable, manifests, |_, artifact| StorageKey::stable(artifact))
}

fn pages<'a>(
    root: IndexRoot,
    manifests: impl IntoIterator<Item = &'a Manifest>,
    place: impl Fn(&Manifest, &Artifact) -> StorageKey,
) -> Result<Vec<Page>, Stop> {
    let mut listed = Vec::new();
    for manifest in manifests {
        let package = &manifest.package;
        listed.extend(manifest.artifacts.iter().map(|artifact| Listed {
            package,
            artifact,
            location: place(manifest, artifact),
        }));
    }
    render(root, &listed).map_err(|error| Stop::new(StopKind::Failed, "index", "pages", error.to_string()))
}

/// The step that replaces a channel map, if it changes.
pub(super) fn map_step(store: &StoreUrl, seen: Option<&(Sha256, ChannelMap)>, wanted: &ChannelMap) -> Option<Step> {
    if seen.is_some_and(|(_, map)| map == wanted) {
        return None;
    }
    let key = StorageKey::Channel(wanted.channel).key();
    let at = Location { store: store.clone(), key };
    let title = format!("{}: what the channel points to", wanted.channel);
    let action = Action::ReplaceObject { at, expect: seen.map(|(digest, _)| *digest), text: wanted.to_text() };
    Some(Step::new(&["map", wanted.channel.as_str()], title, Phase::Map, vec![action]))
}

/// The manifests that a map points to, as far as they are known.
pub(super) fn mapped<'a>(
    map: &'a ChannelMap,
    manifests: impl Fn(&PackageName, &Sha256) -> Option<&'a Manifest>,
) -> Vec<&'a Manifest> {
    map.entries().filter_map(|(package, _, entry)| manifests(package, &entry.manifest.sha256)).collect()
}
