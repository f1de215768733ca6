//! What a wheel says about itself, and how all that is wrong with it is told.

use trackside_artifact::Contents;
use trackside_testkit::wheel::ZipEntry;

use crate::case::{METADATA, WHEEL, demo, read_wheel};

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut zip = demo().zip().entry(ZipEntry::stored("../evil", b"x").with(|header| header.crc ^= 1));
    zip = zip.replace(METADATA, b"Metadata-Version: 2.1\nName: other\nVersion: 2\n");
    let error = read_wheel(&zip.bytes()).unwrap_err();
    let told: Vec<String> = error.findings().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    `../evil`: its name has a part `..` [name-traversal]
    `../evil`: its checksum is not the declared one [content-crc]
    `demo-1.0.dist-info/METADATA`: RECORD states 71 bytes, it has 45 [record-size-differs]
    `demo-1.0.dist-info/METADATA`: RECORD states sha256 e476ebbf75fe, it has b813622f093f [record-hash-differs]
    `../evil`: RECORD does not list it [record-unlisted]
    METADATA names `other`, the file `demo` [metadata-name-differs]
    METADATA has version `2`, the file `1.0` [metadata-version-differs]
    ");
}

#[test]
fn a_good_wheel_says_what_stage_needs() {
    let bytes = demo().requires_python(">=3.10").bytes();
    let artifact = read_wheel(&bytes).unwrap();
    let Contents::Wheel(wheel) = &artifact.contents else { panic!("no wheel") };
    assert_eq!(wheel.file_name.as_str(), WHEEL);
    assert_eq!(artifact.sha256, trackside_domain::digest::Sha256::of(&bytes));
    assert_eq!(artifact.size, bytes.len() as u64);
    assert_eq!(wheel.metadata_bytes, demo().requires_python(">=3.10").metadata().into_bytes());
    assert_eq!(wheel.metadata_sha256, trackside_domain::digest::Sha256::of(&wheel.metadata_bytes));
    assert_eq!(
        (wheel.metadata.requires_python.as_deref(), &wheel.metadata.requires_dist[..]),
        (Some(">=3.10"), &["filelock".to_owned()][..])
    );
    assert_eq!((&wheel.wheel_tags[..], artifact.members), (&["py3-none-any".to_owned()][..], 5));
    assert!(artifact.warnings.is_empty());
}
