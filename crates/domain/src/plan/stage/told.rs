//! What a plan of `stage` depends on, and what it says of the candidate.

use std::collections::BTreeMap;

use super::arrival::{printable, unchanged};
use super::{Set, Stage};
use crate::action::Location;
use crate::manifest::{Channel, Manifest};
use crate::name::PackageName;
use crate::plan::Precondition;
use crate::say::count;
use crate::storage_key::StorageKey;

impl Stage<'_> {
    /// What was seen and must still hold.
    pub(super) fn preconditions(&self, sets: &BTreeMap<&PackageName, Set>) -> Vec<Precondition> {
        let fresh = sets.values().filter(|set| set.fresh);
        // Two lines share the channel, so another line's candidate may move it in between.
        let map = self.test_map(sets).map(|_| Precondition::ObjectIs {
            at: Location { store: self.project.test.clone(), key: StorageKey::Channel(Channel::Test).key() },
            value: self.world.test.map.as_ref().map(|(digest, _)| *digest),
        });
        let sources = self.world.built.iter().filter_map(unchanged);
        fresh
            .map(|set| {
                let Manifest { package, candidate, revision, .. } = &set.manifest;
                let key = StorageKey::Manifest { package: package.clone(), candidate: *candidate, revision: *revision };
                Precondition::ObjectIs {
                    at: Location { store: self.project.test.clone(), key: key.key() },
                    value: None,
                }
            })
            .chain(map)
            .chain(sources)
            .collect()
    }

    /// What is there of each package, and what a store has beside it.
    pub(super) fn notes(&self, sets: &BTreeMap<&PackageName, Set>) -> Vec<String> {
        let word = |package: &PackageName| match sets.get(package) {
            None => format!("{package}: nothing is staged yet"),
            Some(set) if set.manifest.sealed => {
                format!("{package}: complete, {}", count(set.manifest.artifacts.len(), "artifact"))
            }
            Some(set) => {
                let first = set.missing.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
                format!(
                    "{package}: {} missing: {first}{}",
                    set.missing.len(),
                    if set.missing.len() > 3 { ", ..." } else { "" }
                )
            }
        };
        let mut notes: Vec<String> = self.record.packages.keys().map(word).collect();
        if !self.world.unexpected.is_empty() {
            let files = count(self.world.unexpected.len(), "file");
            let mut note = format!("{files} that the matrix does not have; -v lists them");
            self.world.unexpected.iter().for_each(|path| {
                note.push('\n');
                note.push_str(&printable(path));
            });
            notes.push(note);
        }
        notes
    }
}
