//! Several artifacts together: what they contradict each other in.

use std::collections::BTreeMap;

use tempfile::TempDir;
use trackside_artifact::{Limits, Report, SetFindings, check_set};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::wheel::WheelBuilder;

fn report(wheel: &WheelBuilder) -> Report {
    let folder = TempDir::new().expect("a temporary folder");
    let path = wheel.write_to(folder.path()).expect("room for a wheel");
    trackside_artifact::verify(&path, ArtifactKind::Wheel).expect("a readable file")
}

fn torch() -> WheelBuilder {
    WheelBuilder::new("torch", "2.15.0").requires("filelock").requires("sympy>=1.13 ; python_version >= '3.9'")
}

fn linux() -> WheelBuilder {
    torch().tag("cp311", "cp311", "manylinux_2_28_x86_64")
}

fn mac() -> WheelBuilder {
    torch().tag("cp311", "none", "macosx_11_0_arm64")
}

fn check(wheels: &[WheelBuilder], line: &[(&str, &str)], limits: &Limits) -> SetFindings {
    let reports: Vec<Report> = wheels.iter().map(report).collect();
    assert!(reports.iter().all(|report| report.contents.is_some()));
    let parsed = |(name, version): &(&str, &str)| Some((name.parse().ok()?, version.parse().ok()?));
    let line: BTreeMap<_, _> = line.iter().map(|entry| parsed(entry).expect("a name and a version")).collect();
    check_set(&reports, &line, limits)
}

/// The codes of the second of two files.
fn second(first: WheelBuilder, second: WheelBuilder) -> Vec<&'static str> {
    let findings = check(&[first, second], &[], &Limits::default());
    assert!(findings.files[0].is_empty() && findings.set.is_empty(), "{findings:?}");
    findings.files[1].iter().map(|finding| finding.code.id()).collect()
}

#[test]
fn wheels_of_one_release_say_the_same() {
    let other_order = WheelBuilder::new("Torch", "2.15.0")
        .requires("sympy (>=1.13); python_version>=\"3.9\"")
        .requires("filelock")
        .tag("cp312", "cp312", "win_amd64");
    assert!(check(&[linux(), mac(), other_order], &[], &Limits::default()).is_empty());
    let crlf = |text: &str| mac().description(text);
    assert!(check(&[linux().description("a\nb\n"), crlf("a\r\nb")], &[], &Limits::default()).is_empty());
}

#[test]
fn each_field_that_differs_has_a_code() {
    for (wheel, expected) in [
        (mac().requires("numpy"), "set-requires-dist-differs"),
        (mac().requires("filelock>=3"), "set-requires-dist-differs"),
        (mac().requires_python(">=3.10"), "set-requires-python-differs"),
        (mac().metadata_line("Summary: tensors"), "set-summary-differs"),
        (mac().metadata_line("Provides-Extra: opt"), "set-provides-extra-differs"),
        (mac().description("long"), "set-description-differs"),
    ] {
        assert_eq!(second(linux(), wheel), [expected]);
    }
    let folder = TempDir::new().expect("a temporary folder");
    let newer = mac();
    let metadata = newer.metadata().replace("Metadata-Version: 2.1", "Metadata-Version: 2.4");
    let path = folder.path().join(newer.file_name());
    let zip = newer.zip().replace("torch-2.15.0.dist-info/METADATA", metadata.as_bytes());
    std::fs::write(&path, zip.bytes()).unwrap();
    let newer = trackside_artifact::verify(&path, ArtifactKind::Wheel).expect("a readable file");
    let findings = check_set(&[report(&linux()), newer], &BTreeMap::new(), &Limits::default());
    assert_eq!(findings.files[1][0].code.id(), "set-metadata-version-differs");
}

#[test]
fn names_and_bytes_belong_together() {
    assert_eq!(second(linux(), linux().file("torch/a.py", b"x")), ["set-same-name"]);
    assert!(second(linux(), linux()).is_empty());
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("torch-2.15.0-cp312-cp312-manylinux_2_28_x86_64.whl");
    std::fs::write(&path, linux().bytes()).unwrap();
    let copy = trackside_artifact::verify(&path, ArtifactKind::Wheel).expect("a readable file");
    let findings = check_set(&[report(&linux()), copy], &BTreeMap::new(), &Limits::default());
    assert_eq!(findings.files[1][0].code.id(), "set-same-bytes");
}

#[test]
fn the_train_requires_what_the_line_has() {
    let vision = |requirement: &str| WheelBuilder::new("torchvision", "0.30.0").requires(requirement);
    let told = |requirement: &str| {
        let line = [("torch", "2.15.0"), ("torchvision", "0.30.0")];
        let findings = check(&[vision(requirement)], &line, &Limits::default());
        findings.files[0].iter().map(|finding| finding.code.id()).collect::<Vec<_>>()
    };
    assert!(told("torch==2.15.0").is_empty());
    assert_eq!(told("torch==2.14.0"), ["set-line-version"]);
    assert_eq!(told("torch==2.15.0+cu124"), ["set-local-requirement"]);
    assert_eq!(second(linux(), vision("torch==2.15.0+cu124")), ["set-local-requirement"]);
}

#[test]
fn files_and_sets_have_limits() {
    let sizes: u64 = [linux(), mac()].iter().map(|wheel| wheel.bytes().len() as u64).sum();
    let fits = Limits { file: Some(sizes), total: Some(sizes) };
    assert!(check(&[linux(), mac()], &[], &fits).is_empty());
    let total = check(&[linux(), mac()], &[], &Limits { file: None, total: Some(sizes - 1) });
    assert_eq!(total.set[0].code.id(), "total-too-large");
    let file = check(&[linux(), mac()], &[], &Limits { file: Some(100), total: None });
    assert!(file.files.iter().all(|findings| findings[0].code.id() == "file-too-large"));
}

#[test]
fn two_source_distributions_are_one_too_many() {
    let sdist = |name: &str, wheel: &WheelBuilder| Report {
        file_name: name.to_owned(),
        kind: ArtifactKind::Sdist,
        ..report(wheel)
    };
    let reports = [
        report(&linux()),
        sdist("torch-2.15.0.tar.gz", &torch()),
        // Of Metadata-Version 2.1, so that nothing but the name and the version is compared.
        sdist("torch-2.15.tar.gz", &torch().requires("numpy").description("long")),
    ];
    let findings = check_set(&reports, &BTreeMap::new(), &Limits::default());
    assert!(findings.files[0].is_empty() && findings.files[1].is_empty(), "{findings:?}");
    let codes: Vec<&str> = findings.files[2].iter().map(|finding| finding.code.id()).collect();
    assert_eq!(codes, ["set-second-sdist"]);
}
