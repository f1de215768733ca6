//! What stands beside a file or in its name: the derivation record, the version of a zip.

use trackside_artifact::derive::compare_record;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::derivation::{
    Derivation, DerivedFile, Function, RENAME_WHEEL, Rules, Scope, Search, Tool, VersionChange,
};
use trackside_domain::digest::Sha256;
use trackside_testkit::wheel::ZipBuilder;

use crate::case::{WHEEL, demo};
use crate::tar_case::verify_as;

fn record(name: &str, bytes: &[u8]) -> Derivation {
    let file = |name: &str, bytes: &[u8]| DerivedFile {
        name: name.parse().expect("the name of a file"),
        size: bytes.len() as u64,
        sha256: Sha256::of(bytes),
    };
    Derivation {
        format: 1,
        tool: Tool { name: "trackside".into(), version: "0".into() },
        function: Function { id: RENAME_WHEEL.into(), version: 1 },
        input: file("demo-1.0+cpu-py3-none-any.whl", b"input"),
        rules: Rules::new(VersionChange { from: "1.0+cpu".into(), to: "1.0".into() }),
        output: file(name, bytes),
        changed: Vec::new(),
        renamed: Vec::new(),
        search: Search { scope: Scope::Text, searched: 0, skipped: Vec::new() },
    }
}

#[test]
fn a_record_that_is_not_about_its_file_is_a_finding() {
    let bytes = demo().bytes();
    let report = verify_as(WHEEL, &bytes);
    let told = |record: Result<Derivation, String>| {
        compare_record(&report, &record).map(|finding| (finding.code.id(), finding.message))
    };
    assert_eq!(told(Ok(record(WHEEL, &bytes))), None);
    let (code, message) = told(Ok(record(WHEEL, b"other"))).unwrap();
    assert_eq!(code, "derivation-record-differs");
    assert!(message.contains("it states 5 bytes, the file has") && message.contains("sha256"), "{message}");
    let (code, message) = told(Ok(record("demo-1.1-py3-none-any.whl", &bytes))).unwrap();
    assert_eq!(code, "derivation-record-differs");
    assert!(message.ends_with("it states the name `demo-1.1-py3-none-any.whl`"), "{message}");
    let (code, message) = told(Err("the file beside it: no\u{1b}thing".into())).unwrap();
    assert_eq!((code, message.as_str()), ("derivation-record-unreadable", "the file beside it: no\\u{1b}thing"));
}

#[test]
fn a_zip_is_of_the_version_in_its_name() {
    let zip = |version: &str| {
        ZipBuilder::new()
            .deflated("libtorch/build-version", format!("{version}\n").as_bytes())
            .deflated("libtorch/include/a.h", b"")
    };
    let differs: &[&str] = &["libtorch-version-differs"];
    for (name, bytes, expected) in [
        ("libtorch-shared-with-deps-2.5.0+cpu.zip", zip("2.5.0+cpu").bytes(), &[][..]),
        ("libtorch-shared-with-deps-2.5.0%2Bcpu.zip", zip("2.5.0+cpu").bytes(), &[]),
        ("libtorch-macos-arm64-2.5.0.zip", zip("2.5.0").bytes(), &[]),
        ("libtorch-shared-with-deps-2.5.0.zip", zip("2.5.0+cu124").bytes(), &[]),
        ("libtorch-shared-with-deps-2.5.0.zip", zip("2.6.0").bytes(), differs),
        ("libtorch-shared-with-deps-2.5.0+cpu.zip", zip("2.5.0+cu124").bytes(), differs),
        ("libtorch-shared-with-deps-2.5.0+cpu.zip", zip("2.5.0").bytes(), differs),
        ("libtorch-shared-with-deps-2.5.0.zip", zip("latest").bytes(), differs),
        ("libtorch-shared-with-deps-latest.zip", zip("2.6.0").bytes(), &[]),
        ("libtorch-shared-with-deps-2.5.0.zip", zip("2.5.0").stored("x", b"").bytes(), &["libtorch-layout"]),
        ("other-1.0.zip", ZipBuilder::new().stored("x/y", b"").bytes(), &["libtorch-layout"]),
    ] {
        let report = verify_as(name, &bytes);
        assert_eq!(report.kind, ArtifactKind::Libtorch);
        let mut codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.id()).collect();
        codes.dedup();
        assert_eq!(codes, expected, "{name}");
    }
}
