//! Answers that do not arrive, servers that are busy, connections that break: each write ends as if nothing
//! had happened, and is done once.

use trackside_effects::store::{Created, ServerFault, StoreError};
use trackside_testkit::servers::{Fault, Proxy, Rule};

use crate::place::Place;
use crate::words::{copy, create, key, keys_of, noise, read, replace};

/// Every fault, with what the client can know about it.
const FAULTS: [Fault; 7] = [
    Fault::Reset,
    Fault::Status(500),
    Fault::Status(503),
    Fault::Status(429),
    Fault::Truncated,
    Fault::Lost,
    Fault::Denied(500),
];

fn on(method: &'static str, part: &'static str, fault: Fault) -> Rule<'static> {
    Rule { method, part, nth: 1, times: 1, fault }
}

/// Every object was written at most once, whatever the client was told.
fn nothing_was_written_twice(proxy: &Proxy) {
    let twice: Vec<_> = proxy.writes().into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}: {:#?}", proxy.seen());
}

#[test]
fn a_write_whose_answer_is_lost_is_our_own_success_on_moto() {
    a_write_whose_answer_is_lost_is_our_own_success(&Place::moto());
}

#[test]
fn a_write_whose_answer_is_lost_is_our_own_success_on_s3s() {
    a_write_whose_answer_is_lost_is_our_own_success(&Place::s3s());
}

#[test]
fn a_write_whose_answer_is_lost_is_our_own_success_on_azurite() {
    a_write_whose_answer_is_lost_is_our_own_success(&Place::azurite());
}

fn a_write_whose_answer_is_lost_is_our_own_success(place: &Place) {
    let proxy = place.proxy();
    for (index, fault) in FAULTS.into_iter().enumerate() {
        let direct = place.store(&format!("one/{index}"));
        let store = place.through(&proxy, &format!("one/{index}"));
        proxy.forget();
        // The object that is written, at each request of the write: S3 begins, copies and completes an upload.
        proxy.inject(on("PUT", "/created", fault));
        assert_eq!(create(&store, "created", b"1").unwrap(), Created::New, "{fault:?}");
        proxy.inject(on("PUT", "/page", fault));
        replace(&store, "page", None, b"1").unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        nothing_was_written_twice(&proxy);
        proxy.forget();
        proxy.inject(on("PUT", "/page", fault));
        replace(&store, "page", Some(b"1"), b"2").unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        nothing_was_written_twice(&proxy);
        proxy.forget();
        for nth in 1..=3 {
            let at = format!("copied-{nth}");
            proxy.inject(Rule { method: "", part: "/copied-", nth, times: 1, fault });
            let done = copy((&store, "created"), b"1", (&store, &at));
            assert_eq!(done.unwrap(), Created::New, "{fault:?} at request {nth}");
            proxy.clear();
        }
        nothing_was_written_twice(&proxy);
        proxy.forget();
        proxy.inject(on("DELETE", "/copied-1", fault));
        store.remove_if(&key("copied-1"), trackside_domain::digest::Sha256::of(b"1")).unwrap();
        // Removed twice is removed: s3s answers the second time as it did the first.
        proxy.clear();
        assert_eq!(keys_of(&direct), ["copied-2", "copied-3", "created", "page"], "{fault:?}");
        assert_eq!((read(&direct, "page"), read(&direct, "copied-2")), (b"2".to_vec(), b"1".to_vec()));
    }
}

#[test]
fn a_write_that_another_won_while_our_answer_was_lost_is_not_our_success() {
    let place = Place::moto();
    let proxy = place.proxy();
    let (store, other) = (place.through(&proxy, "one/x"), place.store("one/x"));
    // Ours never arrives; before it is sent again, another has written.
    proxy.inject(on("PUT", "/taken", Fault::Held));
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| create(&store, "taken", b"ours"));
        proxy.wait_until_held();
        assert_eq!(create(&other, "taken", b"theirs").unwrap(), Created::New);
        proxy.release();
        let error = ours.join().unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    });
    assert_eq!(read(&other, "taken"), b"theirs");
    // A page that was put, and replaced by another before we asked again, is not taken for ours either.
    replace(&store, "page", None, b"1").unwrap();
    proxy.inject(on("PUT", "/page", Fault::Denied(500)));
    proxy.inject(Rule { nth: 2, ..on("PUT", "/page", Fault::Status(500)) });
    replace(&store, "page", Some(b"1"), b"2").unwrap();
    assert_eq!(read(&other, "page"), b"2");
}

