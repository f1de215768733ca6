//! What every store does, on every server: each case in a prefix of its own, all at the same time.

use std::io::Read as _;
use std::thread;

use trackside_domain::digest::Sha256;
use trackside_effects::store::{Access, Created, Store, StoreError};
use trackside_testkit::servers::request;

use crate::place::Place;
use crate::words::{copy, create, key, keys_of, noise, read, replace};

/// A case by its name, on a place, in a bucket.
type Case = (&'static str, fn(&Place, &str));

const CASES: [Case; 9] = [
    ("created-once", an_object_is_created_once),
    ("absent", what_does_not_exist_is_absent),
    ("replaced", an_object_is_replaced_only_if_it_is_the_one_that_was_seen),
    ("removed", an_object_is_removed_only_if_it_is_the_one_that_was_seen),
    ("copied", an_object_is_copied_within_a_bucket_and_between_two),
    ("copied-wrong", a_copy_of_the_wrong_thing_is_refused),
    ("names", names_are_kept_as_they_are),
    ("read", large_objects_are_read_as_a_stream),
    ("prefixes", a_prefix_sees_nothing_of_its_neighbours),
];

fn contract(place: &Place) {
    thread::scope(|scope| {
        let threads = CASES.map(|(name, case)| (name, scope.spawn(move || case(place, name))));
        let failed: Vec<&str> =
            threads.into_iter().filter_map(|(name, thread)| thread.join().err().map(|_| name)).collect();
        assert!(failed.is_empty(), "{failed:?}");
    });
}

#[test]
fn moto_keeps_the_contract() {
    let place = Place::moto();
    contract(&place);
    attributes(&place);
    many(&place);
    odd(&place);
}

#[test]
fn s3s_keeps_the_contract() {
    contract(&Place::s3s());
}

#[test]
fn azurite_keeps_the_contract() {
    let place = Place::azurite();
    contract(&place);
    attributes(&place);
}

#[test]
fn a_folder_keeps_the_contract() {
    contract(&Place::folder());
}

fn one(place: &Place, prefix: &str) -> Store {
    place.store(&format!("one/{prefix}"))
}

fn an_object_is_created_once(place: &Place, prefix: &str) {
    let store = one(place, prefix);
    for (at, bytes) in [("a/b/c.txt", b"one".as_slice()), ("empty", b"")] {
        assert_eq!(create(&store, at, bytes).unwrap(), Created::New);
        assert_eq!(create(&store, at, bytes).unwrap(), Created::SameBytes);
        for other in [b"two".as_slice(), b"on", b"ones", b"x"] {
            let error = create(&store, at, other).unwrap_err();
            assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        }
        assert_eq!(read(&store, at), bytes);
        assert_eq!(store.head(&key(at)).unwrap().unwrap().size, bytes.len() as u64);
        assert_eq!(store.digest(&key(at)).unwrap(), Some(Sha256::of(bytes)));
    }
    let reader = place.stores.open(store.url(), Access::Read).unwrap();
    assert!(matches!(create(&reader, "x", b""), Err(StoreError::OpenedForReading(_))));
    assert!(matches!(replace(&reader, "x", None, b""), Err(StoreError::OpenedForReading(_))));
    assert!(matches!(reader.remove_if(&key("empty"), Sha256::of(b"")), Err(StoreError::OpenedForReading(_))));
    assert_eq!(keys_of(&reader), ["a/b/c.txt", "empty"]);
}

fn what_does_not_exist_is_absent(place: &Place, prefix: &str) {
    let store = one(place, prefix);
    for absent in ["x", "x/y", "x/y/z"] {
        assert_eq!(store.head(&key(absent)).unwrap(), None);
        assert_eq!(store.digest(&key(absent)).unwrap(), None);
        assert_eq!(store.read_if_present(&key(absent), 10).unwrap(), None);
        assert!(matches!(store.read(&key(absent), 10), Err(StoreError::NotFound(_))));
        assert!(matches!(store.open_read(&key(absent)), Err(StoreError::NotFound(_))));
        assert_eq!(store.list(&key(absent)).unwrap(), []);
    }
    assert_eq!(store.list_all().unwrap(), []);
}

fn an_object_is_replaced_only_if_it_is_the_one_that_was_seen(place: &Place, prefix: &str) {
    let store = one(place, prefix);
    replace(&store, "a/page", None, b"1").unwrap();
    replace(&store, "a/page", Some(b"1"), b"2").unwrap();
    let error = replace(&store, "a/page", Some(b"1"), b"3").unwrap_err();
    assert!(
        matches!(&error, StoreError::Changed { expected: Some(expected), found: Some(found), .. }
            if (**expected, **found) == (Sha256::of(b"1"), Sha256::of(b"2"))),
        "{error}"
    );
    assert!(matches!(replace(&store, "a/page", None, b"3"), Err(StoreError::Changed { expected: None, .. })));
    assert!(matches!(replace(&store, "a/none", Some(b"1"), b"3"), Err(StoreError::Changed { found: None, .. })));
    // Two who both want `2` have not both done it.
    assert!(matches!(replace(&store, "a/page", Some(b"1"), b"2"), Err(StoreError::Changed { .. })));
    // The same bytes again are a replacement like any other.
    replace(&store, "a/page", Some(b"2"), b"2").unwrap();
    assert_eq!(read(&store, "a/page"), b"2");
    assert_eq!(keys_of(&store), ["a/page"]);
}

fn an_object_is_removed_only_if_it_is_the_one_that_was_seen(place: &Place, prefix: &str) {
    let store = one(place, prefix);
    assert_eq!(create(&store, "x", b"1").unwrap(), Created::New);
    assert!(matches!(store.remove_if(&key("x"), Sha256::of(b"2")), Err(StoreError::Changed { found: Some(_), .. })));
    assert!(matches!(store.remove_if(&key("y"), Sha256::of(b"1")), Err(StoreError::Changed { found: None, .. })));
    assert_eq!(read(&store, "x"), b"1");
    store.remove_if(&key("x"), Sha256::of(b"1")).unwrap();
    assert!(!store.exists(&key("x")).unwrap());
    assert!(matches!(store.remove_if(&key("x"), Sha256::of(b"1")), Err(StoreError::Changed { found: None, .. })));
}

fn an_object_is_copied_within_a_bucket_and_between_two(place: &Place, prefix: &str) {
    let (from, same, other) =
        (one(place, prefix), place.store(&format!("one/{prefix}-b")), place.store(&format!("two/{prefix}")));
    let bytes = noise(300_000);
    for (name, bytes) in [("a/x+1 é%2B.whl", bytes.as_slice()), ("empty", b"")] {
        assert_eq!(create(&from, name, bytes).unwrap(), Created::New);
        for to in [&same, &other] {
            assert_eq!(copy((&from, name), bytes, (to, name)).unwrap(), Created::New, "{name} to {}", to.url());
            assert_eq!(copy((&from, name), bytes, (to, name)).unwrap(), Created::SameBytes);
            assert_eq!(read(to, name), bytes);
        }
    }
    assert_eq!(create(&other, "taken", b"2").unwrap(), Created::New);
    let error = copy((&from, "empty"), b"", (&other, "taken")).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    let error = copy((&from, "a/x+1 é%2B.whl"), &noise(300_000), (&other, "taken")).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    assert_eq!(read(&other, "taken"), b"2");
}

fn a_copy_of_the_wrong_thing_is_refused(place: &Place, prefix: &str) {
    let (from, to) = (one(place, prefix), place.store(&format!("two/{prefix}")));
    let error = copy((&from, "none"), b"x", (&to, "x")).unwrap_err();
    assert!(matches!(error, StoreError::NotFound(ref at) if at.store == *from.url()), "{error}");
    assert_eq!(create(&from, "short", b"x").unwrap(), Created::New);
    let error = copy((&from, "short"), b"xy", (&to, "x")).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { ref at, .. } if at.key.as_str() == "short"), "{error}");
    assert_eq!(keys_of(&to), [""; 0]);
}

