//! One switch of a channel and what it replaced: `channels/stable/generations/000042.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::record::record;
use super::{Channel, RecordError};
use crate::plan::Phase;
use crate::store::{Fingerprint, ObjectKey, StoreUrl};

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
    /// The state of the channel before, as its map says: the number of the generation that made the map, 0 for what
    /// was there before the first.
    pub before: u64,
    /// The state of the channel after: its own number, or for a rollback the state that came back; the one before
    /// if only pages change.
    pub after: u64,
    /// The command that made it.
    pub command: String,
    /// Whether it takes over what somebody else had made: then that is what comes back with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_over: bool,
    /// The mirrors that are switched with the channel.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mirrors: BTreeSet<StoreUrl>,
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
    /// What was there in a mirror, where that was something else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<StoreUrl, Option<Fingerprint>>,
}

record!(GenerationRecord, "generation record");

impl GenerationRecord {
    /// What it makes of an object.
    pub fn change(&self, key: &ObjectKey) -> Option<&PageChange> {
        self.changes.iter().find(|change| change.key == *key)
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
