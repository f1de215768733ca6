//! `cut` a second time, and plans that wait while the world goes on.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn a_second_run_has_nothing_to_do() {
    let world = World::cut();
    let before = world.photograph();
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"
    nothing to do
      builder: cut at [ID]
      core: cut at [ID]
      vision: cut at [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn nothing_is_due_after_picks_have_landed_and_the_base_has_moved_on() {
    let world = World::cut();
    world.pick("core", "src/fix.py");
    let core = world.repo("core");
    core.branch("viable/strict", &core.id("main").unwrap()).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"
    nothing to do
      builder: cut at [ID]
      core: cut at [ID]
      vision: cut at [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_stored_plan_still_holds_when_the_base_only_moved_forward() {
    let world = World::train();
    let core = world.repo("core");
    let (cut_point, plan) = (core.id("viable/strict").unwrap(), world.plan("cut 2.15"));
    core.branch("viable/strict", &core.id("main").unwrap()).unwrap();
    core.commit("main", "Even newer work", &[("src/newer.py", "z = 1\n")]).unwrap();
    world.ok(&format!("apply {plan}"));
    assert_eq!(core.id("orig/release/2.15").unwrap(), cut_point);
    assert_snapshot!(core.log("main").unwrap().join("\n"), @"
    Bump the version to 2.16.0a0
    Even newer work
    Newer work on core
    Green work on core
    Start core
    ");
}

#[test]
fn a_stored_plan_still_holds_when_base_and_default_branch_are_one_and_moved_forward() {
    let world = World::train();
    world.mend("cut-from = \"viable/strict\"\n", "");
    let core = world.repo("core");
    let (cut_point, plan) = (core.id("main").unwrap(), world.plan("cut 2.15"));
    core.commit("main", "Even newer work", &[("src/newer.py", "z = 1\n")]).unwrap();
    world.ok(&format!("apply {plan}"));
    assert_eq!(core.id("orig/release/2.15").unwrap(), cut_point);
    assert_snapshot!(core.log("main").unwrap().join("\n"), @"
    Bump the version to 2.16.0a0
    Even newer work
    Newer work on core
    Green work on core
    Start core
    ");
    assert_snapshot!(world.ok("cut 2.15 --apply").stdout, @"
    nothing to do
      builder: cut at [ID]
      core: cut at [ID]
      vision: cut at [ID]
    ");
}

#[test]
fn a_rewritten_base_makes_a_plan_stale() {
    let world = World::train();
    let core = world.repo("core");
    let plan = world.plan("cut 2.15");
    core.branch("viable/strict", &core.id("main~2").unwrap()).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(4, &format!("apply {plan}")), @"
    | plan [ID] · cut 2.15
    |    1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
    |    2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
    |    3  edit-core    core: release-only edits on `release/2.15`, 2 files
    |    4  bump-core    core: version of `main` becomes that of 2.16
    |    5  cut-vision   vision: `orig/release/0.30` and `release/0.30` at [ID]
    |    6  edit-vision  vision: release-only edits on `release/0.30`, 1 file
    |    7  bump-vision  vision: version of `main` becomes that of 0.31
    |       7 effects, [SIZE] to move; expires [TIME]
    | error: plan [ID] is stale: core viable/strict: [ID] is no longer on it, it is [ID]
    |   so far: nothing was changed
    |   next: make a new plan: trackside cut 2.15
    exit 4
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_branch_that_appeared_meanwhile_makes_a_plan_stale() {
    let world = World::train();
    let plan = world.plan("cut 2.15");
    let builder = world.repo("builder");
    builder.branch("release/2.15", &builder.id("main").unwrap()).unwrap();
    assert_snapshot!(world.stops(4, &format!("apply {plan}")).stderr, @"
    plan [ID] · cut 2.15
       1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
       2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
       3  edit-core    core: release-only edits on `release/2.15`, 2 files
       4  bump-core    core: version of `main` becomes that of 2.16
       5  cut-vision   vision: `orig/release/0.30` and `release/0.30` at [ID]
       6  edit-vision  vision: release-only edits on `release/0.30`, 1 file
       7  bump-vision  vision: version of `main` becomes that of 0.31
          7 effects, [SIZE] to move; expires [TIME]
    error: plan [ID] is stale: builder release/2.15: was absent, is [ID]
      so far: nothing was changed
      next: make a new plan: trackside cut 2.15
    ");
}

#[test]
fn a_version_that_somebody_else_set_meanwhile_is_a_conflict() {
    let world = World::train();
    let plan = world.plan("cut 2.15 --only core");
    world.repo("core").commit("main", "Another version", &[("version.txt", "2.17.0a0\n")]).unwrap();
    assert_snapshot!(world.stops(5, &format!("apply {plan}")).stderr, @"
    plan [ID] · cut 2.15 --only core
       1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
       2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
       3  edit-core    core: release-only edits on `release/2.15`, 2 files
       4  bump-core    core: version of `main` becomes that of 2.16
          4 effects, [SIZE] to move; expires [TIME]
    [1/4] builder: `orig/release/2.15` and `release/2.15` at [ID]
    [2/4] core: `orig/release/2.15` and `release/2.15` at [ID]
    [3/4] core: release-only edits on `release/2.15`, 2 files
    [4/4] core: version of `main` becomes that of 2.16
    error: version.txt on main is not what the plan saw
      so far: done      builder: `orig/release/2.15` and `release/2.15` at [ID]
      so far: done      core: `orig/release/2.15` and `release/2.15` at [ID]
      so far: done      core: release-only edits on `release/2.15`, 2 files
      so far: refused   core: version of `main` becomes that of 2.16
      next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside cut 2.15 --only core
    ");
    // The branches are cut; a new plan sees that the version needs nothing any more.
    let text = world.ok("runs").stdout;
    let run = text.split_whitespace().next().unwrap();
    assert_eq!(run, "[ID]");
    world.ok(&format!("withdraw {plan} --reason bumped-by-hand"));
    assert_snapshot!(world.ok("cut 2.15 --only core --apply").stdout, @"
    nothing to do
      builder: cut at [ID]
      core: cut at [ID]
    ");
}
