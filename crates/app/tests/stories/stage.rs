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
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist/one"), @"
    plan [ID] · stage 2.15.0-rc1
       1  store-torch-1-1         store 2 objects of torch 2.15.0-rc1
       2  backup-torch-1-1        backup 2 objects of torch 2.15.0-rc1
       3  manifest-torch-1        manifest of torch 2.15.0-rc1, revision 1, open
       4  pages-2-15-0-rc1-torch  2.15.0-rc1: pages of torch
       5  lists-2-15-0-rc1        2.15.0-rc1: list pages
          note: torch: 1 missing: cu126/torch-2.15.0+cu126-py3-none-any.whl
          note: torchvision: nothing is staged yet
          14 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
    world.ok("stage 2.15.0-rc1 --from ../dist/one --apply");
    // Incomplete: its own pages only.
    assert_snapshot!(world.listing("store"), @"
    .trackside-lock
    candidates/2.15.0-rc1/candidate.json
    candidates/2.15.0-rc1/whl/cpu/index.html
    candidates/2.15.0-rc1/whl/cpu/index.v1_json
    candidates/2.15.0-rc1/whl/cpu/torch/index.html
    candidates/2.15.0-rc1/whl/cpu/torch/index.v1_json
    candidates/2.15.0-rc1/whl/index.html
    candidates/2.15.0-rc1/whl/index.v1_json
    candidates/2.15.0-rc1/whl/torch/index.html
    candidates/2.15.0-rc1/whl/torch/index.v1_json
    packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl
    packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl.metadata
    packages/torch/2.15.0-rc1/manifest/000001.json
    ");
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist/two --apply"), @"
    | plan [ID] · stage 2.15.0-rc1
    |    1  store-torch-2-1               store 2 objects of torch 2.15.0-rc1
    |    2  backup-torch-2-1              backup 2 objects of torch 2.15.0-rc1
    |    3  manifest-torch-2              manifest of torch 2.15.0-rc1, revision 2, sealed
    |    4  store-torchvision-1-1         store 2 objects of torchvision 0.30.0-rc1
    |    5  backup-torchvision-1-1        backup 2 objects of torchvision 0.30.0-rc1
    |    6  manifest-torchvision-1        manifest of torchvision 0.30.0-rc1, revision 1, sealed
    |    7  generation-test               test: generation 1
    |    8  map-test                      test: what the channel points to
    |    9  pages-2-15-0-rc1-torch        2.15.0-rc1: pages of torch
    |   10  pages-2-15-0-rc1-torchvision  2.15.0-rc1: pages of torchvision
    |   11  pages-test-torch              test: pages of torch
    |   12  pages-test-torchvision        test: pages of torchvision
    |   13  lists-2-15-0-rc1              2.15.0-rc1: list pages
    |   14  lists-test                    test: list pages
    |       note: torch: complete, 2 artifacts
    |       note: torchvision: complete, 1 artifact
    |       44 effects, [SIZE] to move; expires [TIME]
    | [1/14] store 2 objects of torch 2.15.0-rc1
    | [2/14] backup 2 objects of torch 2.15.0-rc1
    | [3/14] manifest of torch 2.15.0-rc1, revision 2, sealed
    | [4/14] store 2 objects of torchvision 0.30.0-rc1
    | [5/14] backup 2 objects of torchvision 0.30.0-rc1
    | [6/14] manifest of torchvision 0.30.0-rc1, revision 1, sealed
    | [7/14] test: generation 1
    | [8/14] test: what the channel points to
    | [9/14] 2.15.0-rc1: pages of torch
    | [10/14] 2.15.0-rc1: pages of torchvision
    | [11/14] test: pages of torch
    | [12/14] test: pages of torchvision
    | [13/14] 2.15.0-rc1: list pages
    | [14/14] test: list pages
    done: 14 steps, 44 effects, run [ID]
    exit 0
    ");
    assert_snapshot!(world.listing("store"), @"
    .trackside-lock
    candidates/2.15.0-rc1/candidate.json
    candidates/2.15.0-rc1/whl/cpu/index.html
    candidates/2.15.0-rc1/whl/cpu/index.v1_json
    candidates/2.15.0-rc1/whl/cpu/torch/index.html
    candidates/2.15.0-rc1/whl/cpu/torch/index.v1_json
    candidates/2.15.0-rc1/whl/cpu/torchvision/index.html
    candidates/2.15.0-rc1/whl/cpu/torchvision/index.v1_json
    candidates/2.15.0-rc1/whl/cu126/index.html
    candidates/2.15.0-rc1/whl/cu126/index.v1_json
    candidates/2.15.0-rc1/whl/cu126/torch/index.html
    candidates/2.15.0-rc1/whl/cu126/torch/index.v1_json
    candidates/2.15.0-rc1/whl/index.html
    candidates/2.15.0-rc1/whl/index.v1_json
    candidates/2.15.0-rc1/whl/torch/index.html
    candidates/2.15.0-rc1/whl/torch/index.v1_json
    candidates/2.15.0-rc1/whl/torchvision/index.html
    candidates/2.15.0-rc1/whl/torchvision/index.v1_json
    channels/test/generations/000001.json
    channels/test.json
    packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl
    packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl.metadata
    packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl
    packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl.metadata
    packages/torch/2.15.0-rc1/manifest/000001.json
    packages/torch/2.15.0-rc1/manifest/000002.json
    packages/torchvision/0.30.0-rc1/files/cpu/torchvision-0.30.0+cpu-py3-none-any.whl
    packages/torchvision/0.30.0-rc1/files/cpu/torchvision-0.30.0+cpu-py3-none-any.whl.metadata
    packages/torchvision/0.30.0-rc1/manifest/000001.json
    whl/test/cpu/index.html
    whl/test/cpu/index.v1_json
    whl/test/cpu/torch/index.html
    whl/test/cpu/torch/index.v1_json
    whl/test/cpu/torchvision/index.html
    whl/test/cpu/torchvision/index.v1_json
    whl/test/cu126/index.html
    whl/test/cu126/index.v1_json
    whl/test/cu126/torch/index.html
    whl/test/cu126/torch/index.v1_json
    whl/test/index.html
    whl/test/index.v1_json
    whl/test/torch/index.html
    whl/test/torch/index.v1_json
    whl/test/torchvision/index.html
    whl/test/torchvision/index.v1_json
    ");
    assert_snapshot!(world.listing("backup"), @"
    candidates/2.15.0-rc1/candidate.json
    packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl
    packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl.metadata
    packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl
    packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl.metadata
    packages/torch/2.15.0-rc1/manifest/000001.json
    packages/torch/2.15.0-rc1/manifest/000002.json
    packages/torchvision/0.30.0-rc1/files/cpu/torchvision-0.30.0+cpu-py3-none-any.whl
    packages/torchvision/0.30.0-rc1/files/cpu/torchvision-0.30.0+cpu-py3-none-any.whl.metadata
    packages/torchvision/0.30.0-rc1/manifest/000001.json
    ");
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist --apply"), @"
    nothing to do
      torch: complete, 2 artifacts
      torchvision: complete, 1 artifact
    exit 0
    ");
}

#[test]
fn pages_link_to_the_immutable_set_by_digest() {
    let world = World::sealed();
    assert_snapshot!(world.shown("store/whl/test/cpu/torch/index.html"), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Links for torch</title>
      </head>
      <body>
        <h1>Links for torch</h1>
        <a href="../../../../packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl#sha256=[ID]" data-dist-info-metadata="sha256=[ID]" data-core-metadata="sha256=[ID]" data-upload-time="[TIME]">torch-2.15.0+cpu-py3-none-any.whl</a><br/>
      </body>
    </html>
    "#);
    assert_snapshot!(world.shown("store/whl/test/index.html"), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Simple index</title>
      </head>
      <body>
        <h1>Simple index</h1>
        <a href="torch/">torch</a><br/>
        <a href="torchvision/">torchvision</a><br/>
      </body>
    </html>
    "#);
    assert_snapshot!(world.shown("store/candidates/2.15.0-rc1/whl/cpu/torch/index.v1_json"), @r#"
    {"meta":{"api-version":"1.1"},"name":"torch","versions":["2.15.0+cpu"],"files":[
    {"filename":"torch-2.15.0+cpu-py3-none-any.whl","url":"../../../../../packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl","hashes":{"sha256":"[ID]"},"size":920,"core-metadata":{"sha256":"[ID]"},"dist-info-metadata":{"sha256":"[ID]"}}
    ]}
    "#);
}

#[test]
fn two_candidates_never_share_a_url() {
    let world = World::sealed();
    world.pick("core", "src/fix.py");
    world.ok("candidate 2.15.0 --apply");
    // What is carried over is named by its digest.
    let record: serde_json::Value =
        serde_json::from_str(&world.read("store/candidates/2.15.0-rc2/candidate.json")).unwrap();
    let sealed = world.read("store/packages/torchvision/0.30.0-rc1/manifest/000001.json");
    let digest = trackside_domain::digest::Sha256::of(sealed.as_bytes()).to_string();
    assert_eq!(record["packages"]["torchvision"]["manifest"]["sha256"], digest);
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
        assert!(
            world
                .path(&format!("store/packages/torch/2.15.0-rc1/files/{folder}/torch-2.15.0-py3-none-any.whl"))
                .is_file(),
            "{folder}"
        );
    }
}

#[test]
fn names_and_versions_that_begin_alike_are_strangers() {
    let world = World::train();
    let line = world.read("release/lines/2.15.toml")
        + "\n[releases.\"2.15.10\"]\ntorch = \"2.15.10\"\ntorchvision = \"0.30.10\"\n";
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
    assert_snapshot!(world.stops(1, "stage 2.15.1-rc1 --from ../dist --apply"), @"
    | error[unexpected]: [WORLD]/release/../dist/executorch-2.15.1+cpu-py3-none-any.whl: the matrix of this candidate has no such artifact
    |   way on: trackside check --matrix lists what is expected
    | error[unexpected]: [WORLD]/release/../dist/torch-2.15.10+cpu-py3-none-any.whl: the matrix of this candidate has no such artifact
    |   way on: trackside check --matrix lists what is expected
    |   so far: nothing was changed
    exit 1
    ");
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
    std::fs::create_dir_all(world.path("home/deep/down")).unwrap();
    let ran = world.finish(
        world.command(["--config", "../../../release", "apply", &plan]).current_dir(world.path("home/deep/down")),
    );
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_wheel_that_changed_after_planning_is_not_stored() {
    let world = World::tagged();
    let path = world.build("", &wheel("torch", "2.15.0+cpu"));
    let plan = world.plan("stage 2.15.0-rc1 --from ../dist");
    std::fs::write(&path, WheelBuilder::new("torch", "2.15.0+cpu").bytes()).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, &format!("apply {plan}")), @"
    | plan [ID] · stage 2.15.0-rc1
    |    1  store-torch-1-1         store 2 objects of torch 2.15.0-rc1
    |    2  backup-torch-1-1        backup 2 objects of torch 2.15.0-rc1
    |    3  manifest-torch-1        manifest of torch 2.15.0-rc1, revision 1, open
    |    4  pages-2-15-0-rc1-torch  2.15.0-rc1: pages of torch
    |    5  lists-2-15-0-rc1        2.15.0-rc1: list pages
    |       note: torch: 1 missing: cu126/torch-2.15.0+cu126-py3-none-any.whl
    |       note: torchvision: nothing is staged yet
    |       14 effects, [SIZE] to move; expires [TIME]
    | [1/5] store 2 objects of torch 2.15.0-rc1
    | error: [WORLD]/release/../dist/torch-2.15.0+cpu-py3-none-any.whl has changed since it was read: found sha256 [ID] ([SIZE]), wanted sha256 [ID] ([SIZE])
    |   so far: refused   store 2 objects of torch 2.15.0-rc1 ([N] of 2 effects done)
    |   so far: not done  backup 2 objects of torch 2.15.0-rc1
    |   so far: not done  manifest of torch 2.15.0-rc1, revision 1, open
    |   so far: not done  2.15.0-rc1: pages of torch
    |   so far: not done  2.15.0-rc1: list pages
    |   next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside stage 2.15.0-rc1 --from ../dist
    exit 5
    ");
    assert_eq!(before, world.photograph());
}

/// A second candidate, whose torch is staged, and which carries the first one's torchvision, which is not.
pub(crate) fn carried() -> World {
    let world = World::tagged();
    world.pick("core", "torch/fix.py");
    world.ok("candidate 2.15.0 --apply");
    for accelerator in ["cpu", "cu126"] {
        world.build("torch", &wheel("torch", &format!("2.15.0+{accelerator}")));
    }
    world.ok("stage 2.15.0-rc2 --from ../dist/torch --apply");
    world
}

#[test]
fn builds_that_complete_an_older_candidate_complete_the_later_one_that_carries_them() {
    let world = carried();
    world.build("vision", &wheel("torchvision", "0.30.0+cpu"));
    world.ok("stage 2.15.0-rc1 --from ../dist/vision --apply");
    // torchvision was built for rc1 and carried to rc2, which is complete now: its pages and `test` show it.
    let pages = world.listing("store");
    assert!(pages.contains("candidates/2.15.0-rc2/whl/cpu/torchvision/index.html"), "{pages}");
    assert!(world.read("store/channels/test.json").contains("\"candidate\": \"2.15.0-rc2\""));
    assert!(world.ok("status 2.15").stdout.contains("next: trackside verify 2.15.0-rc2"));
    assert!(world.ok("stage 2.15.0-rc2 --from ../dist/torch --apply").stdout.contains("nothing to do"));
}

#[test]
fn a_pipe_in_the_place_of_a_wheel_is_refused_and_not_waited_for() {
    let world = World::tagged();
    let path = world.build("", &wheel("torch", "2.15.0+cpu"));
    let plan = world.plan("stage 2.15.0-rc1 --from ../dist");
    std::fs::remove_file(&path).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    assert!(world.stops(1, &format!("apply {plan}")).stderr.contains("it is not a regular file"));
    assert!(world.stops(1, "stage 2.15.0-rc1 --from ../dist").stderr.contains("is not a regular file"));
}
