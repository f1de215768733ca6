//! What a switch of a channel replaces is kept, so that it can be taken back byte for byte.

use std::collections::BTreeMap;

use crate::action::{Action, Content, Location};
use crate::digest::Sha256;
use crate::manifest::{Channel, FORMAT, GenerationRecord, PageChange};
use crate::plan::{BATCH, Command, Phase, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{Fingerprint, StoreUrl};

/// The generation that a plan makes.
pub(super) struct Generation<'a> {
    pub(super) project: &'a Project,
    pub(super) channel: Channel,
    /// The newest one before.
    pub(super) newest: Option<&'a GenerationRecord>,
    /// The sizes of what was seen, by digests.
    pub(super) sizes: &'a BTreeMap<Sha256, u64>,
    /// The state that comes back, if one does.
    pub(super) back_to: Option<u64>,
}

impl Generation<'_> {
    /// The steps that keep what these steps replace, and the record of it: before anything that is
    /// read changes. None if they change no page of the channel.
    pub(super) fn steps(&self, command: &Command, switch: &[Step]) -> Result<Vec<Step>, Stop> {
        let store = self.project.store_of(self.channel);
        let mut changes = Vec::new();
        for step in switch.iter().filter(|step| step.phase >= Phase::Map) {
            for action in &step.actions {
                changes.extend(self.change(store, step.phase, action)?);
            }
        }
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let number = self.newest.map_or(0, |newest| newest.number) + 1;
        let record = GenerationRecord {
            format: FORMAT,
            channel: self.channel,
            number,
            before: self.newest.map_or(0, |newest| newest.after),
            after: self.back_to.unwrap_or(number),
            command: command.to_string(),
            changes,
        };
        let mut steps = self.keep(store, &record);
        let key = StorageKey::Generation { channel: self.channel, number };
        let to = Location { store: store.clone(), key: key.key() };
        let action = Action::CreateObject { to, content: Content::Text(record.to_text()) };
        let title = format!("{}: generation {number}", self.channel);
        steps.push(Step::new(&["generation", self.channel.as_str()], title, Phase::Write, vec![action]));
        Ok(steps)
    }

    /// What an effect changes of the channel, in its main store; mirrors hold the same bytes.
    fn change(&self, store: &StoreUrl, phase: Phase, action: &Action) -> Result<Option<PageChange>, Stop> {
        let (at, expect, new) = match action {
            Action::ReplaceObject { at, expect, text } => (at, *expect, Some(Fingerprint::of(text.as_bytes()))),
            Action::ReplaceEncoded { at, expect, content } => {
                (at, *expect, Some(Fingerprint { size: content.size, sha256: content.sha256 }))
            }
            Action::PutBack { at, expect, size, sha256, .. } => {
                (at, *expect, Some(Fingerprint { size: *size, sha256: *sha256 }))
            }
            Action::RemoveObject { at, expect } => (at, Some(*expect), None),
            _ => return Ok(None),
        };
        if at.store != *store || !self.channel.owns(&at.key) {
            return Ok(None);
        }
        let old = match expect {
            None => None,
            Some(sha256) => {
                let unseen = || Stop::new(StopKind::Failed, "unseen", at.key.to_string(), "its size was not looked at");
                Some(Fingerprint { size: *self.sizes.get(&sha256).ok_or_else(unseen)?, sha256 })
            }
        };
        Ok((old != new).then(|| PageChange { key: at.key.clone(), phase, old, new }))
    }

    /// Copies of what is replaced, each content once.
    fn keep(&self, store: &StoreUrl, record: &GenerationRecord) -> Vec<Step> {
        let mut copies: BTreeMap<Sha256, Action> = BTreeMap::new();
        for change in &record.changes {
            let Some(Fingerprint { size, sha256 }) = change.old else { continue };
            let from = Location { store: store.clone(), key: change.key.clone() };
            let to = Location { store: self.project.backup.clone(), key: StorageKey::Kept(sha256).key() };
            copies.entry(sha256).or_insert(Action::CopyObject { from, to, size, sha256 });
        }
        let copies: Vec<Action> = copies.into_values().collect();
        let step = |(index, batch): (usize, &[Action])| {
            let title = format!("{}: keep {} that will be replaced", self.channel, count(batch.len(), "page"));
            let id = (index + 1).to_string();
            Step::new(&["keep", self.channel.as_str(), &id], title, Phase::Write, batch.to_vec())
        };
        copies.chunks(BATCH).enumerate().map(step).collect()
    }
}
