//! `artifact derive`: wheels of another version, what stops it, and the proof of its records.

use insta::assert_snapshot;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::World;

const CUDA: &str = "../dist/torch-2.15.0+cu126-py3-none-any.whl";
const PLAIN: &str = "dist/pypi/torch-2.15.0-py3-none-any.whl";
const STRIP: &str = "artifact derive ../dist/torch-2.15.0+cu126-py3-none-any.whl --strip-local --out ../dist/pypi";

/// A wheel of the channel, and an empty folder for what goes to PyPI.
fn given() -> World {
    let world = World::empty();
    let wheel = WheelBuilder::new("torch", "2.15.0+cu126")
        .file("torch/__init__.py", b"")
        .file("torch/version.py", b"__version__ = '2.15.0+cu126'\n");
    world.build("", &wheel);
    std::fs::create_dir(world.path("dist/pypi")).unwrap();
    world
}

#[test]
fn a_wheel_is_derived_judged_and_proved() {
    let world = given();
    let edited = format!("{STRIP} --edit torch/version.py");
    assert_snapshot!(world.ok(&edited), @"
    ../dist/pypi/torch-2.15.0-py3-none-any.whl
      from torch-2.15.0+cu126-py3-none-any.whl
      size [SIZE], sha256 [ID]
      3 members changed, 1 moved
      5 members searched for the old version and compared with RECORD, 0 not searched because they are no text

    What was not searched was not read either: it is as good as the input was.
      next: trackside artifact verify ../dist/pypi/torch-2.15.0-py3-none-any.whl
    exit 0
    ");
    assert_snapshot!(world.ok(&format!("artifact verify ../{PLAIN}")), @"
    ../dist/pypi/torch-2.15.0-py3-none-any.whl (profile strict, derived): nothing is wrong
    1 file: 0 errors, 0 warnings
    exit 0
    ");
    assert_snapshot!(world.ok(&format!("artifact derive --check ../{PLAIN}.derivation.json {CUDA}")), @"
    ../dist/pypi/torch-2.15.0-py3-none-any.whl.derivation.json: proved: 1 member carried byte for byte, 1 moved, 3 changed as the record says
    exit 0
    ");
    let before = world.photograph();
    assert!(world.ok(&edited).stdout.contains("(was there already)"));
    assert_eq!(before, world.photograph());
}

#[test]
fn what_stops_a_derivation_writes_nothing() {
    let world = given();
    let before = world.photograph();
    assert_snapshot!(world.stops(1, STRIP), @"
    | error: ../dist/torch-2.15.0+cu126-py3-none-any.whl: 1 of its members still hold `2.15.0+cu126`: `torch/version.py`
    |   next: add --edit MEMBER where it must change, --keep MEMBER where it may stay
    exit 1
    ");
    assert_snapshot!(world.stops(1, &format!("{STRIP} --edit torch/gone.py")), @"
    | error: ../dist/torch-2.15.0+cu126-py3-none-any.whl: a rule names `torch/gone.py`, which is not in the archive
    exit 1
    ");
    assert!(world.stops(2, &format!("{STRIP} --version 3")).stderr.contains("cannot be used with"));
    assert!(world.stops(2, &format!("{STRIP} --requirement torch==1")).stderr.contains("is not of the form"));
    assert_eq!(before, world.photograph());
}

#[test]
fn a_file_with_other_bytes_is_a_conflict() {
    let world = given();
    std::fs::write(world.path(PLAIN), "other").unwrap();
    assert_snapshot!(world.stops(5, &format!("{STRIP} --edit torch/version.py")), @"
    | error: ../dist/pypi/torch-2.15.0-py3-none-any.whl exists with other content
    exit 5
    ");
    assert_eq!(std::fs::read(world.path(PLAIN)).unwrap(), b"other");
}

#[test]
fn a_changed_output_is_not_proved() {
    let world = given();
    world.ok(&format!("{STRIP} --edit torch/version.py"));
    let mut bytes = std::fs::read(world.path(PLAIN)).unwrap();
    bytes[40] ^= 1;
    std::fs::write(world.path(PLAIN), bytes).unwrap();
    assert_snapshot!(world.stops(1, &format!("artifact derive --check ../{PLAIN}.derivation.json {CUDA}")), @"
    | error: ../dist/pypi/torch-2.15.0-py3-none-any.whl.derivation.json is not proved: the output has another name, length or digest than torch-2.15.0-py3-none-any.whl in the record
    exit 1
    ");
}
