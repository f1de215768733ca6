//! anaconda.org: conda packages go there under a label that nobody reads, are read back, and get the label
//! of their channel when the channel is switched. Nothing is replaced there and nothing removed.

use std::collections::BTreeMap;

use crate::action::{Action, Location};
use crate::manifest::{Artifact, Channel, Manifest};
use crate::name::PackageName;
use crate::plan::{BATCH, Phase, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{AnacondaUrl, ObjectKey, StoreUrl};
use crate::world::{AnacondaWorld, Hosted};

/// The way on when other bytes have a name already.
const HINT: &str = "anaconda.org has one file of a name: build it with another build string";

/// The files of one channel there.
pub(super) struct Anaconda<'a> {
    pub(super) project: &'a Project,
    pub(super) channel: Channel,
    /// The label that files have until they get that of the channel.
    pub(super) waiting: String,
    /// Whether they get it now.
    pub(super) switches: bool,
    pub(super) world: &'a AnacondaWorld,
}

/// What is to be done for one package.
#[derive(Default)]
struct Actions {
    copies: Vec<Action>,
    reads: Vec<Action>,
    labels: Vec<Action>,
}

impl Anaconda<'_> {
    /// The steps, dependencies before dependents; or every file whose name is taken by other bytes.
    pub(super) fn steps(&self, manifests: &BTreeMap<&PackageName, &Manifest>) -> Result<Vec<Step>, Vec<Stop>> {
        let Some(label) = self.project.anaconda.get(&self.channel) else { return Ok(Vec::new()) };
        let refused = |error: &dyn std::fmt::Display| {
            vec![Stop::new(StopKind::Failed, "anaconda-label", self.waiting.as_str(), error.to_string())]
        };
        let waiting = label.with_label(&self.waiting).map_err(|error| refused(&error))?;
        let mut steps = Vec::new();
        let mut stops = Vec::new();
        for package in self.project.in_dependency_order() {
            let Some(manifest) = manifests.get(package) else { continue };
            match self.actions((label, &waiting), manifest) {
                Ok(actions) => steps.extend(actions.steps(package, label)),
                Err(more) => stops.extend(more),
            }
        }
        if stops.is_empty() { Ok(steps) } else { Err(stops) }
    }

    fn actions(&self, (label, waiting): (&StoreUrl, &StoreUrl), manifest: &Manifest) -> Result<Actions, Vec<Stop>> {
        let mut actions = Actions::default();
        let mut stops = Vec::new();
        for artifact in &manifest.artifacts {
            let Some(key) = StorageKey::anaconda(artifact).map(|key| key.key()) else { continue };
            let (size, sha256) = (artifact.size, artifact.sha256);
            let found = self.found(self.channel, &key);
            if let Some(found) = found.filter(|found| found.sha256 != sha256) {
                stops.push(in_the_way(label, &key, found, artifact));
                continue;
            }
            let to = Location { store: waiting.clone(), key: key.clone() };
            let labelled = found.is_some_and(|found| has(found, label));
            if found.is_none() || self.switches && !labelled {
                actions.reads.push(Action::ReadBack { at: to.clone(), size, sha256 });
            }
            if self.switches && !labelled {
                let at = Location { store: label.clone(), key: key.clone() };
                actions.labels.push(Action::AddLabel { at, sha256 });
            }
            if found.is_none() {
                let from = self.origin(label, &key, manifest, artifact);
                actions.copies.push(Action::CopyObject { from, to, size, sha256 });
            }
        }
        if stops.is_empty() { Ok(actions) } else { Err(stops) }
    }

    /// Where a file comes from: from another owner of the same server, which copies by itself, or else from
    /// where it was staged.
    fn origin(&self, label: &StoreUrl, key: &ObjectKey, manifest: &Manifest, artifact: &Artifact) -> Location {
        let test = self.project.anaconda.get(&Channel::Test);
        let same_server = |test: &&StoreUrl| server(test) == server(label);
        let is_there = self.found(Channel::Test, key).is_some_and(|found| found.sha256 == artifact.sha256);
        match test.filter(same_server).filter(|_| self.channel == Channel::Stable && is_there) {
            Some(test) => Location { store: test.clone(), key: key.clone() },
            None => {
                let staged = StorageKey::staged(&manifest.package, manifest.candidate, artifact);
                Location { store: self.project.test.clone(), key: staged.key() }
            }
        }
    }

    fn found(&self, channel: Channel, key: &ObjectKey) -> Option<&Hosted> {
        self.world.get(&channel)?.get(key)
    }
}

impl Actions {
    fn steps(self, package: &PackageName, label: &StoreUrl) -> Vec<Step> {
        let place = place(label);
        let name = label.anaconda().map(|url| url.label).unwrap_or_default();
        let mut steps = Vec::new();
        for (verb, actions, phase) in [
            ("copy", self.copies, Phase::Write),
            ("read", self.reads, Phase::ReadBack),
            ("label", self.labels, Phase::PackagePages),
        ] {
            for (index, batch) in actions.chunks(BATCH).enumerate() {
                let files = format!("{} of {package}", count(batch.len(), "conda package"));
                let title = match verb {
                    "copy" => format!("copy {files} to {place}"),
                    "read" => format!("read back {files} in {place}"),
                    _ => format!("put {files} under label {name} of {place}"),
                };
                let id = ["anaconda", verb, package.as_str(), &(index + 1).to_string()].map(str::to_owned);
                let id: Vec<&str> = id.iter().map(String::as_str).collect();
                steps.push(Step::new(&id, title, phase, batch.to_vec()));
            }
        }
        steps
    }
}

fn has(found: &Hosted, label: &StoreUrl) -> bool {
    label.anaconda().is_some_and(|url| found.labels.contains(&url.label))
}

fn server(url: &StoreUrl) -> Option<String> {
    url.anaconda().map(|AnacondaUrl { endpoint, .. }| endpoint)
}

fn place(label: &StoreUrl) -> String {
    label.anaconda().map(|url| format!("anaconda.org/{}", url.owner)).unwrap_or_default()
}

fn in_the_way(label: &StoreUrl, key: &ObjectKey, found: &Hosted, artifact: &Artifact) -> Stop {
    let (there, ours, place) = (found.sha256.short(), artifact.sha256.short(), place(label));
    let message = format!("sha256 {there} is there in {place}, the candidate has {ours}");
    Stop::new(StopKind::Conflict, "other-bytes", key.to_string(), message).hint(HINT)
}
