//! Runs that die, are interrupted, wait, are withdrawn or were tampered with.

use std::process::Stdio;

use insta::assert_snapshot;
use rustix::process::{Pid, Signal, kill_process};
use trackside_domain::digest::Sha256;

use crate::common::World;

const STATE: &str = "state/trackside/projects/Train";
const MOMENTS: [&str; 4] = ["after-intent", "mid-transfer", "after-effect", "after-receipt"];

/// Dies at one moment of every step of a command, each time in a world of its own, goes on by `again`,
/// and compares with a run that was never killed. `trackside rehearse --kill-everywhere` dies at every
/// moment of every effect.
fn die_everywhere(world: &World, command: &str, again: &str) {
    let whole = world.copy();
    whole.ok(command);
    let effects = world.copy().effects(command.trim_end_matches(" --apply"));
    let points: Vec<&String> = effects.iter().filter(|point| point.ends_with("/0")).collect();
    assert!(points.len() > 2, "{points:?}");
    for (index, point) in points.iter().enumerate() {
        let point = format!("{point}:{}", MOMENTS[index % MOMENTS.len()]);
        let world = world.copy();
        let ran = world.run(&format!("{command} --die-at {point}"));
        assert_eq!(ran.code, None, "{point} was never reached: {ran}");
        world.ok(again);
        assert_eq!(world.refs_and_stores(), whole.refs_and_stores(), "{point}");
        let journal = world.journal();
        let receipt = format!("receipt {}", point.split('/').next().unwrap());
        assert_eq!(journal.matches(&format!("{receipt},")).count(), 1, "{point}: {journal}");
        let settled = world.photograph();
        assert!(world.ok(command).stdout.starts_with("nothing to do"), "{point}");
        assert_eq!(world.photograph(), settled, "{point}");
    }
}

#[test]
fn a_killed_cut_is_finished_by_the_same_command() {
    die_everywhere(&World::train(), "cut 2.15 --apply", "cut 2.15 --apply");
}

#[test]
fn a_killed_candidate_is_finished_by_the_same_command() {
    die_everywhere(&World::cut(), "candidate 2.15.0 --apply", "candidate 2.15.0 --apply");
}

#[test]
fn a_killed_stage_is_finished_by_resume() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    die_everywhere(&world, "stage 2.15.0-rc1 --from ../dist --apply", "resume");
}

#[test]
fn a_killed_promotion_is_finished_by_the_same_command() {
    die_everywhere(&World::verified(), "promote 2.15.0 --apply", "promote 2.15.0 --apply");
}

/// Effects of a step go on at the same time, and the process dies when one of them reaches the point. What the
/// others have done by then differs each time; the end must not.
#[test]
fn a_run_killed_in_the_middle_of_concurrent_effects_is_finished() {
    let tagged = World::tagged();
    tagged.build_all("2.15.0", "0.30.0");
    for (world, command, steps) in [
        (tagged, "stage 2.15.0-rc1 --from ../dist --apply", ["store-torch-1-1", "backup-torch-1-1", "lists-test"]),
        (World::verified(), "promote 2.15.0 --apply", ["copy-torch-1", "pages-stable-torch", "lists-stable"]),
    ] {
        let whole = world.copy();
        whole.ok(command);
        for (index, step) in steps.iter().enumerate() {
            for (effect, moment) in MOMENTS[..3].iter().enumerate() {
                let point = format!("{step}/{}:{moment}:together", (index + effect) % 3);
                let world = world.copy();
                assert_eq!(world.run(&format!("{command} --die-at {point}")).code, None, "{point}");
                world.ok(command);
                assert_eq!(world.refs_and_stores(), whole.refs_and_stores(), "{point}");
            }
        }
    }
}

#[test]
fn the_first_failure_stops_a_step_and_what_was_done_is_told() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    let rotten = world.path("store/packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl");
    let mut bytes = std::fs::read(&rotten).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&rotten, &bytes).unwrap();
    let said = world.stops(1, &format!("apply {plan}")).stderr;
    assert!(said.contains("so far: refused   copy 4 objects of torch to stable ([N] of 4 effects done)"), "{said}");
    bytes[100] ^= 1;
    std::fs::write(&rotten, bytes).unwrap();
    world.ok(&format!("resume {plan}"));
}

