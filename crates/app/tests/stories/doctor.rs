//! `trackside doctor` on folders.

use insta::assert_snapshot;

use crate::common::World;

/// The paths of everything but the locks of folder stores.
fn objects(world: &World) -> Vec<String> {
    world.photograph().into_keys().filter(|path| !path.contains("/.trackside")).collect()
}

#[test]
fn folders_are_well_and_left_as_they_were() {
    let world = World::sealed();
    let before = objects(&world);
    assert_snapshot!(world.ok("doctor"), @"
    | trying 3 stores, each below `doctor/`
    state: file://[WORLD]/state/trackside/projects/Train
      ok       reachable
      ok       writable
      ok       create-only
      ok       compare-and-swap
      ok       copy-only
      ok       remove-only
      ok       private
      ok       cleaned-up
    test, stable: file://[WORLD]/store
      ok       reachable
      ok       writable
      ok       create-only
      ok       compare-and-swap
      ok       copy-only
      ok       remove-only
      ok       cleaned-up
    backup: file://[WORLD]/backup
      ok       reachable
      ok       writable
      ok       create-only
      ok       compare-and-swap
      ok       copy-only
      ok       remove-only
      ok       private
      ok       apart
      ok       cleaned-up
    3 stores: all is well
    exit 0
    ");
    assert_eq!(before, objects(&world));
    let scratch = ["store", "backup", "state/trackside/projects/Train"].map(|store| world.path(store).join("doctor"));
    for folder in scratch {
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{}", folder.display());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let world = World::sealed();
    world.write("file", "");
    world.mend("\"../backup\"", "\"../file/backup\"");
    let ran = world.run("doctor");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("FAILED   reachable"), "{ran}");
}

#[test]
fn a_backup_that_is_the_store_by_another_way_is_found_out() {
    let world = World::sealed();
    std::os::unix::fs::symlink(world.path("store"), world.path("other")).unwrap();
    world.mend("\"../backup\"", "\"../other\"");
    let ran = world.run("doctor");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stdout.contains("WRONG    apart: it is the same place as"), "{ran}");
}
