//! `stage` of what is staged already: what is gone of it is stored again, or stops everything.

use insta::assert_snapshot;

use crate::common::{World, wheel};

const WHEEL: &str = "packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl";
const STAGE: &str = "stage 2.15.0-rc1 --from ../dist --apply";

fn lose(world: &World, path: &str) {
    std::fs::remove_file(world.path(path)).unwrap();
}

#[test]
fn what_is_gone_and_in_hand_is_stored_again_before_pages_lead_to_it() {
    let world = World::sealed();
    let before = world.photograph();
    lose(&world, &format!("store/{WHEEL}"));
    lose(&world, &format!("store/{WHEEL}.metadata"));
    lose(&world, &format!("backup/{WHEEL}.metadata"));
    lose(&world, "store/candidates/2.15.0-rc1/whl/cpu/torch/index.html");
    assert_snapshot!(world.ok("stage 2.15.0-rc1 --from ../dist").stdout, @"
    plan [ID] · stage 2.15.0-rc1
       1  store-again-test-torch-1    test: store again 2 objects of torch 2.15.0-rc1
       2  store-again-backup-torch-1  backup: store again 1 object of torch 2.15.0-rc1
       3  pages-2-15-0-rc1-torch      2.15.0-rc1: pages of torch
          note: torch: complete, 2 artifacts
          note: torchvision: complete, 1 artifact
          4 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    ");
    world.ok(STAGE);
    assert!(world.photograph() == before);
    assert!(world.ok(STAGE).stdout.starts_with("nothing to do"));
}

#[test]
fn what_is_gone_and_not_in_hand_stops_and_comes_back_by_the_way_on() {
    let world = World::sealed();
    let before = world.photograph();
    let built = "dist/torch-2.15.0+cpu-py3-none-any.whl";
    lose(&world, &format!("store/{WHEEL}"));
    lose(&world, &format!("store/{WHEEL}.metadata"));
    std::fs::rename(world.path(built), world.path("tmp/torch.whl")).unwrap();
    assert_snapshot!(world.stops(3, STAGE), @"
    | blocked[object-missing]: packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl: it is gone from test and not among the files in hand, like 1 more of torch
    |   way on: trackside restore 2.15.0-rc1 --to test
    |   so far: nothing was changed
    exit 3
    ");
    // What the backup does not have either is in the very files alone.
    let kept = std::fs::read(world.path(&format!("backup/{WHEEL}"))).unwrap();
    lose(&world, &format!("backup/{WHEEL}"));
    let ran = world.stops(3, STAGE).stderr;
    assert!(ran.contains("way on: trackside stage 2.15.0-rc1 --from DIR stores the very files again"), "{ran}");
    std::fs::write(world.path(&format!("backup/{WHEEL}")), kept).unwrap();
    world.ok("restore 2.15.0-rc1 --to test --apply");
    std::fs::rename(world.path("tmp/torch.whl"), world.path(built)).unwrap();
    assert!(world.photograph() == before);
}

#[test]
fn a_backup_takes_from_test_what_is_not_in_hand() {
    let world = World::sealed();
    let before = world.listing("backup");
    lose(&world, &format!("backup/{WHEEL}"));
    lose(&world, "dist/torch-2.15.0+cpu-py3-none-any.whl");
    world.ok(STAGE);
    assert_eq!(world.listing("backup"), before);
}

#[test]
fn an_object_of_another_size_is_a_conflict() {
    let world = World::sealed();
    for store in ["store", "backup"] {
        let path = format!("{store}/{WHEEL}.metadata");
        let text = world.read(&path);
        world.write(&path, "Name: evil\n");
        let before = world.photograph();
        let ran = world.stops(5, STAGE).stderr;
        assert!(ran.contains(&format!("conflict[other-bytes]: {WHEEL}.metadata: it has [SIZE] in ")), "{ran}");
        assert!(world.photograph() == before);
        world.write(&path, &text);
    }
}

/// Builds of an older candidate may complete a later one, and that may have been removed.
#[test]
fn a_later_candidate_whose_objects_are_gone_gets_no_pages() {
    let world = crate::stage::carried();
    lose(&world, &format!("store/{}", WHEEL.replace("rc1", "rc2")));
    world.build("vision", &wheel("torchvision", "0.30.0+cpu"));
    world.ok("stage 2.15.0-rc1 --from ../dist/vision --apply");
    assert!(!world.listing("store").contains("candidates/2.15.0-rc2/whl/cpu/torchvision/"));
    assert!(!world.path("store/channels/test.json").exists());
    // With the builds of the later one all of it comes.
    world.ok("stage 2.15.0-rc2 --from ../dist/torch --apply");
    assert!(world.read("store/channels/test.json").contains("\"candidate\": \"2.15.0-rc2\""));
}
