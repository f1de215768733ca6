//! Several operators and machines at once: one acts, the others lose and know it.

use std::process::{Command, Stdio};

use insta::assert_snapshot;
use rustix::process::{Pid, Signal, kill_process};

use crate::common::World;

/// A command of an operator with a machine of its own and the state store that all share.
fn sharing(world: &World, who: &str, arguments: &str) -> Command {
    let mut command = separate(world, who, arguments);
    command.env("TRACKSIDE_STATE", world.path("shared"));
    command
}

/// A command of an operator with a machine and a state store of its own.
fn separate(world: &World, who: &str, arguments: &str) -> Command {
    let mut command = world.command(arguments.split_whitespace());
    command.env("USER", who).env("XDG_STATE_HOME", world.path(&format!("state/{who}")));
    command.env("XDG_CACHE_HOME", world.path(&format!("cache/{who}")));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_line_that_somebody_else_works_on_is_held() {
    let world = World::train();
    let ran = world.finish(&mut sharing(&world, "rae", "cut 2.15 --apply --die-at cut-core/0:after-effect"));
    assert_eq!(ran.code, None, "{ran}");
    let before = world.photograph();
    let ran = world.finish(&mut sharing(&world, "kim", "cut 2.15 --apply"));
    assert_snapshot!(ran, @"
    | error: run [ID] is held by rae@[MACHINE]
    |   next: wait, or: trackside resume [ID] --take-over REASON
    exit 8
    ");
    // Another command on the line neither.
    let ran = world.finish(&mut sharing(&world, "kim", "cut 2.15 --only vision --apply"));
    assert_eq!(ran.code, Some(8), "{ran}");
    assert_eq!(world.repo_refs(&before), world.repo_refs(&world.photograph()));
}

#[test]
fn a_take_over_needs_a_reason_and_finishes_the_run() {
    let world = World::train();
    world.finish(&mut sharing(&world, "rae", "cut 2.15 --apply --die-at cut-core/0:after-effect"));
    assert_eq!(world.finish(&mut sharing(&world, "kim", "resume")).code, Some(8));
    assert_eq!(world.finish(&mut sharing(&world, "kim", "resume --take-over")).code, Some(2));
    let ran = world.finish(&mut sharing(&world, "kim", "resume --take-over rae-is-ill"));
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_snapshot!(world.journal_in("shared"), @"cut: opened, intent cut-builder, receipt cut-builder, intent cut-core, taken-over, intent cut-core, receipt cut-core, intent edit-core, receipt edit-core, intent bump-core, receipt bump-core, intent cut-vision, receipt cut-vision, intent edit-vision, receipt edit-vision, intent bump-vision, receipt bump-vision, closed");
    assert_eq!(world.refs(), World::cut().refs());
    let ran = world.finish(&mut sharing(&world, "rae", "cut 2.15 --apply"));
    assert!(ran.stdout.starts_with("nothing to do"), "{ran}");
}

#[test]
fn a_paused_old_executor_loses_after_a_take_over() {
    let world = World::train();
    let gate = world.gate("core");
    let old = sharing(&world, "rae", "cut 2.15 --apply").spawn().unwrap();
    gate.wait_for_push();
    kill_process(Pid::from_child(&old), Signal::STOP).unwrap();
    // The gate lets everybody through but the first one.
    let ran = world.finish(&mut sharing(&world, "kim", "resume --take-over paused"));
    assert_eq!(ran.code, Some(0), "{ran}");
    gate.open();
    kill_process(Pid::from_child(&old), Signal::CONT).unwrap();
    let ran = world.ran(&old.wait_with_output().unwrap());
    assert_snapshot!(ran, @"
    | plan [ID] · cut 2.15
    |    1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
    |    2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
    |    3  edit-core    core: release-only edits on `release/2.15`, 2 files
    |    4  bump-core    core: version of `main` becomes that of 2.16
    |    5  cut-vision   vision: `orig/release/0.30` and `release/0.30` at [ID]
    |    6  edit-vision  vision: release-only edits on `release/0.30`, 1 file
    |    7  bump-vision  vision: version of `main` becomes that of 0.31
    |       7 effects, [SIZE] to move; expires [TIME]
    | [1/7] builder: `orig/release/2.15` and `release/2.15` at [ID]
    | [2/7] core: `orig/release/2.15` and `release/2.15` at [ID]
    | error: another operator wrote event 5 first
    |   so far: done      builder: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: unknown   core: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: not done  core: release-only edits on `release/2.15`, 2 files
    |   so far: not done  core: version of `main` becomes that of 2.16
    |   so far: not done  vision: `orig/release/0.30` and `release/0.30` at [ID]
    |   so far: not done  vision: release-only edits on `release/0.30`, 1 file
    |   so far: not done  vision: version of `main` becomes that of 0.31
    |   next: trackside runs shows who has the run now
    exit 8
    ");
    assert_eq!(world.refs(), World::cut().refs());
    assert_snapshot!(world.journal_in("shared"), @"cut: opened, intent cut-builder, receipt cut-builder, intent cut-core, taken-over, intent cut-core, receipt cut-core, intent edit-core, receipt edit-core, intent bump-core, receipt bump-core, intent cut-vision, receipt cut-vision, intent edit-vision, receipt edit-vision, intent bump-vision, receipt bump-vision, closed");
}

/// Two people with one state folder: a process that is alive there is not taken over from, and not stopped by the try.
#[test]
fn a_living_process_of_the_same_machine_is_not_taken_over_from() {
    let world = World::train();
    let gate = world.gate("core");
    let as_one = |who: &str, arguments: &str| {
        let mut command = sharing(&world, "rae", arguments);
        command.env("USER", who);
        command
    };
    let old = as_one("rae", "cut 2.15 --apply").spawn().unwrap();
    gate.wait_for_push();
    let ran = world.finish(&mut as_one("kim", "resume --take-over impatient"));
    assert_eq!(ran.code, Some(8), "{ran}");
    gate.open();
    let ran = world.ran(&old.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(!world.journal_in("shared").contains("taken-over"));
}

#[test]
fn two_machines_with_different_state_stores_double_nothing() {
    let world = World::train();
    let gate = world.gate("core");
    let slow = separate(&world, "rae", "cut 2.15 --apply").spawn().unwrap();
    gate.wait_for_push();
    let ran = world.finish(&mut separate(&world, "kim", "cut 2.15 --apply"));
    assert_eq!(ran.code, Some(0), "{ran}");
    let after = world.photograph();
    gate.open();
    let ran = world.ran(&slow.wait_with_output().unwrap());
    assert_snapshot!(ran, @"
    | plan [ID] · cut 2.15
    |    1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
    |    2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
    |    3  edit-core    core: release-only edits on `release/2.15`, 2 files
    |    4  bump-core    core: version of `main` becomes that of 2.16
    |    5  cut-vision   vision: `orig/release/0.30` and `release/0.30` at [ID]
    |    6  edit-vision  vision: release-only edits on `release/0.30`, 1 file
    |    7  bump-vision  vision: version of `main` becomes that of 0.31
    |       7 effects, [SIZE] to move; expires [TIME]
    | [1/7] builder: `orig/release/2.15` and `release/2.15` at [ID]
    | [2/7] core: `orig/release/2.15` and `release/2.15` at [ID]
    | error: no ref of [WORLD]/git/core.git was moved: refs/heads/release/2.15 was moved by somebody else
    |   so far: done      builder: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: refused   core: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: not done  core: release-only edits on `release/2.15`, 2 files
    |   so far: not done  core: version of `main` becomes that of 2.16
    |   so far: not done  vision: `orig/release/0.30` and `release/0.30` at [ID]
    |   so far: not done  vision: release-only edits on `release/0.30`, 1 file
    |   so far: not done  vision: version of `main` becomes that of 0.31
    |   next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside cut 2.15
    exit 5
    ");
    // The slow one's run is in the way until it is withdrawn; then nothing is left to do.
    assert_eq!(world.finish(&mut separate(&world, "rae", "cut 2.15 --apply")).code, Some(5));
    let runs = separate(&world, "rae", "runs --format json").output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&runs.stdout).unwrap();
    let run = runs["runs"][0]["digest"].as_str().unwrap();
    assert_eq!(world.finish(&mut separate(&world, "rae", &format!("withdraw {run} --reason double"))).code, Some(0));
    let ran = world.finish(&mut separate(&world, "rae", "cut 2.15 --apply"));
    assert!(ran.stdout.starts_with("nothing to do"), "{ran}");
    assert_eq!(world.repo_refs(&after), world.repo_refs(&world.photograph()));
    assert_eq!(world.refs(), World::cut().refs());
}

#[test]
fn two_plans_for_one_candidate_from_different_state_stores_tag_once() {
    let world = World::cut();
    let plan = |who: &str| {
        let output = separate(&world, who, "candidate 2.15.0 --format json").output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["plan"]["digest"].as_str().unwrap().to_owned()
    };
    let (rae, kim) = (plan("rae"), plan("kim"));
    assert_eq!(world.finish(&mut separate(&world, "kim", &format!("apply {kim}"))).code, Some(0));
    let after = world.photograph();
    assert_eq!(world.finish(&mut separate(&world, "rae", &format!("apply {rae}"))).code, Some(4));
    assert_eq!(after, world.photograph());
}

#[test]
fn two_processes_of_one_machine_do_not_act_on_one_line() {
    let world = World::train();
    let gate = world.gate("core");
    let first =
        world.command(["cut", "2.15", "--apply"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.wait_for_push();
    let ran = world.run("cut 2.15 --apply");
    gate.open();
    let first = world.ran(&first.wait_with_output().unwrap());
    assert_eq!(first.code, Some(0), "{first}");
    assert_snapshot!(ran, @"
    | going on with run [ID] of `cut 2.15`
    | error: another process of this machine works on line 2.15
    |   next: wait until it has ended
    exit 8
    ");
}
