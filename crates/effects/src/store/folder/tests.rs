//! What cannot be provoked from outside: a root that vanishes in the middle of an operation, and a file system
//! that can link but not rename without overwriting.

use std::io::Write as _;

use super::*;

#[test]
fn a_root_that_vanishes_during_an_operation_makes_nothing_absent() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("s");
    let url: StoreUrl = path.to_str().unwrap().parse().unwrap();
    std::fs::create_dir(&path).unwrap();
    let root = Root::open(&url, &path, Access::Write).unwrap();
    let (object, deeper): (ObjectKey, ObjectKey) = ("a".parse().unwrap(), "a/b".parse().unwrap());
    assert!(root.way_to(&object).unwrap().unwrap().open_object().unwrap().is_none());
    std::fs::remove_dir(&path).unwrap();
    let opened = root.way_to(&object).unwrap().unwrap().open_object();
    assert!(matches!(opened, Err(StoreError::Unreachable { .. })), "{opened:?}");
    assert!(matches!(root.way_to(&deeper), Err(StoreError::Unreachable { .. })));
}

#[test]
fn where_renaming_always_overwrites_an_object_is_linked_and_never_overwritten() {
    let scratch = tempfile::tempdir().unwrap();
    let url: StoreUrl = scratch.path().to_str().unwrap().parse().unwrap();
    let key: ObjectKey = "a/b".parse().unwrap();
    let root = Root::open(&url, scratch.path(), Access::Write).unwrap();
    let way = root.make_way_to(&key).unwrap();
    for (bytes, published) in [(b"one", Published::Done), (b"two", Published::Exists)] {
        let mut temporary = Temporary::new(&root).unwrap();
        temporary.file().write_all(bytes).unwrap();
        assert_eq!(temporary.link_new(&way).unwrap(), published);
        drop(temporary);
        assert_eq!(std::fs::read(scratch.path().join("a/b")).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(scratch.path().join(".trackside-tmp")).unwrap().count(), 0);
    }
}
