//! What must pass: every wheel that a build can honestly make.

use std::path::Path;

use proptest::prelude::*;
use trackside_artifact::ReadError;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Policy;
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder, extra_field};

use crate::case::{demo, path_of, plain, read_as, read_zip};

#[test]
fn honest_framing_passes() {
    let mut zip64 = plain();
    zip64.zip64 = true;
    for entry in &mut zip64.entries {
        *entry = entry.clone().with(|header| header.zip64 = true);
    }
    let local_only = plain().edit("lib/a", |a| a.local.zip64 = true);
    // Python's `force_zip64` before 3.11.4, in selenium's wheels on PyPI.
    let forced = plain().edit("lib/a", |a| {
        a.local.extra = extra_field(1, &[a.local.size.to_le_bytes(), a.local.compressed.to_le_bytes()].concat());
    });
    let stamped = plain().edit("lib/a", |a| {
        a.local.extra = extra_field(0x5455, b"\x03aaaabbbb");
        a.central.extra = extra_field(0x5455, b"\x03aaaa");
    });
    let nested = ZipBuilder::new().stored("inner.zip", &plain().bytes());
    let no_mode = plain().edit("lib/a", |a| a.external_attributes = 0x20);
    let maximum_effort = plain().edit("lib/b", |b| *b = b.clone().with(|header| header.flags = 2));
    for (what, zip) in [
        ("plain", plain()),
        ("zip64 everywhere", zip64),
        ("zip64 in a local header only", local_only),
        ("zip64 in a local header that needs none", forced),
        ("time stamps", stamped),
        ("a zip in a zip", nested),
        ("no unix mode", no_mode),
        ("folders", plain().stored("lib/", b"").deflated("other/", b"")),
        ("unicode", plain().stored("lib/é.txt", b"")),
        ("deflate options", maximum_effort),
    ] {
        let result = read_zip(&zip.bytes());
        assert!(result.is_ok(), "{what}: {:?}", result.err());
    }
}

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
        prop_assert!(!free_of_devices || result.is_ok_and(|wheel| wheel.warnings.is_empty()));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0..1000_usize) {
        let mut bytes = demo().bytes();
        let at = at % bytes.len();
        let end = bytes.len().min(at + noise.len());
        bytes.splice(at..end, noise);
        let result = crate::case::read_wheel(&bytes);
        prop_assert!(result.is_err() || bytes == demo().bytes());
    }
}
