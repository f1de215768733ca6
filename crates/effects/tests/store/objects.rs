//! What a store does with objects when nothing goes wrong.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt;

use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;
use trackside_effects::store::{Access, Created, Head, Source, StoreError, Stores, Target};

use crate::scratch::{Scratch, create, key, listing, read, replace};

#[test]
fn an_object_is_created_once_and_found_again() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    assert_eq!(create(&store, "a/b/c.txt", b"one").unwrap(), Created::New);
    assert_eq!(create(&store, "a/b/c.txt", b"one").unwrap(), Created::SameBytes);
    for other in [b"two".as_slice(), b"on", b"ones", b""] {
        let error = create(&store, "a/b/c.txt", other).unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    }
    assert_eq!(read(&store, "a/b/c.txt"), b"one");
    assert_eq!(store.head(&key("a/b/c.txt")).unwrap(), Some(Head { size: 3, etag: None }));
    assert_eq!(store.digest(&key("a/b/c.txt")).unwrap(), Some(Fingerprint::of(b"one").sha256));
    assert!(store.exists(&key("a/b/c.txt")).unwrap());
}

#[test]
fn what_does_not_exist_is_absent() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
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

#[test]
fn names_are_kept_as_they_are_and_listed_in_order() {
    let scratch = Scratch::new();
    let store = scratch.store("a store with spaces, größe+1 and 100%");
    let names = [
        "whl/torch-2.15.0+cpu.whl",
        "whl/torch-2.15.0%2Bcpu.whl",
        "whl/torch/2.1.1/x",
        "whl/torch/2.1.10/x",
        "whl/torch-vision/x",
        "a b/ c d",
        "größe/データ.json",
        "größe/-rf",
        ".hidden",
        "c:d?e#f*",
    ];
    for name in names {
        assert_eq!(create(&store, name, name.as_bytes()).unwrap(), Created::New, "{name}");
    }
    for name in names {
        assert_eq!(read(&store, name), name.as_bytes());
    }
    insta::assert_snapshot!(listing(&store), @r"
     7 .hidden
     8 a b/ c d
     8 c:d?e#f*
    11 größe/-rf
    22 größe/データ.json
    26 whl/torch-2.15.0%2Bcpu.whl
    24 whl/torch-2.15.0+cpu.whl
    18 whl/torch-vision/x
    17 whl/torch/2.1.1/x
    18 whl/torch/2.1.10/x
    ");
    let below: Vec<String> =
        store.list(&key("whl/torch/2.1.1")).unwrap().into_iter().map(|entry| entry.key.to_string()).collect();
    assert_eq!(below, ["whl/torch/2.1.1/x"]);
}

#[test]
fn an_object_is_replaced_only_if_it_is_the_one_that_was_seen() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
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
    assert_eq!(read(&store, "a/page"), b"2");
    assert_eq!(store.list_all().unwrap().len(), 1);
    assert_eq!(scratch.unfinished("s"), [""; 0]);
}

#[test]
fn a_file_is_stored_if_it_is_still_the_one_that_was_looked_at() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let path = scratch.path("wheel.whl");
    let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&path, &bytes).unwrap();
    let content = Fingerprint::of(&bytes);
    let at = key("files/wheel.whl");
    let put = || store.create(Target::new(&at), Source::File { path: &path, content }, &mut |_| {});

    for changed in [&bytes[1..], &[bytes.as_slice(), b"x"].concat(), b""] {
        std::fs::write(&path, changed).unwrap();
        assert!(matches!(put(), Err(StoreError::SourceChanged { .. })));
        assert!(!store.exists(&at).unwrap());
    }
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(put(), Err(StoreError::SourceUnreadable { .. })));
    assert_eq!(scratch.unfinished("s"), [""; 0]);

    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(put().unwrap(), Created::New);
    assert_eq!(store.fingerprint(&at, &mut |_| {}).unwrap(), Some(content));
    // Once stored, the file is not needed any more.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(put().unwrap(), Created::SameBytes);
}

#[test]
fn progress_is_told_between_the_start_and_the_end_of_every_transfer() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    for size in [0, 1, 2, 3, 1000, 1 << 20, (5 << 20) + 7] {
        let bytes = vec![b'x'; size];
        let at = key(&format!("object-{size}"));
        let mut told = Vec::new();
        let mut progress = |done| {
            assert!(!store.exists(&at).unwrap(), "visible before it was complete");
            told.push(usize::try_from(done).unwrap());
        };
        assert_eq!(store.create(Target::new(&at), Source::Bytes(&bytes), &mut progress).unwrap(), Created::New);
        assert_eq!(told.last(), Some(&size));
        assert!(size < 2 || told.iter().any(|done| (1..size).contains(done)), "{size}: {told:?}");
        assert!(told.is_sorted());
    }
}

#[test]
fn objects_are_readable_for_all_or_for_their_owner_only() {
    let scratch = Scratch::new();
    let mode = |path: &str| std::fs::metadata(scratch.path(path)).unwrap().permissions().mode() & 0o7777;
    let set = |path: &str, mode| std::fs::set_permissions(scratch.path(path), PermissionsExt::from_mode(mode)).unwrap();

    let private = Stores::default().init(&scratch.url("deep/private"), Access::WritePrivate).unwrap();
    assert_eq!(create(&private, "a/x", b"").unwrap(), Created::New);
    replace(&private, "a/y", None, b"1").unwrap();
    replace(&private, "a/y", Some(b"1"), b"2").unwrap();
    let modes = ["", "/a", "/a/x", "/a/y", "/.trackside-tmp", "/.trackside-lock"];
    assert_eq!(modes.map(|path| mode(&format!("deep/private{path}"))), [0o700, 0o700, 0o600, 0o600, 0o700, 0o600]);

    let public = scratch.store("public");
    set("public", 0o755);
    assert_eq!(create(&public, "a/x", b"").unwrap(), Created::New);
    assert_eq!((mode("public/a"), mode("public/a/x")), (0o755, 0o644));

    // The folder of a team: what one makes, the others can add to.
    let team = scratch.store("team");
    set("team", 0o2775);
    replace(&team, "a/x", None, b"").unwrap();
    let modes = ["/a", "/a/x", "/.trackside-tmp"];
    assert_eq!(modes.map(|path| mode(&format!("team{path}"))), [0o2775, 0o644, 0o2775]);
}

#[test]
fn large_objects_are_read_as_a_stream_and_small_ones_at_once() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let bytes = vec![7; 100_000];
    assert_eq!(create(&store, "x", &bytes).unwrap(), Created::New);
    for cap in [0, 10, 99_999] {
        assert!(matches!(store.read(&key("x"), cap), Err(StoreError::TooLarge { size: 100_000, .. })), "{cap}");
    }
    assert_eq!(store.read(&key("x"), 100_000).unwrap(), bytes);
    let mut reader = store.open_read(&key("x")).unwrap();
    assert_eq!(reader.size(), 100_000);
    let mut read = Vec::new();
    assert_eq!(reader.read_to_end(&mut read).unwrap(), 100_000);
    assert_eq!(read, bytes);
}
