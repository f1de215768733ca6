//! Trying what a store really does, below `doctor/`: whether it refuses what it must refuse, and who may
//! read it. What was written is removed again.

use std::collections::BTreeSet;

use trackside_domain::digest::Sha256;
use trackside_domain::doctor::{Outcome, Probe, Trial};
use trackside_domain::store::{Fingerprint, ObjectKey, ObjectKeyError, StoreKind, StoreUrl};

use crate::store::{Access, Created, Origin, Source, Store, StoreError, Stores, Swap, Target};
use crate::together::{all_together, both};
use crate::trouble::{Trouble, with_causes};

/// Who may read a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// It does not matter: it is a channel.
    Anybody,
    /// Only who has credentials.
    OnlyUs,
}

/// What a store is for, as far as the trials depend on it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Who may read it.
    pub readers: Readers,
    /// How it is opened by whoever writes to it.
    pub access: Access,
    /// The stores that it must be another place than.
    pub apart_from: &'a [&'a StoreUrl],
}

impl Wanted<'_> {
    /// A channel or the state, of which there is one.
    pub const ANY: Self = Self { readers: Readers::Anybody, access: Access::Write, apart_from: &[] };
}

/// The objects of a trial.
struct Scratch {
    created: ObjectKey,
    page: ObjectKey,
    copied: ObjectKey,
}

impl Scratch {
    fn of(nonce: &str) -> Result<Self, ObjectKeyError> {
        let at = |name: &str| format!("doctor/{nonce}-{name}").parse::<ObjectKey>();
        Ok(Self { created: at("created")?, page: at("page")?, copied: at("copied")? })
    }
}

/// Tries the store at `url`. `nonce` is a name that nobody else uses for a trial. The folder of a store is made
/// if it is missing, as the first write would.
///
/// # Errors
/// When `nonce` is no part of a key.
pub fn examine(stores: &Stores, url: &StoreUrl, wanted: Wanted<'_>, nonce: &str) -> Result<Vec<Trial>, ObjectKeyError> {
    if url.kind() == StoreKind::Anaconda {
        return Ok(label(stores, url));
    }
    let scratch = Scratch::of(nonce)?;
    let trial = |probe, outcome| Trial { store: url.clone(), probe, outcome };
    let opened = stores.init(url, wanted.access).and_then(|store| store.list(&scratch.created).map(|_| store));
    let store = match opened {
        Ok(store) => store,
        Err(error) => return Ok(vec![trial(Probe::Reachable, untried(error))]),
    };
    let mut trials = vec![trial(Probe::Reachable, Outcome::Fine)];
    let writable = writable(&store, &scratch);
    let goes_on = writable == Outcome::Fine;
    trials.push(trial(Probe::Writable, writable));
    if goes_on {
        trials.push(trial(Probe::CreateOnly, create_only(&store, &scratch)));
        trials.push(trial(Probe::CompareAndSwap, compare_and_swap(&store, &scratch)));
        trials.push(trial(Probe::CopyOnly, copy_only(&store, &scratch)));
        trials.push(trial(Probe::RemoveOnly, remove_only(&store, &scratch)));
        if wanted.readers == Readers::OnlyUs {
            trials.push(trial(Probe::Private, private(stores, url, &scratch)));
        }
        if !wanted.apart_from.is_empty() {
            trials.push(trial(Probe::Apart, apart(stores, wanted.apart_from, &scratch)));
        }
    }
    let all = [&scratch.created, &scratch.page, &scratch.copied];
    trials.push(trial(Probe::CleanedUp, cleaned_up(&store, &all)));
    Ok(trials)
}

