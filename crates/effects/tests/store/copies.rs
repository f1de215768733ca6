//! Copies within a store and between two, each checked on the way.

use trackside_domain::store::Fingerprint;
use trackside_effects::store::{Created, Origin, Store, StoreError, Target};

use crate::scratch::{Scratch, create, key, read};

fn copy(from: (&Store, &str), content: Fingerprint, to: (&Store, &str)) -> Result<Created, StoreError> {
    let origin = Origin { store: from.0, key: &key(from.1), content };
    to.0.copy_create(origin, Target::new(&key(to.1)), &mut |_| {})
}

#[test]
fn an_object_is_copied_within_a_store_and_to_another() {
    let scratch = Scratch::new();
    let (one, two) = (scratch.store("one"), scratch.store("two"));
    let bytes = vec![b'x'; 3_000_000];
    assert_eq!(create(&one, "a/x+1", &bytes).unwrap(), Created::New);
    let content = Fingerprint::of(&bytes);
    for (store, to) in [(&one, "b/x+1"), (&two, "deep/er/x%2B1")] {
        assert_eq!(copy((&one, "a/x+1"), content, (store, to)).unwrap(), Created::New);
        assert_eq!(copy((&one, "a/x+1"), content, (store, to)).unwrap(), Created::SameBytes);
        assert_eq!(read(store, to), bytes);
    }
}

#[test]
fn a_damaged_origin_is_noticed_and_nothing_becomes_visible() {
    let scratch = Scratch::new();
    let (one, two) = (scratch.store("one"), scratch.store("two"));
    let bytes = vec![b'x'; 2_500_000];
    assert_eq!(create(&one, "x", &bytes).unwrap(), Created::New);
    let content = Fingerprint::of(&bytes);
    let damages: [fn(&mut Vec<u8>); 5] = [
        |bytes| bytes[0] ^= 1,
        |bytes| bytes[2_499_999] ^= 1,
        |bytes| bytes.truncate(2_499_999),
        |bytes| bytes.push(b'x'),
        Vec::clear,
    ];
    for damage in damages {
        let mut damaged = bytes.clone();
        damage(&mut damaged);
        std::fs::write(scratch.path("one/x"), damaged).unwrap();
        for to in [&one, &two] {
            let error = copy((&one, "x"), content, (to, "y")).unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { ref at, .. } if at.key.as_str() == "x"), "{error}");
            assert!(!to.exists(&key("y")).unwrap());
        }
    }
    assert_eq!((scratch.unfinished("one"), scratch.unfinished("two")), (vec![], vec![]));
}

#[test]
fn an_origin_that_does_not_exist_and_a_target_with_other_bytes_are_refused() {
    let scratch = Scratch::new();
    let (one, two) = (scratch.store("one"), scratch.store("two"));
    let content = Fingerprint::of(b"x");
    let error = copy((&one, "x"), content, (&two, "x")).unwrap_err();
    assert!(matches!(error, StoreError::NotFound(ref at) if at.store == scratch.url("one")), "{error}");

    assert_eq!(create(&one, "x", b"x").unwrap(), Created::New);
    assert_eq!(create(&two, "x", b"y").unwrap(), Created::New);
    let error = copy((&one, "x"), content, (&two, "x")).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { ref at, .. } if at.store == scratch.url("two")), "{error}");
    assert_eq!(read(&two, "x"), b"y");
}
