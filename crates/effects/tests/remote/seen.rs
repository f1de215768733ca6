//! Copies of what was seen a moment ago, and what servers say of the bytes without sending them.

use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey};
use trackside_effects::all_together;
use trackside_effects::store::{Created, Head, Origin, Store, StoreError, Target};
use trackside_testkit::servers::{Fault, Rule};

use crate::place::Place;
use crate::words::{create, key, keys_of, read, replace};

fn copy_seen(from: (&Store, &str), bytes: &[u8], seen: &Head, to: (&Store, &str)) -> Result<Created, StoreError> {
    let origin = Origin { store: from.0, key: &key(from.1), content: Fingerprint::of(bytes) };
    to.0.copy_seen(origin, seen, Target::new(&key(to.1)), &mut |_| {})
}

#[test]
fn what_was_seen_is_copied_by_one_request() {
    for place in [Place::moto(), Place::s3s()] {
        let proxy = place.proxy();
        let (one, two) = (place.through(&proxy, "one/seen"), place.through(&proxy, "two/seen"));
        assert_eq!(create(&one, "x", b"bytes").unwrap(), Created::New);
        let seen = one.head(&key("x")).unwrap().unwrap();
        proxy.forget();
        assert_eq!(copy_seen((&one, "x"), b"bytes", &seen, (&two, "x")).unwrap(), Created::New);
        assert_eq!(proxy.seen().len(), 1, "{:?}", proxy.seen());
        assert_eq!(read(&two, "x"), b"bytes");
    }
}

#[test]
fn what_is_no_longer_as_it_was_seen_is_looked_at_again() {
    for place in [Place::moto(), Place::s3s()] {
        let proxy = place.proxy();
        let (one, two) = (place.through(&proxy, "one/again"), place.through(&proxy, "two/again"));
        assert_eq!(create(&one, "x", b"bytes").unwrap(), Created::New);
        let seen = one.head(&key("x")).unwrap().unwrap();
        // A server that heeds the condition refuses a key that somebody has taken meanwhile.
        for (at, there, wanted) in
            [("same", Some(b"bytes"), true), ("other", Some(b"sbyte"), false), ("free", None, true)]
        {
            let taken = there.map(|there| create(&two, at, there).unwrap());
            proxy.inject(Rule { method: "PUT", part: "/again/", nth: 1, times: 1, fault: Fault::Status(412) });
            let done = copy_seen((&one, "x"), b"bytes", &seen, (&two, at));
            match (done, wanted) {
                (Ok(created), true) => assert_eq!(created == Created::SameBytes, taken.is_some(), "{at}"),
                (Err(StoreError::Conflict { .. }), false) => {}
                (done, _) => panic!("{at}: {done:?}"),
            }
            proxy.clear();
        }
        assert_eq!(read(&two, "other"), b"sbyte");
        // The origin is gone, or longer than it must be.
        let error = copy_seen((&one, "gone"), b"bytes", &seen, (&two, "gone")).unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)), "{error}");
        replace(&one, "x", Some(b"bytes"), b"more bytes").unwrap();
        let longer = one.head(&key("x")).unwrap().unwrap();
        let error = copy_seen((&one, "x"), b"bytes", &longer, (&two, "longer")).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        assert_eq!(keys_of(&two), ["free", "other", "same"]);
    }
}

#[test]
fn a_copy_whose_answer_is_lost_is_made_once() {
    for place in [Place::moto(), Place::s3s()] {
        let proxy = place.proxy();
        let (one, two) = (place.through(&proxy, "one/lost"), place.through(&proxy, "two/lost"));
        assert_eq!(create(&one, "x", b"bytes").unwrap(), Created::New);
        let seen = one.head(&key("x")).unwrap().unwrap();
        for (number, fault) in [Fault::Reset, Fault::Status(503), Fault::Truncated, Fault::Lost].into_iter().enumerate()
        {
            proxy.inject(Rule { method: "PUT", part: "/two/", nth: 1, times: 1, fault });
            let at = number.to_string();
            assert_eq!(copy_seen((&one, "x"), b"bytes", &seen, (&two, &at)).unwrap(), Created::New, "{fault:?}");
            proxy.clear();
        }
        assert!(proxy.writes().values().all(|times| *times == 1), "{:?}", proxy.writes());
    }
}