#[test]
fn what_was_read_broken_off_is_read_on_or_not_at_all() {
    for place in [Place::moto(), Place::s3s(), Place::azurite()] {
        let proxy = place.proxy();
        let (store, other) = (place.through(&proxy, "one/x"), place.store("one/x"));
        let bytes = noise(2_000_000);
        assert_eq!(create(&other, "x", &bytes).unwrap(), Created::New);
        for fault in [Fault::Truncated, Fault::Lost, Fault::Reset, Fault::Status(500), Fault::Status(503)] {
            for times in [1, 3] {
                proxy.inject(Rule { times, ..on("GET", "/x/x", fault) });
                assert!(read(&store, "x") == bytes, "{fault:?}");
                proxy.clear();
            }
        }
        // The page changes between the two halves: neither half of it is given out.
        proxy.inject(on("GET", "/x/x", Fault::Truncated));
        proxy.inject(Rule { nth: 2, ..on("GET", "/x/x", Fault::Held) });
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| store.read(&key("x"), 1 << 30));
            proxy.wait_until_held();
            replace(&other, "x", Some(&bytes), &noise(1_999_999)).unwrap();
            proxy.release();
            match reading.join().unwrap() {
                Ok(found) => assert!(found == noise(1_999_999), "a mix of two objects"),
                // s3s says it in a form that is not told apart.
                Err(StoreError::Server { fault: ServerFault::Transient | ServerFault::Refused, .. }) => {}
                Err(error) => panic!("{error}"),
            }
        });
        proxy.clear();
        // It never comes whole.
        proxy.inject(Rule { times: 1000, ..on("GET", "/x/x", Fault::Truncated) });
        let error = store.read(&key("x"), 1 << 30);
        assert!(error.is_err() || error.unwrap() == noise(1_999_999));
    }
}

#[test]
fn a_busy_server_is_asked_more_slowly_until_all_is_done() {
    let place = Place::moto();
    let proxy = place.proxy();
    let store = place.through(&proxy, "one/busy");
    // Of the first 90 requests, every third and its neighbour are too many.
    for nth in (1..90).step_by(3) {
        proxy.inject(Rule { method: "PUT", part: "/busy/", nth, times: 2, fault: Fault::Status(503) });
    }
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let store = &store;
            scope.spawn(move || {
                for index in 0..10 {
                    let at = format!("{writer}/{index}");
                    assert_eq!(create(store, &at, at.as_bytes()).unwrap(), Created::New);
                }
            });
        }
    });
    assert_eq!(store.list_all().unwrap().len(), 80);
    nothing_was_written_twice(&proxy);
}

#[test]
fn a_server_that_stays_silent_is_given_up_and_nobody_claims_to_know() {
    let place = Place::moto();
    let proxy = place.proxy();
    let store = place.through(&proxy, "one/x");
    proxy.inject(Rule { times: 1000, ..on("PUT", "/refused", Fault::Status(503)) });
    match create(&store, "refused", b"1") {
        Err(StoreError::Server { fault: ServerFault::Transient, .. }) => {}
        other => panic!("{other:?}"),
    }
    proxy.inject(Rule { times: 1000, ..on("PUT", "/lost", Fault::Lost) });
    match create(&store, "lost", b"1") {
        Err(StoreError::Server { fault: ServerFault::Unknown, .. }) => {}
        other => panic!("{other:?}"),
    }
    // Whoever looks again finds out.
    proxy.clear();
    assert_eq!(create(&store, "lost", b"1").unwrap(), Created::SameBytes);
    assert_eq!(create(&store, "refused", b"1").unwrap(), Created::New);
}
