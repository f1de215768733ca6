//! `promote`: exactly the verified bytes, in the right order, once.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn the_verified_candidate_becomes_the_release() {
    let world = World::verified();
    let before = world.photograph();
    assert_snapshot!(world.ok("promote 2.15.0"), @"");
    assert_eq!(before, world.photograph());
    assert_snapshot!(world.ok("promote 2.15.0 --apply").stdout, @"");
    assert_snapshot!(world.stable(), @"");
    assert_snapshot!(world.shown("store/whl/cpu/torchvision/index.html"), @"");
    let core = world.repo("core");
    assert_eq!(core.id("v2.15.0^{commit}").unwrap(), core.id("v2.15.0-rc1^{commit}").unwrap());
    let after = world.photograph();
    assert_snapshot!(world.ok("promote 2.15.0 --apply"), @"");
    assert_eq!(after, world.photograph());
}

#[test]
fn pages_follow_their_objects_and_list_pages_come_last() {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    assert_snapshot!(world.journal().lines().last().unwrap().replace(", ", "\n"), @"");
}

#[test]
fn a_release_without_a_candidate() {
    let world = World::cut();
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"");
}

#[test]
fn a_candidate_that_is_not_sealed() {
    let world = World::tagged();
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"");
}

#[test]
fn a_candidate_that_is_not_verified() {
    let world = World::sealed();
    let before = world.photograph();
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_verdict_with_a_check_that_did_not_pass() {
    for outcome in ["failed", "not-done"] {
        let world = World::verified();
        world.mend_file("store/candidates/2.15.0-rc1/verdict/000001.json", "\"passed\"", &format!("\"{outcome}\""));
        let said = world.stops(3, "promote 2.15.0 --apply").stderr;
        assert!(said.contains("checks that did not pass: install"), "{said}");
    }
}

#[test]
fn the_newest_verdict_counts() {
    let world = World::verified();
    world.mend_file("store/candidates/2.15.0-rc1/verdict/000001.json", "\"passed\"", "\"not-done\"");
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
}

#[test]
fn a_verdict_about_other_bytes() {
    let world = World::verified();
    let verdict = world.read("store/candidates/2.15.0-rc1/verdict/000001.json");
    let digest = verdict.split("\"sha256\": \"").nth(1).unwrap().split('"').next().unwrap();
    world.mend_file("store/candidates/2.15.0-rc1/verdict/000001.json", digest, &"0".repeat(64));
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply").stderr, @"");
}

#[test]
fn a_newer_candidate_that_is_not_verified_is_in_the_way_unless_the_older_one_is_named_with_a_reason() {
    let world = World::verified();
    world.pick("core", "src/fix.py");
    world.ok("candidate 2.15.0 --apply");
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"");
    assert_eq!(world.run("promote 2.15.0 --candidate 2.15.0-rc1").code, Some(2));
    assert_eq!(world.run("promote 2.15.0 --candidate 2.15.0-rc7 --reason r --apply").code, Some(1));
    let ran = world.finish(&mut world.command(["promote", "2.15.0", "--candidate", "2.15.0-rc1", "--reason", "rc2 came too late", "--apply"]));
    assert_eq!(ran.code, Some(0), "{ran}");
    let core = world.repo("core");
    assert_eq!(core.id("v2.15.0^{commit}").unwrap(), core.id("v2.15.0-rc1^{commit}").unwrap());
    assert!(world.read("store/promotions/2.15.0.json").contains("rc2 came too late"));
}

#[test]
fn other_bytes_at_a_stable_key() {
    let world = World::verified();
    world.write("store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl", "somebody else's");
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "promote 2.15.0 --apply"), @"");
    assert_eq!(before, world.photograph());
}

#[test]
fn the_same_bytes_at_a_stable_key_are_taken_for_done() {
    let world = World::verified();
    let staged = world.path("store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl");
    std::fs::create_dir_all(world.path("store/whl/cpu")).unwrap();
    std::fs::copy(staged, world.path("store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl")).unwrap();
    world.ok("promote 2.15.0 --apply");
    assert_eq!(world.stable(), {
        let plain = World::verified();
        plain.ok("promote 2.15.0 --apply");
        plain.stable()
    });
}

#[test]
fn staged_bytes_that_rotted_are_not_copied() {
    let world = World::verified();
    let staged = world.path("store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl");
    let mut bytes = std::fs::read(&staged).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&staged, bytes).unwrap();
    let ran = world.run("promote 2.15.0 --apply");
    assert_snapshot!(ran, @"");
    assert!(!world.path("store/whl/index.html").exists() && !world.path("store/channels/stable.json").exists());
}

#[test]
fn a_final_tag_that_is_elsewhere() {
    let world = World::verified();
    let core = world.repo("core");
    core.light_tag("v2.15.0", &core.id("main").unwrap()).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "promote 2.15.0 --apply"), @"");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_page_that_changed_after_planning_is_not_overwritten() {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    world.write("store/whl/index.html", "somebody else's page");
    assert_snapshot!(world.stops(5, &format!("apply {plan}")).stderr, @"");
    assert_eq!(world.read("store/whl/index.html"), "somebody else's page");
}

#[test]
fn a_patch_release_never_touches_one_that_begins_alike() {
    let world = World::train();
    let line = world.read("release/lines/2.15.toml") + "\n[releases.\"2.15.10\"]\ntorch = \"2.15.10\"\ntorchvision = \"0.30.10\"\n";
    world.write("release/lines/2.15.toml", &line);
    world.ok("cut 2.15 --apply");
    for (release, vision) in [("2.15.10", "0.30.10"), ("2.15.1", "0.30.1")] {
        world.repo("core").commit("release/2.15", "Set the version", &[("version.txt", release)]).unwrap();
        world.repo("vision").commit("release/0.30", "Set the version", &[("version.txt", vision)]).unwrap();
        world.ok(&format!("candidate {release} --apply"));
        std::fs::remove_dir_all(world.path("dist")).unwrap();
        world.build_all(release, vision);
        world.ok(&format!("stage {release}-rc1 --from ../dist --apply"));
        world.verify(&format!("{release}-rc1"));
    }
    world.ok("promote 2.15.1 --apply");
    assert!(!world.stable().contains("2.15.10"), "{}", world.stable());
    assert_eq!(world.repo("core").git(&["tag", "--list", "v2.15.1*"]).unwrap(), "v2.15.1\nv2.15.1-rc1\nv2.15.10-rc1\n");
    let page = world.read("store/whl/cpu/torch/index.html");
    assert!(page.contains("torch-2.15.1%2Bcpu") && !page.contains("2.15.10"), "{page}");
}
