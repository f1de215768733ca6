//! Reading history: ancestry, logs with trailers, files and their kinds.

use trackside_effects::git::{GitError, TreeKind};

use crate::world::{World, fetch, id};

#[test]
fn a_log_has_messages_with_their_trailers_and_stops_where_it_is_told() {
    let world = World::new();
    let core = world.core();
    let first = id(&core.id("refs/heads/main").expect("the tip"));
    core.commit("main", "Edit\n\nWhy.\n\nTrackside-Edit: pins\nReviewed-by: Ada <a@b>", &[("x", "1")])
        .expect("a commit");
    core.commit("main", "Newer", &[("x", "2")]).expect("a commit");
    let cache = world.cache("a", &core);
    let tip = fetch(&cache, "main");
    let log = cache.log(&tip, &[&first]).expect("a log");
    let told: Vec<_> = log.iter().map(|entry| (entry.subject(), entry.trailers.clone())).collect();
    let trailer = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = vec![trailer("Trackside-Edit", "pins"), trailer("Reviewed-by", "Ada <a@b>")];
    assert_eq!(told, [("Newer", vec![]), ("Edit", expected)]);
    assert_eq!(log[1].parents, std::slice::from_ref(&first));
    assert_eq!(cache.commit_date(&tip).expect("a date"), trackside_testkit::git::EPOCH + 2 * 3_600);
    assert!(
        cache.is_ancestor(&first, &tip).expect("an answer") && !cache.is_ancestor(&tip, &first).expect("an answer")
    );
    assert!(cache.log(&first, &[&tip]).expect("a log").is_empty());
}

#[test]
fn ancestry_of_an_unknown_commit_is_an_error_and_not_a_no() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let tip = fetch(&cache, "main");
    let error = cache.is_ancestor(&id("0123456789012345678901234567890123456789"), &tip).unwrap_err();
    assert!(matches!(error, GitError::Missing { .. }), "{error:?}");
}

#[test]
fn only_files_are_read_as_files() {
    let world = World::new();
    let core = world.core();
    let other = core.id("refs/heads/main").expect("the tip");
    core.draft("main", "Kinds")
        .executable("run.sh", "#!/bin/sh\n")
        .symlink("link", "version.txt")
        .submodule("third_party/x", &other)
        .file("a b/ü*.txt", "star\n")
        .write()
        .expect("a commit");
    let cache = world.cache("a", &core);
    let tip = fetch(&cache, "main");
    let listed: Vec<_> =
        cache.list_paths(&tip).expect("a list").into_iter().map(|entry| (entry.path, entry.kind)).collect();
    let expected = [
        ("a b/ü*.txt", TreeKind::File),
        ("link", TreeKind::Symlink),
        ("run.sh", TreeKind::Executable),
        ("src/a.py", TreeKind::File),
        ("third_party/x", TreeKind::Submodule),
        ("version.txt", TreeKind::File),
    ];
    assert_eq!(listed, expected.map(|(path, kind)| (path.to_owned(), kind)));
    for (path, expected) in [
        ("version.txt", Some("2.15.0a0\n")),
        ("a b/ü*.txt", Some("star\n")),
        ("run.sh", Some("#!/bin/sh\n")),
        ("absent", None),
        ("src/*.py", None),
        (":(glob)src/*", None),
        ("version.txt/x", None),
    ] {
        let found = cache.read_file(&tip, path).expect(path);
        assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{path}");
    }
    for path in ["link", "third_party/x", "src", "a b"] {
        let error = cache.read_file(&tip, path).unwrap_err();
        assert!(matches!(error, GitError::Unsupported { .. }), "{path}: {error:?}");
    }
}
