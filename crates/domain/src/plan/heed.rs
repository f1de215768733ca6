//! What a plan needs of the servers it writes to: that they refuse what must be refused. A store that ignores
//! conditions loses files without a word, so it is tried before a run begins, unless a waiver says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::action::{Action, Location};
use crate::digest::Sha256;
use crate::doctor::Probe;
use crate::plan::rebuild::is_page;
use crate::plan::{Draft, Plan, Precondition};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{StoreKind, StoreUrl};

impl Draft {
    /// The same plan, which begins only if every server that it writes to, and the one with the state, heeds the
    /// conditions that it relies on. A waiver takes one condition of one store out, and becomes a precondition of its
    /// own and a note.
    #[must_use]
    pub fn heeded(mut self, project: &Project, state: &StoreUrl, today: Date) -> Self {
        let names = names(project, state);
        let mut needs = needs(self.steps.iter().flat_map(|step| &step.actions));
        needs.entry(state).or_default().insert(Probe::CreateOnly);
        let mut wanted = Vec::new();
        for (store, probes) in needs.into_iter().filter(|(store, _)| is_tried(store)) {
            let words = names.get(store).cloned().unwrap_or_else(|| vec!["store".to_owned()]);
            let waiver = |probe: &Probe| project.waivers.iter().find(|waiver| waiver.covers(*probe, &words, today));
            for waiver in probes.iter().filter_map(waiver) {
                self.notes.push(waiver.note());
                wanted.push(Precondition::Waived { waiver: waiver.clone() });
            }
            let probes: BTreeSet<Probe> = probes.iter().filter(|probe| waiver(probe).is_none()).copied().collect();
            if !probes.is_empty() {
                wanted.push(Precondition::StoreHeeds { name: words.join(", "), store: store.clone(), probes });
            }
        }
        self.preconditions.extend(wanted);
        self
    }
}

impl Plan {
    /// A store that it writes to, and that the configuration does not name, or not for the channel that it switches
    /// there.
    pub fn strange_store(&self, project: &Project) -> Option<&StoreUrl> {
        let stores: BTreeSet<&StoreUrl> = project.stores().map(|(_, store)| store).collect();
        let of_channel = |at: &Location| match StorageKey::parse(at.key.as_str()) {
            Some(StorageKey::Channel(channel)) => {
                project.stores_with(channel).into_iter().any(|(_, store)| *store == at.store)
            }
            _ => true,
        };
        let written = self.effects().filter_map(|(_, _, action)| written(action));
        // Labels of anaconda.org come of the configured ones.
        let mut written = written.filter(|at| at.store.kind() != StoreKind::Anaconda);
        written.find(|at| !stores.contains(&at.store) || !of_channel(at)).map(|at| &at.store)
    }

    /// What is to be looked at again before the run of a plan that was made of what was seen a moment ago: not the pages
    /// of a server that is tried before, for which the condition of each write asks. Whoever else changes the channel
    /// by a plan makes the generation that this one is to make, so that no run begins beside it.
    pub fn not_asked_by_writes(&self) -> Vec<&Precondition> {
        let heeds = |precondition: &Precondition| match precondition {
            Precondition::StoreHeeds { store, probes, .. } => {
                probes.is_superset(&[Probe::CreateOnly, Probe::CompareAndSwap].into()).then(|| store.clone())
            }
            _ => None,
        };
        let heed: BTreeSet<StoreUrl> = self.preconditions.iter().filter_map(heeds).collect();
        let asked: BTreeMap<&Location, Option<Sha256>> = self
            .effects()
            .filter_map(|(_, _, action)| match action {
                Action::ReplaceObject { at, expect, .. } => Some((at, *expect)),
                _ => None,
            })
            .filter(|(at, _)| heed.contains(&at.store) && is_page(&at.key))
            .collect();
        let is_asked = |precondition: &&Precondition| match precondition {
            Precondition::ObjectIs { at, value } => asked.get(at) == Some(value),
            _ => false,
        };
        self.preconditions.iter().filter(|precondition| !is_asked(precondition)).collect()
    }
}

const fn written(action: &Action) -> Option<&Location> {
    match action {
        Action::CreateObject { to: at, .. }
        | Action::CopyObject { to: at, .. }
        | Action::ReplaceObject { at, .. }
        | Action::ReplaceEncoded { at, .. }
        | Action::PutBack { at, .. }
        | Action::RemoveObject { at, .. }
        | Action::AddLabel { at, .. } => Some(at),
        Action::PushRefs { .. }
        | Action::AdvanceBranch { .. }
        | Action::ReadBack { .. }
        | Action::CheckObjects { .. } => None,
    }
}

/// The folder adapter is our own: it compares under a lock.
fn is_tried(store: &StoreUrl) -> bool {
    match store.kind() {
        StoreKind::Folder => false,
        // Nothing is ever replaced there, and what would be tried would stay.
        StoreKind::Anaconda => false,
        StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure => true,
    }
}

/// The words by which waivers name stores; one store may have several.
fn names(project: &Project, state: &StoreUrl) -> BTreeMap<StoreUrl, Vec<String>> {
    let mut names: BTreeMap<StoreUrl, Vec<String>> = BTreeMap::new();
    for (name, store) in project.stores().chain([("state".to_owned(), state)]) {
        names.entry(store.clone()).or_default().push(name);
    }
    names
}

fn needs<'a>(actions: impl Iterator<Item = &'a Action>) -> BTreeMap<&'a StoreUrl, BTreeSet<Probe>> {
    let mut needs: BTreeMap<&StoreUrl, BTreeSet<Probe>> = BTreeMap::new();
    let mut add = |at: &'a Location, probe| {
        needs.entry(&at.store).or_default().insert(probe);
    };
    for action in actions {
        match action {
            Action::CreateObject { to, .. } | Action::CopyObject { to, .. } => add(to, Probe::CreateOnly),
            Action::ReplaceObject { at, .. }
            | Action::ReplaceEncoded { at, .. }
            | Action::PutBack { at, .. }
            | Action::RemoveObject { at, .. } => {
                // A page that is new is created, one that was there is swapped.
                add(at, Probe::CreateOnly);
                add(at, Probe::CompareAndSwap);
            }
            Action::PushRefs { .. }
            | Action::AdvanceBranch { .. }
            | Action::ReadBack { .. }
            | Action::AddLabel { .. }
            | Action::CheckObjects { .. } => {}
        }
    }
    needs
}
