//! Generator commands in a throw-away checkout: what they change, what they see, how they end.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use trackside_effects::git::{Changes, CommandRun, DeriveError};

use crate::world::{World, fetch, search_path};

/// Runs a shell script that lies in the repository.
fn run(world: &World, script: &str, timeout: Duration) -> Result<Changes, DeriveError> {
    let core = world.core();
    core.draft("main", "Generator")
        .executable("regenerate.sh", format!("#!/bin/sh\n{script}"))
        .file(".gitignore", "*.tmp\n")
        .write()
        .expect("a commit");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let environment = BTreeMap::from([("PATH".into(), search_path())]);
    cache.run_command(&base, &CommandRun { argv: vec!["./regenerate.sh".into()], timeout, environment })
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn changed_new_and_deleted_files_come_back_and_ignored_ones_do_not() {
    let world = World::new();
    let script = "echo new > generated.txt; echo 2.16 > version.txt; rm src/a.py; echo x > log.tmp";
    let changes = run(&world, script, LONG).expect("changes");
    let expected = Changes::from([
        ("generated.txt".to_owned(), Some(b"new\n".to_vec())),
        ("src/a.py".to_owned(), None),
        ("version.txt".to_owned(), Some(b"2.16\n".to_vec())),
    ]);
    assert_eq!(changes, expected);
    assert_eq!(run(&World::new(), "true", LONG).expect("no changes"), Changes::new());
}

#[test]
fn the_command_sees_no_repository_and_no_environment_of_ours() {
    let world = World::new();
    let seen = run(&world, "git rev-parse --git-dir; env > seen.txt; ls -a > ls.txt", LONG).expect("changes");
    let text = |name: &str| String::from_utf8_lossy(seen[name].as_deref().expect("a file")).into_owned();
    let names: Vec<_> = text("seen.txt").lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect();
    let strangers: Vec<_> = names
        .iter()
        .filter(|name| !["PATH", "HOME", "TMPDIR", "PWD", "_", "SHLVL", "OLDPWD"].contains(&name.as_str()))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    assert!(!text("ls.txt").lines().any(|line| line == ".git"));
}

#[test]
fn a_failing_command_is_quoted() {
    let error = run(&World::new(), "echo something is wrong >&2; exit 3", LONG).unwrap_err();
    assert_eq!(error.to_string(), "the command ./regenerate.sh failed with exit status: 3: something is wrong");
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_its_children() {
    let world = World::new();
    let started = Instant::now();
    let pids = world.path("pids");
    let script = format!("sleep 1000 & echo $! > {}; sleep 1000", pids.display());
    let error = run(&world, &script, Duration::from_secs(2)).unwrap_err();
    assert!(error.to_string().contains("was stopped after 2 s"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(60));
    let child = fs::read_to_string(pids).expect("the child's id");
    let is_gone = || {
        let state = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        matches!(state.rsplit(") ").next().and_then(|rest| rest.chars().next()), None | Some('Z' | 'X'))
    };
    // A process that was killed takes a moment to die.
    while !is_gone() && started.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    assert!(is_gone());
}

#[test]
fn a_command_that_leaves_a_process_behind_does_not_hold_us_up() {
    let started = Instant::now();
    let changes = run(&World::new(), "sleep 1000 & echo x > new.txt", LONG).expect("changes");
    assert_eq!(changes.len(), 1);
    assert!(started.elapsed() < Duration::from_secs(50));
}

#[test]
fn links_and_modes_are_refused() {
    for script in [
        "ln -s /etc/passwd link",
        "chmod +x version.txt",
        "echo x > n.sh; chmod +x n.sh",
        "git init -q sub; cd sub; git -c user.name=a -c user.email=b commit -q --allow-empty -m x",
    ] {
        let error = run(&World::new(), script, LONG).unwrap_err();
        assert!(matches!(error, DeriveError::UnsupportedChange { .. }), "{script}: {error:?}");
    }
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    for argv in [vec!["./nope.sh".to_owned()], vec![]] {
        let run = CommandRun { argv, timeout: LONG, environment: BTreeMap::new() };
        let error = cache.run_command(&base, &run).unwrap_err();
        assert!(error.to_string().contains("cannot be started"), "{error}");
    }
}