fn names_are_kept_as_they_are(place: &Place, prefix: &str) {
    let store = one(place, prefix);
    let mut names = [
        "whl/torch-2.15.0+cpu.whl",
        "whl/torch-2.15.0%2Bcpu.whl",
        "whl/torch-2.15.0 cpu.whl",
        "whl/torch/2.1.1/x",
        "whl/torch/2.1.10/x",
        "whl/torch-vision/x",
        "a b/ c d",
        "größe/データ.json",
        "größe/-rf",
        ".hidden",
        "c:d?e#f*",
        "amp&ers=and;semi,comma",
        "quote'\"<tag>",
        "(paren)!~$@[x]",
    ];
    for name in names {
        assert_eq!(create(&store, name, name.as_bytes()).unwrap(), Created::New, "{name}");
    }
    for name in names {
        assert_eq!(read(&store, name), name.as_bytes(), "{name}");
        replace(&store, name, Some(name.as_bytes()), b"again").unwrap();
        assert_eq!(copy((&store, name), b"again", (&store, &format!("copy/{name}"))).unwrap(), Created::New, "{name}");
        assert_eq!(read(&store, &format!("copy/{name}")), b"again", "{name}");
    }
    names.sort_unstable();
    let found = keys_of(&store);
    assert!(found.is_sorted(), "{found:?}");
    assert_eq!(found.iter().filter(|name| !name.starts_with("copy/")).collect::<Vec<_>>(), names.each_ref());
    let copies: Vec<String> =
        store.list(&key("copy")).unwrap().into_iter().map(|entry| entry.key.to_string()).collect();
    assert_eq!(copies, names.map(|name| format!("copy/{name}")));
    // Whole parts count.
    let below = store.list(&key("whl/torch/2.1.1")).unwrap();
    assert_eq!(below.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["whl/torch/2.1.1/x"]);
    for name in names {
        store.remove_if(&key(name), Sha256::of(b"again")).unwrap();
    }
    assert_eq!(keys_of(&store).len(), names.len());
}

