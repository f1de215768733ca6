//! The conda packages of a candidate at anaconda.org, if `test` has a label there.

use std::collections::BTreeMap;

use super::{Set, Stage};
use crate::manifest::{Channel, Manifest};
use crate::name::PackageName;
use crate::plan::anaconda::Anaconda;
use crate::plan::{Step, Stop};

impl Stage<'_> {
    /// What is staged goes there at once, and under the label of `test` when the candidate is complete.
    pub(super) fn anaconda(&self, sets: &BTreeMap<&PackageName, Set>) -> Result<Vec<Step>, Vec<Stop>> {
        let manifests = self.manifests(self.record, sets);
        let sealed = |package| manifests.get(package).is_some_and(|manifest| manifest.sealed);
        let anaconda = Anaconda {
            project: self.project,
            channel: Channel::Test,
            waiting: format!("trackside-{}", self.record.candidate),
            switches: self.record.packages.keys().all(sealed),
            world: &self.world.anaconda,
        };
        let manifests: BTreeMap<&PackageName, &Manifest> =
            manifests.iter().map(|(package, manifest)| (package, *manifest)).collect();
        anaconda.steps(&manifests)
    }
}
