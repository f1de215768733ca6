//! `stage` by the project's own rules: severities, limits, files side by side, derivation records.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{World, derivation, put_beside, wheel};

const STAGE: &str = "stage 2.15.0-rc1 --from ../dist";

/// The manifest of torch as it is stored.
fn manifest(world: &World) -> Value {
    serde_json::from_str(&world.read("store/packages/torch/2.15.0-rc1/manifest/000001.json")).unwrap()
}

#[test]
fn a_derivation_record_is_kept_in_the_manifest() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    let path = world.path("dist/torch-2.15.0+cpu-py3-none-any.whl");
    let record = derivation(&path, "2.15.0+test");
    put_beside(&path, &record);
    world.ok(&format!("{STAGE} --apply"));
    let manifest = manifest(&world);
    let artifacts = manifest["artifacts"].as_array().unwrap();
    assert_eq!(artifacts[0]["derivation"]["output"]["name"], "torch-2.15.0+cpu-py3-none-any.whl");
    assert_eq!(artifacts[0]["derivation"], serde_json::to_value(&record).unwrap());
    assert!(artifacts[1].get("derivation").is_none(), "{manifest:#}");
    assert!(!world.listing("store").contains("derivation"), "the record is no artifact");
    // The same again is nothing to do.
    assert!(world.ok(&format!("{STAGE} --apply")).stdout.starts_with("nothing to do"));
}

#[test]
fn a_record_about_other_bytes_or_of_nothing_stops_everything() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    let path = world.path("dist/torch-2.15.0+cpu-py3-none-any.whl");
    let other = world.path("dist/torch-2.15.0+cu126-py3-none-any.whl");
    let before = world.photograph();
    put_beside(&path, &derivation(&other, "2.15.0+test"));
    let mut wrong = derivation(&other, "2.15.0+test");
    wrong.output.size += 1;
    put_beside(&other, &wrong);
    let vision = world.path("dist/torchvision-0.30.0+cpu-py3-none-any.whl");
    std::fs::write(format!("{}.derivation.json", vision.display()), "{}").unwrap();
    let stray = put_beside(&world.path("dist/torch-9.0-py3-none-any.whl"), &wrong);
    assert_snapshot!(world.stops(1, STAGE).stderr, @"
    error[other-derivation]: [WORLD]/release/../dist/torch-2.15.0+cpu-py3-none-any.whl: the derivation record beside it is that of torch-2.15.0+cu126-py3-none-any.whl
    error[other-derivation]: [WORLD]/release/../dist/torch-2.15.0+cu126-py3-none-any.whl: the derivation record beside it is about other bytes: sha256 [ID], it has [ID]
    error[bad-artifact]: [WORLD]/release/../dist/torch-9.0-py3-none-any.whl.derivation.json: it is the derivation record of torch-9.0-py3-none-any.whl, which does not lie beside it
    error[bad-derivation]: [WORLD]/release/../dist/torchvision-0.30.0+cpu-py3-none-any.whl: the file beside it: the derivation record cannot be read: missing field `format` at line 1 column 2
      so far: nothing was changed
    ");
    for record in [&path, &other, &vision].map(|path| format!("{}.derivation.json", path.display())) {
        std::fs::remove_file(record).unwrap();
    }
    std::fs::remove_file(stray).unwrap();
    assert_eq!(before, world.photograph());
}

#[test]
fn a_requirement_that_the_line_does_not_meet_stops_everything() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    world.build("", &wheel("torchvision", "0.30.0+cpu").requires("torch==2.14.0"));
    assert_snapshot!(world.stops(1, STAGE).stderr, @"
    error[set-line-version]: [WORLD]/release/../dist/torchvision-0.30.0+cpu-py3-none-any.whl: it requires `torch==2.14.0`, the line has torch 2.15.0
      so far: nothing was changed
    ");
}

#[test]
fn warnings_are_counted_and_listed_when_asked_for() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    world.build("", &wheel("torchvision", "0.30.0+cpu").requires("torch==2.15.0+cpu"));
    let short = world.ok(STAGE);
    assert!(short.stdout.contains("note: torchvision: 1 warning about its artifacts; -v lists them\n"), "{short}");
    assert!(!short.stdout.contains("set-local-requirement"), "{short}");
    let full = world.ok(&format!("{STAGE} -v"));
    assert!(full.stdout.contains("it requires `torch==2.15.0+cpu`, a local version [set-local-requirement]"), "{full}");
}

#[test]
fn the_project_says_what_is_too_heavy_and_what_is_an_error() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    world.build("", &wheel("torchvision", "0.30.0+cpu").requires("torch==2.15.0+cpu"));
    world.mend("[backup]", "[artifacts.severity]\nset-local-requirement = \"error\"\n\n[backup]");
    let ran = world.stops(1, STAGE);
    assert!(ran.stderr.contains("error[set-local-requirement]: [WORLD]/release/../dist/torchvision"), "{ran}");
    world.mend("set-local-requirement = \"error\"", "set-local-requirement = \"ignore\"");
    let ran = world.ok(STAGE);
    assert!(!ran.stdout.contains("warning"), "{ran}");
    world.mend(
        "[artifacts.severity]",
        "[artifacts]\nmax-file-size = 900\nmax-total-size = \"1 kB\"\n\n[artifacts.severity]",
    );
    let ran = world.stops(1, STAGE);
    assert!(
        ran.stderr.contains("error[file-too-large]") && ran.stderr.contains("error[total-too-large]: torch: "),
        "{ran}"
    );
}

#[test]
fn files_of_an_earlier_portion_count_for_the_total() {
    let world = World::tagged();
    world.build("one", &wheel("torch", "2.15.0+cpu").filler(2000));
    world.build("two", &wheel("torch", "2.15.0+cu126").filler(2000));
    world.mend("[backup]", "[artifacts]\nmax-total-size = \"4 kB\"\n\n[backup]");
    world.ok("stage 2.15.0-rc1 --from ../dist/one --apply");
    let ran = world.stops(1, "stage 2.15.0-rc1 --from ../dist/two");
    assert!(ran.stderr.contains("error[total-too-large]: torch: "), "{ran}");
}