#[test]
fn what_a_killed_run_says_on_the_way() {
    let world = World::train();
    world.run("cut 2.15 --apply --die-at edit-core/0:after-effect");
    assert_snapshot!(world.ok("runs"), @"
    [ID]  [TIME]  open       2/7  cut 2.15
    exit 0
    ");
    assert_snapshot!(world.stops(3, "candidate 2.15.0 --apply").stderr, @"
    error: run [ID] of `cut 2.15` is open
      next: trackside resume [ID], or: trackside withdraw [ID] --reason REASON
    ");
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"
    | going on with run [ID] of `cut 2.15`
    | [3/7] core: release-only edits on `release/2.15`, 2 files
    | [4/7] core: version of `main` becomes that of 2.16
    | [5/7] vision: `orig/release/0.30` and `release/0.30` at [ID]
    | [6/7] vision: release-only edits on `release/0.30`, 1 file
    | [7/7] vision: version of `main` becomes that of 0.31
    finished run [ID] of `cut 2.15`; run it again to see whether more is due
    exit 0
    ");
    assert_snapshot!(world.journal(), @"cut: opened, intent cut-builder, receipt cut-builder, intent cut-core, receipt cut-core, intent edit-core, intent edit-core, receipt edit-core, intent bump-core, receipt bump-core, intent cut-vision, receipt cut-vision, intent edit-vision, receipt edit-vision, intent bump-vision, receipt bump-vision, closed");
}

#[test]
fn a_new_plan_is_asked_for_in_the_same_words() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0 --candidate 2.15.0-rc1 --reason it's;fine --read-back sample");
    world.run(&format!("apply {plan} --die-at copy-torch-1/0:after-effect"));
    let told = world.ok(&format!("withdraw {plan} --reason enough")).to_string();
    let asked = "trackside promote 2.15.0 --candidate 2.15.0-rc1 --reason 'it'\\''s;fine' --read-back sample";
    assert!(told.contains(asked), "{told}");
}

#[test]
fn a_run_can_be_withdrawn_before_the_switch() {
    let world = World::train();
    let plan = world.plan("cut 2.15");
    world.run(&format!("apply {plan} --die-at edit-core/0:after-effect"));
    assert_snapshot!(world.ok(&format!("withdraw {plan} --reason enough")), @"
    withdrawn: run [ID]
      stays: builder: `orig/release/2.15` and `release/2.15` at [ID]
      stays: core: `orig/release/2.15` and `release/2.15` at [ID]
      stays, as far as it was done: core: release-only edits on `release/2.15`, 2 files
      next: a new plan goes on from here: trackside cut 2.15
    exit 0
    ");
    assert_snapshot!(world.stops(3, &format!("apply {plan}")).stderr, @"
    error: run [ID] was withdrawn: enough
      next: make a new plan: trackside cut 2.15
    ");
    assert_snapshot!(world.ok(&format!("withdraw {plan} --reason enough")).stdout, @"
    nothing to do
      run [ID] is closed
    ");
    // The line is free again, and what was done counts.
    assert!(!world.ok("cut 2.15 --apply").stderr.contains("cut-core"));
}

#[test]
fn a_line_that_was_taken_for_a_run_that_never_opened_is_given_back() {
    let world = World::train();
    let plan = world.plan("cut 2.15");
    world.run(&format!("apply {plan} --die-at cut-core/0:after-intent"));
    // As if it had died between the lease and the first record of the run.
    std::fs::remove_dir_all(world.path(&format!("{STATE}/runs/{plan}"))).unwrap();
    world.repo("core").commit("main", "The world goes on", &[("more.py", "more = 1\n")]).unwrap();
    world.ok("cut 2.15 --apply");
    assert!(world.ok("cut 2.15 --apply").stdout.contains("nothing to do"));
}

#[test]
fn a_run_that_has_begun_to_switch_is_not_withdrawn() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    let list = world.effects("promote 2.15.0").into_iter().find(|point| point.contains("map")).unwrap();
    assert_eq!(world.run(&format!("apply {plan} --die-at {list}:after-effect")).code, None);
    assert_snapshot!(world.stops(3, &format!("withdraw {plan} --reason enough")), @"
    | error: run [ID] has begun to switch what the public sees
    |   next: finish it: trackside resume [ID]
    exit 3
    ");
    world.ok(&format!("resume {plan}"));
}

#[test]
fn ctrl_c_stops_cleanly_between_two_steps_and_the_same_command_goes_on() {
    let world = World::train();
    let gate = world.gate("core");
    let child =
        world.command(["cut", "2.15", "--apply"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.wait_for_push();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    gate.open();
    let ran = world.ran(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran}");
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
    | error: interrupted
    |   so far: done      builder: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: done      core: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: not done  core: release-only edits on `release/2.15`, 2 files
    |   so far: not done  core: version of `main` becomes that of 2.16
    |   so far: not done  vision: `orig/release/0.30` and `release/0.30` at [ID]
    |   so far: not done  vision: release-only edits on `release/0.30`, 1 file
    |   so far: not done  vision: version of `main` becomes that of 0.31
    |   next: trackside resume [ID]
    exit 130
    ");
    world.ok("cut 2.15 --apply");
    assert_snapshot!(world.journal(), @"cut: opened, intent cut-builder, receipt cut-builder, intent cut-core, receipt cut-core, interrupted, intent edit-core, receipt edit-core, intent bump-core, receipt bump-core, intent cut-vision, receipt cut-vision, intent edit-vision, receipt edit-vision, intent bump-vision, receipt bump-vision, closed");
    assert_eq!(world.refs(), World::cut().refs());
}

#[test]
fn an_expired_plan_is_stale() {
    let world = World::train();
    let plan = world.plan("cut 2.15");
    let text = world.read(&format!("{STATE}/plans/{plan}.json"));
    let expires = text.split("\"expires\": \"").nth(1).unwrap().split('"').next().unwrap();
    let text = text.replace(expires, "2020-01-01T00:00:00Z");
    let digest = Sha256::of(text.as_bytes());
    world.write(&format!("{STATE}/plans/{digest}.json"), &text);
    assert_snapshot!(world.stops(4, &format!("apply {digest}")), @"
    | plan [ID] · cut 2.15
    |    1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
    |    2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
    |    3  edit-core    core: release-only edits on `release/2.15`, 2 files
    |    4  bump-core    core: version of `main` becomes that of 2.16
    |    5  cut-vision   vision: `orig/release/0.30` and `release/0.30` at [ID]
    |    6  edit-vision  vision: release-only edits on `release/0.30`, 1 file
    |    7  bump-vision  vision: version of `main` becomes that of 0.31
    |       7 effects, [SIZE] to move; expires [TIME]
    | error: plan [ID] is stale: it expired at [TIME]
    |   so far: nothing was changed
    |   next: make a new plan: trackside cut 2.15
    exit 4
    ");
}

#[test]
fn a_tampered_plan_is_refused() {
    let world = World::train();
    let plan = world.plan("cut 2.15");
    world.mend_file(&format!("{STATE}/plans/{plan}.json"), "release/2.15", "release/6.66");
    assert_snapshot!(world.stops(1, &format!("apply {plan}")), @"
    | error: plan [ID] is refused: its bytes do not have its digest
    exit 1
    ");
}

#[test]
fn a_tampered_journal_is_refused() {
    let world = World::cut();
    let plan = world.ok("runs --format json").stdout;
    assert!(plan.contains("\"done\""), "{plan}");
    let mut records = Vec::new();
    world.each_file(&format!("{STATE}/runs"), &mut |path| records.push(path.to_owned()));
    let text = std::fs::read_to_string(&records[1]).unwrap();
    std::fs::write(&records[1], text.replace("intent", "closed")).unwrap();
    assert_snapshot!(world.ok("runs").stdout, @"[ID]  damaged: state: record 2 of runs/[ID] is refused: its bytes do not have the digest that its end names");
    let digest = records[1].parent().and_then(|run| run.file_name()).unwrap().to_str().unwrap().to_owned();
    assert!(world.stops(1, &format!("show {digest}")).stderr.contains("is refused"));
    std::fs::remove_file(&records[1]).unwrap();
    assert_snapshot!(world.ok("runs").stdout, @"[ID]  damaged: state: record 2 of runs/[ID] is missing");
}

#[test]
fn plans_are_found_by_the_beginning_of_their_digest() {
    let world = World::train();
    let plan = world.plan("cut 2.15");
    assert_snapshot!(world.stops(2, "show abc").stderr, @"error: at least four digits of the plan's digest are needed");
    assert_snapshot!(world.stops(2, "show ffff0000ffff").stderr, @"
    error: no plan begins with `[ID]`
      next: trackside runs
    ");
    assert_snapshot!(world.stops(2, "resume").stderr, @"
    error: no run is open
      next: trackside runs
    ");
    assert_snapshot!(world.stops(2, &format!("resume {plan}")).stderr, @"
    error: run [ID] was never started
      next: trackside apply [ID]
    ");
    assert_snapshot!(world.stops(2, &format!("withdraw {plan} --reason r")).stderr, @"error: run [ID] was never started, so there is nothing to withdraw");
    world.ok(&format!("show {}", &plan[..6]));
}
