//! The effects of one step, as many at the same time as their kind allows.

use std::sync::atomic::Ordering;

use trackside_domain::action::{Action, Content, Location, Receipt};
use trackside_domain::plan::Step;
use trackside_domain::store::StoreKind;
use trackside_effects::perform::Look;
use trackside_effects::{Performer, Trouble, all_together, together};

use super::Driver;
use crate::watch::Moment;

/// Effects on objects of servers at the same time. How many requests a server really gets is for the pace of
/// its adapter; this is only enough of them to reach it, since each upload takes room on this disk.
const REMOTE: usize = 64;
/// What needs nothing here but a thread that waits: copies that a server makes by itself, and pages.
const WAITING: usize = 256;
/// Effects on folders at the same time: enough to wait for one disk while another is written.
const LOCAL: usize = 16;

/// Why the effects of a step were not all done.
pub(super) enum Halt {
    /// One of them failed.
    Trouble(Trouble),
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// What is there of each effect of a step that was tried before.
pub(super) fn probe(performer: &Performer, step: &Step) -> Result<Vec<Option<Receipt>>, Trouble> {
    all_together(width(&step.actions), &step.actions, |action| performer.probe(action))
}

/// Performs what is not done yet. The receipts of all effects; or how many are done, and why no more.
pub(super) fn perform(
    driver: &Driver<'_>,
    step: &Step,
    done: &[Option<Receipt>],
) -> Result<Vec<Receipt>, (usize, Halt)> {
    let rest = step.actions.iter().zip(done).filter(|(_, done)| done.is_none()).map(|(action, _)| action);
    let look = driver.performer.look(&rest.collect::<Vec<_>>()).map_err(|trouble| (0, Halt::Trouble(trouble)))?;
    let width = if driver.watch.is_in_order() { 1 } else { width(&step.actions) };
    let one = |index: usize| {
        // One that has begun is finished, but none more is begun.
        if driver.interrupted.load(Ordering::SeqCst) {
            return Err(Halt::Interrupted);
        }
        let action = &step.actions[index];
        driver.watch.moment(step, index, Moment::AfterIntent);
        if let Some(receipt) = &done[index] {
            return Ok((index, receipt.clone()));
        }
        let receipt = effect(driver, (step, index), action, &look).map_err(Halt::Trouble)?;
        driver.watch.moment(step, index, Moment::AfterEffect);
        Ok((index, receipt))
    };
    let mut receipts = Vec::with_capacity(step.actions.len());
    // What was read from a file may have changed since; what was made of it is not stored before that is known.
    let (first, then): (Vec<usize>, Vec<usize>) =
        (0..step.actions.len()).partition(|index| is_of_file(&step.actions[*index]));
    for wave in [first, then] {
        let mut halts = Vec::new();
        for answer in together(width, &wave, |_, index| one(*index)).into_iter().flatten() {
            match answer {
                Ok(receipt) => receipts.push(receipt),
                Err(halt) => halts.push(halt),
            }
        }
        if let Some(halt) = halts.into_iter().max_by_key(gravity) {
            return Err((receipts.len(), halt));
        }
    }
    receipts.sort_by_key(|(index, _)| *index);
    Ok(receipts.into_iter().map(|(_, receipt)| receipt).collect())
}

/// Whether the bytes come from where somebody may have changed them.
const fn is_of_file(action: &Action) -> bool {
    matches!(action, Action::CreateObject { content: Content::File { .. }, .. } | Action::CopyObject { .. })
}

/// Of several failures the one is told that a person must know of first.
const fn gravity(halt: &Halt) -> u8 {
    match halt {
        Halt::Trouble(Trouble::Unknown(_)) => 4,
        Halt::Trouble(Trouble::Conflict(_)) => 3,
        Halt::Trouble(Trouble::Failed(_) | Trouble::Blocked(_)) => 2,
        Halt::Trouble(Trouble::Transient(_)) => 1,
        Halt::Interrupted => 0,
    }
}

/// One effect. If its answer is lost, the thing itself is asked once.
fn effect(
    driver: &Driver<'_>,
    (step, index): (&Step, usize),
    action: &Action,
    look: &Look,
) -> Result<Receipt, Trouble> {
    let mut progress = |done| {
        driver.watch.bytes(step, index, done);
        driver.watch.moment(step, index, Moment::MidTransfer);
    };
    match driver.performer.perform(action, look, &mut progress) {
        Err(Trouble::Unknown(lost)) => match driver.performer.probe(action) {
            Ok(Some(receipt)) => Ok(receipt),
            Ok(None) => Err(Trouble::Transient(format!("{lost}; nothing was changed"))),
            Err(_) => Err(Trouble::Unknown(lost)),
        },
        other => other,
    }
}

/// How many of these effects may be under way at the same time. Git effects come one at a time: they share
/// a cache, and people read what they did in the order of the plan.
fn width(actions: &[Action]) -> usize {
    let kinds = actions.iter().map(|action| match action {
        Action::PushRefs { .. } | Action::AdvanceBranch { .. } => 1,
        Action::ReplaceObject { at, .. } | Action::ReplaceEncoded { at, .. } | Action::RemoveObject { at, .. } => {
            of_store(at, WAITING)
        }
        Action::CreateObject { to: at, .. } | Action::ReadBack { at, .. } | Action::AddLabel { at, .. } => {
            of_store(at, REMOTE)
        }
        Action::CheckObjects { .. } => LOCAL,
        Action::CopyObject { from, to, .. } if is_inside_server(from, to) => WAITING,
        Action::CopyObject { from, to, .. } => of_store(from, REMOTE).min(of_store(to, REMOTE)),
        Action::PutBack { from, at, .. } => of_store(from, WAITING).min(of_store(at, WAITING)),
    });
    kinds.min().unwrap_or(1)
}

fn is_inside_server(from: &Location, to: &Location) -> bool {
    let place = |at: &Location| (at.store.kind() == StoreKind::S3).then(|| at.store.server().map(|url| url.endpoint));
    place(from).is_some() && place(from) == place(to)
}

fn of_store(at: &Location, remote: usize) -> usize {
    match at.store.kind() {
        StoreKind::Folder | StoreKind::Anaconda => LOCAL,
        StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure => remote,
    }
}

#[cfg(test)]
mod tests {
    use trackside_domain::digest::Sha256;

