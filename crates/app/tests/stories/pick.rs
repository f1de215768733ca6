//! `pick land`: plain cherry-picks, and what is not picked.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn commits_land_in_the_order_in_which_they_are_given() {
    let world = World::cut();
    let core = world.repo("core");
    let first = core
        .draft("main", "First fix (#1)")
        .author("Grace Kernel", "grace@example.org")
        .file("src/core.py", "x = 3\n")
        .write()
        .unwrap();
    let second = core.commit("main", "Second fix", &[("src/core.py", "x = 4\n")]).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.ok(&format!("pick land {first} {second} --onto 2.15")), @"
    plan [ID] · pick land [ID] [ID] --onto 2.15 --repository core
       1  pick-core  core: 2 picks on `release/2.15`
          note: [ID] First fix (#1)
          note: [ID] Second fix
          1 effect, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
    world.ok(&format!("pick land {first} {second} --onto 2.15 --apply"));
    assert_snapshot!(core.log("release/2.15").unwrap().join("\n"), @"
    Second fix
    First fix (#1)
    [RELEASE-ONLY CHANGES] Branch cut for release 2.15
    Green work on core
    Start core
    ");
    let trailer = format!("(cherry picked from commit {first})\n");
    assert_eq!(core.message("release/2.15~1").unwrap(), format!("First fix (#1)\n\n{trailer}"));
    assert_snapshot!(core.git(&["log", "-1", "--format=%an, %cn", "release/2.15~1"]).unwrap(), @"Grace Kernel, Release Robot");
    assert_snapshot!(world.ok(&format!("pick land {first} {second} --onto 2.15 --apply")).stdout, @"
    nothing to do
      [ID] is on `release/2.15` already, as [ID]
      [ID] is on `release/2.15` already, as [ID]
    ");
}

#[test]
fn a_conflict_names_the_files_and_lands_nothing() {
    let world = World::cut();
    let core = world.repo("core");
    core.commit("main", "Not picked", &[("src/core.py", "x = 3\n"), ("src/clean.py", "c = 1\n")]).unwrap();
    let clean = core.commit("main", "A clean one", &[("src/other.py", "o = 1\n")]).unwrap();
    let conflict =
        core.commit("main", "Builds on it", &[("src/core.py", "x = 5\n"), ("src/clean.py", "c = 2\n")]).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, &format!("pick land {clean} {conflict} --onto 2.15 --apply")), @"
    | conflict[pick-conflict]: core: [ID] conflicts in src/clean.py, src/core.py
    |   way on: resolve it by hand on a branch of your own and land that; no strategy is tried
    |   so far: nothing was changed
    exit 5
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn what_is_not_on_the_default_branch_is_refused() {
    let world = World::cut();
    let core = world.repo("core");
    let loose = core.commit("feature", "Not reviewed", &[("src/loose.py", "l = 1\n")]).unwrap();
    assert_snapshot!(world.stops(1, &format!("pick land {loose} --onto 2.15 --repository core --apply")), @"
    | error[pick-refused]: core: [ID]: it is not on the default branch
    |   so far: nothing was changed
    exit 1
    ");
    assert_snapshot!(world.stops(2, &format!("pick land {loose} --onto 2.15")), @"
    | error: no repository of the train has these commits on its default branch
    |   next: name it with --repository
    exit 2
    ");
}

#[test]
fn a_merge_is_refused() {
    let world = World::cut();
    let core = world.repo("core");
    let side = core
        .draft("side", "Side work")
        .parent(&core.id("main~1").unwrap())
        .file("src/side.py", "s = 1\n")
        .write()
        .unwrap();
    let merge = core.draft("main", "Merge side").merge(&side).file("src/side.py", "s = 1\n").write().unwrap();
    assert_snapshot!(world.stops(1, &format!("pick land {merge} --onto 2.15 --apply")), @"
    | error[pick-refused]: core: [ID]: [ID] is a merge commit; pick the commits it merged
    |   so far: nothing was changed
    exit 1
    ");
}

#[test]
fn a_fix_that_was_made_by_hand_is_there_already() {
    let world = World::cut();
    let core = world.repo("core");
    let fix = core.commit("main", "A fix", &[("src/core.py", "x = 3\n")]).unwrap();
    core.commit("release/2.15", "The same fix by hand", &[("src/core.py", "x = 3\n")]).unwrap();
    assert_snapshot!(world.ok(&format!("pick land {fix} --onto 2.15 --apply")), @"
    nothing to do
      [ID] is on `release/2.15` already, as [ID]
    exit 0
    ");
}

#[test]
fn names_that_are_not_known_are_usage_errors() {
    let world = World::cut();
    let core = world.repo("core");
    let fix = core.commit("main", "A fix", &[("src/core.py", "x = 3\n")]).unwrap();
    assert_snapshot!(world.stops(2, &format!("pick land {fix} --onto 2.15 --repository corn")), @"
    | error: there is no repository `corn`
    exit 2
    ");
    assert_eq!(world.run(&format!("pick land {} --onto 2.15", &fix[..10])).code, Some(2));
    assert_eq!(world.run("pick land --onto 2.15").code, Some(2));
}

#[test]
fn a_repository_that_is_not_cut_blocks_it() {
    let world = World::train();
    let fix = world.repo("core").commit("main", "A fix", &[("src/core.py", "x = 3\n")]).unwrap();
    assert_snapshot!(world.stops(3, &format!("pick land {fix} --onto 2.15 --apply")), @"
    | blocked[not-cut]: core: the release branch `release/2.15` does not exist
    |   way on: trackside cut 2.15 --only core
    |   so far: nothing was changed
    exit 3
    ");
}

#[test]
fn a_release_branch_that_moved_after_planning_makes_the_plan_stale() {
    let world = World::cut();
    let core = world.repo("core");
    let fix = core.commit("main", "A fix", &[("src/fix.py", "f = 1\n")]).unwrap();
    let plan = world.plan(&format!("pick land {fix} --onto 2.15"));
    core.commit("release/2.15", "Sneaked in", &[("src/sneak.py", "s = 1\n")]).unwrap();
    assert_snapshot!(world.stops(4, &format!("apply {plan}")).stderr, @"
    plan [ID] · pick land [ID] --onto 2.15 --repository core
       1  pick-core  core: 1 pick on `release/2.15`
          note: [ID] A fix
          1 effect, [SIZE] to move; expires [TIME]
    error: plan [ID] is stale: core release/2.15: was [ID], is [ID]
      so far: nothing was changed
      next: make a new plan: trackside pick land [ID] --onto 2.15 --repository core
    ");
}
