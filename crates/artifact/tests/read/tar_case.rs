//! Sdists and conda packages for the tables: writing one, verifying it, and all codes that it has.

use tempfile::TempDir;
use trackside_artifact::Report;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::conda::{CondaBuilder, bzip2};
use trackside_testkit::tar::{Gzip, SdistBuilder, TarBuilder, TarEntry};

pub(crate) const SDIST: &str = "demo-1.0.tar.gz";
pub(crate) const CONDA: &str = "demo-1.0-py310_0.conda";
pub(crate) const CONDA_1: &str = "demo-1.0-py310_0.tar.bz2";

/// One line of a table: what is wrong in words, the file, and all codes that are found in it.
pub(crate) type TarCase = (&'static str, Vec<u8>, &'static [&'static str]);

pub(crate) fn verify_as(name: &str, bytes: &[u8]) -> Report {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("room for an archive");
    let kind = ArtifactKind::of_file_name(name).expect("a name with a known ending");
    trackside_artifact::verify(&path, kind).expect("a file that can be read")
}

/// The codes in the order of their discovery, without repetitions.
pub(crate) fn codes_of(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.id()).collect();
    codes.dedup();
    codes
}

/// Verifies every file of a table under this name; all failures are told at once.
pub(crate) fn check_as(name: &str, cases: &[TarCase]) {
    let mut wrong = Vec::new();
    for (what, bytes, expected) in cases {
        let report = verify_as(name, bytes);
        let found = codes_of(&report);
        if found != *expected {
            wrong.push(format!("{what}: expected {expected:?}, found {found:?}, {:?}", report.findings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A small good source distribution.
pub(crate) fn sdist() -> SdistBuilder {
    SdistBuilder::new("demo", "1.0").file("a.py", b"answer = 42\n").file("b/c.txt", &[b'c'; 700])
}

/// The bytes of a tar as an sdist.
pub(crate) fn gz(tar: &TarBuilder) -> Vec<u8> {
    Gzip::new(&tar.bytes()).bytes()
}

/// The small sdist with one more header behind the others.
pub(crate) fn plus(entry: TarEntry) -> Vec<u8> {
    gz(&sdist().tar().entry(entry))
}

/// The small sdist with several more.
pub(crate) fn plus_all(entries: impl IntoIterator<Item = TarEntry>) -> Vec<u8> {
    gz(&entries.into_iter().fold(sdist().tar(), TarBuilder::entry))
}

/// The small sdist with its file `a.py` changed.
pub(crate) fn changed(change: impl FnOnce(&mut TarEntry)) -> Vec<u8> {
    gz(&sdist().tar().edit("demo-1.0/a.py", change))
}

/// A small good conda package.
pub(crate) fn conda() -> CondaBuilder {
    CondaBuilder::new("demo", "1.0", "py310_0")
        .file("lib/libdemo.so.1", b"not really")
        .symlink("lib/libdemo.so", "libdemo.so.1")
        .hard_link("bin/demo", "lib/libdemo.so.1", b"not really")
        .file("share/demo.txt", &[b'd'; 700])
}

/// The package as a `.tar.bz2`.
pub(crate) fn bz2(package: &CondaBuilder) -> Vec<u8> {
    bzip2(&package.tar().bytes())
}