/// Tries only whether the store at `url` refuses what it must refuse, before something is written that relies on it.
/// What could not be removed again is for `doctor` to tell: it does not stop a release.
pub fn heeds(
    stores: &Stores,
    (url, name): (&StoreUrl, &str),
    probes: &BTreeSet<Probe>,
    trial: &str,
) -> Result<(), Trouble> {
    // Several stores are tried at the same time, and two URLs may lead to one place.
    let nonce = format!("{trial}-{}", Sha256::of(url.as_str().as_bytes()).short());
    let scratch = Scratch::of(&nonce).map_err(|error| Trouble::Failed(error.to_string()))?;
    let store = stores.init(url, Access::Write)?;
    // One after another on each object, but on both at the same time: every request is a way to the server.
    let swaps = probes.contains(&Probe::CompareAndSwap);
    let swap = || swaps.then(|| compare_and_swap(&store, &scratch));
    let create = || {
        let mut created = vec![(Probe::Writable, writable(&store, &scratch))];
        if probes.contains(&Probe::CreateOnly) && created[0].1 == Outcome::Fine {
            created.push((Probe::CreateOnly, create_only(&store, &scratch)));
        }
        created
    };
    let (swapped, created) = both(swap, create);
    cleaned_up(&store, &[&scratch.created, &scratch.page]);
    if swapped == Some(Outcome::Fine) {
        store.note_heeds();
    }
    let verdict = |(probe, outcome): (Probe, Outcome)| match outcome {
        Outcome::Fine | Outcome::Weak(_) => Ok(()),
        Outcome::Wrong(why) => Err(Trouble::Blocked(format!("{name} ({url}) fails `{}`: {why}", probe.id()))),
        Outcome::Failed(why) => Err(Trouble::Failed(why)),
        Outcome::Passing(why) => Err(Trouble::Transient(why)),
    };
    let swapped = swapped.map(|outcome| (Probe::CompareAndSwap, outcome));
    created.into_iter().chain(swapped).try_for_each(verdict)
}

/// Nothing is tried at anaconda.org, because what is written there stays.
fn label(stores: &Stores, url: &StoreUrl) -> Vec<Trial> {
    let trial = |probe, outcome| Trial { store: url.clone(), probe, outcome };
    match stores.open(url, Access::Write) {
        Ok(_) => {
            let untried = "it is not tried, because what is written there stays";
            vec![trial(Probe::Reachable, Outcome::Fine), trial(Probe::Writable, Outcome::Weak(untried.to_owned()))]
        }
        Err(error) => vec![trial(Probe::Reachable, untried(error))],
    }
}

fn untried(error: StoreError) -> Outcome {
    match Trouble::from(error) {
        Trouble::Failed(why) | Trouble::Conflict(why) | Trouble::Blocked(why) => Outcome::Failed(why),
        Trouble::Unknown(why) | Trouble::Transient(why) => Outcome::Passing(why),
    }
}

/// What is created in a trial.
const FIRST: &[u8] = b"first";

fn create(store: &Store, key: &ObjectKey, bytes: &[u8]) -> Result<Created, StoreError> {
    store.create(Target::new(key), Source::Bytes(bytes), &mut |_| {})
}

fn writable(store: &Store, scratch: &Scratch) -> Outcome {
    match create(store, &scratch.created, FIRST).and_then(|_| store.read(&scratch.created, 100)) {
        Ok(bytes) if bytes == FIRST => Outcome::Fine,
        Ok(_) => Outcome::Wrong("what was written is not what is read back".to_owned()),
        Err(error) => untried(error),
    }
}

fn create_only(store: &Store, scratch: &Scratch) -> Outcome {
    must_be_refused(Probe::CreateOnly, store.swap(Target::new(&scratch.created), None, b"second"))
}

/// Replaces the page twice, as two writers would who have seen the same.
fn compare_and_swap(store: &Store, scratch: &Scratch) -> Outcome {
    let target = || Target::new(&scratch.page);
    let seen = match store.swap(target(), None, b"1") {
        Ok(Swap::Done(seen)) => seen,
        Ok(Swap::Refused) => return Outcome::Failed("a page that is not there was not created".to_owned()),
        Err(error) => return untried(error),
    };
    match store.swap(target(), Some(&seen), b"2") {
        Ok(Swap::Done(_)) => must_be_refused(Probe::CompareAndSwap, store.swap(target(), Some(&seen), b"late")),
        Ok(Swap::Refused) => Outcome::Failed("a page that has not changed was not replaced".to_owned()),
        Err(error) => untried(error),
    }
}

