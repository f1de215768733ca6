//! `cut` and everything that stops it before anything is pushed.

use insta::assert_snapshot;

use crate::common::World;

/// The answer of a cut that must stop with this code and change nothing.
fn refused(world: &World, code: i32) -> String {
    let before = world.photograph();
    let ran = world.stops(code, "cut 2.15 --apply");
    assert_eq!(before, world.photograph());
    assert_eq!(ran.stdout, "");
    ran.stderr
}

#[test]
fn a_release_branch_without_its_cut_point() {
    let world = World::train();
    let core = world.repo("core");
    core.branch("release/2.15", &core.id("viable/strict").unwrap()).unwrap();
    assert_snapshot!(refused(&world, 5), @"");
}

#[test]
fn a_release_branch_that_does_not_descend_from_the_cut_point() {
    let world = World::train();
    let core = world.repo("core");
    core.branch("orig/release/2.15", &core.id("main").unwrap()).unwrap();
    core.branch("release/2.15", &core.id("main~1").unwrap()).unwrap();
    assert_snapshot!(refused(&world, 5), @"");
}

#[test]
fn a_release_branch_with_commits_but_without_the_edits() {
    let world = World::train();
    let core = world.repo("core");
    core.branch("orig/release/2.15", &core.id("main~1").unwrap()).unwrap();
    core.branch("release/2.15", &core.id("main").unwrap()).unwrap();
    assert_snapshot!(refused(&world, 5), @"");
}

#[test]
fn an_edit_that_matches_nothing() {
    let world = World::train();
    world.mend("@main", "@trunk");
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn an_edit_that_matches_more_than_was_declared() {
    let world = World::train();
    world.mend("exactly = 2", "exactly = 1");
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn an_edit_of_a_file_that_does_not_exist() {
    let world = World::train();
    world.mend(".github/workflows/*.yml", ".circleci/*.yml");
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn a_base_branch_that_does_not_exist() {
    let world = World::train();
    world.mend("viable/strict", "viable/lax");
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn an_empty_repository() {
    let mut world = World::train();
    std::fs::remove_dir_all(world.path("git/builder.git")).unwrap();
    world.make_repo("builder");
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn a_missing_repository() {
    let world = World::train();
    std::fs::remove_dir_all(world.path("git/builder.git")).unwrap();
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn a_folder_that_is_no_repository() {
    let world = World::train();
    std::fs::remove_dir_all(world.path("git/builder.git")).unwrap();
    world.write("git/builder.git/README", "not a repository\n");
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn a_version_file_without_a_version() {
    let world = World::train();
    world.repo("core").commit("viable/strict", "Break the version", &[("version.txt", "soon\n")]).unwrap();
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn a_version_file_that_is_not_there() {
    let world = World::train();
    world.repo("core").draft("viable/strict", "Lose the version").delete("version.txt").write().unwrap();
    assert_snapshot!(refused(&world, 1), @"");
}

#[test]
fn a_version_of_another_line() {
    let world = World::train();
    world.repo("core").commit("viable/strict", "Too early", &[("version.txt", "2.16.0a0\n")]).unwrap();
    assert_snapshot!(refused(&world, 3), @"");
}

#[test]
fn a_server_that_refuses_one_ref() {
    let world = World::train();
    world.repo("vision").refuse_refs(&["refs/heads/release/0.30"]).unwrap();
    let before = world.repo("vision").refs().unwrap();
    assert_snapshot!(world.stops(1, "cut 2.15 --apply"), @"");
    assert_eq!(before, world.repo("vision").refs().unwrap());
    // With the cause removed, the same command finishes it.
    world.repo("vision").hook("update", "").unwrap();
    world.ok("cut 2.15 --apply");
    assert_eq!(world.repo("vision").refs().unwrap(), World::cut().repo("vision").refs().unwrap());
    assert_snapshot!(world.journal(), @"");
}
