//! Copies objects inside a server with a condition, and reads a sample of them back. Prints one line of JSON.
//!
//! `copies FROM-URL TO-URL FOLDER THREADS DIGESTS [SHARE]`: every object below FOLDER of one store into the other; the file
//! DIGESTS has a line with the digest and the key of each. Of all objects the length is compared, and one in SHARE is
//! read back in full; none if it is left out. Credentials come from the environment.
//! `ci/bench/stores` runs it beside other programs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of its own, which ends when something does not work"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey};
use trackside_effects::both;
use trackside_effects::store::{Access, Created, Entry, Head, Origin, Stores, Target};

#[expect(clippy::disallowed_methods, reason = "a benchmark is a program of its own")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let ([from, to, folder, threads, digests], share) = (match arguments.as_slice() {
        [words @ .., share] if words.len() == 5 => (words, Some(share.parse().unwrap())),
        words => (words, None::<usize>),
    }) else {
        // `cargo test --benches` and `cargo bench` call it without arguments.
        return;
    };
    let digests = std::fs::read_to_string(digests).unwrap();
    let digest = |line: &str| {
        let (digest, key) = line.split_once(' ').unwrap();
        (key.parse().unwrap(), digest.parse().unwrap())
    };
    let digests: BTreeMap<ObjectKey, Sha256> = digests.lines().map(digest).collect();
    let threads = threads.parse().unwrap();
    let stores = Stores::new(std::env::vars().collect());
    let open = |(url, access): (&String, Access)| stores.open(&url.parse().unwrap(), access).unwrap();
    // What does not need each other is asked at the same time, as a promotion does.
    let (from, to) = both(|| open((from, Access::Read)), || open((to, Access::Write)));
    let begin = Instant::now();
    let folder = folder.parse().unwrap();
    let known: Vec<&ObjectKey> = digests.keys().collect();
    let (objects, taken) = both(|| from.list_known(&folder, &known).unwrap(), || to.list(&folder).unwrap());
    assert!(taken.is_empty(), "every key is free");
    let listed = begin.elapsed();
    each(&objects, threads, |_, object| {
        let content = Fingerprint { size: object.size, sha256: digests[&object.key] };
        let origin = Origin { store: &from, key: &object.key, content };
        let seen = Head { size: object.size, etag: object.etag.clone() };
        let created = to.copy_seen(origin, &seen, Target::new(&object.key), &mut |_| {}).unwrap();
        assert_eq!(created, Created::New);
    });
    let copied = begin.elapsed();
    let there = to.list_known(&folder, &known).unwrap();
    let same = |(one, other): (&Entry, &Entry)| (&one.key, one.size) == (&other.key, other.size);
    assert!(there.len() == objects.len() && objects.iter().zip(&there).all(same), "every object is there");
    let compared = begin.elapsed();
    each(&objects, threads, |index, object| {
        if share.is_some_and(|share| index % share == 0) {
            let found = to.fingerprint(&object.key, &mut |_| {}).unwrap();
            assert_eq!(found.map(|found| found.sha256), Some(digests[&object.key]), "{}", object.key);
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
            "compared": compared.as_secs_f64(),
            "read_back": all.as_secs_f64(),
        })
    );
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
