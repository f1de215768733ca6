//! The configuration from the outside: none, wrong, new, checked, described.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn without_a_configuration_the_way_to_one_is_named() {
    let world = World::empty();
    for command in ["cut 2.15", "candidate 2.15.0", "check", "runs", "promote 2.15.0"] {
        let ran = world.stops(2, command);
        assert!(ran.stderr.contains("trackside init"), "{command}: {ran}");
    }
    assert_snapshot!(world.stops(2, "check"), @"
    | error: there is no trackside.toml in [WORLD]/release or above it
    |   next: trackside init, or name the folder with --config or TRACKSIDE_CONFIG
    exit 2
    ");
    assert_snapshot!(world.stops(2, "check --config ../nowhere"), @"
    | error: there is no trackside.toml in ../nowhere or above it
    |   next: trackside init, or name the folder with --config or TRACKSIDE_CONFIG
    exit 2
    ");
}

#[test]
fn all_problems_are_listed_in_one_pass_with_their_places() {
    let world = World::train();
    world.mend("wave = \"libraries\"", "wave = \"library\"");
    world.mend("cut-from =", "cut-form =");
    world.mend("exactly = 2", "exactly = 0");
    world.mend_file("release/lines/2.15.toml", "torchvision = \"0.30.0\"", "torchvison = \"0.30.0\"");
    let before = world.photograph();
    assert_snapshot!(world.stops(2, "check"), @"
    | error: trackside.toml:2:18: no repository is cut in the wave `libraries`
    | trackside.toml:20:1: unknown key `cut-form` in a repository; did you mean `cut-from`?
    | trackside.toml:28:11: an edit that finds nothing is an error, so this must be 1 or more
    | trackside.toml:36:8: no wave is called `library`; did you mean `libraries`?
    | lines/2.15.toml:4:11: the release 2.15.0 does not give the version of `torchvision`
    | lines/2.15.toml:6:1: no package is called `torchvison`; did you mean `torchvision`?
    |   next: mend these and: trackside check
    exit 2
    ");
    assert_eq!(world.run("cut 2.15 --apply").code, Some(2));
    assert_eq!(before, world.photograph());
}

#[test]
fn the_templates_are_correct_and_never_overwrite() {
    for template in ["small", "pytorch"] {
        let world = World::empty();
        let before = world.ok(&format!("init --template {template}"));
        assert!(before.stdout.contains("wrote ./trackside.toml"), "{before}");
        assert!(world.ok("check").stdout.contains("no problems"));
        let again = world.photograph();
        assert_eq!(world.run(&format!("init --template {template}")).code, Some(2));
        assert_eq!(again, world.photograph());
    }
    let world = World::empty();
    world.write("release/lines/1.0.toml", "mine");
    assert_snapshot!(world.stops(2, "init"), @"
    | error: ./lines/1.0.toml exists; init writes over nothing
    exit 2
    ");
    // Not even a half of it is written.
    assert!(!world.path("release/trackside.toml").exists());
}

#[test]
fn the_matrix_names_every_file() {
    let world = World::train();
    assert_snapshot!(world.ok("check --matrix 2.15.0"), @"
    Train: 3 repositories, 2 packages, 1 lines: no problems

    2.15.0: 3 artifacts

    torch 2.15.0: 2 artifacts (wheel 2)
      cpu/torch-2.15.0+cpu-py3-none-any.whl
      cu126/torch-2.15.0+cu126-py3-none-any.whl

    torchvision 0.30.0: 1 artifact (wheel 1)
      cpu/torchvision-0.30.0+cpu-py3-none-any.whl
    exit 0
    ");
    assert_snapshot!(world.stops(2, "check --matrix 2.16.0").stderr, @"error: no line file holds the release 2.16.0");
}

#[test]
fn the_configuration_is_found_from_a_folder_below_it() {
    let world = World::train();
    let ran = world.finish(world.command(["check"]).current_dir(world.path("release/lines")));
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = world.finish(world.command(["check"]).current_dir(world.root()).env("TRACKSIDE_CONFIG", "release"));
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_file_that_is_not_utf8_or_not_toml() {
    let world = World::train();
    world.write("release/lines/2.16.toml", "line = \n");
    assert_snapshot!(world.stops(2, "check").stderr, @"
    error: lines/2.16.toml:1:8: string values must be quoted, expected literal string
      next: mend these and: trackside check
    ");
    std::fs::write(world.path("release/lines/2.16.toml"), b"line = \"\xff\"").unwrap();
    assert_snapshot!(world.stops(2, "check").stderr, @"error: lines/2.16.toml: stream did not contain valid UTF-8");
}
