//! What a server has said beside its answers, for as long as this process lives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use object_store::path::Path;
use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;

/// What is known of a server, by all who use the same connection.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// In seconds since 1970; 0 if it never said.
    clock: AtomicI64,
    unnamed: Mutex<BTreeSet<String>>,
    contradicted: Mutex<BTreeMap<ObjectKey, String>>,
    proved: Mutex<BTreeMap<Path, (String, Sha256)>>,
    heeds: AtomicBool,
    quotes: Mutex<Quotes>,
    versions: Mutex<BTreeMap<Path, (Sha256, String)>>,
}

/// Whether a server compares tags with the quotes that RFC 9110 gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Quotes {
    /// It has not replaced anything yet.
    #[default]
    Unknown,
    /// As it must.
    Kept,
    /// It takes none with quotes for the tag of what is there.
    Dropped,
}

impl Learned {
    /// What its clock said last, in seconds since 1970.
    pub(super) fn note_clock(&self, date: i64) {
        self.clock.store(date, Ordering::Relaxed);
    }

    /// `None` if it never said.
    pub(super) fn clock(&self) -> Option<i64> {
        Some(self.clock.load(Ordering::Relaxed)).filter(|date| *date != 0)
    }

    /// The keys of listings that nobody of ours can name, below the prefix of the store.
    pub(super) fn note_unnamed(&self, keys: impl Iterator<Item = String>) {
        held(&self.unnamed).extend(keys);
    }

    pub(super) fn unnamed(&self) -> BTreeSet<String> {
        held(&self.unnamed).clone()
    }

    /// How the headers of an object that was read contradict what it must be sent with.
    pub(super) fn note_contradiction(&self, key: &ObjectKey, why: String) {
        held(&self.contradicted).insert(key.clone(), why);
    }

    pub(super) fn contradiction(&self, key: &ObjectKey) -> Option<String> {
        held(&self.contradicted).get(key).cloned()
    }

    /// What it has said of a copy that it made: the tag of its content, and the digest that it computed.
    pub(super) fn note_proof(&self, path: &Path, etag: String, digest: Sha256) {
        held(&self.proved).insert(path.clone(), (etag, digest));
    }

    pub(super) fn proof(&self, path: &Path) -> Option<(String, Sha256)> {
        held(&self.proved).get(path).cloned()
    }

    /// It was seen to refuse the replacement of what had changed.
    pub(super) fn note_heeds(&self) {
        self.heeds.store(true, Ordering::Relaxed);
    }

    pub(super) fn heeds(&self) -> bool {
        self.heeds.load(Ordering::Relaxed)
    }

    pub(super) fn note_quotes(&self, quotes: Quotes) {
        *held(&self.quotes) = quotes;
    }

    pub(super) fn quotes(&self) -> Quotes {
        *held(&self.quotes)
    }

    /// The tag that an object had when it was read as a whole, and its digest.
    pub(super) fn note_version(&self, path: &Path, digest: Sha256, etag: Option<&str>) {
        if let Some(etag) = etag {
            held(&self.versions).insert(path.clone(), (digest, etag.to_owned()));
        }
    }

    /// The tag of an object when it was last seen, if it had this digest then.
    pub(super) fn version(&self, path: &Path, digest: Sha256) -> Option<String> {
        held(&self.versions).get(path).filter(|(seen, _)| *seen == digest).map(|(_, etag)| etag.clone())
    }
}

/// What another thread has left behind is as good, even if that thread has panicked.
fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
