//! Caches: with and without the files' contents, damaged, shared by two processes.

use std::fs;
use std::path::Path;

use trackside_effects::git::{Cache, GitError};
use trackside_testkit::git::Repo;

use crate::world::{World, fetch, id, name};

#[test]
fn contents_are_left_out_where_the_server_allows_it_and_come_when_they_are_read() {
    for (allowed, expected) in [("true", "left out"), ("false", "here")] {
        let world = World::new();
        let core = world.core();
        core.config("uploadpack.allowFilter", allowed).expect("a setting");
        let blob = id(&core.id("refs/heads/main:version.txt").expect("a blob"));
        let cache = world.cache("a", &core);
        let tip = fetch(&cache, "main");
        let state = if cache.has(&blob).expect("an answer") { "here" } else { "left out" };
        assert_eq!(state, expected, "allowFilter={allowed}");
        let text = cache.read_file(&tip, "version.txt").expect("a file");
        assert_eq!(text.as_deref(), Some(&b"2.15.0a0\n"[..]));
        assert!(cache.has(&blob).expect("an answer"));
    }
}

#[test]
fn a_branch_that_is_not_there_is_missing_and_a_later_one_is_found() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let error = cache.fetch(&[name("refs/heads/release/2.15")]).unwrap_err();
    assert!(matches!(error, GitError::Missing { .. }), "{error:?}");
    core.branch("release/2.15", "refs/heads/main").expect("a branch");
    fetch(&cache, "release/2.15");
}

#[test]
fn an_empty_or_missing_repository_has_no_ref_to_fetch() {
    let world = World::new();
    let empty = world.repo("empty.git");
    let error = world.cache("a", &empty).fetch(&[name("refs/heads/main")]).unwrap_err();
    assert!(matches!(error, GitError::Missing { .. }), "{error:?}");
    let missing = Repo::at(world.path("missing.git"));
    let error = world.cache("a", &missing).fetch(&[name("refs/heads/main")]).unwrap_err();
    assert!(matches!(error, GitError::NotFound { .. }), "{error:?}");
}

#[test]
fn a_rewritten_branch_and_one_that_takes_the_place_of_a_folder_are_followed() {
    let world = World::new();
    let core = world.core();
    core.branch("release", "refs/heads/main").expect("a branch");
    let cache = world.cache("a", &core);
    fetch(&cache, "release");
    core.delete_ref("refs/heads/release").expect("a deletion");
    core.branch("release/2.15", "refs/heads/main").expect("a branch");
    fetch(&cache, "release/2.15");
    let other = core.draft("fresh", "Unrelated").file("x", "y").write().expect("a commit");
    core.branch("main", &other).expect("a rewrite");
    assert_eq!(fetch(&cache, "main"), id(&other));
}

#[test]
fn an_object_is_fetched_by_its_id() {
    let world = World::new();
    let core = world.core();
    let old = id(&core.id("refs/heads/main").expect("the tip"));
    core.commit("main", "Second", &[("b", "b")]).expect("a commit");
    let cache = world.cache("a", &core);
    cache.fetch_objects(std::slice::from_ref(&old)).expect("a fetch");
    assert!(cache.has(&old).expect("an answer"));
    let absent = id("0123456789012345678901234567890123456789");
    let error = cache.fetch_objects(&[absent]).unwrap_err();
    assert!(matches!(error, GitError::Missing { .. }), "{error:?}");
}

/// What can happen to a cache, given its folder, between two runs.
type Damage = fn(&Path);

fn damages() -> Vec<(&'static str, Damage)> {
    vec![
        ("it is gone", |dir| fs::remove_dir_all(dir).expect("a removal")),
        ("its head is gone", |dir| fs::remove_file(dir.join("HEAD")).expect("a removal")),
        ("its configuration is garbage", |dir| fs::write(dir.join("config"), "[what").expect("a file")),
        ("its objects are gone", |dir| {
            fs::remove_dir_all(dir.join("objects")).expect("a removal");
            fs::create_dir(dir.join("objects")).expect("a folder");
        }),
        ("every object is empty", |dir| empty_files(&dir.join("objects"))),
    ]
}

fn empty_files(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            empty_files(&path);
        } else {
            fs::remove_file(&path).expect("a removal");
            fs::write(&path, b"").expect("a file");
        }
    }
}

#[test]
fn a_damaged_cache_is_fetched_anew() {
    for (what, damage) in damages() {
        let world = World::new();
        let core = world.core();
        fetch(&world.cache("a", &core), "main");
        damage(world.cache("a", &core).dir());
        let cache: Cache = world.cache("a", &core);
        let tip = fetch(&cache, "main");
        assert!(cache.read_file(&tip, "version.txt").expect(what).is_some(), "{what}");
    }
}

#[test]
fn eight_processes_may_use_one_cache_at_once() {
    let world = World::new();
    let core = world.core();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| fetch(&world.cache("a", &core), "main"));
        }
    });
    let left: Vec<_> = fs::read_dir(world.path("a/cache"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_shallow_remote_is_refused_and_leaves_no_trace_when_it_is_mended() {
    let world = World::new();
    let core = world.core();
    core.commit("main", "Go on", &[("more.py", "more = 1\n")]).expect("a commit");
    // What `git clone --depth 1` of a repository makes.
    let from = format!("file://{}", core.url());
    let shallow = world.repo("shallow");
    let fetched = ["fetch", "--quiet", "--depth", "1", &from, "refs/heads/main:refs/heads/main"];
    shallow.git(&fetched).expect("a shallow repository");
    let cache = world.cache("a", &shallow);
    let refused = cache.fetch(&[name("refs/heads/main")]).expect_err("a refusal");
    assert!(matches!(&refused, GitError::Unsupported { detail, .. } if detail.contains("shallow")), "{refused}");
    shallow.git(&["fetch", "--quiet", "--unshallow", &from]).expect("the whole history");
    let tip = fetch(&cache, "main");
    assert!(cache.log(&tip, &[]).expect("a history").len() > 1);
}
