//! The first look: what it opens and what not, and that nothing hostile gets through it.

use tempfile::TempDir;
use trackside_artifact::{Inspection, ReadError, inspect};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;
use trackside_testkit::wheel::ZipBuilder;

use crate::case::{METADATA, WHEEL, WHEEL_FILE, demo, plain};

fn look(name: &str, bytes: &[u8]) -> Result<Inspection, ReadError> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("room for an archive");
    inspect(&path, ArtifactKind::of_file_name(name).expect("the name of an artifact"))
}

fn refused(zip: &ZipBuilder) -> Vec<&'static str> {
    let error = look(WHEEL, &zip.bytes()).expect_err("it must be refused");
    error.findings().iter().map(|finding| finding.code.id()).collect()
}

#[test]
fn a_wheel_says_what_it_is() {
    let bytes = demo().metadata_line("Summary: A demo").bytes();
    let Inspection { size, sha256, said, .. } = look(WHEEL, &bytes).unwrap();
    assert_eq!((size, sha256), (bytes.len() as u64, Sha256::of(&bytes)));
    assert_eq!((said.name.as_deref(), said.version.as_deref(), said.build), (Some("demo"), Some("1.0"), None));
    assert_eq!((said.tags, said.other_tags), (vec!["py3-none-any".to_owned()], Vec::new()));
    assert_eq!((said.members, said.metadata.unwrap().summary.as_deref()), (5, Some("A demo")));
    let metadata = demo().metadata_line("Summary: A demo").metadata();
    assert_eq!(said.metadata_sha256, Some(Sha256::of(metadata.as_bytes())));
}

#[test]
fn tags_that_wheel_states_otherwise_are_shown() {
    let said = look("demo-1.0-py2.py3-none-any.whl", &demo().bytes()).unwrap().said;
    assert_eq!(said.tags, ["py2-none-any", "py3-none-any"]);
    assert_eq!(said.other_tags, ["py3-none-any"]);
}

#[test]
fn a_zip_says_its_name_and_its_sizes() {
    let said = look("libtorch-static-with-deps-2.15.0+cpu.zip", &plain().bytes()).unwrap().said;
    assert_eq!(
        (said.name.as_deref(), said.version.as_deref()),
        (Some("libtorch-static-with-deps"), Some("2.15.0+cpu"))
    );
    assert_eq!((said.members, said.unpacked_size), (2, 505));
    let latest = look("libtorch-static-with-deps-latest.zip", &plain().bytes()).unwrap().said;
    assert_eq!((latest.name, latest.version), (None, None));
}

#[test]
fn other_members_are_not_opened() {
    let zip = demo().zip().edit("demo/__init__.py", |entry| {
        entry.local.crc = 7;
        entry.data.fill(0);
    });
    assert!(look(WHEEL, &zip.bytes()).is_ok());
}

#[test]
fn what_is_opened_must_be_what_the_directory_says() {
    let edit =
        |name: &str, change: fn(&mut trackside_testkit::wheel::ZipEntry)| refused(&demo().zip().edit(name, change));
    assert_eq!(edit(METADATA, |entry| entry.local.name = b"x".repeat(entry.local.name.len())), ["name-mismatch"]);
    assert_eq!(edit(METADATA, |entry| entry.data.fill(0xff)), ["deflate-corrupt"]);
    assert_eq!(edit(METADATA, |entry| entry.header_offset = Some(1 << 31)), ["missing-local-header"]);
    assert_eq!(edit(WHEEL_FILE, |entry| entry.central.compressed += 1 << 30), ["size-mismatch", "overlapping-members"]);
    assert_eq!(edit(METADATA, |entry| entry.central.size = 20 << 20), ["metadata-too-large"]);
    let nobody = demo().zip().without(METADATA);
    assert_eq!(refused(&nobody), ["metadata-missing"]);
    assert_eq!(refused(&demo().zip().replace(METADATA, b"no header")), ["metadata-malformed"]);
    let bytes = demo().bytes();
    let error = look("demo-1.0-py3-none.whl", &bytes).expect_err("it must be refused");
    assert_eq!(error.findings()[0].code.id(), "wheel-file-name");
}

/// Nothing is claimed but an end: an answer or a refusal, for every single byte that is another one.
#[test]
fn no_byte_makes_it_fall_over() {
    let bytes = demo().bytes();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(WHEEL);
    let mut refusals = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] = damaged[at].wrapping_add(0x81);
        std::fs::write(&path, &damaged).unwrap();
        match inspect(&path, ArtifactKind::Wheel) {
            Ok(inspection) => assert_eq!(inspection.sha256, Sha256::of(&damaged)),
            Err(ReadError::Refused { findings, .. }) => refusals += usize::from(!findings.is_empty()),
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
    assert!(refusals > 100, "{refusals}");
}
