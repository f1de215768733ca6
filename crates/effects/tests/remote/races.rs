//! Many writers of one index: at the end it is the function of the set, because every write is conditional.

use std::sync::Barrier;
use std::thread;

use trackside_effects::store::{Created, StoreError};

use crate::place::Place;
use crate::race::race;
use crate::words::{create, read};

const WRITERS: usize = 8;

/// A thousand additions. The same on S3 takes longer: `cargo run --release --example race` is for any store.
#[test]
fn an_index_of_eight_writers_and_a_thousand_rounds_is_the_function_of_the_set() {
    let place = Place::folder();
    let stores = vec![place.store("one/races"); WRITERS];
    assert_eq!(race(&stores, 125), [""; 0]);
}

#[test]
fn on_s3_too() {
    let place = Place::moto();
    let proxy = place.proxy();
    proxy.one_write_at_a_time();
    let stores = vec![place.through(&proxy, "one/races"); WRITERS];
    assert_eq!(race(&stores, 10), [""; 0]);
}

#[test]
fn on_azure_too() {
    let place = Place::azurite();
    let stores = vec![place.store("one/races"); 4];
    assert_eq!(race(&stores, 10), [""; 0]);
}

/// The same writers and the same check, before a server that ignores conditions: files are lost, so the check
/// above sees what it is for.
#[test]
fn without_the_condition_files_are_lost() {
    let place = Place::moto();
    let proxy = place.proxy();
    let stores = vec![place.through(&proxy, "one/races"); WRITERS];
    proxy.one_write_at_a_time();
    proxy.drop_conditions();
    assert_ne!(race(&stores, 20), [""; 0], "the condition makes no difference");
}

#[test]
fn of_those_who_create_different_bytes_exactly_one_wins() {
    let place = Place::moto();
    let proxy = place.proxy();
    proxy.one_write_at_a_time();
    let stores = vec![place.through(&proxy, "one/creates"); WRITERS];
    let start = Barrier::new(WRITERS);
    let won: Vec<Vec<bool>> = thread::scope(|scope| {
        let run = |writer: usize| {
            let (store, start) = (&stores[writer], &start);
            move || {
                let one = |round| {
                    start.wait();
                    match create(store, &format!("x/{round}"), writer.to_string().as_bytes()) {
                        Ok(Created::New) => true,
                        Err(StoreError::Conflict { .. }) => false,
                        other => panic!("{other:?}"),
                    }
                };
                (0..50).map(one).collect()
            }
        };
        let threads: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(run(writer))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winners_of = |round: usize| (0..WRITERS).filter(|writer| won[*writer][round]).collect::<Vec<usize>>();
    for round in 0..50 {
        let winners = winners_of(round);
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        assert_eq!(read(&stores[0], &format!("x/{round}")), winners[0].to_string().as_bytes());
    }
}
