//! The switch of what the public sees: the pages of a channel, dependencies before dependents.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Location};
use crate::digest::Sha256;
use crate::index::{IndexRoot, Listed, Page, PageOf, render};
use crate::manifest::{Artifact, ChannelMap, Manifest};
use crate::name::PackageName;
use crate::plan::{BATCH, Phase, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
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
        self.package_steps(project).into_iter().flatten().chain(self.list_step()).collect()
    }

    /// One step for each package of the train, in the order of dependencies; none where nothing differs. After them
    /// those of all others: whatever is not of this train depends on nothing that is switched here.
    pub(super) fn package_steps(&self, project: &Project) -> Vec<Option<Step>> {
        let mut steps: Vec<Option<Step>> =
            project.in_dependency_order().into_iter().map(|package| self.package_step(package)).collect();
        let others: BTreeSet<&PackageName> = self.wanted.iter().filter_map(|page| page.of.package()).collect();
        let others = others.into_iter().filter(|package| !project.packages.contains_key(*package));
        let others: Vec<(&PackageName, Step)> =
            others.filter_map(|package| Some((package, self.package_step(package)?))).collect();
        match others.as_slice() {
            [] => {}
            [(_, step)] => steps.push(Some(step.clone())),
            [(first, _), ..] => {
                let title =
                    format!("{}: pages of {}, such as {first}", self.name, count(others.len(), "other package"));
                let actions: Vec<Action> = others.into_iter().flat_map(|(_, step)| step.actions).collect();
                let batch = |(index, batch): (usize, &[Action])| {
                    let id = ["other-pages", self.name, &(index + 1).to_string()];
                    Some(Step::new(&id, title.clone(), Phase::PackagePages, batch.to_vec()))
                };
                steps.extend(actions.chunks(BATCH).enumerate().map(batch));
            }
        }
        steps
    }

    fn package_step(&self, package: &PackageName) -> Option<Step> {
        let actions = self.differing(|of| matches!(of, PageOf::Package(name) if name == package));
        let title = format!("{}: pages of {package}", self.name);
        let step = Step::new(&["pages", self.name, package.as_str()], title, Phase::PackagePages, actions);
        (!step.actions.is_empty()).then_some(step)
    }

    /// The step of the lists, if one of them differs.
    pub(super) fn list_step(&self) -> Option<Step> {
        let lists = self.differing(|of| matches!(of, PageOf::List));
        let title = format!("{}: list pages", self.name);
        (!lists.is_empty()).then(|| Step::new(&["lists", self.name], title, Phase::ListPages, lists))
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

fn pages<'a>(
    root: IndexRoot,
    manifests: impl IntoIterator<Item = &'a Manifest>,
    place: impl Fn(&Manifest, &Artifact) -> StorageKey,
) -> Result<Vec<Page>, Stop> {
    let mut listed = Vec::new();
    for manifest in manifests {
        let package = &manifest.package;
        // Conda packages have channel data of their own.
        let artifacts = manifest.artifacts.iter().filter(|artifact| !artifact.is_conda());
        listed.extend(artifacts.map(|artifact| Listed {
            package,
            artifact,
            location: place(manifest, artifact),
            uploaded: None,
            yanked: None,
        }));
    }
    render(root, &listed).map_err(|error| Stop::new(StopKind::Failed, "index", "pages", error.to_string()))
}

/// The step that replaces a channel map, if it changes.
pub(super) fn map_step(
    name: &str,
    store: &StoreUrl,
    seen: Option<&(Sha256, ChannelMap)>,
    wanted: &ChannelMap,
) -> Option<Step> {
    if seen.is_some_and(|(_, map)| map == wanted) {
        return None;
    }
    let key = StorageKey::Channel(wanted.channel).key();
    let at = Location { store: store.clone(), key };
    let title = format!("{name}: what the channel points to");
    let action = Action::ReplaceObject { at, expect: seen.map(|(digest, _)| *digest), text: wanted.to_text() };
    Some(Step::new(&["map", name], title, Phase::Map, vec![action]))
}
