//! Honest zip64: what lies beyond 4 GiB is found and read as what lies before. The file is sparse, so
//! that it costs the processor a few seconds and the disk nothing.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use tempfile::TempDir;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::{Policy, Profile};
use trackside_testkit::wheel::{ZipBuilder, ZipEntry};

/// One byte more than 32 bits can count.
const LARGE: u64 = (1 << 32) + 1;

/// The checksum of so many zeros, put together from those of smaller pieces.
fn crc_of_zeros() -> u32 {
    let mut pieces = crc32fast::Hasher::new();
    pieces.update(&[0; 1 << 16]);
    for _ in 16..32 {
        let same = pieces.clone();
        pieces.combine(&same);
    }
    pieces.update(&[0]);
    pieces.finalize()
}

#[test]
fn members_and_archives_beyond_4_gib_pass() {
    let mut large = ZipEntry::stored("large", b"").with(|header| (header.size, header.compressed) = (LARGE, LARGE));
    large = large.with(|header| header.crc = crc_of_zeros());
    let before = ZipBuilder::new().stored("before", b"small").entry(large);
    // Without its content the large member ends where the next one begins.
    let directory = before.bytes().windows(4).position(|window| window == b"PK\x01\x02").unwrap() as u64;
    let mut behind = ZipEntry { header_offset: Some(directory + LARGE), ..ZipEntry::deflated("behind", b"small too") };
    // As Python leaves it.
    behind.central.needs = 45;
    let mut zip = before.entry(behind);
    zip.zip64 = true;
    zip.edit_end_64 = Some(|end| (end.offset, end.locator_offset) = (end.offset + LARGE, end.locator_offset + LARGE));
    let (bytes, split) = (zip.bytes(), usize::try_from(directory).unwrap());

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("libtorch.zip");
    let file = File::create(&path).unwrap();
    file.write_all_at(&bytes[..split], 0).unwrap();
    file.write_all_at(&bytes[split..], directory + LARGE).unwrap();
    let report = trackside_artifact::verify(&path, ArtifactKind::Libtorch).unwrap();
    assert_eq!((report.members, report.unpacked_size), (Some(3), Some(LARGE + 5 + 9)));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(report.accept(&Policy::of(Profile::Strict)).is_ok());
}
