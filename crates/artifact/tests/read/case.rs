//! Writing an archive into a temporary folder, reading it, and what came of it.

use std::path::Path;

use tempfile::TempDir;
use trackside_artifact::{Artifact, ReadError};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Policy;
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder};

pub(crate) const WHEEL: &str = "demo-1.0-py3-none-any.whl";
pub(crate) const METADATA: &str = "demo-1.0.dist-info/METADATA";
pub(crate) const RECORD: &str = "demo-1.0.dist-info/RECORD";
pub(crate) const WHEEL_FILE: &str = "demo-1.0.dist-info/WHEEL";

/// One line of a table: what is wrong in words, the archive, and the codes it must be refused by.
pub(crate) type Case = (&'static str, Vec<u8>, &'static [&'static str]);

/// A small good wheel.
pub(crate) fn demo() -> WheelBuilder {
    WheelBuilder::new("demo", "1.0")
        .requires("filelock")
        .file("demo/__init__.py", b"answer = 42\n")
        .file("demo/a.py", b"")
}

/// A small good zip.
pub(crate) fn plain() -> ZipBuilder {
    ZipBuilder::new().stored("lib/a", b"alpha").deflated("lib/b", &[b'b'; 500])
}

pub(crate) fn read_as(name: &str, bytes: &[u8], kind: ArtifactKind) -> Result<Artifact, ReadError> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("room for an archive");
    trackside_artifact::read(&path, kind, &Policy::default())
}

pub(crate) fn read_wheel(bytes: &[u8]) -> Result<Artifact, ReadError> {
    read_as(WHEEL, bytes, ArtifactKind::Wheel)
}

pub(crate) fn read_zip(bytes: &[u8]) -> Result<Artifact, ReadError> {
    read_as("libtorch.zip", bytes, ArtifactKind::Libtorch)
}

/// The codes in the order of their discovery, without repetitions.
pub(crate) fn codes(result: &Result<Artifact, ReadError>) -> Vec<&'static str> {
    let mut codes: Vec<&str> = match result {
        Ok(artifact) => artifact.warnings.iter().map(|warning| warning.code.id()).collect(),
        Err(error) => error.findings().iter().map(|finding| finding.code.id()).collect(),
    };
    codes.dedup();
    codes
}

/// Reads every archive of a table; all failures are told at once.
pub(crate) fn check(cases: &[Case], read: fn(&[u8]) -> Result<Artifact, ReadError>) {
    let mut wrong = Vec::new();
    for (what, bytes, expected) in cases {
        let result = read(bytes);
        let found = codes(&result);
        if result.is_ok() || found != *expected {
            wrong.push(format!("{what}: expected {expected:?}, found {found:?}, {:?}", result.err()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(crate) fn path_of(folder: &Path) -> std::path::PathBuf {
    folder.join(WHEEL)
}
