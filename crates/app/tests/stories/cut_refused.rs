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
    assert_snapshot!(refused(&world, 5), @"
    conflict[no-cut-point]: core: `release/2.15` exists at [ID] but `orig/release/2.15` does not, so nobody can tell where it was cut
      way on: push the commit that the branch was cut at as `orig/release/2.15`
      so far: nothing was changed
    ");
}

#[test]
fn a_release_branch_that_does_not_descend_from_the_cut_point() {
    let world = World::train();
    let core = world.repo("core");
    core.branch("orig/release/2.15", &core.id("main").unwrap()).unwrap();
    core.branch("release/2.15", &core.id("main~1").unwrap()).unwrap();
    assert_snapshot!(refused(&world, 5), @"
    conflict[not-a-descendant]: core: `release/2.15` at [ID] does not descend from the cut point [ID]
      way on: find out who moved the branch; trackside never moves it back
      so far: nothing was changed
    ");
}

#[test]
fn a_release_branch_with_commits_but_without_the_edits() {
    let world = World::train();
    let core = world.repo("core");
    core.branch("orig/release/2.15", &core.id("main~1").unwrap()).unwrap();
    core.branch("release/2.15", &core.id("main").unwrap()).unwrap();
    assert_snapshot!(refused(&world, 5), @"
    conflict[edits-missing]: core: the release branch at [ID] has commits, but not the release-only edits of line 2.15
      way on: land them by hand with the trailer `Trackside-Release-Only: 2.15`
      so far: nothing was changed
    ");
}

#[test]
fn an_edit_that_matches_nothing() {
    let world = World::train();
    world.mend("@main", "@trunk");
    assert_snapshot!(refused(&world, 1), @r#"
    error[edit-refused]: core: substitute "@trunk": found 0 in .github/workflows/linux.yml, .github/workflows/macos.yml, wanted exactly 2
      way on: nothing was pushed; mend the edit in trackside.toml
      so far: nothing was changed
    "#);
}

#[test]
fn an_edit_that_matches_more_than_was_declared() {
    let world = World::train();
    world.mend("exactly = 2", "exactly = 1");
    assert_snapshot!(refused(&world, 1), @r#"
    error[edit-refused]: core: substitute "@main": found 2 in .github/workflows/linux.yml, .github/workflows/macos.yml, wanted exactly 1
      way on: nothing was pushed; mend the edit in trackside.toml
      so far: nothing was changed
    "#);
}

#[test]
fn an_edit_of_a_file_that_does_not_exist() {
    let world = World::train();
    world.mend(".github/workflows/*.yml", ".circleci/*.yml");
    assert_snapshot!(refused(&world, 1), @r#"
    error[edit-refused]: core: substitute "@main": `.circleci/*.yml` matches no file
      way on: nothing was pushed; mend the edit in trackside.toml
      so far: nothing was changed
    "#);
}

#[test]
fn a_base_branch_that_does_not_exist() {
    let world = World::train();
    world.mend("viable/strict", "viable/lax");
    assert_snapshot!(refused(&world, 1), @"
    error[no-base]: core: the branch `viable/lax` does not exist
      way on: name another one with --from, or mend `cut-from` in trackside.toml
    error[edit-refused]: vision: pin core by commit in core.pin: nothing is known of the release branch of `core`
      way on: nothing was pushed; mend the edit in trackside.toml
      so far: nothing was changed
    ");
}

#[test]
fn an_empty_repository() {
    let mut world = World::train();
    std::fs::remove_dir_all(world.path("git/builder.git")).unwrap();
    world.make_repo("builder");
    assert_snapshot!(refused(&world, 1), @"
    error[no-base]: builder: the branch `main` does not exist
      way on: name another one with --from, or mend `cut-from` in trackside.toml
      so far: nothing was changed
    ");
}

#[test]
fn a_missing_repository() {
    let world = World::train();
    std::fs::remove_dir_all(world.path("git/builder.git")).unwrap();
    assert_snapshot!(refused(&world, 1), @"
    error[unreadable]: builder: [WORLD]/git/builder.git was not found: fatal: '[WORLD]/git/builder.git' does not appear to be a git repository
    fatal: Could not read from remote repository.
    Please make sure you have the correct access rights
    and the repository exists.
      so far: nothing was changed
    ");
}

#[test]
fn a_folder_that_is_no_repository() {
    let world = World::train();
    std::fs::remove_dir_all(world.path("git/builder.git")).unwrap();
    world.write("git/builder.git/README", "not a repository\n");
    assert_snapshot!(refused(&world, 1), @"
    error[unreadable]: builder: [WORLD]/git/builder.git was not found: fatal: '[WORLD]/git/builder.git' does not appear to be a git repository
    fatal: Could not read from remote repository.
    Please make sure you have the correct access rights
    and the repository exists.
      so far: nothing was changed
    ");
}

#[test]
fn a_version_file_without_a_version() {
    let world = World::train();
    world.repo("core").commit("viable/strict", "Break the version", &[("version.txt", "soon\n")]).unwrap();
    assert_snapshot!(refused(&world, 1), @"
    error[no-version]: core: read the version in version.txt: found 0 in version.txt, wanted exactly 1
      way on: mend the file or its declaration, or give --release-version
      so far: nothing was changed
    ");
}

#[test]
fn a_version_file_that_is_not_there() {
    let world = World::train();
    world.repo("core").draft("viable/strict", "Lose the version").delete("version.txt").write().unwrap();
    assert_snapshot!(refused(&world, 1), @"
    error[no-version]: core: version.txt does not exist at [ID]: the content of `version.txt` is not there
      way on: mend the file or its declaration, or give --release-version
      so far: nothing was changed
    ");
}

#[test]
fn a_version_of_another_line() {
    let world = World::train();
    world.repo("core").commit("viable/strict", "Too early", &[("version.txt", "2.16.0a0\n")]).unwrap();
    assert_snapshot!(refused(&world, 3), @"
    blocked[version-disagrees]: core: version.txt on the cut point: the file says 2.16.0a0, the release is 2.15.0
      way on: cut from a commit of line 2.15 with --from, or mend the line file
      so far: nothing was changed
    ");
}

#[test]
fn a_server_that_refuses_one_ref() {
    let world = World::train();
    world.repo("vision").refuse_refs(&["refs/heads/release/0.30"]).unwrap();
    let before = world.repo("vision").refs().unwrap();
    assert_snapshot!(world.stops(1, "cut 2.15 --apply"), @"
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
    | error: no ref of [WORLD]/git/vision.git was moved: the server refused refs/heads/release/0.30: hook declined (remote: GH006: Protected branch update failed for refs/heads/release/0.30.
    | remote: error: hook declined to update refs/heads/release/0.30
    | error: failed to push some refs to '[WORLD]/git/vision.git')
    |   so far: done      builder: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: done      core: `orig/release/2.15` and `release/2.15` at [ID]
    |   so far: done      core: release-only edits on `release/2.15`, 2 files
    |   so far: done      core: version of `main` becomes that of 2.16
    |   so far: refused   vision: `orig/release/0.30` and `release/0.30` at [ID]
    |   so far: not done  vision: release-only edits on `release/0.30`, 1 file
    |   so far: not done  vision: version of `main` becomes that of 0.31
    |   next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside cut 2.15
    exit 1
    ");
    assert_eq!(before, world.repo("vision").refs().unwrap());
    // With the cause removed, the same command finishes it.
    world.repo("vision").hook("update", "").unwrap();
    world.ok("cut 2.15 --apply");
    assert_eq!(world.repo("vision").refs().unwrap(), World::cut().repo("vision").refs().unwrap());
    assert_snapshot!(world.journal(), @"cut: opened, intent cut-builder, receipt cut-builder, intent cut-core, receipt cut-core, intent edit-core, receipt edit-core, intent bump-core, receipt bump-core, intent cut-vision, failed cut-vision, intent cut-vision, receipt cut-vision, intent edit-vision, receipt edit-vision, intent bump-vision, receipt bump-vision, closed");
}
