//! The switch of conda channels: packages lie together, then shards, then the data that names them.

use std::collections::BTreeMap;

use crate::action::{Action, Content, Location};
use crate::conda::{CondaChannel, CondaError, Copy, Data, Source, Subdir, channel, subdirs_of};
use crate::digest::Sha256;
use crate::plan::{BATCH, Phase, Step, Stop, StopKind};
use crate::say::count;
use crate::storage_key::{CondaFile, CondaKey, IndexRoot, StorageKey};
use crate::store::{ObjectKey, StoreUrl};

/// The data of one channel or candidate: where it is, what it should be, what it is.
pub(super) struct CondaPages<'a> {
    /// The word for steps: `stable`, `test` or the candidate.
    pub(super) name: &'a str,
    /// The store.
    pub(super) store: &'a StoreUrl,
    /// What it should be.
    pub(super) wanted: CondaChannel,
    /// The digests of what is there.
    pub(super) seen: &'a BTreeMap<ObjectKey, Sha256>,
}

/// When an object is switched. Within a step effects may happen in any order, so what has an order
/// has steps of its own: exports of a package are there before a builder learns of the package, and
/// each of the three forms of repodata is whole in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    Exports,
    Repodata,
    Sharded,
}

/// The data of a root, with empty data for subdirs that are there and have no package any more.
pub(super) fn wanted(
    root: IndexRoot,
    sources: &[Source<'_>],
    seen: &BTreeMap<ObjectKey, Sha256>,
) -> Result<CondaChannel, Stop> {
    let seen = subdirs_of(root, seen.keys().map(ObjectKey::as_str));
    channel(root, sources, &seen).map_err(|error| stop(&error))
}

fn stop(error: &CondaError) -> Stop {
    let stop = Stop::new(StopKind::Failed, "conda-channel", "channel data", error.to_string());
    match error {
        CondaError::NoRecord(_) => stop.hint("tag the next candidate and stage it again"),
        _ => stop,
    }
}

impl CondaPages<'_> {
    /// The steps that switch what differs. A subdir that is right already is not touched.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut copies = Vec::new();
        let mut shards = Vec::new();
        let mut switched: Vec<(Switch, Action)> = Vec::new();
        for subdir in self.wanted.subdirs.values() {
            let differing = self.differing(subdir);
            if !differing.is_empty() {
                copies.extend(subdir.copies.iter().map(|copy| self.copy(copy)));
            }
            // Also those that data leads to which is right already: somebody may have removed one.
            let new = subdir.shards.iter().filter(|(key, _)| !self.seen.contains_key(&key.key()));
            shards.extend(new.map(|(key, shard)| Action::CreateObject {
                to: self.at(key),
                content: Content::Encoded(shard.clone()),
            }));
            switched.extend(differing);
        }
        let mut steps = self.batches("conda-packages", "put", "conda package", &copies);
        steps.extend(self.batches("conda-shards", "create", "shard", &shards));
        for (switch, id, what, phase) in [
            (Switch::Exports, "conda-run-exports", "run exports", Phase::PackagePages),
            (Switch::Repodata, "conda-repodata", "repodata", Phase::ListPages),
            (Switch::Sharded, "conda-sharded", "index of shards", Phase::ListPages),
        ] {
            let actions = switched.iter().filter(|(of, _)| *of == switch).map(|(_, action)| action.clone());
            let title = format!("{}: conda {what}", self.name);
            steps.push(Step::new(&[id, self.name], title, phase, actions.collect()));
        }
        steps.retain(|step| !step.actions.is_empty());
        steps
    }

    fn differing(&self, subdir: &Subdir) -> Vec<(Switch, Action)> {
        let differs = |(key, data): &(StorageKey, Data)| {
            let at = self.at(key);
            let expect = self.seen.get(&at.key).copied();
            (expect != Some(data.sha256())).then(|| match data {
                Data::Text(text) => (switch(key), Action::ReplaceObject { at, expect, text: text.clone() }),
                Data::Encoded(encoded) => {
                    (switch(key), Action::ReplaceEncoded { at, expect, content: encoded.clone() })
                }
            })
        };
        subdir.data.iter().filter_map(differs).collect()
    }

    fn copy(&self, copy: &Copy) -> Action {
        let Copy { from, to, size, sha256 } = copy;
        Action::CopyObject { from: self.at(from), to: self.at(to), size: *size, sha256: *sha256 }
    }

    fn batches(&self, id: &str, verb: &str, what: &str, actions: &[Action]) -> Vec<Step> {
        let batch = |(index, batch): (usize, &[Action])| {
            let title = format!("{}: {verb} {}", self.name, count(batch.len(), what));
            Step::new(&[id, self.name, &(index + 1).to_string()], title, Phase::Write, batch.to_vec())
        };
        actions.chunks(BATCH).enumerate().map(batch).collect()
    }

    fn at(&self, key: &StorageKey) -> Location {
        Location { store: self.store.clone(), key: key.key() }
    }
}

fn switch(key: &StorageKey) -> Switch {
    match key {
        StorageKey::Conda(CondaKey { file: CondaFile::RunExports | CondaFile::RunExportsZstd, .. }) => Switch::Exports,
        StorageKey::Conda(CondaKey { file: CondaFile::Shards, .. }) => Switch::Sharded,
        _ => Switch::Repodata,
    }
}
