//! Passwords over smart HTTP: they reach git's own server through askpass and nothing else.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use trackside_effects::git::{Caches, Credentials, Git, GitError, answer_askpass, ls_remote};
use trackside_testkit::http_git;

use crate::world::{World, answered, bot, changes, fetch, git, remote, settings, update};

const PASSWORD: &str = "hunter2-token";

/// Not a test of its own: what the askpass script of the other tests runs, so that the real function
/// answers git's real question.
#[test]
#[expect(clippy::disallowed_methods, reason = "this stands in for the app, which reads the environment")]
fn askpass_child() {
    let read = |name: &str| std::env::var(name).ok();
    if let Some(answer) = read("TEST_PROMPT").and_then(|prompt| answer_askpass(&prompt, read)) {
        writeln!(std::io::stdout(), "\nANSWER={answer}").unwrap();
    }
}

fn askpass(world: &World) -> PathBuf {
    let tests = std::env::current_exe().expect("the test binary");
    let run = format!("'{}' --exact login::askpass_child --nocapture", tests.display());
    world.script("askpass", &format!("TEST_PROMPT=\"$1\" {run} | sed -n 's/^ANSWER=//p'\n"))
}

fn credentials(world: &World, host: &str, password: &str) -> Credentials {
    let clean: String = host.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    let variables = [
        (format!("TRACKSIDE_TOKEN_{clean}"), password.to_owned()),
        (format!("TRACKSIDE_USER_{clean}"), "bot".to_owned()),
    ];
    Credentials::from_environment(variables, askpass(world))
}

#[test]
fn the_right_password_reads_and_pushes() {
    let world = World::new();
    let core = world.core();
    let server = http_git::serve(world.remotes(), "bot", PASSWORD).expect("a server");
    let cache = world.cache_of("a", &server.url("core.git"), credentials(&world, &server.host(), PASSWORD));
    let base = fetch(&cache, "main");
    let derived = cache.commit_tree_with(&base, &changes(&[("new.txt", "x\n")]), "Add", &bot()).expect("a commit");
    let updates = [update("refs/heads/release/2.15", None, &derived.commit)];
    let outcome = cache.push(&updates, &|_| ()).expect("an outcome");
    assert_eq!(answered(&outcome), ["refs/heads/release/2.15: Done"]);
    assert_eq!(core.id("refs/heads/release/2.15").expect("the branch"), derived.commit.as_str());
}

#[test]
fn a_push_that_is_sent_in_chunks_arrives_and_counts_its_bytes() {
    let world = World::new();
    let core = world.core();
    let server = http_git::serve(world.remotes(), "bot", PASSWORD).expect("a server");
    let cache = world.cache_of("a", &server.url("core.git"), credentials(&world, &server.host(), PASSWORD));
    let base = fetch(&cache, "main");
    // Nothing that can be compressed below the size from which git sends in chunks.
    let next = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(state.to_be_bytes()[0])
    };
    let noise: Vec<u8> = (0..3 << 20).scan(1_u32, |state, _| next(state)).collect();
    let edit = [("noise.bin".to_owned(), Some(noise.clone()))].into();
    let new = cache.commit_tree_with(&base, &edit, "Noise", &bot()).expect("a commit").commit;
    let most = std::cell::Cell::new(0);
    let outcome =
        cache.push(&[update("refs/heads/main", Some(&base), &new)], &|seen| most.set(seen.bytes.max(most.get())));
    assert!(outcome.as_ref().is_ok_and(trackside_effects::git::PushOutcome::is_done), "{outcome:?}");
    assert!(most.get() >= 3 << 20, "{}", most.get());
    assert_eq!(core.id("main").expect("the tip"), new.as_str());
    let other = world.cache_of("b", &server.url("core.git"), credentials(&world, &server.host(), PASSWORD));
    assert_eq!(other.read_file(&fetch(&other, "main"), "noise.bin").expect("a file"), Some(noise));
}

#[test]
fn a_wrong_or_missing_password_is_denied() {
    let world = World::new();
    world.core();
    let server = http_git::serve(world.remotes(), "bot", PASSWORD).expect("a server");
    let url = remote(&server.url("core.git"));
    for credentials in [credentials(&world, &server.host(), "wrong-token"), Credentials::none()] {
        let error = ls_remote(&git(credentials), &url, &[]).unwrap_err();
        assert!(matches!(error, GitError::Denied { .. }), "{error:?}");
        assert!(!error.to_string().contains("wrong-token"), "{error}");
    }
}

#[test]
fn a_missing_repository_over_http_is_not_found() {
    let world = World::new();
    world.core();
    let server = http_git::serve(world.remotes(), "bot", PASSWORD).expect("a server");
    let git = git(credentials(&world, &server.host(), PASSWORD));
    let error = ls_remote(&git, &remote(&server.url("missing.git")), &[]).unwrap_err();
    assert!(matches!(error, GitError::NotFound { .. }), "{error:?}");
}

#[test]
fn a_server_that_answers_503_is_unreachable_for_now() {
    let world = World::new();
    world.core();
    let server = http_git::serve_openly(world.remotes()).expect("a server");
    server.be_unavailable(1);
    let error = ls_remote(&git(Credentials::none()), &remote(&server.url("core.git")), &[]).unwrap_err();
    assert!(matches!(error, GitError::Unreachable { .. }), "{error:?}");
    assert!(ls_remote(&git(Credentials::none()), &remote(&server.url("core.git")), &[]).is_ok());
}

#[test]
fn the_token_is_never_an_argument_and_never_on_disk() {
    let world = World::new();
    world.core();
    let server = http_git::serve(world.remotes(), "bot", PASSWORD).expect("a server");
    let log = world.path("arguments");
    let spy = world.script("git-spy", &format!("echo \"$@\" >> {}\nexec git \"$@\"\n", log.display()));
    let git = Git::find(settings(&spy, credentials(&world, &server.host(), PASSWORD))).expect("git");
    let caches = Caches::new(git, world.path("cache"));
    let cache = caches.open(&remote(&server.url("core.git"))).expect("a cache");
    let base = fetch(&cache, "main");
    cache.push(&[update("refs/heads/x", None, &base)], &|_| ()).expect("a push");
    let arguments = fs::read_to_string(log).expect("the log");
    assert!(arguments.contains("push ") && !arguments.contains(PASSWORD), "{arguments}");
    let found = holders(&world.path("cache"));
    assert!(found.is_empty(), "the token is in {found:?}");
}

/// Files below `folder` that hold the password.
fn holders(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { holders(&path) } else { vec![path] })
        .filter(|path| fs::read(path).expect("a file").windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()))
        .collect()
}
