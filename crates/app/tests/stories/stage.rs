//! `stage`: portions become revisions, the complete set is sealed, and `test` moves then.

use insta::assert_snapshot;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::{World, wheel};

#[test]
fn portions_become_revisions_and_the_complete_set_is_sealed() {
    let world = World::tagged();
    world.build("one", &wheel("torch", "2.15.0+cpu"));
    world.build("two", &wheel("torch", "2.15.0+cu126"));
    world.build("two", &wheel("torchvision", "0.30.0+cpu"));
    let before = world.photograph();
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist/one"), @"");
    assert_eq!(before, world.photograph());
    world.ok("stage 2.15.0-rc1 --from ../dist/one --apply");
    // Incomplete: its own pages only.
    assert_snapshot!(world.listing("store"), @"");
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist/two --apply"), @"");
    assert_snapshot!(world.listing("store"), @"");
    assert_snapshot!(world.listing("backup"), @"");
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist --apply"), @"");
}

#[test]
fn pages_link_to_the_immutable_set_by_digest() {
    let world = World::sealed();
    assert_snapshot!(world.shown("store/whl/test/cpu/torch/index.html"), @"");
    assert_snapshot!(world.shown("store/whl/test/index.html"), @"");
    assert_snapshot!(world.shown("store/candidates/2.15.0-rc1/whl/cpu/torch/index.v1_json"), @"");
}

#[test]
fn two_candidates_never_share_a_url() {
    let world = World::sealed();
    world.pick("core", "src/fix.py");
    world.ok("candidate 2.15.0 --apply");
    let first = world.read("store/whl/test/cpu/torch/index.html");
    std::fs::remove_dir_all(world.path("dist")).unwrap();
    for accelerator in ["cpu", "cu126"] {
        let rebuilt = wheel("torch", &format!("2.15.0+{accelerator}")).file("torch/fix.py", b"fixed = True\n");
        world.build("", &rebuilt);
    }
    world.ok("stage 2.15.0-rc2 --from ../dist --apply");
    let second = world.read("store/whl/test/cpu/torch/index.html");
    let link = |page: &str| page.split("href=\"").nth(1).unwrap().split('#').next().unwrap().to_owned();
    assert_ne!(link(&first), link(&second));
    // The first one is still where it was, for whoever has its link.
    assert!(world.listing("store").contains("packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl\n"));
    // The library is carried over: `test` still shows its only candidate.
    assert!(world.read("store/whl/test/cpu/torchvision/index.html").contains("0.30.0-rc1"));
}

#[test]
fn the_same_bytes_in_two_channel_folders_are_stored_in_both() {
    let world = World::tagged();
    world.mend("local = \"{accelerator}\"", "local = \"none\"");
    for folder in ["cpu", "cu126"] {
        world.build(folder, &wheel("torch", "2.15.0"));
    }
    world.build("cpu", &wheel("torchvision", "0.30.0"));
    // One folder after the other, so that the second portion brings bytes that are known already.
    world.ok("stage 2.15.0-rc1 --from ../dist/cpu --apply");
    world.ok("stage 2.15.0-rc1 --from ../dist/cu126 --apply");
    for folder in ["cpu", "cu126"] {
        assert!(world.path(&format!("store/packages/torch/2.15.0-rc1/files/{folder}/torch-2.15.0-py3-none-any.whl")).is_file(), "{folder}");
    }
}

#[test]
fn names_and_versions_that_begin_alike_are_strangers() {
    let world = World::train();
    let line = world.read("release/lines/2.15.toml") + "\n[releases.\"2.15.10\"]\ntorch = \"2.15.10\"\ntorchvision = \"0.30.10\"\n";
    world.write("release/lines/2.15.toml", &line);
    world.ok("cut 2.15 --apply");
    let core = world.repo("core");
    for release in ["2.15.1", "2.15.10"] {
        for (name, version) in [("core", release.to_owned()), ("vision", release.replace("2.15", "0.30"))] {
            let branch = if name == "core" { "release/2.15" } else { "release/0.30" };
            world.repo(name).commit(branch, "Set the version", &[("version.txt", &format!("{version}\n"))]).unwrap();
        }
        world.ok(&format!("candidate {release} --apply"));
    }
    assert_eq!(core.git(&["tag", "--list"]).unwrap(), "v2.15.1-rc1\nv2.15.10-rc1\n");
    world.build_all("2.15.1", "0.30.1");
    world.build("", &wheel("torch", "2.15.10+cpu"));
    world.build("", &wheel("executorch", "2.15.1+cpu"));
    let before = world.photograph();
    assert_snapshot!(world.stops(1, "stage 2.15.1-rc1 --from ../dist --apply"), @"");
    assert_eq!(before, world.photograph());
    std::fs::remove_file(world.path("dist/torch-2.15.10+cpu-py3-none-any.whl")).unwrap();
    std::fs::remove_file(world.path("dist/executorch-2.15.1+cpu-py3-none-any.whl")).unwrap();
    world.ok("stage 2.15.1-rc1 --from ../dist --apply");
    assert!(!world.listing("store").contains("2.15.10-rc1/files"));
}

#[test]
fn a_plan_can_be_applied_from_another_folder() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    let plan = world.plan("stage 2.15.0-rc1 --from ../dist");
    let ran = world.finish(world.command(["--config", "../release", "apply", &plan]).current_dir(world.path("home")));
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_wheel_that_changed_after_planning_is_not_stored() {
    let world = World::tagged();
    let path = world.build("", &wheel("torch", "2.15.0+cpu"));
    let plan = world.plan("stage 2.15.0-rc1 --from ../dist");
    std::fs::write(&path, WheelBuilder::new("torch", "2.15.0+cpu").bytes()).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, &format!("apply {plan}")), @"");
    assert_eq!(before, world.photograph());
}
