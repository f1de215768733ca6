//! Many writers at once: exactly one wins, and nothing is lost.

use std::sync::Barrier;
use std::thread;

use serde_json::json;
use trackside_domain::digest::Sha256;
use trackside_effects::log::{Log, LogError};
use trackside_effects::store::{Created, Store, StoreError, Target};

use crate::scratch::{Scratch, create, key, read, replace};

/// Lets `writers` threads each do `act(round, writer)` at the same moment, round by round, and gives what
/// each returned.
fn race<T: Send>(rounds: usize, writers: usize, act: impl Fn(usize, usize) -> T + Sync) -> Vec<Vec<T>> {
    let (start, act) = (Barrier::new(writers), &act);
    let per_writer: Vec<Vec<T>> = thread::scope(|scope| {
        let run = |writer| {
            let start = &start;
            scope.spawn(move || {
                let one = |round| {
                    start.wait();
                    act(round, writer)
                };
                (0..rounds).map(one).collect()
            })
        };
        let threads: Vec<_> = (0..writers).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut per_round: Vec<Vec<T>> = (0..rounds).map(|_| Vec::new()).collect();
    for results in per_writer {
        for (round, result) in results.into_iter().enumerate() {
            per_round[round].push(result);
        }
    }
    per_round
}

#[test]
fn of_those_who_create_different_bytes_exactly_one_wins() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    // Half of the rounds go through the folder's `replace_if` in one of the writers.
    let rounds = race(1000, 4, |round, writer| {
        let (at, bytes) = (format!("{}/{round}", round % 10), writer.to_string());
        match if writer == 0 && round % 2 == 0 {
            replace(&store, &at, None, bytes.as_bytes()).map(|()| Created::New)
        } else {
            create(&store, &at, bytes.as_bytes())
        } {
            Ok(Created::New) => true,
            Err(StoreError::Conflict { .. } | StoreError::Changed { .. }) => false,
            other => panic!("{other:?}"),
        }
    });
    for (round, won) in rounds.iter().enumerate() {
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {won:?}");
        let winner = won.iter().position(|won| *won).unwrap();
        assert_eq!(read(&store, &format!("{}/{round}", round % 10)), winner.to_string().as_bytes());
    }
    assert_eq!(scratch.unfinished("s"), [""; 0]);
}

#[test]
fn of_those_who_create_the_same_bytes_one_is_first_and_all_are_content() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let rounds = race(100, 4, |round, _| create(&store, &format!("x/{round}"), b"same").unwrap());
    for created in rounds {
        assert_eq!(created.iter().filter(|created| **created == Created::New).count(), 1, "{created:?}");
    }
}

/// Fails without the lock (or without the second comparison under it): two writers then both find the value
/// that they expect, both replace it, and one increment is missing at the end.
#[test]
fn a_counter_by_compare_and_swap_loses_no_increment() {
    const WRITERS: usize = 8;
    const INCREMENTS: usize = 25;
    let scratch = Scratch::new();
    let store = scratch.store("s");
    replace(&store, "counter", None, b"0").unwrap();
    race(INCREMENTS, WRITERS, |_, _| increment(&store));
    assert_eq!(read(&store, "counter"), (WRITERS * INCREMENTS).to_string().as_bytes());
}

fn increment(store: &Store) {
    let at = key("counter");
    loop {
        let seen = store.read(&at, 100).unwrap();
        let value: usize = std::str::from_utf8(&seen).unwrap().parse().unwrap();
        let next = (value + 1).to_string();
        match store.replace_if(Target::new(&at), Some(Sha256::of(&seen)), next.as_bytes(), &mut |_| {}) {
            Ok(()) => return,
            Err(StoreError::Changed { found: Some(_), .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn writers_of_one_log_take_turns_and_each_knows_whether_it_was_its_turn() {
    const WRITERS: usize = 4;
    const RECORDS: usize = 25;
    let scratch = Scratch::new();
    let store = scratch.store("s");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let mut log = Log::open(&store, key("runs/x"));
            scope.spawn(move || {
                for record in 0..RECORDS {
                    append_at_the_end(&mut log, &json!({ "writer": writer, "record": record }));
                }
            });
        }
    });
    let records = Log::open(&store, key("runs/x")).read_all().unwrap();
    assert_eq!(records.len(), WRITERS * RECORDS);
    for writer in 0..WRITERS {
        let own: Vec<_> = records.iter().filter(|record| record.body["writer"] == json!(writer)).collect();
        assert!(own.iter().enumerate().all(|(index, record)| record.body["record"] == json!(index)));
    }
}

fn append_at_the_end(log: &mut Log, body: &serde_json::Value) {
    loop {
        let next = log.read_all().unwrap().len() as u64 + 1;
        match log.append(next, body.clone()) {
            Ok(record) => return assert_eq!(record.number, next),
            Err(LogError::Taken { number, .. }) => assert_eq!(number, next),
            Err(error) => panic!("{error}"),
        }
    }
}
