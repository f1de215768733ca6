//! Writing an archive into a temporary folder, reading it, and what came of it.

use std::path::Path;

use tempfile::TempDir;
use trackside_artifact::{Artifact, ReadError};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::{Finding, Policy};
use trackside_testkit::wheel::{ZipBuilder, record_line};

pub(crate) use trackside_testkit::malformed::samples::{METADATA, RECORD, WHEEL, WHEEL_FILE, demo, plain};

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

/// Everything that is found in a wheel, whatever it means for a profile.
pub(crate) fn findings(name: &str, bytes: &[u8]) -> Vec<Finding> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("room for an archive");
    trackside_artifact::verify(&path, ArtifactKind::Wheel).expect("a file that can be read").findings
}

/// The codes of [`findings`] without repetitions.
pub(crate) fn found(name: &str, bytes: &[u8]) -> Vec<&'static str> {
    let mut codes: Vec<&str> = findings(name, bytes).iter().map(|finding| finding.code.id()).collect();
    codes.dedup();
    codes
}

/// A wheel of these files, with a RECORD that lists them and, if it is not among them, a WHEEL for
/// `py3-none-any`, in the folder that the first file, METADATA, stands in.
pub(crate) fn record_for(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip_of(files, &record_text(files))
}

/// The content of WHEEL that [`record_for`] adds.
const PURE: &[u8] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

/// The files with WHEEL, and the folder that holds it.
fn completed<'a>(files: &'a [(&'a str, &'a [u8])]) -> (Vec<(String, &'a [u8])>, String) {
    let folder = files[0].0.trim_end_matches("/METADATA").to_owned();
    let mut all: Vec<(String, &[u8])> = files.iter().map(|(path, content)| ((*path).to_owned(), *content)).collect();
    let wheel = format!("{folder}/WHEEL");
    if !all.iter().any(|(path, _)| *path == wheel) {
        all.push((wheel, PURE));
    }
    (all, folder)
}

/// RECORD of the files.
pub(crate) fn record_text(files: &[(&str, &[u8])]) -> String {
    let (all, folder) = completed(files);
    let lines: String = all.iter().map(|(path, content)| record_line(path, content)).collect();
    format!("{lines}{folder}/RECORD,,\n")
}

/// The files as a wheel with this RECORD.
pub(crate) fn zip_of(files: &[(&str, &[u8])], record: &str) -> Vec<u8> {
    let (all, folder) = completed(files);
    let zip = all.iter().fold(ZipBuilder::new(), |zip, (path, content)| zip.deflated(path, content));
    zip.stored(format!("{folder}/RECORD"), record.as_bytes()).bytes()
}

pub(crate) fn path_of(folder: &Path) -> std::path::PathBuf {
    folder.join(WHEEL)
}
