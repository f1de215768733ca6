//! The `.dist-info` folder, METADATA and WHEEL against the file's name.

use super::samples::{METADATA, WHEEL, WHEEL_FILE, demo, renamed, saying};
use super::{Case, Family, Row, refused};
use crate::wheel::{WheelBuilder, ZipBuilder};

/// Folders of other names.
pub(super) fn folders() -> Vec<Case> {
    let named = |name: &'static str, version: &'static str| WheelBuilder::new(name, version).bytes();
    let missing: &[&str] = &["dist-info-name", "metadata-missing", "wheel-missing", "record-missing"];
    let second = |path: &'static str| demo().file(path, b"").bytes();
    let rows: Vec<Row> = vec![
        ("another package", named("other", "1.0"), missing),
        ("another version", named("demo", "1.1"), missing),
        ("another spelling of the version", named("demo", "1.0.0"), missing),
        ("another case", renamed("Demo-1.0.dist-info/"), missing),
        (
            "none",
            ZipBuilder::new().bytes(),
            &["dist-info-missing", "metadata-missing", "wheel-missing", "record-missing"],
        ),
        ("two", second("other-1.0.dist-info/METADATA"), &["dist-info-several"]),
        ("two in another case", second("other-1.0.DIST-INFO/METADATA"), &["dist-info-several"]),
    ];
    refused(Family::Record, WHEEL, rows)
}

/// METADATA against the file's name.
pub(super) fn metadata() -> Vec<Case> {
    let replaced = |from: &'static str, to: &'static str| saying(METADATA, move |text| text.replacen(from, to, 1));
    let rows: Vec<Row> = vec![
        ("missing", demo().zip().without(METADATA).bytes(), &["metadata-missing", "record-stranger"]),
        ("another name", replaced("Name: demo", "Name: other"), &["metadata-name-differs"]),
        ("another version", replaced("Version: 1.0", "Version: 1.1"), &["metadata-version-differs"]),
        ("a local version", replaced("Version: 1.0", "Version: 1.0+cpu"), &["metadata-version-differs"]),
        ("no version at all", replaced("Version: 1.0", "Version: x"), &["metadata-version-differs"]),
        ("two names", replaced("Name: demo", "Name: demo\nName: other"), &["metadata-duplicate-field"]),
        ("two equal versions", replaced("Version: 1.0", "Version: 1.0\nversion: 1.0"), &["metadata-duplicate-field"]),
        ("no name", replaced("Name: demo\n", ""), &["metadata-field-missing"]),
        ("empty version", replaced("Version: 1.0", "Version:"), &["metadata-field-missing"]),
        ("format 9.9", replaced("Metadata-Version: 2.1", "Metadata-Version: 9.9"), &["metadata-version-unknown"]),
        ("a line that is no header", replaced("Name: demo", "From somebody\nName: demo"), &["metadata-malformed"]),
        (
            "not UTF-8",
            demo().zip().replace(METADATA, b"Name: \xff").bytes(),
            &["record-size-differs", "record-hash-differs", "metadata-not-utf8"],
        ),
        (
            "Requires-Python in words",
            replaced("Name: demo", "Name: demo\nRequires-Python: three"),
            &["requires-python-malformed"],
        ),
        ("too large", demo().description(&"x".repeat(17 << 20)).bytes(), &["metadata-too-large"]),
    ];
    refused(Family::Metadata, WHEEL, rows)
}

/// WHEEL on its own.
pub(super) fn wheel_file() -> Vec<Case> {
    let replaced = |from: &'static str, to: &'static str| saying(WHEEL_FILE, move |text| text.replacen(from, to, 1));
    let rows: Vec<Row> = vec![
        ("missing", demo().zip().without(WHEEL_FILE).bytes(), &["wheel-missing", "record-stranger"]),
        ("version 2.0", replaced("Wheel-Version: 1.0", "Wheel-Version: 2.0"), &["wheel-version-unsupported"]),
        ("no version", replaced("Wheel-Version: 1.0\n", ""), &["wheel-malformed"]),
        ("version in words", replaced("Wheel-Version: 1.0", "Wheel-Version: one"), &["wheel-malformed"]),
        ("no tags", replaced("Tag: py3-none-any\n", ""), &["wheel-malformed"]),
        ("pure in words", replaced("Purelib: true", "Purelib: perhaps"), &["wheel-malformed"]),
        ("no header form", replaced("Wheel-Version: 1.0", "Wheel"), &["wheel-malformed"]),
        (
            "tags by the billion",
            saying(WHEEL_FILE, |text| text.replace("py3-none-any", &billion())),
            &["wheel-malformed"],
        ),
        (
            "a tag of 5,000 bytes",
            saying(WHEEL_FILE, |text| text.replace("py3", &"p".repeat(5_000))),
            &["wheel-malformed"],
        ),
        ("too large", saying(WHEEL_FILE, |text| text + &"x".repeat(2 << 20)), &["wheel-malformed"]),
    ];
    refused(Family::WheelFile, WHEEL, rows)
}

/// One line of WHEEL that stands for 1,000 x 1,000 x 1,000 tags.
fn billion() -> String {
    ["p", "a", "x"].map(|part| vec![part; 1_000].join(".")).join("-")
}
