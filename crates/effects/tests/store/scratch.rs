//! Stores of their own for each test, and short words for what tests do with them.

use std::path::PathBuf;

use trackside_domain::digest::Sha256;
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_effects::store::{Access, Created, Source, Store, StoreError, Stores, Target};

/// A folder that is removed with everything in it.
pub(crate) struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn url(&self, name: &str) -> StoreUrl {
        self.path(name).to_str().unwrap().parse().unwrap()
    }

    /// The store `name`, made if it is missing.
    pub(crate) fn store(&self, name: &str) -> Store {
        Stores::default().init(&self.url(name), Access::Write).unwrap()
    }

    /// The names of what lies in the folder of unfinished objects of the store `name`.
    pub(crate) fn unfinished(&self, name: &str) -> Vec<String> {
        match std::fs::read_dir(self.path(name).join(".trackside-tmp")) {
            Ok(entries) => entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

pub(crate) fn create(store: &Store, at: &str, bytes: &[u8]) -> Result<Created, StoreError> {
    store.create(Target::new(&key(at)), Source::Bytes(bytes), &mut |_| {})
}

pub(crate) fn replace(store: &Store, at: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
    store.replace_if(Target::new(&key(at)), expected.map(Sha256::of), bytes, &mut |_| {})
}

pub(crate) fn read(store: &Store, at: &str) -> Vec<u8> {
    store.read(&key(at), 1 << 30).unwrap()
}

/// The listing of a store, one object per line.
pub(crate) fn listing(store: &Store) -> String {
    let lines: Vec<String> =
        store.list_all().unwrap().iter().map(|entry| format!("{:>4} {}", entry.size, entry.key)).collect();
    lines.join("\n")
}

/// An error with its causes, as the program's edge shows it.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", told(source)),
        None => error.to_string(),
    }
}
