//! What `init` writes passes `check`, and the schema says what is read.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Value;

use crate::artifact_kind::ArtifactKind;
use crate::config::template::Template;
use crate::config::{load, schema};
use crate::matrix::{MatrixReport, expand};
use crate::project::Project;

fn project(template: Template) -> Project {
    let files = template.files().into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    load(&files, "/srv/release").unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_small_template_is_a_good_configuration() {
    let project = project(Template::Small);
    assert_snapshot!(MatrixReport::new(&project, "1.0.0".parse().unwrap()).unwrap(), @r"
    1.0.0: 10 artifacts

    example 1.0.0: 9 artifacts (wheel 9)
      cpu/example-1.0.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl
      cpu/example-1.0.0+cpu-cp311-cp311-win_amd64.whl
      cpu/example-1.0.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl
      cpu/example-1.0.0+cpu-cp312-cp312-win_amd64.whl
      cpu/example-1.0.0+cpu-cp313-cp313-manylinux_2_28_x86_64.whl
      cpu/example-1.0.0+cpu-cp313-cp313-win_amd64.whl
      cpu/example-1.0.0-cp311-cp311-macosx_14_0_arm64.whl
      cpu/example-1.0.0-cp312-cp312-macosx_14_0_arm64.whl
      cpu/example-1.0.0-cp313-cp313-macosx_14_0_arm64.whl

    example-library 0.3.0: 1 artifact (wheel 1)
      example_library-0.3.0-py3-none-any.whl
    ");
}

/// 108 wheels and 11 archives are what the generator of PyTorch's own matrix gave for the release
/// channel in August 2026.
#[test]
fn the_pytorch_template_has_the_size_of_a_real_release() {
    let project = project(Template::Pytorch);
    let torch = "torch".parse().unwrap();
    let base = expand(&torch, "2.15.0".parse().unwrap(), &project.packages[&torch].matrix).unwrap();
    let wheels = base.iter().filter(|one| one.kind == ArtifactKind::Wheel).count();
    assert_eq!((wheels, base.len() - wheels), (108, 11));
}

#[test]
fn the_pytorch_template_names_what_pytorch_names() {
    let project = project(Template::Pytorch);
    let report = MatrixReport::new(&project, "2.15.0".parse().unwrap()).unwrap();
    let counts: Vec<String> =
        report.packages.iter().map(|one| format!("{} {} {:?}", one.package, one.version, one.counts)).collect();
    assert_snapshot!(counts.join("\n"), @r"
    torch 2.15.0 {Wheel: 144, Libtorch: 11}
    torch-xla 2.15.0 {Wheel: 4}
    torchaudio 2.15.0 {Wheel: 96}
    torchtext 0.30.0 {Wheel: 18}
    torchvision 0.30.0 {Wheel: 17}
    ");
    let all: Vec<&String> = report.packages.iter().flat_map(|one| &one.files).collect();
    for file in [
        "cu130/torch-2.15.0+cu130-cp313-cp313-manylinux_2_28_x86_64.whl",
        "cu126/torch-2.15.0+cu126-cp314-cp314t-manylinux_2_28_aarch64.whl",
        "rocm7.2/torch-2.15.0+rocm7.2-cp315-cp315t-manylinux_2_28_x86_64.whl",
        "cpu/torch-2.15.0-cp310-cp310-macosx_14_0_arm64.whl",
        "cpu/torch-2.15.0+cpu-cp312-cp312-win_arm64.whl",
        "cpu/libtorch-shared-with-deps-2.15.0+cpu.zip",
        "cu132/libtorch-win-shared-with-deps-2.15.0+cu132.zip",
        "cpu/libtorch-macos-arm64-2.15.0.zip",
        "xpu/torchvision-0.30.0+xpu-py3-none-win_amd64.whl",
        "cpu/torchvision-0.30.0-py3-none-macosx_14_0_arm64.whl",
        "torch_xla-2.15.0-cp310-cp310-manylinux_2_28_x86_64.whl",
    ] {
        assert!(all.iter().any(|one| *one == file), "{file}");
    }
    assert!(!all.iter().any(|file| file.contains("torchaudio") && file.contains("cp315")));
    assert!(!all.iter().any(|file| file.contains("rocm") && file.contains("win")));
}

#[test]
fn the_pytorch_template_cuts_the_train_as_pytorch_does() {
    let project = project(Template::Pytorch);
    let line = "2.15".parse().unwrap();
    let told: Vec<String> = project
        .repositories
        .iter()
        .map(|(name, repository)| {
            let own = project.line_of(name, line);
            let release = repository.release_branch.of(own).unwrap();
            format!(
                "{name}: {} from {}, {} edits, wave {}",
                release,
                repository.cut_from,
                repository.edits.len(),
                repository.wave
            )
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    audio: release/2.15 from main, 2 edits, wave libraries
    builder: release/2.15 from main, 2 edits, wave core
    pytorch: release/2.15 from viable/strict, 5 edits, wave core
    text: release/0.30 from main, 2 edits, wave libraries
    vision: release/0.30 from main, 2 edits, wave libraries
    xla: r2.15 from master, 0 edits, wave core
    ");
    let order: Vec<&str> = project.in_dependency_order().into_iter().map(crate::name::PackageName::as_str).collect();
    assert_snapshot!(order.join(" "), @"torch torch-xla torchaudio torchtext torchvision");
}

fn nulls(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(text == "null"),
        Value::Array(list) => list.iter().map(nulls).sum(),
        Value::Object(object) => object.values().map(nulls).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[test]
fn the_schema_says_what_is_read() {
    let schema = schema();
    let main = &schema["trackside.toml"];
    assert_snapshot!(main["required"], @r#"["waves","project","channels","backup","repositories","packages"]"#);
    assert_eq!(main["additionalProperties"], Value::Bool(false));
    assert_snapshot!(schema["lines/M.m.toml"]["required"], @r#"["line","releases"]"#);
    assert_eq!(nulls(&schema), 0, "TOML has no null");
}

/// A key that the reader knows and the schema does not, or the other way round, cannot be: both
/// come from one list. So it is enough to see that the keys of the templates are in the schema.
#[test]
fn the_schema_knows_every_key_of_the_templates() {
    let text = schema().to_string();
    let mut seen = BTreeMap::new();
    for (_, content) in [Template::Small, Template::Pytorch].into_iter().flat_map(Template::files) {
        for line in content.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| key.contains('-')) {
                let known = text.contains(&format!("\"{key}\""));
                seen.insert(key.to_owned(), known);
            }
        }
    }
    // Names that the user gives are no keys of the schema.
    let unknown: Vec<_> = seen.iter().filter(|(_, known)| !**known).map(|(key, _)| key.as_str()).collect();
    assert_eq!(unknown, ["cut-core", "cut-libraries", "example-library", "general-availability", "torch-xla"]);
    assert!(seen.len() > 5);
}
