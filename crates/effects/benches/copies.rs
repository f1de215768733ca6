//! Copies objects inside a server with a condition, and reads a sample of them back. Prints one line of JSON.
//!
//! `copies FROM-URL TO-URL FOLDER THREADS`: every object below FOLDER of one store into the other. Credentials
//! come from the environment. `ci/bench/stores` runs it beside other programs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of its own, which ends when something does not work"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;
use trackside_effects::store::{Access, Created, Entry, Origin, Store, Stores, Target};

/// One in so many is read back in full; of all others the length is compared.
const SAMPLE: usize = 10;

#[expect(clippy::disallowed_methods, reason = "a benchmark is a program of its own")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [from, to, folder, threads] = arguments.as_slice() else {
        // `cargo test --benches` and `cargo bench` call it without arguments.
        return;
    };
    let stores = Stores::new(std::env::vars().collect());
    let from = stores.open(&from.parse().unwrap(), Access::Read).unwrap();
    let to = stores.open(&to.parse().unwrap(), Access::Write).unwrap();
    let begin = Instant::now();
    let folder = folder.parse().unwrap();
    let objects = from.list(&folder).unwrap();
    let listed = begin.elapsed();
    each(&objects, threads.parse().unwrap(), |_, object| copy(&from, &to, object));
    let copied = begin.elapsed();
    let there = to.list(&folder).unwrap();
    let same = |(one, other): (&Entry, &Entry)| (&one.key, one.size) == (&other.key, other.size);
    assert!(there.len() == objects.len() && objects.iter().zip(&there).all(same), "every object is there");
    each(&objects, threads.parse().unwrap(), |index, object| {
        if index % SAMPLE == 0 {
            let found = to.fingerprint(&object.key, &mut |_| {}).unwrap();
            assert_eq!(found.map(|found| found.size), Some(object.size), "{}", object.key);
        }
    });
    let all = begin.elapsed();
    let bytes: u64 = objects.iter().map(|object| object.size).sum();
    println!(
        "{}",
        serde_json::json!({
            "objects": objects.len(),
            "bytes": bytes,
            "listed": listed.as_secs_f64(),
            "copied": copied.as_secs_f64(),
            "read_back": all.as_secs_f64(),
        })
    );
}

fn copy(from: &Store, to: &Store, object: &Entry) {
    // What a manifest says of it. The digest is proved by reading back, so any will do here.
    let content = Fingerprint { size: object.size, sha256: Sha256::of(b"") };
    let origin = Origin { store: from, key: &object.key, content };
    assert_eq!(to.copy_create(origin, Target::new(&object.key), &mut |_| {}).unwrap(), Created::New);
}

fn each(objects: &[Entry], threads: usize, work: impl Fn(usize, &Entry) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(object) = objects.get(index) else { break };
                    work(index, object);
                }
            });
        }
    });
}
