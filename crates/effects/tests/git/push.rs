//! Pushes: all or nothing, compare-and-swap, honest about what is not known.

use std::cell::RefCell;

use trackside_effects::git::{Credentials, GitError, PushOutcome, RefPattern, ls_remote};
use trackside_testkit::http_git;

use crate::world::{World, answered, bot, changes, fetch, git, id, name, remote, update};

#[test]
fn one_push_creates_moves_and_keeps() {
    let world = World::new();
    let core = world.core();
    core.branch("kept", "main").expect("a branch");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let new = cache.commit_tree_with(&base, &changes(&[("x", "x")]), "Edit", &bot()).expect("a commit").commit;
    let tag = cache.annotated_tag(&base, &"v1.0.0-rc1".parse().expect("a tag"), "One", &bot()).expect("a tag");
    let updates = [
        update("refs/heads/main", Some(&base), &new),
        update("refs/heads/orig/release/2.15", None, &base),
        update("refs/heads/kept", None, &base),
        update("refs/tags/v1.0.0-rc1", None, &tag),
    ];
    let outcome = cache.push(&updates, &|_| ()).expect("an outcome");
    let expected = [
        "refs/heads/kept: UpToDate",
        "refs/heads/main: Done",
        "refs/heads/orig/release/2.15: Done",
        "refs/tags/v1.0.0-rc1: Done",
    ];
    assert_eq!(answered(&outcome), expected);
    assert!(outcome.is_done());
    let again = cache.push(&updates, &|_| ()).expect("an outcome");
    assert!(again.is_done() && answered(&again).iter().all(|line| line.ends_with("UpToDate")), "{again:?}");
}

#[test]
fn a_server_that_refuses_one_ref_moves_none() {
    for over_http in [false, true] {
        let world = World::new();
        let core = world.core();
        core.refuse_refs(&["refs/heads/protected"]).expect("a hook");
        let server = http_git::serve_openly(world.remotes()).expect("a server");
        let url = if over_http { server.url("core.git") } else { core.url() };
        let cache = world.cache_of("a", &url, Credentials::none());
        let base = fetch(&cache, "main");
        let before = core.refs().expect("refs");
        let updates = [update("refs/heads/fine", None, &base), update("refs/heads/protected", None, &base)];
        let outcome = cache.push(&updates, &|_| ()).expect("an outcome");
        let expected =
            ["refs/heads/fine: refused, Together", "refs/heads/protected: refused, Server(\"hook declined\")"];
        assert_eq!(answered(&outcome), expected);
        let PushOutcome::Answered { said, .. } = &outcome else { unreachable!("{outcome:?}") };
        assert!(said.contains("GH006: Protected branch update failed for refs/heads/protected."), "{said}");
        assert_eq!(core.refs().expect("refs"), before);
    }
}

#[test]
fn a_ref_that_moved_is_stale_and_its_neighbours_stay() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let new = cache.commit_tree_with(&base, &changes(&[("x", "x")]), "Edit", &bot()).expect("a commit").commit;
    core.commit("main", "Somebody else", &[("y", "y")]).expect("a commit");
    core.branch("exists", &core.id("main").expect("the tip")).expect("a branch");
    let before = core.refs().expect("refs");
    for (updates, expected) in [
        (
            vec![update("refs/heads/main", Some(&base), &new), update("refs/heads/other", None, &base)],
            vec!["refs/heads/main: refused, Stale", "refs/heads/other: refused, Together"],
        ),
        (vec![update("refs/heads/exists", None, &base)], vec!["refs/heads/exists: refused, Stale"]),
        (vec![update("refs/heads/gone", Some(&base), &new)], vec!["refs/heads/gone: refused, Stale"]),
    ] {
        let outcome = cache.push(&updates, &|_| ()).expect("an outcome");
        assert_eq!(answered(&outcome), expected);
        assert!(!outcome.is_done());
        assert_eq!(core.refs().expect("refs"), before);
    }
}

#[test]
fn an_answer_that_is_lost_is_unknown_and_a_look_tells_that_it_was_done() {
    let world = World::new();
    let core = world.core();
    let server = http_git::serve_openly(world.remotes()).expect("a server");
    let cache = world.cache_of("a", &server.url("core.git"), Credentials::none());
    let base = fetch(&cache, "main");
    let new = cache.commit_tree_with(&base, &changes(&[("x", "x")]), "Edit", &bot()).expect("a commit").commit;
    server.drop_answer_of_push(1);
    let updates = [update("refs/heads/main", Some(&base), &new), update("refs/heads/cut", None, &base)];
    let outcome = cache.push(&updates, &|_| ()).expect("an outcome");
    assert!(matches!(outcome, PushOutcome::Unknown { .. }), "{outcome:?}\n{:?}", server.requests());
    let wanted = [RefPattern::Exact(name("refs/heads/main"))];
    let seen = ls_remote(&git(Credentials::none()), &remote(&server.url("core.git")), &wanted).expect("an answer");
    assert_eq!(seen.refs[&name("refs/heads/main")].id, new);
    assert_eq!(core.id("main").expect("the tip"), new.as_str());
    let again = cache.push(&updates, &|_| ()).expect("an outcome");
    assert!(again.is_done(), "{again:?}");
}

