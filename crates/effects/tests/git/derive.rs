//! Commits and tags made in object space: the same on every machine, exactly as described.

use trackside_effects::git::{Changes, DeriveError};
use trackside_testkit::git::{History, believable};

use crate::world::{World, bot, changes, fetch, id};

#[test]
fn two_machines_make_the_same_commits_and_tags() {
    let world = World::new();
    let core = world.core();
    let made = ["a", "b"].map(|machine| {
        let cache = world.cache(machine, &core);
        let base = fetch(&cache, "main");
        let edit = changes(&[("version.txt", "2.16.0a0\n"), ("new/x.txt", "x\n")]);
        let derived = cache.commit_tree_with(&base, &edit, "Bump\n\nTrackside-Edit: bump", &bot()).expect("a commit");
        let applied = cache.apply_diff(&base, &derived.diff, "Bump\n\nTrackside-Edit: bump", &bot()).expect("a commit");
        assert_eq!(applied, derived.commit);
        let tag = "v2.15.0-rc1".parse().expect("a tag name");
        (derived, cache.annotated_tag(&base, &tag, "First candidate", &bot()).expect("a tag"))
    });
    assert_eq!(made[0], made[1]);
    // The ids are written down, so that a change of the rules is seen.
    assert_eq!(made[0].0.commit, id("0ad584f248e32ea9d23de0b9f54fea01fecd2673"));
    assert_eq!(made[0].1, id("285f64362f2d05f4f965ead089506a581aa909cc"));
}

#[test]
fn a_diff_made_here_leads_to_the_same_commit_elsewhere_whatever_it_holds() {
    let world = World::new();
    let core = world.core();
    core.draft("main", "Kinds")
        .executable("run.sh", "#!/bin/sh\n")
        .file("crlf.txt", "a\r\nb\r\n")
        .file("image.bin", [0_u8, 159, 146, 150])
        .file(".gitattributes", "* text=auto eol=crlf\n*.txt filter=evil diff=evil\n")
        .file("a b/ü.txt", "x\n")
        .file("gone.txt", "x\n")
        .write()
        .expect("a commit");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let mut edit = changes(&[("run.sh", "#!/bin/bash\n"), ("crlf.txt", "a\r\nc\r\n"), ("a b/ü.txt", "no newline")]);
    edit.insert("gone.txt".into(), None);
    edit.insert("image.bin".into(), Some(vec![0, 1, 2, 3, 255]));
    let derived = cache.commit_tree_with(&base, &edit, "Edit", &bot()).expect("a commit");
    let other = world.cache("b", &core);
    fetch(&other, "main");
    assert_eq!(other.apply_diff(&base, &derived.diff, "Edit", &bot()).expect("a commit"), derived.commit);
    let kinds = cache.list_paths(&derived.commit).expect("a list");
    let run = kinds.iter().find(|entry| entry.path == "run.sh").expect("the script");
    assert_eq!(run.kind, trackside_effects::git::TreeKind::Executable);
    assert_eq!(cache.read_file(&derived.commit, "gone.txt").expect("an answer"), None);
    assert_eq!(cache.read_file(&derived.commit, "crlf.txt").expect("a file"), Some(b"a\r\nc\r\n".to_vec()));
}

#[test]
fn a_diff_looks_the_way_people_read_it() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let derived =
        cache.commit_tree_with(&base, &changes(&[("version.txt", "2.16.0a0\n")]), "Bump", &bot()).expect("a commit");
    let expected = "diff --git a/version.txt b/version.txt\n\
        index 3a3cf3f2b9c3f3d4bf27c4ca1b9fdc9a2f8e5b17..0000000000000000000000000000000000000000 100644\n\
        --- a/version.txt\n+++ b/version.txt\n@@ -1 +1 @@\n-2.15.0a0\n+2.16.0a0\n";
    let without_index =
        |text: &str| text.lines().filter(|line| !line.starts_with("index")).collect::<Vec<_>>().join("\n");
    assert_eq!(without_index(&String::from_utf8_lossy(&derived.diff)), without_index(expected));
}

#[test]
fn what_changes_nothing_or_cannot_be_changed_is_refused() {
    let world = World::new();
    let core = world.core();
    let other = core.id("refs/heads/main").expect("the tip");
    core.draft("main", "Kinds").symlink("link", "x").submodule("sub", &other).write().expect("a commit");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let derive = |changes: &Changes| cache.commit_tree_with(&base, changes, "Edit", &bot()).unwrap_err();
    let nothing = [Changes::new(), changes(&[("version.txt", "2.15.0a0\n")])];
    for changes in nothing {
        assert!(matches!(derive(&changes), DeriveError::NothingChanged { .. }), "{changes:?}");
    }
    for path in ["link", "sub"] {
        let error = derive(&changes(&[(path, "x")]));
        assert!(matches!(error, DeriveError::UnsupportedChange { .. }), "{path}: {error:?}");
    }
    let absent = derive(&Changes::from([("absent".to_owned(), None)]));
    assert!(matches!(absent, DeriveError::UnsupportedChange { .. }), "{absent:?}");
    assert!(matches!(derive(&changes(&[("../x", "x")])), DeriveError::BadPath { .. }));
    assert!(matches!(derive(&changes(&[(".git/hooks/x", "x")])), DeriveError::BadPath { .. }));
    // A file in the way of a folder, and the other way round.
    assert!(matches!(derive(&changes(&[("version.txt/x", "x")])), DeriveError::UnsupportedChange { .. }));
    assert!(matches!(derive(&changes(&[("src", "x")])), DeriveError::UnsupportedChange { .. }));
}

#[test]
fn a_tag_is_made_of_commits_only() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let name = "v1.0.0".parse().expect("a tag name");
    let tag = cache.annotated_tag(&base, &name, "One", &bot()).expect("a tag");
    assert!(cache.annotated_tag(&tag, &name, "Two", &bot()).is_err());
    assert!(cache.annotated_tag(&base, &name, "", &bot()).is_err());
}

#[test]
fn a_believable_history_is_the_same_every_time() {
    let world = World::new();
    let history = History { branch: "main", files: &[("version.txt", "1.0.0a0\n")], commits: 12 };
    let tips = ["x.git", "y.git"].map(|name| believable(&world.repo(name), &history).expect("a history"));
    assert_eq!(tips[0], tips[1]);
    let repo = trackside_testkit::git::Repo::at(world.remotes().join("x.git"));
    assert_eq!(repo.log("main").expect("a log").len(), 13);
}
