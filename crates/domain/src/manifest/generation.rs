//! One switch of a channel and what it replaced: `channels/stable/generations/000042.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::record::record;
use super::{Channel, RecordError};
use crate::plan::{Command, Phase};
use crate::store::{Fingerprint, ObjectKey};

/// One switch of a channel's map and pages. It is written before the switch begins, so that a switch
/// that was given up in its middle can be taken back too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerationRecord {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The channel.
    pub channel: Channel,
    /// Its number; the first is 1.
    pub number: u64,
    /// The state of the channel before: the number of the generation that made it, 0 for what was
    /// there before the first.
    pub before: u64,
    /// The state of the channel after: its own number, or for a rollback the state that came back.
    pub after: u64,
    /// The command that made it.
    pub command: String,
    /// What changes, in the order in which it is switched.
    pub changes: Vec<PageChange>,
}

/// One object of a switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageChange {
    /// The object.
    pub key: ObjectKey,
    /// When it is switched.
    pub phase: Phase,
    /// What was there; its bytes are kept in the backup store.
    pub old: Option<Fingerprint>,
    /// What is there afterwards.
    pub new: Option<Fingerprint>,
}

record!(GenerationRecord, "generation record");

impl GenerationRecord {
    /// This generation and the one before it as one, if that one was given up in its middle and this one finished it:
    /// then it is of the same command, and an object stands here with the very old content that it has there. A
    /// rebuild finishes nothing: what it mends, such as a page that was lost, may look just so.
    #[must_use]
    pub fn joined(&self, before: &Self) -> Option<Self> {
        let ours: BTreeMap<&ObjectKey, &PageChange> = self.changes.iter().map(|change| (&change.key, change)).collect();
        let theirs: BTreeSet<&ObjectKey> = before.changes.iter().map(|change| &change.key).collect();
        let finished = |change: &PageChange| ours.get(&change.key).is_some_and(|here| here.old == change.old);
        let mends = self.command == Command::Rebuild { channel: self.channel }.to_string();
        if mends || self.command != before.command || !before.changes.iter().any(finished) {
            return None;
        }
        // Theirs has all that was to be switched, in the order in which it must be.
        let of_both = before.changes.iter().map(|change| match ours.get(&change.key) {
            Some(here) => PageChange { new: here.new, ..change.clone() },
            None => change.clone(),
        });
        let more = self.changes.iter().filter(|change| !theirs.contains(&change.key)).cloned();
        let mut changes: Vec<PageChange> = of_both.chain(more).filter(|change| change.old != change.new).collect();
        changes.sort_by_key(|change| change.phase);
        Some(Self { before: before.before, changes, ..self.clone() })
    }

    /// The state that a channel is in if this is the newest generation and this was seen in each of its stores. A run
    /// that was given up has not brought its state about: a switch that has not begun left the one before, and so did
    /// a rollback that has not ended.
    pub fn state<'a>(&self, mut stores: impl Iterator<Item = &'a BTreeMap<ObjectKey, Fingerprint>>) -> u64 {
        let all = |seen: &BTreeMap<ObjectKey, Fingerprint>, wanted: fn(&PageChange) -> Option<Fingerprint>| {
            self.changes.iter().all(|change| seen.get(&change.key).copied() == wanted(change))
        };
        let is_rollback = self.after != self.number;
        let brought = match is_rollback {
            true => stores.all(|seen| all(seen, |change| change.new)),
            false => stores.any(|seen| !all(seen, |change| change.old)),
        };
        if brought { self.after } else { self.before }
    }

    fn check(&self) -> Result<(), RecordError> {
        if self.number == 0 || self.before >= self.number || self.after > self.number {
            return Err(Self::refused("its numbers do not follow each other"));
        }
        if self.changes.is_empty() || self.changes.iter().any(|change| change.old == change.new) {
            return Err(Self::refused("it changes nothing, or says so of one of its objects"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generation in which one page that was not there came.
    fn generation(number: u64, command: &str, content: &[u8]) -> GenerationRecord {
        let new = Some(Fingerprint::of(content));
        let change = PageChange { key: "whl/index.html".parse().unwrap(), phase: Phase::ListPages, old: None, new };
        GenerationRecord {
            format: 1,
            channel: Channel::Stable,
            number,
            before: number - 1,
            after: number,
            command: command.to_owned(),
            changes: vec![change],
        }
    }

    /// A page that was lost looks like one that was never made, so what it looks like is not enough.
    #[test]
    fn only_the_same_command_finishes_what_was_given_up() {
        let promote = "promote 2.15.0";
        let given_up = generation(1, promote, b"half");
        let finished = generation(2, promote, b"whole").joined(&given_up).unwrap();
        assert_eq!((finished.number, finished.before), (2, 0));
        assert_eq!(generation(2, "promote 2.16.0", b"whole").joined(&given_up), None);
        let rebuild = "index rebuild stable";
        assert_eq!(generation(2, rebuild, b"whole").joined(&given_up), None);
        assert_eq!(generation(3, rebuild, b"whole").joined(&generation(2, rebuild, b"half")), None);
    }
}