#[test]
fn a_copy_that_the_server_says_to_have_other_bytes_is_refused() {
    let place = Place::moto();
    let (one, two) = (place.store("one/differs"), place.store("two/differs"));
    // As long as it must be, and damaged.
    assert_eq!(create(&one, "x", b"damaged").unwrap(), Created::New);
    let seen = one.head(&key("x")).unwrap().unwrap();
    let damaged = Sha256::of(b"damaged");
    for copied in [
        copy_seen((&one, "x"), b"correct", &seen, (&two, "seen")),
        crate::words::copy((&one, "x"), b"correct", (&two, "looked-at")),
    ] {
        match copied {
            Err(StoreError::Conflict { found, .. }) => assert_eq!(found.sha256, damaged),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_server_that_computes_no_digests_copies_all_the_same() {
    let place = Place::moto();
    let proxy = place.proxy();
    let (one, two) = (place.through(&proxy, "one/older"), place.through(&proxy, "two/older"));
    assert_eq!(create(&one, "x", b"bytes").unwrap(), Created::New);
    let seen = one.head(&key("x")).unwrap().unwrap();
    proxy.forget();
    proxy.inject(Rule { method: "PUT", part: "", nth: 1, times: 1, fault: Fault::Status(501) });
    for at in ["first", "second"] {
        assert_eq!(copy_seen((&one, "x"), b"bytes", &seen, (&two, at)).unwrap(), Created::New);
    }
    // It is asked for a digest once.
    assert_eq!(proxy.count("PUT"), 3, "{:?}", proxy.seen());
}

#[test]
fn servers_say_digests_and_folders_do_not() {
    for place in [Place::moto(), Place::s3s()] {
        let proxy = place.proxy();
        let (one, two) = (place.through(&proxy, "one/said"), place.through(&proxy, "two/said"));
        assert_eq!(create(&one, "x", b"bytes").unwrap(), Created::New);
        let seen = one.head(&key("x")).unwrap().unwrap();
        assert_eq!(copy_seen((&one, "x"), b"bytes", &seen, (&two, "x")).unwrap(), Created::New);
        let head = two.head(&key("x")).unwrap().unwrap();
        proxy.forget();
        assert_eq!(two.said_digest(&key("x"), &head).unwrap(), Some(Sha256::of(b"bytes")));
        // moto has said it when it copied, s3s-fs is asked for what it keeps.
        assert!(proxy.seen().len() <= 1, "{:?}", proxy.seen());
        // Another content is another tag, so what was said before is not said of it.
        let other = Head { etag: Some("\"other\"".to_owned()), ..head };
        proxy.forget();
        two.said_digest(&key("x"), &other).unwrap();
        assert_eq!(proxy.count("HEAD"), 1);
    }
    for place in [Place::azurite(), Place::folder()] {
        let store = place.store("one/said");
        assert_eq!(create(&store, "x", b"bytes").unwrap(), Created::New);
        let head = store.head(&key("x")).unwrap().unwrap();
        assert_eq!(store.said_digest(&key("x"), &head).unwrap(), None);
    }
}

#[test]
fn objects_whose_names_begin_in_the_same_way_are_listed() {
    for place in [Place::moto(), Place::s3s(), Place::azurite(), Place::folder()] {
        let store = place.store("one/begin");
        for at in ["whl/cpu/torch-1-a", "whl/cpu/torch-1-b", "whl/cpu/torch-10-a", "whl/cpu/torch-2-a", "whl/torch-1-a"]
        {
            assert_eq!(create(&store, at, at.as_bytes()).unwrap(), Created::New);
        }
        let listed = |beginning: &str| -> Vec<String> {
            let entries = store.list_beginning(&key(beginning)).unwrap();
            entries.into_iter().map(|entry| entry.key.to_string()).collect()
        };
        assert_eq!(listed("whl/cpu/torch-1"), ["whl/cpu/torch-1-a", "whl/cpu/torch-1-b", "whl/cpu/torch-10-a"]);
        assert_eq!(listed("whl/t"), ["whl/torch-1-a"]);
        assert!(listed("whl/cpu/torch-3").is_empty());
    }
}

#[test]
fn a_listing_in_parts_shows_what_is_there_and_not_what_was_known() {
    let place = Place::s3s();
    let proxy = place.proxy();
    let store = place.through(&proxy, "one/parts");
    let named = |word: &str, count: usize| -> Vec<ObjectKey> {
        (0..count).map(|number| key(&format!("d/{word}-{number:04}"))).collect()
    };
    let there = [named("m", 1200), vec![key("d/m-0899b"), key("d/z")]].concat();
    let create = |key: &ObjectKey| create(&store, key.as_str(), b"1");
    all_together(16, &there, |key| create(key).map(drop)).unwrap();
    assert_eq!(create(&key("e/x")).unwrap(), Created::New);
    let whole = store.list(&key("d")).unwrap();
    assert_eq!(whole.len(), there.len());
    let missing = named("a", 900);
    // None is enough; parts that are empty, whole and cut off; and one that takes a second answer to its end.
    let cases = [(vec![], 2), ([missing.clone(), named("m", 900)].concat(), 3), (missing, 3), (named("n", 900), 3)];
    for (known, requests) in cases {
        proxy.forget();
        assert_eq!(store.list_known(&key("d"), &known.iter().collect::<Vec<_>>()).unwrap(), whole);
        assert_eq!(proxy.seen().len(), requests);
    }
}
