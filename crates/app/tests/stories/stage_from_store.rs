//! `stage --from URL`: builds that upload to a channel of their own are taken in by exact names.

use insta::assert_snapshot;

use crate::common::{World, wheel};

/// A store that builds upload to: the artifacts of the candidate among others.
fn uploaded() -> World {
    let world = World::tagged();
    for accelerator in ["cpu", "cu126"] {
        put(&world, accelerator, &format!("2.15.0+{accelerator}"), "torch");
        put(&world, accelerator, &format!("2.14.0+{accelerator}"), "torch");
    }
    put(&world, "cpu", "0.30.0+cpu", "torchvision");
    world.write("uploads/whl/test/cpu/index.html", "a page of others");
    world
}

fn put(world: &World, folder: &str, version: &str, name: &str) {
    let into = world.path("uploads/whl/test").join(folder);
    std::fs::create_dir_all(&into).unwrap();
    wheel(name, version).write_to(&into).unwrap();
}

fn from(world: &World) -> String {
    format!("stage 2.15.0-rc1 --from file://{}", world.path("uploads/whl/test").display())
}

#[test]
fn exactly_what_is_expected_is_taken_in() {
    let world = uploaded();
    put(&world, "rocm6", "2.15.0+rocm6", "torch");
    assert_snapshot!(world.ok(&from(&world)), @"
    plan [ID] · stage 2.15.0-rc1
       1  store-torch-1-1               store 4 objects of torch 2.15.0-rc1
       2  prove-torch-store-1-1         read back 2 objects of torch 2.15.0-rc1
       3  backup-torch-1-1              backup 4 objects of torch 2.15.0-rc1
       4  prove-torch-backup-1-1        read back 2 objects of torch 2.15.0-rc1
       5  manifest-torch-1              manifest of torch 2.15.0-rc1, revision 1, sealed
       6  store-torchvision-1-1         store 2 objects of torchvision 0.30.0-rc1
       7  prove-torchvision-store-1-1   read back 1 object of torchvision 0.30.0-rc1
       8  backup-torchvision-1-1        backup 2 objects of torchvision 0.30.0-rc1
       9  prove-torchvision-backup-1-1  read back 1 object of torchvision 0.30.0-rc1
      10  manifest-torchvision-1        manifest of torchvision 0.30.0-rc1, revision 1, sealed
      11  generation-test               test: generation 1
      12  map-test                      test: what the channel points to
      13  pages-2-15-0-rc1-torch        2.15.0-rc1: pages of torch
      14  pages-2-15-0-rc1-torchvision  2.15.0-rc1: pages of torchvision
      15  pages-test-torch              test: pages of torch
      16  pages-test-torchvision        test: pages of torchvision
      17  lists-2-15-0-rc1              2.15.0-rc1: list pages
      18  lists-test                    test: list pages
          note: torch: complete, 2 artifacts
          note: torchvision: complete, 1 artifact
          note: 1 file that the matrix does not have; -v lists them
          50 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_snapshot!(world.ok(&format!("{} --apply", from(&world))).stdout, @"done: 18 steps, 50 effects, run [ID]");
    let listing = world.listing("store");
    assert!(listing.contains("packages/torch/2.15.0-rc1/files/cu126/") && !listing.contains("2.14.0"), "{listing}");
    // The same as from a folder.
    let other = World::sealed();
    assert_eq!(listing, other.listing("store"));
    assert_eq!(world.listing("backup"), other.listing("backup"));
    assert!(world.ok(&format!("{} --apply", from(&world))).stdout.starts_with("nothing to do"));
}

#[test]
fn what_is_missing_is_listed() {
    let world = uploaded();
    std::fs::remove_file(world.path("uploads/whl/test/cu126/torch-2.15.0+cu126-py3-none-any.whl")).unwrap();
    let said = world.ok(&from(&world)).stdout;
    assert!(said.contains("torch: 1 missing: cu126/torch-2.15.0+cu126-py3-none-any.whl"), "{said}");
}

#[test]
fn nothing_at_all_is_an_error() {
    let world = World::tagged();
    put(&world, "cpu", "2.14.0+cpu", "torch");
    let said = world.stops(1, &from(&world)).stderr;
    assert!(said.contains("error[nothing-built]"), "{said}");
    assert_eq!(world.run("stage 2.15.0-rc1 --from ftp://somewhere").code, Some(2));
}

#[test]
fn an_upload_that_changed_after_planning_makes_the_plan_stale() {
    let world = uploaded();
    let plan = world.plan(&from(&world));
    world.write("uploads/whl/test/cpu/torch-2.15.0+cpu-py3-none-any.whl", "uploaded again");
    let ran = world.stops(4, &format!("apply {plan}"));
    assert!(ran.stderr.contains("is not what was read"), "{ran}");
}

#[test]
fn an_upload_that_changes_during_the_run_is_not_taken_in() {
    let world = uploaded();
    let plan = world.plan(&from(&world));
    assert_eq!(world.run(&format!("apply {plan} --die-at store-torch-1-1/0:after-intent")).code, None);
    // The same size: only the digest tells.
    let path = world.path("uploads/whl/test/cpu/torch-2.15.0+cpu-py3-none-any.whl");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let ran = world.stops(1, &format!("resume {plan}"));
    assert!(ran.stderr.contains("is damaged"), "{ran}");
    assert!(!world.path("store/packages/torch/2.15.0-rc1/manifest/000001.json").exists());
}

#[test]
fn an_upload_that_is_no_good_artifact_is_refused() {
    let world = uploaded();
    world.write("uploads/whl/test/cpu/torch-2.15.0+cpu-py3-none-any.whl", "no wheel");
    let said = world.stops(1, &from(&world)).stderr;
    assert!(
        said.contains("error[bad-artifact]: cpu/torch-2.15.0+cpu-py3-none-any.whl in file://[WORLD]/uploads"),
        "{said}"
    );
}

#[test]
fn what_is_gone_is_copied_again_and_read_back() {
    let world = uploaded();
    world.ok(&format!("{} --apply", from(&world)));
    let before = world.photograph();
    let file = "torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    for store in ["store", "backup"] {
        std::fs::remove_file(world.path(&format!("{store}/packages/{file}"))).unwrap();
    }
    let ran = world.ok(&format!("{} --apply", from(&world))).stderr;
    for step in ["test: store again", "test: read back", "backup: store again", "backup: read back"] {
        assert!(ran.contains(&format!("{step} 1 object of torch 2.15.0-rc1")), "{step}: {ran}");
    }
    assert!(world.photograph() == before);
}