#[test]
fn a_connection_that_is_cut_makes_curl_push_twice_and_still_counts_once() {
    let world = World::new();
    let core = world.core();
    let server = http_git::serve_openly(world.remotes()).expect("a server");
    let cache = world.cache_of("a", &server.url("core.git"), Credentials::none());
    let base = fetch(&cache, "main");
    let new = cache.commit_tree_with(&base, &changes(&[("x", "x")]), "Edit", &bot()).expect("a commit").commit;
    server.cut_connection_of_push(1);
    let updates = [update("refs/heads/main", Some(&base), &new), update("refs/heads/cut", None, &base)];
    let outcome = cache.push(&updates, &|_| ()).expect("an outcome");
    let pushes =
        server.requests().iter().filter(|line| line.starts_with("POST") && line.contains("receive-pack")).count();
    assert_eq!(pushes, 2, "{:?}", server.requests());
    assert_eq!(answered(&outcome), ["refs/heads/cut: UpToDate", "refs/heads/main: UpToDate"]);
    assert_eq!(core.log("main").expect("a log"), ["Edit", "Start"]);
}

#[test]
fn a_server_without_atomic_pushes_is_refused() {
    let world = World::new();
    let core = world.core();
    core.config("receive.advertiseAtomic", "false").expect("a setting");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let error = cache.push(&[update("refs/heads/x", None, &base)], &|_| ()).unwrap_err();
    assert!(matches!(error, GitError::Unsupported { .. }), "{error:?}");
}

#[test]
fn a_push_that_cannot_begin_is_an_error_and_not_unknown() {
    let world = World::new();
    let core = world.core();
    let server = http_git::serve_openly(world.remotes()).expect("a server");
    let cache = world.cache_of("a", &server.url("core.git"), Credentials::none());
    let base = fetch(&cache, "main");
    let updates = [update("refs/heads/x", None, &base)];
    server.be_unavailable(1);
    let error = cache.push(&updates, &|_| ()).unwrap_err();
    assert!(matches!(error, GitError::Unreachable { .. }), "{error:?}");
    core.config("http.receivepack", "false").expect("a setting");
    let error = cache.push(&updates, &|_| ()).unwrap_err();
    assert!(matches!(error, GitError::Denied { .. }), "{error:?}");
    drop(server);
    let error = cache.push(&updates, &|_| ()).unwrap_err();
    assert!(matches!(error, GitError::Unreachable { .. }), "{error:?}");
    assert!(cache.push(&[], &|_| ()).is_err());
}

#[test]
fn an_object_that_is_not_in_the_cache_cannot_be_pushed() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    fetch(&cache, "main");
    let absent = id("0123456789012345678901234567890123456789");
    let error = cache.push(&[update("refs/heads/x", None, &absent)], &|_| ()).unwrap_err();
    assert!(matches!(error, GitError::Missing { .. }), "{error:?}");
}

#[test]
fn progress_is_told_before_the_end_and_counts_what_is_sent() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let seen = RefCell::new(Vec::new());
    let report = |progress| seen.borrow_mut().push(progress);
    cache.push(&[update("refs/heads/no-new-object", None, &base)], &report).expect("a push");
    assert_eq!(seen.borrow().len(), 1, "{seen:?}");
    let new = cache.commit_tree_with(&base, &changes(&[("x", "x")]), "Edit", &bot()).expect("a commit").commit;
    cache.push(&[update("refs/heads/new", None, &new)], &report).expect("a push");
    let last = *seen.borrow().last().expect("progress");
    assert_eq!((last.objects, last.total), (3, 3));
}

#[test]
fn a_cache_that_is_behind_does_not_send_history_again() {
    let world = World::new();
    let core = world.core();
    for number in 0..40 {
        core.commit("main", "More", &[("n.txt", &number.to_string())]).expect("a commit");
    }
    let server = http_git::serve_openly(world.remotes()).expect("a server");
    let cache = world.cache_of("a", &server.url("core.git"), Credentials::none());
    let base = fetch(&cache, "main");
    core.commit("main", "Moved on", &[("n.txt", "z")]).expect("a commit");
    let new = cache.commit_tree_with(&base, &changes(&[("x", "x")]), "Edit", &bot()).expect("a commit").commit;
    let most = RefCell::new(0);
    let report = |progress: trackside_effects::git::PushProgress| {
        let mut most = most.borrow_mut();
        *most = progress.total.max(*most);
    };
    let updates = [update("refs/heads/release/2.15", None, &new)];
    assert!(cache.push(&updates, &report).expect("a push").is_done());
    assert_eq!(most.into_inner(), 3);
}