    use super::*;

    fn create(store: &str) -> Action {
        let to = Location { store: store.parse().unwrap(), key: "a".parse().unwrap() };
        Action::CreateObject { to, content: Content::Text("x".into()) }
    }

    #[test]
    fn the_slowest_kind_of_effect_sets_the_width() {
        let push = Action::PushRefs {
            repository: "core".parse().unwrap(),
            url: "https://example.org/core.git".parse().unwrap(),
            recipes: Vec::new(),
            updates: Vec::new(),
        };
        assert_eq!(width(&[create("s3://bucket/a"), create("s3://other")]), REMOTE);
        assert_eq!(width(&[create("s3://bucket/a"), create("/srv/store")]), LOCAL);
        assert_eq!(width(&[create("s3://bucket/a"), push]), 1);
    }

    #[test]
    fn copies_inside_a_server_and_pages_wait_together() {
        let at = |store: &str| Location { store: store.parse().unwrap(), key: "a".parse().unwrap() };
        let copy = |from, to| Action::CopyObject { from: at(from), to: at(to), size: 1, sha256: Sha256::of(b"x") };
        assert_eq!(width(&[copy("s3://bucket/a", "s3://other")]), WAITING);
        assert_eq!(width(&[copy("s3://bucket/a", "s3://other?endpoint=http://elsewhere")]), REMOTE);
        assert_eq!(width(&[copy("s3://bucket/a", "/srv/store")]), LOCAL);
        let page = |store| Action::ReplaceObject { at: at(store), expect: None, text: "x".into() };
        assert_eq!((width(&[page("s3://bucket")]), width(&[page("/srv/store")])), (WAITING, LOCAL));
    }

    #[test]
    fn what_is_unknown_is_told_before_what_is_known() {
        let troubles = [
            Halt::Interrupted,
            Halt::Trouble(Trouble::Transient(String::new())),
            Halt::Trouble(Trouble::Failed(String::new())),
            Halt::Trouble(Trouble::Conflict(String::new())),
            Halt::Trouble(Trouble::Unknown(String::new())),
        ];
        assert!(troubles.iter().map(gravity).is_sorted_by(|one, next| one < next));
    }
}
