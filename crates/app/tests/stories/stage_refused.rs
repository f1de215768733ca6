//! `stage` and every wheel that it does not take.

use insta::assert_snapshot;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::{World, wheel};

/// The answer of a stage that must stop with this code and change nothing.
fn refused(world: &World, code: i32) -> String {
    let before = world.photograph();
    let ran = world.stops(code, "stage 2.15.0-rc1 --from ../dist --apply");
    assert_eq!(before, world.photograph());
    ran.stderr
}

/// Writes bytes under the name of the wheel that is expected.
fn put(world: &World, bytes: impl AsRef<[u8]>) {
    std::fs::write(world.path("dist/torch-2.15.0+cpu-py3-none-any.whl"), bytes).unwrap();
}

#[test]
fn no_files_at_all() {
    let world = World::tagged();
    assert_snapshot!(refused(&world, 1), @"
    error[nothing-built]: 2.15.0-rc1: there is no artifact of it
      so far: nothing was changed
    ");
    assert_snapshot!(world.stops(2, "stage 2.15.0-rc1 --from ../nowhere"), @"
    | error: ../nowhere is not a folder
    exit 2
    ");
}

#[test]
fn strangers() {
    let world = World::tagged();
    world.build("", &wheel("torch", "2.15.0+cpu"));
    world.build("", &wheel("numpy", "2.0.0"));
    world.build("", &wheel("torch", "2.15.0+rocm7"));
    world.write("dist/notes.txt", "hello\n");
    assert_snapshot!(refused(&world, 1), @"
    error[bad-artifact]: [WORLD]/release/../dist/notes.txt: no artifact has such a name
    error[unexpected]: [WORLD]/release/../dist/numpy-2.0.0-py3-none-any.whl: the matrix of this candidate has no such artifact
      way on: trackside check --matrix lists what is expected
    error[unexpected]: [WORLD]/release/../dist/torch-2.15.0+rocm7-py3-none-any.whl: the matrix of this candidate has no such artifact
      way on: trackside check --matrix lists what is expected
      so far: nothing was changed
    ");
}

#[test]
fn another_name_or_version_within() {
    for (name, version) in [
        ("torchaudio", "2.15.0+cpu"),
        ("torch", "2.15.1+cpu"),
        ("torch", "2.15.0"),
        ("torch", "2.15.0.dev20260101+cpu"),
    ] {
        let world = World::tagged();
        put(&world, wheel(name, version).bytes());
        let said = refused(&world, 1);
        assert!(said.contains("[bad-artifact]"), "{name} {version}: {said}");
    }
}

#[test]
fn a_file_that_does_not_have_the_digest_of_record() {
    let world = World::tagged();
    let good = wheel("torch", "2.15.0+cpu").bytes();
    let evil = wheel("torch", "2.15.0+cpu").file("torch/evil.py", b"import evil\n").zip().bytes();
    assert_ne!(good, evil);
    // The bytes of a file that RECORD lists, changed in place: the archive's own check sum is wrong too.
    let mut bytes = good.clone();
    let at = bytes.windows(4).position(|window| window == b"PK\x03\x04").unwrap() + 60;
    bytes[at] ^= 1;
    put(&world, bytes);
    let said = refused(&world, 1);
    assert!(said.contains("[bad-artifact]"), "{said}");
}

#[test]
fn a_record_that_does_not_list_a_file() {
    let world = World::tagged();
    let stuffed = wheel("torch", "2.15.0+cpu").zip().stored("torch/unlisted.py", b"import evil\n");
    put(&world, stuffed.bytes());
    assert_snapshot!(refused(&world, 1), @"
    error[bad-artifact]: [WORLD]/release/../dist/torch-2.15.0+cpu-py3-none-any.whl: refused: `torch/unlisted.py`: RECORD does not list it [record-unlisted]
      so far: nothing was changed
    ");
}

#[test]
fn a_wheel_that_is_cut_short() {
    let world = World::tagged();
    let whole = wheel("torch", "2.15.0+cpu").bytes();
    put(&world, &whole[..whole.len() / 2]);
    assert_snapshot!(refused(&world, 1), @"
    error[bad-artifact]: [WORLD]/release/../dist/torch-2.15.0+cpu-py3-none-any.whl: refused: no end of central directory record [not-a-zip]
      so far: nothing was changed
    ");
    put(&world, b"");
    let said = refused(&world, 1);
    assert!(said.contains("[bad-artifact]"), "{said}");
}

#[test]
fn other_bytes_under_a_name_that_is_staged() {
    let world = World::tagged();
    world.build("", &wheel("torch", "2.15.0+cpu"));
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    put(&world, WheelBuilder::new("torch", "2.15.0+cpu").bytes());
    assert_snapshot!(refused(&world, 5), @"
    conflict[other-bytes]: torch-2.15.0+cpu-py3-none-any.whl: [WORLD]/release/../dist/torch-2.15.0+cpu-py3-none-any.whl has sha256 [ID], but [ID] is staged as v2.15.0-rc1
      way on: a candidate is immutable: tag the next one for other bytes
      so far: nothing was changed
    ");
}

#[test]
fn a_candidate_that_does_not_exist() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    assert_snapshot!(world.stops(3, "stage 2.15.0-rc2 --from ../dist"), @"
    | blocked[no-candidate]: 2.15.0-rc2: there is no record of this candidate
    |   way on: trackside candidate 2.15.0
    |   so far: nothing was changed
    exit 3
    ");
    assert_eq!(world.run("stage 2.15.0 --from ../dist").code, Some(2));
}

#[test]
fn two_builds_of_one_name_are_told_with_both_places() {
    let world = World::tagged();
    world.build("one/cpu", &wheel("torch", "2.15.0+cpu"));
    world.build("two/cpu", &wheel("torch", "2.15.0+cpu").file("torch/again.py", b"again = True\n"));
    let ran = world.run("stage 2.15.0-rc1 --from ../dist");
    let text = ran.to_string();
    assert!(ran.code == Some(5) && text.contains("conflict[other-bytes]: torch-2.15.0+cpu-py3-none-any.whl:"), "{ran}");
    let places = ["dist/one/cpu/", "dist/two/cpu/", "two builds of one name: take the one away that is not meant"];
    assert!(places.iter().all(|part| text.contains(part)), "{ran}");
}
