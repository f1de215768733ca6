//! What is really there of the objects that manifests name. What is gone is stored again if it is in hand.

use std::collections::BTreeMap;

use super::Stage;
use super::arrival::{Arrival, again, create, proof};
use crate::action::{Action, Location};
use crate::manifest::{CandidateRecord, Manifest};
use crate::name::PackageName;
use crate::plan::promote::objects::{Promoted, Reading, objects};
use crate::plan::{BATCH, Phase, Step, Stop, StopKind};
use crate::say::{bytes, count};
use crate::store::{ObjectKey, StoreUrl};

impl Stage<'_> {
    /// The steps that store again what is gone, before anything leads to it; or what cannot be stored again, and what
    /// is there as something else.
    pub(super) fn lost(&self, arrived: &BTreeMap<&PackageName, Vec<Arrival<'_>>>) -> Result<Vec<Step>, Vec<Stop>> {
        let (mut steps, mut stops) = (Vec::new(), Vec::new());
        for (package, entry) in &self.record.packages {
            let Some(manifest) = self.seen(package, entry) else { continue };
            let arrivals = arrived.get(package).map_or(&[][..], Vec::as_slice);
            stops.extend(self.others(manifest));
            stops.extend(self.gone(manifest, arrivals));
            steps.extend(self.stored_again(manifest, arrivals));
        }
        if stops.is_empty() { Ok(steps) } else { Err(stops) }
    }

    /// Whether nothing is gone that a record leads to, but for what this plan is about.
    pub(super) fn is_whole(&self, record: &CandidateRecord) -> bool {
        let ours = |package: &PackageName, manifest: &Manifest| {
            self.record.packages.get(package).is_some_and(|entry| entry.candidate == manifest.candidate)
        };
        let seen = record.packages.iter().filter_map(|(package, entry)| self.seen(package, entry));
        seen.filter(|manifest| !ours(&manifest.package, manifest))
            .all(|manifest| objects(manifest, Reading::All).iter().all(|object| self.has(&self.project.test, object)))
    }

    fn size(&self, store: &StoreUrl, object: &Promoted) -> Option<u64> {
        self.world.there.get(store)?.get(&object.staged).copied()
    }

    fn has(&self, store: &StoreUrl, object: &Promoted) -> bool {
        self.size(store, object) == Some(object.size)
    }

    fn stores(&self) -> [(&'static str, &StoreUrl); 2] {
        [("test", &self.project.test), ("backup", &self.project.backup)]
    }

    /// What has another size than the manifest says.
    fn others(&self, manifest: &Manifest) -> Vec<Stop> {
        let mut stops = Vec::new();
        for (word, store) in self.stores() {
            for object in objects(manifest, Reading::All) {
                let Some(size) = self.size(store, &object).filter(|size| *size != object.size) else { continue };
                let message = format!("it has {} in {word}, its manifest says {}", bytes(size), bytes(object.size));
                let stop = Stop::new(StopKind::Conflict, "other-bytes", object.staged.as_str(), message);
                stops.push(stop.hint("find out who wrote it and move it away: nothing is replaced"));
            }
        }
        stops
    }

    /// What is gone from `test` and not in hand, in one word for the whole set.
    fn gone(&self, manifest: &Manifest, arrivals: &[Arrival<'_>]) -> Option<Stop> {
        let hand = self.hand(&self.project.test, manifest, arrivals);
        let gone = objects(manifest, Reading::All).into_iter().filter(|object| {
            self.size(&self.project.test, object).is_none()
                && !hand.get(&object.staged).is_some_and(|it| is(it, object))
        });
        let gone: Vec<Promoted> = gone.collect();
        let first = gone.first()?;
        let (package, candidate) = (&manifest.package, self.record.candidate);
        let kept = gone.iter().all(|object| self.has(&self.project.backup, object));
        // A candidate comes back as a whole.
        let whole = self.record.packages.iter().all(|(package, entry)| self.seen(package, entry).is_some());
        let more = match gone.len() - 1 {
            0 => String::new(),
            more => format!(", like {more} more of {package}"),
        };
        let message = format!("it is gone from test and not among the files in hand{more}");
        let stop = Stop::new(StopKind::Blocked, "object-missing", first.staged.as_str(), message);
        Some(stop.hint(if kept && whole {
            format!("trackside restore {candidate} --to test")
        } else {
            format!("trackside stage {candidate} --from DIR stores the very files again")
        }))
    }

    /// The steps that store what is gone and in hand. The backup takes from `test` what is not.
    fn stored_again(&self, manifest: &Manifest, arrivals: &[Arrival<'_>]) -> Vec<Step> {
        let (package, candidate) = (&manifest.package, manifest.candidate);
        let mut steps = Vec::new();
        for (word, store) in self.stores() {
            let mut hand = self.hand(store, manifest, arrivals);
            let lost = objects(manifest, Reading::All).into_iter().filter(|object| self.size(store, object).is_none());
            let back = lost.filter_map(|object| {
                let ours = hand.remove(&object.staged).filter(|action| is(action, &object));
                let from_test = || (*store != self.project.test).then(|| self.taken(store, &object));
                ours.or_else(from_test)
            });
            let back: Vec<Action> = back.collect();
            let proofs: Vec<Action> = back.iter().filter_map(proof).collect();
            for (verb, actions) in [("store again", &back), ("read back", &proofs)] {
                for (index, batch) in actions.chunks(BATCH).enumerate() {
                    let objects = count(batch.len(), "object");
                    let title = format!("{word}: {verb} {objects} of {package} {candidate}");
                    let id = [verb, word, package.as_str(), &(index + 1).to_string()];
                    steps.push(Step::new(&id, title, Phase::Write, batch.to_vec()));
                }
            }
        }
        steps
    }

    /// What the files in hand would be stored as, by its key.
    fn hand(&self, store: &StoreUrl, manifest: &Manifest, arrivals: &[Arrival<'_>]) -> BTreeMap<ObjectKey, Action> {
        let actions = arrivals
            .iter()
            .flat_map(|arrival| create(store, manifest, arrival))
            .map(|action| if *store == self.project.backup { again(action, &self.project.test) } else { action });
        actions.filter_map(|action| Some((to(&action)?.key.clone(), action))).collect()
    }

    /// The object as the backup takes it from `test`.
    fn taken(&self, store: &StoreUrl, object: &Promoted) -> Action {
        let at = |store: &StoreUrl| Location { store: store.clone(), key: object.staged.clone() };
        Action::CopyObject { from: at(&self.project.test), to: at(store), size: object.size, sha256: object.sha256 }
    }
}

/// Whether an action makes exactly this object.
fn is(action: &Action, object: &Promoted) -> bool {
    match action {
        Action::CreateObject { content, .. } => content.sha256() == object.sha256 && content.size() == object.size,
        Action::CopyObject { size, sha256, .. } => (*size, *sha256) == (object.size, object.sha256),
        _ => false,
    }
}

fn to(action: &Action) -> Option<&Location> {
    match action {
        Action::CreateObject { to, .. } | Action::CopyObject { to, .. } => Some(to),
        _ => None,
    }
}
