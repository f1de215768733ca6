//! Short words for what tests do with stores.

use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey};
use trackside_effects::store::{Created, Origin, Source, Store, StoreError, Target};

pub(crate) fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

pub(crate) fn create(store: &Store, at: &str, bytes: &[u8]) -> Result<Created, StoreError> {
    store.create(Target::new(&key(at)), Source::Bytes(bytes), &mut |_| {})
}

pub(crate) fn replace(store: &Store, at: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
    store.replace_if(Target::new(&key(at)), expected.map(Sha256::of), bytes, &mut |_| {})
}

pub(crate) fn copy(from: (&Store, &str), bytes: &[u8], to: (&Store, &str)) -> Result<Created, StoreError> {
    let origin = Origin { store: from.0, key: &key(from.1), content: Fingerprint::of(bytes) };
    to.0.copy_create(origin, Target::new(&key(to.1)), &mut |_| {})
}

pub(crate) fn read(store: &Store, at: &str) -> Vec<u8> {
    store.read(&key(at), 1 << 30).unwrap()
}

/// The keys of a store, in the order of the listing.
pub(crate) fn keys_of(store: &Store) -> Vec<String> {
    store.list_all().unwrap().into_iter().map(|entry| entry.key.to_string()).collect()
}

/// Bytes that are not all the same.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}
