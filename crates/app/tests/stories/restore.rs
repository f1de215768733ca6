//! `restore`: what the backup has comes back, with the digests of its manifests.

use insta::assert_snapshot;

use crate::common::World;

/// A world whose store of candidates is gone.
fn wiped() -> (World, Vec<(String, Vec<u8>)>) {
    let world = World::verified();
    let before = staged(&world);
    std::fs::remove_dir_all(world.path("store")).unwrap();
    (world, before)
}

/// The artifacts, manifests and records of candidates.
fn staged(world: &World) -> Vec<(String, Vec<u8>)> {
    let all = world.photograph().into_iter();
    all.filter(|(path, _)| {
        path.starts_with("store/packages/") || path.ends_with("/candidate.json") && path.starts_with("store/")
    })
    .collect()
}

#[test]
fn a_candidate_comes_back_and_goes_on_to_the_release() {
    let (world, before) = wiped();
    assert_snapshot!(world.ok("restore 2.15.0-rc1 --to test"), @"
    plan [ID] · restore 2.15.0-rc1 --to file://[WORLD]/store
       1  source-copy-test-torch-2-15-0-rc1-1        read 4 objects in the backup
       2  source-copy-test-torchvision-0-30-0-rc1-1  read 2 objects in the backup
       3  copy-test-torch-2-15-0-rc1-1               copy 4 objects of torch to test
       4  copy-test-torchvision-0-30-0-rc1-1         copy 2 objects of torchvision to test
       5  read-test-torch-2-15-0-rc1-1               read back 4 objects of torch in test
       6  read-test-torchvision-0-30-0-rc1-1         read back 2 objects of torchvision in test
       7  pages-2-15-0-rc1-torch                     2.15.0-rc1: pages of torch
       8  pages-2-15-0-rc1-torchvision               2.15.0-rc1: pages of torchvision
       9  lists-2-15-0-rc1                           2.15.0-rc1: list pages
      10  records-2-15-0-rc1                         manifests and record of 2.15.0-rc1
          note: its verdict does not come back: trackside verify 2.15.0-rc1 --apply
          25 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert!(!world.path("store").exists(), "a plan changes nothing");
    world.ok("restore 2.15.0-rc1 --to test --apply");
    assert_eq!(staged(&world), before);
    let pages = |world: &World| -> Vec<(String, Vec<u8>)> {
        let all = world.photograph().into_iter();
        all.filter(|(path, _)| path.starts_with("store/candidates/2.15.0-rc1/whl/")).collect()
    };
    assert!(pages(&world) == pages(&World::verified()), "its pages are what they were");
    assert_snapshot!(world.ok("restore 2.15.0-rc1 --to test --apply").stdout, @"
    nothing to do
      file://[WORLD]/store has all of 2.15.0-rc1
    ");
    // Its bytes are back, its verdict is not: it is verified anew, and promoted.
    assert!(world.stops(3, "promote 2.15.0 --apply").stderr.contains("blocked[not-verified]"));
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
}

#[test]
fn a_release_comes_back_to_its_classic_keys() {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    let key = "store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    let bytes = std::fs::read(world.path(key)).unwrap();
    std::fs::remove_file(world.path(key)).unwrap();
    let ran = world.ok("restore 2.15.0 --to stable --apply");
    assert!(ran.stderr.contains("copy 1 object of torch to stable"), "{ran}");
    assert_eq!(std::fs::read(world.path(key)).unwrap(), bytes);
}

#[test]
fn a_backup_that_rotted_restores_nothing_wrong() {
    let (world, _) = wiped();
    let kept = world.path("backup/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl");
    let mut bytes = std::fs::read(&kept).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&kept, bytes).unwrap();
    let ran = world.stops(5, "restore 2.15.0-rc1 --to test --apply");
    assert!(ran.stderr.contains("reads back as sha256"), "{ran}");
    assert!(!world.path("store").exists(), "nothing is copied before all of it was read");
    assert!(!world.path("store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl").exists());
}

#[test]
fn what_is_there_with_other_bytes_is_not_replaced() {
    let (world, _) = wiped();
    world.write("store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl", "somebody else's");
    let before = world.photograph();
    let said = world.stops(5, "restore 2.15.0-rc1 --to test --apply").stderr;
    assert!(said.contains("conflict[other-bytes]") && said.contains("nothing is replaced"), "{said}");
    assert_eq!(before, world.photograph());
}

#[test]
fn what_the_backup_does_not_know() {
    let world = World::verified();
    assert_snapshot!(world.stops(1, "restore 2.15.0-rc7 --to test").stderr, @"
    error[not-in-backup]: 2.15.0-rc7: the backup has no record of this candidate
      way on: trackside status lists the candidates
      so far: nothing was changed
    ");
    assert_snapshot!(world.stops(1, "restore 2.15.0 --to stable").stderr, @"
    error[not-in-backup]: 2.15.0: the backup has no record of its promotion
      way on: trackside status lists the candidates
      so far: nothing was changed
    ");
    let backup = format!("restore 2.15.0-rc1 --to file://{}", world.path("backup").display());
    assert!(world.stops(1, &backup).stderr.contains("this is the backup itself"));
    assert_eq!(world.run("restore 2.15 --to test").code, Some(2));
    assert_eq!(world.run("restore 2.15.0-rc1 --to elsewhere").code, Some(2));
}

#[test]
fn a_candidate_does_not_come_back_where_the_public_reads() {
    let world = World::verified();
    world.mend("[channels.stable]\nstore = \"../store\"", "[channels.stable]\nstore = \"../public\"");
    world.ok("promote 2.15.0 --apply");
    let ran = world.stops(1, "restore 2.15.0-rc1 --to stable");
    assert!(ran.stderr.contains("error[not-a-target]") && ran.stderr.contains("the public reads it"), "{ran}");
}

#[test]
fn what_the_backup_does_not_have_is_told_before_anything_happens() {
    let world = World::sealed();
    let wheel = "packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    std::fs::remove_file(world.path(&format!("backup/{wheel}"))).unwrap();
    world.ok("restore 2.15.0-rc1 --to test");
    std::fs::remove_file(world.path(&format!("store/{wheel}"))).unwrap();
    let ran = world.stops(1, "restore 2.15.0-rc1 --to test --apply");
    assert!(ran.stderr.contains(&format!("error[not-in-backup]: {wheel}")), "{ran}");
    assert!(ran.stderr.contains("trackside stage 2.15.0-rc1 --from DIR"), "{ran}");
}

#[test]
fn a_damaged_record_is_in_the_way_and_not_a_reason_to_plan_again() {
    let world = World::sealed();
    for record in ["packages/torch/2.15.0-rc1/manifest/000001.json", "candidates/2.15.0-rc1/candidate.json"] {
        let path = format!("store/{record}");
        let text = world.read(&path);
        world.write(&path, &text[..text.len() / 2]);
        let ran = world.stops(5, "restore 2.15.0-rc1 --to test --apply");
        assert!(ran.stderr.contains(&format!("conflict[other-bytes]: {record}")), "{ran}");
        std::fs::remove_file(world.path(&path)).unwrap();
        world.ok("restore 2.15.0-rc1 --to test --apply");
        assert_eq!(world.read(&path), text);
    }
}
