//! What a switch of a channel replaces is kept, so that it can be taken back byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Content, Location};
use crate::digest::Sha256;
use crate::manifest::{Channel, FORMAT, GenerationRecord, PageChange};
use crate::plan::{BATCH, Command, Phase, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::{KeyPrefix, StorageKey};
use crate::store::{Fingerprint, ObjectKey, StoreUrl};

/// The generation that a plan makes.
pub(super) struct Generation<'a> {
    pub(super) project: &'a Project,
    pub(super) channel: Channel,
    /// The newest one before.
    pub(super) newest: Option<&'a GenerationRecord>,
    /// The sizes of what was seen, by digests.
    pub(super) sizes: &'a BTreeMap<Sha256, u64>,
    /// The state of the channel before and after.
    pub(super) before: u64,
    pub(super) after: u64,
}

impl Generation<'_> {
    /// The steps that keep what these steps replace in any store, and the record of it: before anything that is
    /// read changes. None if they change no page of the channel.
    pub(super) fn steps(&self, command: &Command, switch: &[Step]) -> Result<Vec<Step>, Stop> {
        let store = self.project.store_of(self.channel);
        let all = switch.iter().flat_map(|step| &step.actions).filter_map(replaced);
        let expected: BTreeMap<&Location, Option<Sha256>> = all.map(|(at, expect, _)| (at, expect)).collect();
        let mut changes = Vec::new();
        for step in switch.iter().filter(|step| step.phase >= Phase::Map) {
            for action in &step.actions {
                changes.extend(self.change(store, step.phase, action, &expected)?);
            }
        }
        let mut steps = self.keep(switch)?;
        if changes.is_empty() {
            return Ok(steps);
        }
        let number = next(self.newest, self.before);
        let record = GenerationRecord {
            format: FORMAT,
            channel: self.channel,
            number,
            before: self.before,
            after: self.after,
            command: command.to_string(),
            takes_over: matches!(command, Command::Import { .. }),
            mirrors: self.mirrors(),
            changes,
        };
        let key = StorageKey::Generation { channel: self.channel, number };
        let to = Location { store: store.clone(), key: key.key() };
        let action = Action::CreateObject { to, content: Content::Text(record.to_text()) };
        let title = format!("{}: generation {number}", self.channel);
        steps.push(Step::new(&["generation", self.channel.as_str()], title, Phase::Write, vec![action]));
        Ok(steps)
    }

    /// What an effect changes of the channel, in its main store; mirrors hold the same bytes.
    fn change(
        &self,
        store: &StoreUrl,
        phase: Phase,
        action: &Action,
        expected: &BTreeMap<&Location, Option<Sha256>>,
    ) -> Result<Option<PageChange>, Stop> {
        let Some((at, expect, new)) =
            replaced(action).filter(|(at, ..)| at.store == *store && self.channel.owns(&at.key))
        else {
            return Ok(None);
        };
        let old = self.old(at, expect)?;
        let mut elsewhere = BTreeMap::new();
        for mirror in self.mirrors() {
            let at = Location { store: mirror.clone(), key: at.key.clone() };
            // What a mirror need not change is there already.
            let there = expected.get(&at).map_or(Ok(new), |expect| self.old(&at, *expect))?;
            elsewhere.extend((there != old).then(|| (mirror.clone(), there)));
        }
        Ok((old != new).then(|| PageChange { key: at.key.clone(), phase, old, new, elsewhere }))
    }

    fn mirrors(&self) -> BTreeSet<StoreUrl> {
        self.project.stores_with(self.channel).into_iter().skip(1).map(|(_, store)| store.clone()).collect()
    }

    /// What is there before.
    fn old(&self, at: &Location, expect: Option<Sha256>) -> Result<Option<Fingerprint>, Stop> {
        let Some(sha256) = expect else { return Ok(None) };
        let unseen = || Stop::new(StopKind::Failed, "unseen", at.key.to_string(), "its size was not looked at");
        Ok(Some(Fingerprint { size: *self.sizes.get(&sha256).ok_or_else(unseen)?, sha256 }))
    }

    /// Copies of what is replaced in any store of the channel, each content once: what a mirror has of its own does
    /// not come back with a generation, but is not lost.
    fn keep(&self, switch: &[Step]) -> Result<Vec<Step>, Stop> {
        let mut copies: BTreeMap<Sha256, Action> = BTreeMap::new();
        let changing = switch.iter().filter(|step| step.phase >= Phase::Map).flat_map(|step| &step.actions);
        let is_kept = |key: &ObjectKey| self.channel.owns(key) || is_own_page(key);
        for (at, expect, new) in changing.filter_map(replaced).filter(|(at, ..)| is_kept(&at.key)) {
            let Some(old) = self.old(at, expect)?.filter(|old| Some(*old) != new) else { continue };
            let Fingerprint { size, sha256 } = old;
            let to = Location { store: self.project.backup.clone(), key: StorageKey::Kept(sha256).key() };
            copies.entry(sha256).or_insert(Action::CopyObject { from: at.clone(), to, size, sha256 });
        }
        let copies: Vec<Action> = copies.into_values().collect();
        let step = |(index, batch): (usize, &[Action])| {
            let title = format!("{}: keep {} that will be replaced", self.channel, count(batch.len(), "page"));
            let id = (index + 1).to_string();
            Step::new(&["keep", self.channel.as_str(), &id], title, Phase::Write, batch.to_vec())
        };
        Ok(copies.chunks(BATCH).enumerate().map(step).collect())
    }
}

/// Whether a key is that of a page or of conda data of a candidate's own. No rollback brings them back, for they are a
/// function of its manifests, but what somebody made of them is not lost.
fn is_own_page(key: &ObjectKey) -> bool {
    key.below(&KeyPrefix::Candidates.key()).is_some()
}

/// The number of the next generation: no map has it, even if a record is gone.
pub(super) fn next(newest: Option<&GenerationRecord>, state: u64) -> u64 {
    newest.map_or(0, |newest| newest.number).max(state) + 1
}

/// What an effect replaces: where, which digest it expects there, and what is there after it.
fn replaced(action: &Action) -> Option<(&Location, Option<Sha256>, Option<Fingerprint>)> {
    match action {
        Action::ReplaceObject { at, expect, text } => Some((at, *expect, Some(Fingerprint::of(text.as_bytes())))),
        Action::ReplaceEncoded { at, expect, content } => {
            Some((at, *expect, Some(Fingerprint { size: content.size, sha256: content.sha256 })))
        }
        Action::PutBack { at, expect, size, sha256, .. } => {
            Some((at, *expect, Some(Fingerprint { size: *size, sha256: *sha256 })))
        }
        Action::RemoveObject { at, expect } => Some((at, Some(*expect), None)),
        Action::PushRefs { .. }
        | Action::AdvanceBranch { .. }
        | Action::CreateObject { .. }
        | Action::CopyObject { .. }
        | Action::ReadBack { .. }
        | Action::CheckObjects { .. }
        | Action::AddLabel { .. } => None,
    }
}
