//! What the fuzz targets share: handing bytes to the reader as a file, and what must hold afterwards.

pub mod input;
pub mod second_reader;
pub mod shapes;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use trackside_artifact::{Report, inspect, verify};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::{Policy, Profile};

/// The folder of this process; `fuzz/run` puts it on a file system in memory.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("trackside-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the artifacts");
    folder
});

/// The name of the wheel that most targets pretend to have.
pub const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// Reads `bytes` as a file of this name, looks at it briefly as well, and gives the report. What
/// must hold for any bytes is asserted here: a verdict, and a stricter profile that is never milder.
pub fn judge(name: &str, bytes: &[u8]) -> Report {
    let kind = ArtifactKind::of_file_name(name).expect("a name with a known ending");
    let path = FOLDER.join(name);
    fs::write(&path, bytes).expect("room for an artifact");
    let report = verify(&path, kind).expect("a verdict");
    let looked_at = inspect(&path, kind);
    let accepted = |profile| report.clone().accept(&Policy::of(profile)).is_ok();
    let [channel, pypi, strict] = [Profile::Channel, Profile::Pypi, Profile::Strict].map(accepted);
    assert!(channel || !pypi, "accepted for PyPI, not for a channel: {:?}", report.findings);
    assert!(pypi || !strict, "accepted by strict, not for PyPI: {:?}", report.findings);
    if channel {
        let looked_at = looked_at.expect("what is accepted can be looked at");
        assert_eq!(looked_at.sha256, report.sha256);
        assert_eq!(Some(looked_at.said.members), report.members);
    }
    for finding in &report.findings {
        let shown = finding.to_string();
        assert!(!shown.chars().any(char::is_control), "raw text in a message: {shown:?}");
        assert!(shown.len() < 20_000, "a message of {} bytes", shown.len());
    }
    report
}

/// Whether a channel takes it.
pub fn is_accepted(report: &Report) -> bool {
    report.clone().accept(&Policy::of(Profile::Channel)).is_ok()
}