fn must_be_refused(probe: Probe, swapped: Result<Swap, StoreError>) -> Outcome {
    match swapped {
        Ok(Swap::Refused) => Outcome::Fine,
        Ok(Swap::Done(_)) => Outcome::Wrong(probe.danger().to_owned()),
        Err(error) => untried(error),
    }
}

/// Takes the key between the look at it and the copy, as above. A server that then overwrites can still be released
/// to: the lease and the reading back stand between two operators.
fn copy_only(store: &Store, scratch: &Scratch) -> Outcome {
    let content = match store.read(&scratch.created, 100) {
        Ok(bytes) => Fingerprint::of(&bytes),
        Err(error) => return untried(error),
    };
    let origin = Origin { store, key: &scratch.created, content };
    let mut other = None;
    let copied = store.copy_create(origin, Target::new(&scratch.copied), &mut |_| {
        other.get_or_insert_with(|| create(store, &scratch.copied, b"taken"));
    });
    match (other, refused(Probe::CopyOnly, copied.map(drop))) {
        (Some(Ok(_)), Outcome::Wrong(why)) => Outcome::Weak(why),
        (Some(Ok(_)), outcome) => outcome,
        (Some(Err(error)), _) => untried(error),
        (None, _) => Outcome::Failed("nothing was sent".to_owned()),
    }
}

/// Replaces the page between the look at it and its removal, as above. Only a rollback and `prune` remove: a server
/// that ignores the condition can still be released to.
fn remove_only(store: &Store, scratch: &Scratch) -> Outcome {
    if store.url().kind() == StoreKind::Folder {
        // The adapter looks and removes under one lock.
        return Outcome::Fine;
    }
    let Ok(Some(seen)) = store.digest(&scratch.page) else {
        return Outcome::Failed("the page is not there".to_owned());
    };
    let mut other = None;
    let removed = store.remove_after(&scratch.page, seen, &mut || {
        let target = Target::new(&scratch.page);
        other.get_or_insert_with(|| store.replace_if(target, Some(seen), b"other", &mut |_| {}));
    });
    match (other, refused(Probe::RemoveOnly, removed)) {
        (Some(Ok(())), Outcome::Wrong(why)) => Outcome::Weak(why),
        (Some(Ok(())), outcome) => outcome,
        (Some(Err(error)), _) => untried(error),
        (None, _) => Outcome::Failed("nothing was sent".to_owned()),
    }
}

/// A write that must be refused because of what is there.
fn refused(probe: Probe, result: Result<(), StoreError>) -> Outcome {
    match result {
        Err(StoreError::Conflict { .. } | StoreError::Changed { .. }) => Outcome::Fine,
        Ok(()) => Outcome::Wrong(probe.danger().to_owned()),
        Err(error) => untried(error),
    }
}

fn private(stores: &Stores, url: &StoreUrl, scratch: &Scratch) -> Outcome {
    match stores.is_public(url, &scratch.created) {
        Ok(false) => Outcome::Fine,
        Ok(true) => Outcome::Wrong(Probe::Private.danger().to_owned()),
        Err(error) => untried(error),
    }
}

/// Looks for what was written here in the other stores: two URLs may lead to one place. Another store that cannot
/// be read has trials of its own that say so.
fn apart(stores: &Stores, others: &[&StoreUrl], scratch: &Scratch) -> Outcome {
    let is_there = |other: &&&StoreUrl| {
        let read = stores.open(other, Access::Read).and_then(|store| store.read_if_present(&scratch.created, 100));
        matches!(read, Ok(Some(bytes)) if bytes == FIRST)
    };
    match others.iter().find(is_there) {
        Some(other) => Outcome::Wrong(format!("it is the same place as {other}; {}", Probe::Apart.danger())),
        None => Outcome::Fine,
    }
}

fn cleaned_up(store: &Store, keys: &[&ObjectKey]) -> Outcome {
    let removed = all_together(keys.len(), keys, |key| store.discard(key));
    match removed {
        Ok(_) => Outcome::Fine,
        Err(error) => Outcome::Wrong(format!("{}; {}", with_causes(&error), Probe::CleanedUp.danger())),
    }
}
