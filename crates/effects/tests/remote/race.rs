//! Many writers that add to one index at the same moments; the race of the tests and of the example `race`.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;
use trackside_effects::store::{Store, StoreError, Target};

/// A page is a pure function of the set of its files.
fn page(files: &BTreeSet<String>) -> Vec<u8> {
    files.iter().map(|file| format!("{file}\n")).collect::<String>().into_bytes()
}

fn files(page: &[u8]) -> BTreeSet<String> {
    std::str::from_utf8(page).unwrap().lines().map(str::to_owned).collect()
}

fn index() -> ObjectKey {
    "whl/torch/index.html".parse().unwrap()
}

/// Adds a file to the index, against all others who do.
fn add(store: &Store, file: &str) {
    let at = index();
    loop {
        let seen = store.read(&at, 1 << 30).unwrap();
        let mut files = files(&seen);
        files.insert(file.to_owned());
        match store.replace_if(Target::new(&at), Some(Sha256::of(&seen)), &page(&files), &mut |_| {}) {
            Ok(()) => return,
            Err(StoreError::Changed { found: Some(_), .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Lets all writers add their files, each with a store of its own, and gives what is missing at the end.
pub(crate) fn race(stores: &[Store], lines: usize) -> Vec<String> {
    let at = index();
    stores[0].replace_if(Target::new(&at), None, b"", &mut |_| {}).unwrap();
    let start = Barrier::new(stores.len());
    thread::scope(|scope| {
        for (writer, store) in stores.iter().enumerate() {
            let start = &start;
            scope.spawn(move || {
                for line in 0..lines {
                    // All at the same moment, each time.
                    start.wait();
                    add(store, &format!("torch-{writer}-{line:03}.whl"));
                }
            });
        }
    });
    let expected: BTreeSet<String> = (0..stores.len())
        .flat_map(|writer| (0..lines).map(move |line| format!("torch-{writer}-{line:03}.whl")))
        .collect();
    let found = files(&stores[0].read(&at, 1 << 30).unwrap());
    assert!(found.is_subset(&expected));
    expected.difference(&found).cloned().collect()
}
