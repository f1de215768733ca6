//! `cut`: plan first, then the same thing done, and what it leaves behind.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn a_plan_writes_nothing_but_state_and_cache() {
    let world = World::train();
    let before = world.photograph();
    assert_snapshot!(world.ok("cut 2.15"), @"");
    assert_eq!(before, world.photograph());
}

#[test]
fn apply_works_after_a_plan_in_the_same_clones_and_state() {
    let world = World::train();
    world.ok("cut 2.15");
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"");
    assert_snapshot!(world.refs(), @"");
    assert_snapshot!(world.journal(), @"");
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
    assert_snapshot!(core.message("release/2.15").unwrap(), @"");
    assert_snapshot!(core.git(&["log", "-1", "--format=%an <%ae> %aI, %cn %cI", "release/2.15"]).unwrap(), @"");
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
    world.mend("version = { file = \"version.txt\" }", "version = { file = \"version.txt\" }\ndeliver = { edits = \"topic-branch\", bump = \"topic-branch\" }");
    world.ok("cut 2.15 --apply");
    assert_snapshot!(world.refs(), @"");
    assert_snapshot!(world.ok("cut 2.15 --apply"), @"");
}

#[test]
fn branches_of_another_form_are_cut_under_their_own_names() {
    let world = World::train();
    world.mend("[repositories.builder]", "[repositories.builder]\nrelease-branch = \"r{line}\"\ncut-branch = \"orig/r{line}\"");
    world.ok("cut 2.15 --only builder --apply");
    assert_snapshot!(world.refs(), @"");
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
