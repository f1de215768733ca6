//! `cut`: what the options, the variables of the scripts and the dates of the line select.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn only_one_repository() {
    let world = World::train();
    world.ok("cut 2.15 --only builder --apply");
    assert_snapshot!(world.refs(), @"
    core
      heads/main: Newer work on core
      heads/viable/strict: Green work on core
    builder
      heads/main: Start builder
      heads/orig/release/2.15: Start builder
      heads/release/2.15: Start builder
    vision
      heads/main: Start vision
    ");
}

#[test]
fn only_one_wave() {
    let world = World::train();
    // The library pins the core, whose wave comes first.
    assert_snapshot!(world.stops(3, "cut 2.15 --only libraries"), @"
    | blocked[pin-not-cut]: vision: its edits pin `core`, which is not cut
    |   way on: trackside cut 2.15 --only core
    |   so far: nothing was changed
    exit 3
    ");
    world.ok("cut 2.15 --only core --apply");
    let plan = world.ok("cut 2.15 --only libraries").stdout;
    assert!(plan.contains("cut-vision") && !plan.contains("cut-core") && !plan.contains("cut-builder"), "{plan}");
}

#[test]
fn a_name_that_is_no_repository_and_no_wave() {
    let world = World::train();
    assert_snapshot!(world.stops(2, "cut 2.15 --only libs"), @"
    | error: there is no repository or wave `libs`; there are builder, core, vision, core, libraries
    exit 2
    ");
}

#[test]
fn a_wave_waits_for_its_date() {
    let world = World::train();
    world.mend_file(
        "release/lines/2.15.toml",
        "line = \"2.15\"",
        "line = \"2.15\"\n[dates]\ncut-core = 2026-01-05\ncut-libraries = 2999-01-12",
    );
    let plan = world.ok("cut 2.15").stdout;
    assert!(plan.contains("cut-core") && !plan.contains("cut-vision"), "{plan}");
    world.mend_file("release/lines/2.15.toml", "2026-01-05", "2999-01-05");
    assert_snapshot!(world.stops(3, "cut 2.15"), @"
    | blocked[not-due]: 2.15: no wave of this line is due today
    |   way on: name a wave or repository with --only to cut it before its date
    |   so far: nothing was changed
    exit 3
    ");
    // Named, it is cut before its date.
    assert!(world.ok("cut 2.15 --only core").stdout.contains("cut-core"));
}

#[test]
fn the_base_can_be_given_by_option_or_variable() {
    for (arguments, variables) in [
        ("cut 2.15 --only core --from main --apply", vec![]),
        ("cut 2.15 --only core --apply", vec![("GIT_BRANCH_TO_CUT_FROM", "main")]),
        // What is typed wins.
        ("cut 2.15 --only core --from main --apply", vec![("GIT_BRANCH_TO_CUT_FROM", "viable/strict")]),
    ] {
        let world = World::train();
        let main = world.repo("core").id("main").unwrap();
        let ran = world.run_with(arguments, &variables);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert_eq!(world.repo("core").id("orig/release/2.15").unwrap(), main);
    }
}

#[test]
fn a_version_that_no_file_agrees_with_can_be_given_by_option_or_variable() {
    for (option, variables) in [(" --release-version 2.15.0", vec![]), ("", vec![("RELEASE_VERSION", "2.15")])] {
        let world = World::train();
        world.repo("core").commit("viable/strict", "Too early", &[("version.txt", "2.16.0a0\n")]).unwrap();
        let ran = world.run_with(&format!("cut 2.15 --only core --apply{option}"), &variables);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    let world = World::train();
    assert_snapshot!(world.stops(2, "cut 2.15 --release-version 2.16.0"), @"
    | error: the release version 2.16.0 is not of line 2.15
    exit 2
    ");
    assert_snapshot!(world.stops(2, "cut 2.15 --release-version 2.15.0.1"), @"
    | error: the release version: `2.15.0.1` is not a release such as 2.15.0: three numbers are needed
    exit 2
    ");
}

#[test]
fn the_variables_of_the_scripts_are_read_by_cut_alone() {
    let world = World::cut();
    let variables = [("RELEASE_VERSION", "9.9.9"), ("GIT_BRANCH_TO_CUT_FROM", "no such branch..")];
    let ran = world.run_with("candidate 2.15.0 --apply", &variables);
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = world.run_with("cut 2.15", &variables);
    assert_eq!(ran.code, Some(2), "{ran}");
}

#[test]
fn dry_run_disabled_applies_and_every_typo_is_an_error() {
    let world = World::train();
    let before = world.photograph();
    for (value, code) in [("enabled", 0), ("yes", 2), ("", 2), ("Disabled", 2), ("false", 2)] {
        let ran = world.run_with("cut 2.15", &[("DRY_RUN", value)]);
        assert_eq!(ran.code, Some(code), "{value}: {ran}");
        assert_eq!(before, world.photograph(), "{value}");
    }
    let ran = world.run_with("cut 2.15", &[("DRY_RUN", "disabled")]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(world.repo("core").refs().unwrap(), World::cut().repo("core").refs().unwrap());
}
