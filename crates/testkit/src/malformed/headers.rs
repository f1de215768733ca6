//! Local headers that do not say what the directory says, and members that do not tile the file.

use super::samples::{ZIP, first, plain, with};
use super::{Case, Family, Row, refused};
use crate::wheel::{ZipBuilder, ZipEntry};

/// Headers against each other.
pub(super) fn headers() -> Vec<Case> {
    let rows: Vec<Row> = vec![
        ("another name", first(|a| a.local.name = b"lib/x".to_vec()), &["name-mismatch"]),
        ("another compressed size", first(|a| a.local.compressed = 4), &["size-mismatch"]),
        ("another size", first(|a| a.local.size = 4), &["size-mismatch"]),
        ("another checksum", first(|a| a.local.crc ^= 1), &["crc-mismatch"]),
        ("another method", first(|a| a.local.method = 8), &["header-mismatch"]),
        ("another time", first(|a| a.local.modified += 1), &["header-mismatch"]),
        ("another date", first(|a| a.local.modified += 1 << 16), &["header-mismatch"]),
        ("another version", first(|a| a.local.needs = 10), &["header-mismatch"]),
        ("zip64's version in the local header alone", first(|a| a.local.needs = 45), &["header-mismatch"]),
        ("zip64's version in the directory alone", first(|a| a.central.needs = 45), &["header-mismatch"]),
        ("other flags", first(|a| a.local.flags = 2), &["header-mismatch"]),
        ("stored with two sizes", first(|a| *a = a.clone().with(|header| header.size = 4)), &["size-mismatch"]),
        ("in the file only", first(|a| a.has_central = false), &["hidden-data"]),
        (
            "in the directory only",
            first(|a| a.has_local = false),
            &["name-mismatch", "size-mismatch", "crc-mismatch", "header-mismatch", "overlapping-members"],
        ),
        (
            "in the directory only, at the end",
            plain().entry(ZipEntry { has_local: false, ..ZipEntry::stored("c", b"") }).bytes(),
            &["missing-local-header"],
        ),
        (
            "offset beyond the file",
            first(|a| a.header_offset = Some(1 << 30)),
            &["hidden-data", "missing-local-header"],
        ),
        ("offset one too far", first(|a| a.header_offset = Some(1)), &["hidden-data", "missing-local-header"]),
        ("bytes between members", plain().edit("lib/b", |b| b.gap = vec![0; 7]).bytes(), &["hidden-data"]),
        ("bytes before the directory", with(|zip| zip.gap = vec![0; 7]), &["hidden-data"]),
        (
            "a third member that the directory lacks",
            plain().entry(ZipEntry { has_central: false, ..ZipEntry::stored("c", b"c") }).bytes(),
            &["hidden-data"],
        ),
        (
            "two members share one header",
            plain().edit("lib/b", |b| b.header_offset = Some(0)).bytes(),
            &["overlapping-members"],
        ),
        (
            "data reaches into the directory",
            plain().edit("lib/b", |b| *b = b.clone().with(|header| header.compressed += 9)).bytes(),
            &["overlapping-members"],
        ),
        ("a member inside another's data", overlapping(), &["overlapping-members"]),
    ];
    refused(Family::Framing, ZIP, rows)
}

/// The first member's data is a whole member, which the directory lists as well (zip quine style).
fn overlapping() -> Vec<u8> {
    let inner = ZipBuilder::new().stored("inner", b"payload").bytes();
    let data = &inner[..30 + 5 + 7];
    let mut zip = ZipBuilder::new().stored("outer", data);
    let inside = ZipEntry { has_local: false, header_offset: Some(30 + 5), ..ZipEntry::stored("inner", b"payload") };
    zip.entries.push(inside);
    zip.bytes()
}
