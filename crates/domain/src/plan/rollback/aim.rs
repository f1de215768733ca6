//! What each object is to be again, and what may stand in its place now.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{GenerationRecord, PageChange};
use crate::plan::Phase;
use crate::store::{Fingerprint, ObjectKey, StoreUrl};
use crate::world::RollbackWorld;

/// One object of a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    pub(super) key: ObjectKey,
    /// When it was switched.
    pub(super) phase: Phase,
    /// What it is to be.
    pub(super) old: Option<Fingerprint>,
    /// What mirrors had that were switched with it.
    pub(super) mirrors: BTreeMap<StoreUrl, Option<Fingerprint>>,
    /// What trackside has made of it since: anything else is somebody's.
    pub(super) ours: BTreeSet<Option<Fingerprint>>,
}

/// What a rollback brings back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Aims {
    pub(super) aims: Vec<Aim>,
    /// The objects that do not become what the state had made of them, for that is lost: its run was given up in its
    /// middle, or somebody had changed the page, and today's program makes it otherwise.
    pub(super) odd: Vec<ObjectKey>,
}

/// The objects that a generation changed, and those that runs before it did which left the channel half: it may have
/// found right for itself what the state before had not. Those that only later ones have mended stay as they are: what
/// they replaced was no state of the channel.
pub(super) fn aims(undone: &GenerationRecord, world: &RollbackWorld) -> Aims {
    let mut aims = Aims::default();
    let is_at_hand = |content: Option<Fingerprint>| {
        content
            .is_none_or(|content| world.kept.contains(&content.sha256) || world.rendered.contains_key(&content.sha256))
    };
    for change in &undone.changes {
        let (aim, is_odd) = changed(undone, change, world, is_at_hand);
        aims.odd.extend(is_odd.then(|| aim.key.clone()));
        aims.aims.push(aim);
    }
    for key in touched(undone, &world.earlier) {
        let Some(meant) = meant_of_touched(undone, &key, &world.earlier) else { continue };
        let is_there = world.seen.values().all(|seen| seen.get(&key).copied() == meant);
        match is_at_hand(meant) {
            _ if is_there => {}
            true => aims.aims.push(left(&key, meant, world)),
            false => aims.odd.push(key),
        }
    }
    aims
}

/// An object of the generation that is taken back, and whether what comes back is odd.
fn changed(
    undone: &GenerationRecord,
    change: &PageChange,
    world: &RollbackWorld,
    is_at_hand: impl Fn(Option<Fingerprint>) -> bool,
) -> (Aim, bool) {
    let PageChange { key, phase, old, new, elsewhere } = change;
    let mirrors = undone.mirrors.iter().map(|mirror| (mirror.clone(), elsewhere.get(mirror).copied().unwrap_or(*old)));
    let mirrors = mirrors.collect();
    let (old, is_odd) = match meant(undone, key, &world.earlier) {
        // What a rebuild has mended on its way need not come back from anywhere.
        Some(meant) if meant != *old && (meant == *new || is_at_hand(meant)) => (meant, false),
        Some(meant) => (*old, meant != *old),
        None => (*old, false),
    };
    let later = world.later.iter().filter_map(|later| Some(later.change(key)?.new));
    let ours = later.chain([*new, old, change.old]).collect();
    (Aim { key: key.clone(), phase: *phase, old, mirrors, ours }, is_odd)
}

/// An object that another run may have left as it was to be in another state.
fn left(key: &ObjectKey, meant: Option<Fingerprint>, world: &RollbackWorld) -> Aim {
    let changes: Vec<&PageChange> =
        world.earlier.iter().chain(&world.later).filter_map(|record| record.change(key)).collect();
    // A rollback's record does not say when what it brings back had been switched; the record that it takes back does.
    let phase = changes.iter().map(|change| change.phase).find(|phase| *phase != Phase::Back);
    let ours = changes.iter().map(|change| change.new).chain([meant]).collect();
    Aim { key: key.clone(), phase: phase.unwrap_or(Phase::PackagePages), old: meant, mirrors: BTreeMap::new(), ours }
}

/// The objects that runs between the state which comes back and the generation that is taken back were to make other
/// than that state, and that this generation did not change, in the order in which they were to. Before the first
/// generation no state had meant anything.
pub fn touched(undone: &GenerationRecord, earlier: &[GenerationRecord]) -> Vec<ObjectKey> {
    let since = earlier.iter().filter(|earlier| undone.before != 0 && earlier.number > undone.before);
    let others = since.filter(|earlier| earlier.after != undone.before);
    let keys = others.flat_map(|other| &other.changes).map(|change| &change.key);
    let mut known: BTreeSet<&ObjectKey> = undone.changes.iter().map(|change| &change.key).collect();
    keys.filter(|key| known.insert(key)).cloned().collect()
}

/// What the state that comes back had made of an object, as far as records say so: the last word of that state, or of
/// the one that it was made from, and so on. What a record found says nothing, for somebody may have changed it.
fn meant(undone: &GenerationRecord, key: &ObjectKey, earlier: &[GenerationRecord]) -> Option<Option<Fingerprint>> {
    if undone.takes_over {
        return None;
    }
    let (mut state, mut until) = (undone.before, undone.number);
    loop {
        let own = |record: &&GenerationRecord| record.after == state && record.number < until;
        if let Some(change) = earlier.iter().rev().filter(own).find_map(|record| record.change(key)) {
            return Some(change.new);
        }
        // A state that no record made is the one before the first.
        let Some(made) = earlier.iter().find(|record| record.number == state) else { break };
        (state, until) = (made.before, made.number);
    }
    None
}

/// The same of an object that the generation did not change: where nothing was when the state was left, nothing was meant.
fn meant_of_touched(
    undone: &GenerationRecord,
    key: &ObjectKey,
    earlier: &[GenerationRecord],
) -> Option<Option<Fingerprint>> {
    let leaves = |record: &&GenerationRecord| record.before == undone.before && record.after != undone.before;
    let left = || earlier.iter().filter(leaves).find_map(|record| record.change(key));
    meant(undone, key, earlier).or_else(|| left()?.old.is_none().then_some(None))
}

/// Whether the records that were read say what each object was meant to be.
pub fn is_enough(undone: &GenerationRecord, earlier: &[GenerationRecord]) -> bool {
    let changed = undone.changes.iter().map(|change| change.key.clone());
    let is_known = |key: ObjectKey| meant(undone, &key, earlier).is_some();
    undone.takes_over || changed.chain(touched(undone, earlier)).all(is_known)
}

/// The contents that may be asked of the backup instead of what the generation replaced.
pub fn wanted(undone: &GenerationRecord, earlier: &[GenerationRecord]) -> BTreeSet<Fingerprint> {
    let other =
        |change: &PageChange| meant(undone, &change.key, earlier).flatten().filter(|meant| Some(*meant) != change.old);
    let touched = touched(undone, earlier);
    let left = touched.iter().filter_map(|key| meant_of_touched(undone, key, earlier).flatten());
    undone.changes.iter().filter_map(other).chain(left).collect()
}
