//! Finding git, and what it gets to see.

use std::fs;
use std::path::Path;

use trackside_effects::git::{Caches, Credentials, Git, GitError};

use crate::world::{World, fetch, remote, settings};

#[test]
fn a_missing_git_is_named() {
    let error = Git::find(settings(Path::new("/nowhere/git"), Credentials::none())).unwrap_err();
    assert!(matches!(error, GitError::NoProgram { .. }), "{error:?}");
    assert_eq!(error.to_string(), "git cannot be started as `/nowhere/git`");
}

#[test]
fn a_git_that_is_too_old_is_named_with_the_reason() {
    let world = World::new();
    let old = world.script("git", "echo 'git version 2.30.2'");
    let error = Git::find(settings(&old, Credentials::none())).unwrap_err();
    let expected = "git 2.30.2 was found, but 2.40 or newer is needed: \
                    older ones have no `merge-tree --write-tree --merge-base`";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn git_sees_nothing_of_our_environment_but_what_it_needs() {
    let world = World::new();
    let core = world.core();
    let log = world.path("seen");
    let wrapper = world.script("git-spy", &format!("env >> {0}\nexec git \"$@\"\n", log.display()));
    let mut settings = settings(&wrapper, Credentials::none());
    for (name, value) in [
        ("HOME", "/users/somebody"),
        ("AWS_SECRET_ACCESS_KEY", "leak-1"),
        ("GITHUB_TOKEN", "leak-2"),
        ("GIT_DIR", "leak-3"),
        ("GIT_EXEC_PATH", "leak-4"),
        ("GIT_CONFIG_PARAMETERS", "leak-5"),
        ("SSH_AUTH_SOCK", "/run/agent"),
    ] {
        settings.environment.insert(name.into(), value.into());
    }
    let caches = Caches::new(Git::find(settings).expect("git"), world.path("cache"));
    fetch(&caches.open(&remote(&core.url())).expect("a cache"), "main");
    let seen = fs::read_to_string(log).expect("the log");
    assert!(!seen.contains("leak") && !seen.contains("/users/somebody"), "{seen}");
    for wanted in ["SSH_AUTH_SOCK=/run/agent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C"] {
        assert!(seen.contains(wanted), "{wanted} is missing in\n{seen}");
    }
}

#[test]
fn the_users_own_configuration_is_let_through_only_if_asked_for() {
    let world = World::new();
    let core = world.core();
    let mut settings = settings(Path::new("git"), Credentials::none());
    fs::write(world.path(".gitconfig"), format!("[url \"{}\"]\n\tinsteadOf = /alias/\n", world.remotes().display()))
        .expect("a configuration");
    settings.environment.insert("HOME".into(), world.path("").into_os_string());
    let alias = remote("/alias//core.git");
    for (wanted, found) in [(false, false), (true, true)] {
        let mut settings = settings.clone();
        settings.credentials = Credentials::none().with_user_helper(wanted);
        let git = Git::find(settings).expect("git");
        let answer = trackside_effects::git::ls_remote(&git, &alias, &[]);
        assert_eq!(answer.is_ok_and(|answer| answer.refs.len() == 1), found);
    }
    assert!(core.path().exists());
}
