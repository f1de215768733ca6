//! `artifact verify`: every finding with its weight, alone and side by side.

use insta::assert_snapshot;
use serde_json::Value;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::{World, derivation, put_beside, wheel};

const TORCH: &str = "../dist/torch-2.15.0+cpu-py3-none-any.whl";

/// A wheel whose WHEEL says other tags than its name: a warning in a channel, an error in `strict`.
fn with_other_tags(world: &World) {
    let path = world.build("", &wheel("torch", "2.15.0").tag("cp311", "cp311", "manylinux_2_28_x86_64"));
    std::fs::rename(path, world.path("dist/torch-2.15.0-cp311-cp311-manylinux1_x86_64.whl")).unwrap();
}

const RENAMED: &str = "../dist/torch-2.15.0-cp311-cp311-manylinux1_x86_64.whl";

fn document(world: &World, arguments: &str) -> (Value, Option<i32>) {
    let output = world.command(arguments.split_whitespace()).args(["--format", "json"]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(answer["schema"], "trackside.artifact-verify/1", "{answer:#}");
    (answer["artifact-verify"].clone(), output.status.code())
}

/// `severity code` of every finding of the first file.
fn told(world: &World, arguments: &str) -> Vec<String> {
    let (answer, _) = document(world, arguments);
    let findings = answer["files"][0]["findings"].as_array().unwrap().clone();
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings.iter().map(|finding| format!("{} {}", word(finding, "severity"), word(finding, "code"))).collect()
}

#[test]
fn a_good_wheel_without_any_configuration() {
    let world = World::empty();
    world.build("", &wheel("torch", "2.15.0+cpu"));
    let before = world.photograph();
    assert_snapshot!(world.ok(&format!("artifact verify {TORCH}")), @"
    ../dist/torch-2.15.0+cpu-py3-none-any.whl (profile channel): nothing is wrong
    1 file: 0 errors, 0 warnings
    exit 0
    ");
    assert_eq!(before, world.photograph());
    assert!(!world.path("state").exists(), "no state folder is made");
}

#[test]
fn every_error_is_told_with_its_member_and_its_source() {
    let world = World::empty();
    let bytes = wheel("torch", "2.15.0+cpu").zip().stored("torch/a.py", b"a").stored("torch/b.py", b"b").bytes();
    world.build("", &wheel("torch", "2.15.0+cpu"));
    std::fs::write(world.path("release").join(TORCH), bytes).unwrap();
    assert_snapshot!(world.stops(1, &format!("artifact verify {TORCH}")), @"
    ../dist/torch-2.15.0+cpu-py3-none-any.whl (profile channel)
      error  record-unlisted  `torch/a.py`: RECORD does not list it (PEP 376, PEP 427: RECORD)
      error  record-unlisted  `torch/b.py`: RECORD does not list it (PEP 376, PEP 427: RECORD)
    1 file: 2 errors, 0 warnings
    exit 1
    ");
    let (answer, code) = document(&world, &format!("artifact verify {TORCH}"));
    assert_eq!((code, &answer["passed"], &answer["errors"]), (Some(1), &false.into(), &2.into()));
    assert_snapshot!(serde_json::to_string_pretty(&answer["files"][0]["findings"][0]).unwrap(), @r#"
    {
      "code": "record-unlisted",
      "member": "torch/a.py",
      "message": "RECORD does not list it",
      "severity": "error",
      "source": "PEP 376, PEP 427: RECORD"
    }
    "#);
}

#[test]
fn profiles_give_the_same_finding_another_weight() {
    let world = World::empty();
    with_other_tags(&world);
    let said = |profile: &str| told(&world, &format!("artifact verify {RENAMED} {profile}"));
    assert!(said("").contains(&"warning wheel-tags-differ".to_owned()), "{:?}", said(""));
    assert!(said("--profile pypi").contains(&"warning wheel-tags-differ".to_owned()));
    assert!(said("--profile strict").contains(&"error wheel-tags-differ".to_owned()));
    assert_eq!(world.run(&format!("artifact verify {RENAMED}")).code, Some(0));
    assert_eq!(world.run(&format!("artifact verify {RENAMED} --profile strict")).code, Some(1));
    assert_eq!(world.run(&format!("artifact verify {RENAMED} --profile lax")).code, Some(2));
}

#[test]
fn what_was_derived_is_held_to_the_strict_profile() {
    let world = World::empty();
    with_other_tags(&world);
    let path = world.path("release").join(RENAMED);
    let record = derivation(&path, "2.15.0+cu130");
    put_beside(&path, &record);
    let ran = world.stops(1, &format!("artifact verify {RENAMED}"));
    assert!(ran.stdout.contains("(profile strict, derived)"), "{ran}");
    // It may still be asked for a milder one.
    world.ok(&format!("artifact verify {RENAMED} --profile channel"));
    // A record of other bytes says nothing about these, and does not make the profile milder.
    let mut other = record;
    other.output.size += 1;
    put_beside(&path, &other);
    let ran = world.stops(1, &format!("artifact verify {RENAMED}"));
    assert!(ran.stdout.contains("(profile strict, with a derivation record that is not about it)"), "{ran}");
    assert!(ran.stdout.contains("derivation-record-differs"), "{ran}");
}

#[test]
fn a_project_raises_and_lowers_codes() {
    let world = World::train();
    with_other_tags(&world);
    world.mend("[backup]", "[artifacts.severity]\nwheel-tags-differ = \"error\"\n\n[backup]");
    world.stops(1, &format!("artifact verify {RENAMED}"));
    world.mend("wheel-tags-differ = \"error\"", "wheel-tags-differ = \"ignore\"");
    assert!(!told(&world, &format!("artifact verify {RENAMED} --profile strict")).join(" ").contains("wheel-tags"));
    world.mend("wheel-tags-differ = \"ignore\"", "wheel-tag-differs = \"ignore\"");
    let ran = world.stops(2, &format!("artifact verify {RENAMED}"));
    assert!(ran.stderr.contains("did you mean `wheel-tags-differ`?"), "{ran}");
    // The configuration is found from elsewhere, too.
    world.mend("wheel-tag-differs = \"ignore\"", "wheel-tags-differ = \"error\"");
    let mut elsewhere = world.command(["artifact", "verify", "--config", "../release"]);
    let ran = world.finish(elsewhere.arg(RENAMED).current_dir(world.path("git")));
    assert_eq!(ran.code, Some(1), "{ran}");
}

#[test]
fn a_file_that_cannot_be_read_at_all_is_no_good_file_whatever_the_project_says() {
    let world = World::train();
    world.mend("[backup]", "[artifacts.severity]\nwheel-missing = \"ignore\"\n\n[backup]");
    world.build("", &wheel("torch", "2.15.0+cpu"));
    let bytes = trackside_testkit::wheel::ZipBuilder::new().stored("torch.py", b"x = 1\n").bytes();
    std::fs::write(world.path("release").join(TORCH), bytes).unwrap();
    let ran = world.stops(1, &format!("artifact verify {TORCH}"));
    assert!(ran.stdout.contains("more may be wrong: what it says about itself could not be read"), "{ran}");
}

#[test]
fn limits_come_from_the_command_line_or_from_the_project() {
    let world = World::train();
    world.build("", &wheel("torch", "2.15.0+cpu").filler(3000));
    world.build("", &wheel("torchvision", "0.30.0+cpu"));
    let both = format!("artifact verify {TORCH} ../dist/torchvision-0.30.0+cpu-py3-none-any.whl");
    world.ok(&both);
    world.ok(&format!("{both} --max-file-size 1GiB --max-total-size 1GiB"));
    assert_snapshot!(world.stops(1, &format!("{both} --max-file-size 2kB --max-total-size 3000")), @"
    ../dist/torch-2.15.0+cpu-py3-none-any.whl (profile channel)
      error  file-too-large  it has [SIZE], 2000 are allowed (trackside)
    ../dist/torchvision-0.30.0+cpu-py3-none-any.whl (profile channel): nothing is wrong
    all files together (profile channel)
      error  total-too-large  the files have [SIZE] together, 3000 are allowed (trackside)
    2 files: 2 errors, 0 warnings
    exit 1
    ");
    world.mend("[backup]", "[artifacts]\nmax-total-size = \"3 kB\"\n\n[backup]");
    assert!(world.stops(1, &both).stdout.contains("total-too-large"));
    world.ok(&format!("{both} --max-total-size 1MB"));
    let ran = world.stops(2, &format!("{both} --max-total-size 1.5MB"));
    assert!(ran.stderr.contains("is no size"), "{ran}");
}

#[test]
fn files_of_one_release_are_compared() {
    let world = World::empty();
    let linux =
        |requirement: &str| WheelBuilder::new("torch", "2.15.0").tag("py3", "none", "any").requires(requirement);
    world.build("one", &linux("filelock"));
    world.build("two", &linux("sympy"));
    let path = |folder: &str| format!("../dist/{folder}/torch-2.15.0-py3-none-any.whl");
    assert_snapshot!(world.stops(1, &format!("artifact verify {} {}", path("one"), path("two"))), @"
    ../dist/one/torch-2.15.0-py3-none-any.whl (profile channel): nothing is wrong
    ../dist/two/torch-2.15.0-py3-none-any.whl (profile channel)
      error    set-same-name              another file of this name has sha256 [ID], this one [ID] (trackside)
      warning  set-requires-dist-differs  its Requires-Dist is not that of `torch-2.15.0-py3-none-any.whl`: more: `sympy`; missing: `filelock` (PyPI: a release shows the metadata of its first file)
    2 files: 1 error, 1 warning
    exit 1
    ");
    // The same file twice is one file.
    world.ok(&format!("artifact verify {} {}", path("one"), path("one")));
}

#[test]
fn unreadable_files_and_strange_names() {
    let world = World::empty();
    world.build("", &wheel("torch", "2.15.0+cpu"));
    std::fs::create_dir(world.path("dist/folder-1.0-py3-none-any.whl")).unwrap();
    assert_snapshot!(
        world.stops(1, &format!("artifact verify ../dist/missing-1.0-py3-none-any.whl {TORCH} ../dist/folder-1.0-py3-none-any.whl")),
        @"
        ../dist/missing-1.0-py3-none-any.whl
          error  cannot open ../dist/missing-1.0-py3-none-any.whl: No such file or directory (os error 2)
        ../dist/torch-2.15.0+cpu-py3-none-any.whl (profile channel): nothing is wrong
        ../dist/folder-1.0-py3-none-any.whl
          error  ../dist/folder-1.0-py3-none-any.whl is not a regular file
        3 files: 2 errors, 0 warnings
        exit 1
        "
    );
    let ran = world.stops(2, "artifact verify ../dist/torch.tgz");
    assert!(ran.stderr.contains("names end with .whl (wheel), .zip (libtorch), .tar.gz (sdist)"), "{ran}");
    assert_eq!(world.run("artifact verify").code, Some(2));
    assert_eq!(world.run(&format!("artifact verify {TORCH} --config ../nowhere")).code, Some(2));
}
