//! `cut`: plan first, then the same thing done, and what it leaves behind.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn a_plan_writes_nothing_but_state_and_cache() {
    let world = World::train();
    let before = world.photograph();
    assert_snapshot!(world.ok("cut 2.15"), @"
    plan [ID] · cut 2.15
       1  cut-builder  builder: `orig/release/2.15` and `release/2.15` at [ID]
       2  cut-core     core: `orig/release/2.15` and `release/2.15` at [ID]
       3  edit-core    core: release-only edits on `release/2.15`, 2 files
       4  bump-core    core: version of `main` becomes that of 2.16
       5  cut-vision   vision: `orig/release/0.30` and `release/0.30` at [ID]
       6  edit-vision  vision: release-only edits on `release/0.30`, 1 file
       7  bump-vision  vision: version of `main` becomes that of 0.31
          7 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn apply_works_after_a_plan_in_the_same_clones_and_state() {
    let world = World::train();
    world.ok("cut 2.15");
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"
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
    | [3/7] core: release-only edits on `release/2.15`, 2 files
    | [4/7] core: version of `main` becomes that of 2.16
    | [5/7] vision: `orig/release/0.30` and `release/0.30` at [ID]
    | [6/7] vision: release-only edits on `release/0.30`, 1 file
    | [7/7] vision: version of `main` becomes that of 0.31
    done: 7 steps, 7 effects, run [ID]
    exit 0
    ");
    assert_snapshot!(world.refs(), @"
    core
      heads/main: Bump the version to 2.16.0a0
      heads/orig/release/2.15: Green work on core
      heads/release/2.15: [RELEASE-ONLY CHANGES] Branch cut for release 2.15
      heads/viable/strict: Green work on core
    builder
      heads/main: Start builder
      heads/orig/release/2.15: Start builder
      heads/release/2.15: Start builder
    vision
      heads/main: Bump the version to 0.31.0a0
      heads/orig/release/0.30: Start vision
      heads/release/0.30: [RELEASE-ONLY CHANGES] Branch cut for release 0.30
    ");
    assert_snapshot!(world.journal(), @"cut: opened, intent cut-builder, receipt cut-builder, intent cut-core, receipt cut-core, intent edit-core, receipt edit-core, intent bump-core, receipt bump-core, intent cut-vision, receipt cut-vision, intent edit-vision, receipt edit-vision, intent bump-vision, receipt bump-vision, closed");
}

#[test]
fn the_edits_and_the_bump_are_what_was_declared() {
    let world = World::cut();
    let (core, vision) = (world.repo("core"), world.repo("vision"));
    let workflow = core.file("release/2.15", ".github/workflows/linux.yml").unwrap();
    assert_eq!(workflow, "uses: example/test-infra/build@release/2.15\n");
    assert_eq!(core.file("main", "version.txt").unwrap(), "2.16.0a0\n");
    assert_eq!(vision.file("main", "version.txt").unwrap(), "0.31.0a0\n");
    // The pin names the cut point of the core, which was pushed before it.
    let pinned = core.id("orig/release/2.15").unwrap();
    assert_eq!(vision.file("release/0.30", "core.pin").unwrap(), format!("{pinned}\n"));
    assert_snapshot!(core.message("release/2.15").unwrap(), @"
    [RELEASE-ONLY CHANGES] Branch cut for release 2.15

    Trackside-Release-Only: 2.15
    ");
    assert_snapshot!(core.git(&["log", "-1", "--format=%an <%ae> %aI, %cn %cI", "release/2.15"]).unwrap(), @"Release Robot <robot@example.org> 2026-01-05T10:00:00Z, Release Robot 2026-01-05T10:00:00Z");
}

#[test]
fn the_same_world_gives_the_same_commits_on_two_machines() {
    let (one, other) = (World::cut(), World::cut());
    for name in ["core", "builder", "vision"] {
        assert_eq!(one.repo(name).refs().unwrap(), other.repo(name).refs().unwrap());
    }
}

#[test]
fn a_pinned_repository_is_pushed_first_whatever_the_order_of_the_waves() {
    let world = World::train();
    world.mend("waves = [\"core\", \"libraries\"]", "waves = [\"libraries\", \"core\"]");
    let plan = world.ok("cut 2.15").stdout;
    let (core, vision) = (plan.find("cut-core").unwrap(), plan.find("edit-vision").unwrap());
    assert!(core < vision, "{plan}");
}

#[test]
fn a_pin_to_a_branch_writes_its_name() {
    let world = World::train();
    world.mend("to = \"commit\"", "to = \"branch\"");
    world.ok("cut 2.15 --apply");
    assert_eq!(world.repo("vision").file("release/0.30", "core.pin").unwrap(), "release/2.15\n");
}

#[test]
fn topic_branches_hold_what_is_not_pushed_onto_branches() {
    let world = World::train();
    world.mend(
        "version = { file = \"version.txt\" }",
        "version = { file = \"version.txt\" }\ndeliver = { edits = \"topic-branch\", bump = \"topic-branch\" }",
    );
    world.ok("cut 2.15 --apply");
    assert_snapshot!(world.refs(), @"
    core
      heads/main: Newer work on core
      heads/orig/release/2.15: Green work on core
      heads/release/2.15: Green work on core
      heads/trackside/bump-2.16: Bump the version to 2.16.0a0
      heads/trackside/release-only-2.15: [RELEASE-ONLY CHANGES] Branch cut for release 2.15
      heads/viable/strict: Green work on core
    builder
      heads/main: Start builder
      heads/orig/release/2.15: Start builder
      heads/release/2.15: Start builder
    vision
      heads/main: Start vision
      heads/orig/release/0.30: Start vision
      heads/release/0.30: Start vision
      heads/trackside/bump-0.31: Bump the version to 0.31.0a0
      heads/trackside/release-only-0.30: [RELEASE-ONLY CHANGES] Branch cut for release 0.30
    ");
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"
    nothing to do
      builder: cut at [ID]
      core: `trackside/release-only-2.15` waits to be merged: release-only edits
      core: `trackside/bump-2.16` waits to be merged: version bump
      vision: `trackside/release-only-0.30` waits to be merged: release-only edits
      vision: `trackside/bump-0.31` waits to be merged: version bump
    exit 0
    ");
}

#[test]
fn branches_of_another_form_are_cut_under_their_own_names() {
    let world = World::train();
    world.mend(
        "[repositories.builder]",
        "[repositories.builder]\nrelease-branch = \"r{line}\"\ncut-branch = \"orig/r{line}\"",
    );
    world.ok("cut 2.15 --only builder --apply");
    assert_snapshot!(world.refs(), @"
    core
      heads/main: Newer work on core
      heads/viable/strict: Green work on core
    builder
      heads/main: Start builder
      heads/orig/r2.15: Start builder
      heads/r2.15: Start builder
    vision
      heads/main: Start vision
    ");
}

#[test]
fn the_orig_branch_is_the_cut_point_where_it_exists() {
    let world = World::train();
    let core = world.repo("core");
    let frozen = core.id("viable/strict~1").unwrap();
    core.branch("orig/release/2.15", &frozen).unwrap();
    world.ok("cut 2.15 --only core --apply");
    assert_eq!(core.id("release/2.15~1").unwrap(), frozen);
}
