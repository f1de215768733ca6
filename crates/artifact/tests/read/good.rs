//! What must pass: every wheel that a build can honestly make.

use std::path::Path;

use proptest::prelude::*;
use trackside_artifact::ReadError;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Policy;
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder, ZipEntry, extra_field};

use crate::case::{demo, path_of, read_as, read_zip};
use crate::tar_case::{codes_of, verify_as};

#[test]
fn the_number_of_members_may_cross_the_edge_of_zip64() {
    for count in [65_534, 65_535, 65_536, 65_537] {
        let zip = (0..count).fold(ZipBuilder::new(), |zip, n| zip.stored(format!("{n}"), b""));
        let result = read_zip(&zip.bytes());
        assert!(matches!(&result, Ok(zip) if zip.members == count), "{count}: {:?}", result.err());
    }
}

#[test]
fn members_larger_than_every_buffer_pass() {
    let repetitive: Vec<u8> = (0..3_000_000_u32).map(|n| (n / 7 % 251) as u8).collect();
    let wheel = demo().filler(5 << 20).file("demo/data", &repetitive);
    let folder = tempfile::TempDir::new().unwrap();
    let path = wheel.write_to(folder.path()).unwrap();
    assert!(trackside_artifact::read(&path, ArtifactKind::Wheel, &Policy::default()).is_ok());
}

#[test]
fn what_cannot_be_read_is_told_apart_from_what_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let read = |path: &Path, kind| trackside_artifact::read(path, kind, &Policy::default()).unwrap_err();
    assert!(matches!(read(&path_of(folder.path()), ArtifactKind::Wheel), ReadError::Open { .. }));
    assert!(matches!(read(folder.path(), ArtifactKind::Wheel), ReadError::NotAFile { .. }));
    assert!(matches!(read(Path::new("/dev/zero"), ArtifactKind::Libtorch), ReadError::NotAFile { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_wheel_that_is_built_passes(
        name in "[a-z]{1,8}([-_.][a-z0-9]{1,4})?",
        // In the normal form: no number begins with a zero.
        version in "[0-9](\\.[1-9]?[0-9]){1,2}(rc[0-9]|\\.post[0-9]|a0)?(\\+[a-z][a-z0-9]{0,5}(\\.[a-z][a-z0-9]{0,3})?)?",
        build in proptest::option::of("[0-9]{1,2}[a-z]?"),
        tags in proptest::collection::vec(("(cp3[0-9]{1,2}|py3)", "(cp311|none|abi3)", "(any|manylinux_2_28_x86_64|win_amd64)"), 0..4),
        files in proptest::collection::btree_map("[a-z]{1,6}", proptest::collection::vec(any::<u8>(), 0..3000), 0..6),
        directories in any::<bool>(),
    ) {
        let mut wheel = WheelBuilder::new(&name, &version).requires("filelock").description("From here\non");
        if let Some(build) = build {
            wheel = wheel.build(&build);
        }
        for (python, abi, platform) in &tags {
            wheel = wheel.tag(python, abi, platform);
        }
        for (path, content) in &files {
            wheel = wheel.file(&format!("pkg/sub/{path}.py"), content);
        }
        if directories {
            wheel = wheel.directories();
        }
        let result = read_as(&wheel.file_name(), &wheel.bytes(), ArtifactKind::Wheel);
        let free_of_devices = !files.keys().any(|path| ["con", "prn", "aux", "nul"].contains(&path.as_str()));
        // Its tags are at random, its files are no binaries.
        let fitting = |wheel: trackside_artifact::Artifact| {
            wheel.warnings.iter().all(|warning| warning.code == trackside_domain::finding::Code::BinaryMissing)
        };
        prop_assert!(!free_of_devices || result.is_ok_and(fitting));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0..1000_usize) {
        let mut bytes = demo().bytes();
        let at = at % bytes.len();
        let end = bytes.len().min(at + noise.len());
        bytes.splice(at..end, noise);
        // Where the noise hits a field that no content depends on, the digest tells.
        let digest = Sha256::of(&bytes);
        prop_assert!(crate::case::read_wheel(&bytes).map_or(true, |wheel| wheel.sha256 == digest));
    }

    #[test]
    fn every_sound_zip_passes_the_strictest_profile(
        zip64 in any::<bool>(),
        entries in proptest::collection::btree_map(
            "[a-z]{1,3}(/[a-z]{1,3})?",
            (any::<[bool; 5]>(), 0..0o1000_u32, proptest::collection::vec(any::<u8>(), 0..400)),
            0..8,
        ),
    ) {
        let mut zip = ZipBuilder::new();
        zip.zip64 = zip64;
        for (name, ([deflated, wide, wide_local, stamped, folder], mode, content)) in &entries {
            // Different in their first letter for a file and a folder, so that none stands on the path of another.
            let (name, content) = if *folder { (format!("d{name}/"), &[][..]) } else { (format!("f{}", name.replace('/', "-")), &content[..]) };
            let mut entry = if *deflated { ZipEntry::deflated(name, content) } else { ZipEntry::stored(name, content) };
            entry.external_attributes |= mode << 16;
            (entry.local.zip64, entry.central.zip64) = (*wide || *wide_local, *wide);
            if *stamped {
                entry = entry.with(|header| header.extra = extra_field(0x5455, b"\x03aaaa"));
            }
            zip = zip.entry(entry);
        }
        let report = verify_as("libtorch.zip", &zip.bytes());
        let found = codes_of(&report);
        let expected: &[&str] = if entries.is_empty() { &["empty"] } else { &[] };
        prop_assert_eq!(found, expected);
    }
}
