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
    /// Whether what comes back is not what the generation before had made of it, and that is lost: its run was given
    /// up in its middle, or somebody had changed the page.
    pub(super) is_odd: bool,
}

/// The objects that a generation changed. Those that only later ones have mended stay as they are: what they replaced
/// was no state of the channel.
pub(super) fn aims(undone: &GenerationRecord, world: &RollbackWorld) -> Vec<Aim> {
    undone.changes.iter().map(|change| aim(undone, change, world)).collect()
}

fn aim(undone: &GenerationRecord, change: &PageChange, world: &RollbackWorld) -> Aim {
    let PageChange { key, phase, old, new, elsewhere } = change;
    let mirrors = undone.mirrors.iter().map(|mirror| (mirror.clone(), elsewhere.get(mirror).copied().unwrap_or(*old)));
    let mirrors = mirrors.collect();
    let meant = meant(undone, key, world);
    // What a rebuild has mended on its way need not come back from anywhere.
    let is_at_hand = |content: Option<Fingerprint>| {
        content == *new || content.is_none_or(|content| world.kept.contains(&content.sha256))
    };
    let (old, is_odd) = match meant {
        Some(meant) if meant != *old && is_at_hand(meant) => (meant, false),
        Some(meant) => (*old, meant != *old),
        None => (*old, false),
    };
    let later = world.later.iter().filter_map(|later| Some(later.change(key)?.new));
    let ours = later.chain([*new, old, change.old]).collect();
    Aim { key: key.clone(), phase: *phase, old, mirrors, ours, is_odd }
}

/// What the state that comes back had made of an object, if one of its generations says so.
fn meant(undone: &GenerationRecord, key: &ObjectKey, world: &RollbackWorld) -> Option<Option<Fingerprint>> {
    let mut of_state = world.earlier.iter().rev().filter(|earlier| earlier.after == undone.before);
    of_state.find_map(|earlier| Some(earlier.change(key)?.new))
}

/// The contents that may be asked of the backup instead of what the generation replaced.
pub fn wanted(undone: &GenerationRecord, earlier: &[GenerationRecord]) -> BTreeSet<Fingerprint> {
    let world = RollbackWorld { earlier: earlier.to_vec(), ..RollbackWorld::default() };
    let other =
        |change: &PageChange| meant(undone, &change.key, &world).flatten().filter(|meant| Some(*meant) != change.old);
    undone.changes.iter().filter_map(other).collect()
}