fn large_objects_are_read_as_a_stream(place: &Place, prefix: &str) {
    let store = one(place, prefix);
    let bytes = noise(3_000_000);
    assert_eq!(create(&store, "x", &bytes).unwrap(), Created::New);
    for cap in [0, 10, 2_999_999] {
        assert!(matches!(store.read(&key("x"), cap), Err(StoreError::TooLarge { size: 3_000_000, .. })), "{cap}");
    }
    let mut reader = store.open_read(&key("x")).unwrap();
    assert_eq!(reader.size(), 3_000_000);
    let mut found = Vec::new();
    assert_eq!(reader.read_to_end(&mut found).unwrap(), 3_000_000);
    assert!(found == bytes);
    let (mut file, _) = store.open_file(&key("x")).unwrap().unwrap();
    let mut found = Vec::new();
    assert_eq!(file.read_to_end(&mut found).unwrap(), 3_000_000);
    assert!(found == bytes);
    assert!(store.open_file(&key("y")).unwrap().is_none());
}

fn a_prefix_sees_nothing_of_its_neighbours(place: &Place, prefix: &str) {
    let (store, neighbour, inner) =
        (one(place, prefix), one(place, &format!("{prefix}x")), one(place, &format!("{prefix}/in/ner")));
    assert_eq!(create(&neighbour, "a", b"").unwrap(), Created::New);
    assert_eq!(create(&store, "b", b"").unwrap(), Created::New);
    assert_eq!(create(&inner, "c", b"").unwrap(), Created::New);
    assert_eq!(keys_of(&store), ["b", "in/ner/c"]);
    assert_eq!(keys_of(&inner), ["c"]);
    if !place.is_folder() {
        assert!(keys_of(&place.store("one")).contains(&format!("{prefix}x/a")));
    }
}

/// Content type and cache control are those of the layout, also of copies and of long objects.
fn attributes(place: &Place) {
    let (one, two) = (place.store("one/attributes"), place.store("two/attributes"));
    let page = b"<!DOCTYPE html>";
    let wheel = noise(17 << 20);
    assert_eq!(create(&one, "whl/torch/index.html", page).unwrap(), Created::New);
    assert_eq!(create(&one, "whl/x-1-py3-none-any.whl", &wheel).unwrap(), Created::New);
    replace(&one, "whl/index.html", None, page).unwrap();
    for (name, bytes) in [("whl/torch/index.html", page.as_slice()), ("whl/x-1-py3-none-any.whl", &wheel)] {
        assert_eq!(copy((&one, name), bytes, (&two, name)).unwrap(), Created::New);
    }
    let pages = ["one/attributes/whl/torch/index.html", "two/attributes/whl/torch/index.html"];
    for page in [pages[0], pages[1], "one/attributes/whl/index.html"] {
        let answer = place.anonymous("GET", page);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{page}: {answer:?}");
        let cache = answer.header("cache-control").unwrap();
        assert!(cache.contains("max-age"), "{page}: {cache}");
    }
    for bucket in ["one", "two"] {
        let answer = place.anonymous("GET", &format!("{bucket}/attributes/whl/x-1-py3-none-any.whl"));
        assert_eq!(answer.status, 200);
        let cache = answer.header("cache-control").unwrap();
        assert!(cache.contains("immutable"), "{cache}");
    }
}

/// More objects than one page of a listing holds.
fn many(place: &Place) {
    let store = place.store("one/many");
    thread::scope(|scope| {
        for writer in 0..8 {
            let store = &store;
            scope.spawn(move || {
                for index in (writer..2_050).step_by(8) {
                    assert_eq!(create(store, &format!("x/{index:05}"), b"").unwrap(), Created::New);
                }
            });
        }
    });
    let expected: Vec<String> = (0..2_050).map(|index| format!("x/{index:05}")).collect();
    assert_eq!(keys_of(&store), expected);
}

/// Keys that others may use and that nobody of ours can name do not hide what lies beside them.
fn odd(place: &Place) {
    let store = place.store("one/odd");
    for name in ["a//b", "up/../c", "dot/./d", "tab%09e", "control%01f", "/g", "folder/"] {
        let answer = request(place.address(), &format!("PUT /one/odd/{name}"), &[], b"x").unwrap();
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
    for name in ["a/b", "z"] {
        assert_eq!(create(&store, name, b"ours").unwrap(), Created::New);
    }
    assert_eq!(keys_of(&store), ["a/b", "z"]);
    let newest = store.list_all().unwrap().into_iter().map(|entry| entry.modified).max().unwrap();
    let age = store.clock().unwrap() - newest;
    assert!((0..60).contains(&age), "by the server's clock what was just written is {age} seconds old");
    let beginning: Vec<_> = store.list_beginning(&key("a")).unwrap().into_iter().map(|entry| entry.key).collect();
    assert_eq!(beginning, [key("a/b")]);
}
