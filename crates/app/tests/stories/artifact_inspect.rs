//! `artifact inspect`: what files say, without a release repository and without changing anything.

use insta::assert_snapshot;
use serde_json::Value;
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder};

use crate::common::{World, wheel};

/// A world without a configuration, with a wheel that says much.
fn world() -> World {
    let world = World::empty();
    let rich = WheelBuilder::new("torch", "2.15.0+cpu")
        .build("2")
        .tag("cp311", "cp311", "manylinux_2_28_x86_64")
        .requires("filelock")
        .requires("sympy>=1.13")
        .requires_python(">=3.10")
        .metadata_line("Summary: Tensors")
        .metadata_line("License-Expression: BSD-3-Clause")
        .metadata_line("License-File: LICENSE")
        .metadata_line("Classifier: Programming Language :: Python :: 3")
        .metadata_line("Project-URL: Source, https://git.example/torch")
        .file("torch/__init__.py", &[b'x'; 4096]);
    world.build("", &rich);
    world
}

fn document(world: &World, arguments: &str) -> (Value, Option<i32>) {
    let output = world.command(arguments.split_whitespace()).args(["--format", "json"]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["schema"], "trackside.artifact-inspect/1", "{answer:#}");
    (answer["artifact-inspect"].clone(), output.status.code())
}

const RICH: &str = "../dist/torch-2.15.0+cpu-2-cp311-cp311-manylinux_2_28_x86_64.whl";

#[test]
fn a_wheel_says_what_it_is() {
    let world = world();
    let before = world.photograph();
    assert_snapshot!(world.ok(&format!("artifact inspect {RICH}")), @"
    torch-2.15.0+cpu-2-cp311-cp311-manylinux_2_28_x86_64.whl
      kind              wheel
      package           torch 2.15.0+cpu
      build             2
      tags              cp311-cp311-manylinux_2_28_x86_64
      size              [SIZE] ([SIZE])
      unpacked          [SIZE] in 4 members, 4.32 times the file
      sha256            [ID]
      blake2b-256       [ID]
      METADATA          sha256 [ID] (PEP 658)
      summary           Tensors
      python            >=3.10
      requires          filelock
                        sympy>=1.13
      licence           BSD-3-Clause
      licence files     LICENSE
      classifiers       Programming Language :: Python :: 3
      URLs              Source, https://git.example/torch
      metadata version  2.1
    exit 0
    ");
    assert_eq!(before, world.photograph());
    assert!(!world.path("state").exists(), "no state folder is made");
}

#[test]
fn the_document_has_the_same() {
    let world = world();
    let (answer, code) = document(&world, &format!("artifact inspect {RICH}"));
    let file = &answer["files"][0];
    assert_eq!((code, &file["error"], &file["kind"]), (Some(0), &Value::Null, &Value::from("wheel")));
    assert_eq!((&file["name"], &file["version"], &file["build"]), (&"torch".into(), &"2.15.0+cpu".into(), &"2".into()));
    assert_eq!(file["metadata"]["requires_dist"], serde_json::json!(["filelock", "sympy>=1.13"]));
    assert_eq!(file["size"], std::fs::metadata(world.path("release").join(RICH)).unwrap().len());
    assert!(file["ratio"].as_f64().unwrap() > 1.0, "{file:#}");
}

#[test]
fn several_files_are_told_in_the_given_order_and_a_bad_one_stops_no_other() {
    let world = world();
    let small = world.build("", &wheel("numpy", "2.0.0"));
    std::fs::write(world.path("dist/libtorch-static-2.15.0+cpu.zip"), ZipBuilder::new().stored("a", b"b").bytes())
        .unwrap();
    let whole = std::fs::read(&small).unwrap();
    std::fs::write(world.path("dist/cut-1.0-py3-none-any.whl"), &whole[..whole.len() / 2]).unwrap();
    let arguments = format!(
        "artifact inspect ../dist/cut-1.0-py3-none-any.whl ../dist/libtorch-static-2.15.0+cpu.zip ../dist/missing.whl {RICH}"
    );
    let (answer, code) = document(&world, &arguments);
    let files = answer["files"].as_array().unwrap();
    let told: Vec<String> =
        files.iter().map(|file| format!("{} {} {}", file["path"], file["version"], file["error"].is_null())).collect();
    assert_eq!(code, Some(1));
    assert_snapshot!(told.join("\n"), @r#"
    "../dist/cut-1.0-py3-none-any.whl" null false
    "../dist/libtorch-static-2.15.0+cpu.zip" "2.15.0+cpu" true
    "../dist/missing.whl" null false
    "../dist/torch-2.15.0+cpu-2-cp311-cp311-manylinux_2_28_x86_64.whl" "2.15.0+cpu" true
    "#);
    assert_eq!(files[0]["findings"][0]["code"], "not-a-zip");
    let human = world.stops(1, &arguments);
    assert!(
        human.stdout.contains("\n  error: ../dist/cut-1.0-py3-none-any.whl is refused: no end of central"),
        "{human}"
    );
}

#[test]
fn a_name_that_stands_for_no_artifact_is_a_mistake_of_the_caller() {
    let world = world();
    assert_snapshot!(world.stops(2, "artifact inspect ../dist/notes.txt ../dist/more.rpm"), @"
    | error: no artifact is called so: ../dist/notes.txt, ../dist/more.rpm; names end with .whl (wheel), .zip (libtorch), .tar.gz (sdist), .conda (conda), .tar.bz2 (conda); no file was read
    exit 2
    ");
    assert_eq!(world.run("artifact inspect").code, Some(2));
    assert_eq!(world.run("artifact").code, Some(2));
}
