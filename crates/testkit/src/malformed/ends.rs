//! End records that do not close the file, and zip64 records that disagree with the plain one.

use super::samples::{ZIP, with, with_64};
use super::{Case, Family, Row, refused};
use crate::wheel::ZipBuilder;

/// The end record, and what stands before and behind the archive.
pub(super) fn end_records() -> Vec<Case> {
    let rows: Vec<Row> = vec![
        ("no zip at all", b"hello".to_vec(), &["not-a-zip"]),
        ("nothing", Vec::new(), &["not-a-zip"]),
        ("a zip without members", ZipBuilder::new().bytes(), &["empty"]),
        ("only the signature", b"PK\x05\x06".to_vec(), &["trailing-data"]),
        ("a shell script before it", with(|zip| zip.prefix = b"#!/bin/sh\n".to_vec()), &["hidden-data"]),
        ("bytes after it", with(|zip| zip.suffix = b"x".to_vec()), &["trailing-data"]),
        ("html after it", with(|zip| zip.suffix = b"<script></script>".to_vec()), &["trailing-data"]),
        (
            "8-bit comment length",
            with(|zip| {
                zip.comment = vec![b'c'; 300];
                zip.edit_end = Some(|end| end.comment_length = 300 & 0xff);
            }),
            &["trailing-data"],
        ),
        (
            "a comment longer than the file",
            with(|zip| zip.edit_end = Some(|end| end.comment_length = 9)),
            &["trailing-data"],
        ),
        ("an end record in the comment", with(|zip| zip.comment = ZipBuilder::new().bytes()), &["end-record-mismatch"]),
        (
            "an end record in the comment that does not close the file",
            with(|zip| zip.comment = b"PK\x05\x06".repeat(9)),
            &["second-end-record"],
        ),
        (
            "two end records",
            with(|zip| zip.suffix = zip.bytes().split_off(zip.bytes().len() - 22)),
            &["end-record-mismatch"],
        ),
        (
            "too many members counted",
            with(|zip| zip.edit_end = Some(|end| (end.here, end.members) = (3, 3))),
            &["end-record-mismatch"],
        ),
        (
            "too few members counted",
            with(|zip| zip.edit_end = Some(|end| (end.here, end.members) = (1, 1))),
            &["end-record-mismatch"],
        ),
        (
            "directory said to be elsewhere",
            with(|zip| zip.edit_end = Some(|end| end.offset -= 1)),
            &["end-record-mismatch"],
        ),
        ("directory said to be longer", with(|zip| zip.edit_end = Some(|end| end.size += 1)), &["end-record-mismatch"]),
        (
            "directory shifted",
            with(|zip| zip.edit_end = Some(|end| (end.offset, end.size) = (end.offset + 1, end.size - 1))),
            &["central-directory"],
        ),
        ("on disk 1", with(|zip| zip.edit_end = Some(|end| end.disk = 1)), &["split-archive"]),
        ("directory on disk 1", with(|zip| zip.edit_end = Some(|end| end.directory_disk = 1)), &["split-archive"]),
        ("members on another disk", with(|zip| zip.edit_end = Some(|end| end.members += 1)), &["split-archive"]),
        (
            "a directory beyond every cap",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.size = 1 << 40)),
            &["too-many-members"],
        ),
        (
            "ten million members counted",
            with_64(|zip| zip.edit_end_64 = Some(|end| (end.here, end.members) = (10_000_000, 10_000_000))),
            &["too-many-members"],
        ),
    ];
    refused(Family::Framing, ZIP, rows)
}

/// The zip64 records.
pub(super) fn zip64_records() -> Vec<Case> {
    let rows: Vec<Row> = vec![
        (
            "record without locator",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.has_locator = false)),
            &["zip64-end-record"],
        ),
        (
            "locator without record",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.has_record = false)),
            &["zip64-end-record"],
        ),
        (
            "locator only, at the front",
            b"PK\x06\x07".iter().copied().chain([0; 16]).chain(ZipBuilder::new().bytes()).collect(),
            &["zip64-end-record"],
        ),
        (
            "locator points elsewhere",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.locator_offset += 1)),
            &["zip64-end-record"],
        ),
        (
            "locator points to the start",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.locator_offset = 0)),
            &["zip64-end-record"],
        ),
        (
            "extensible data",
            with_64(|zip| {
                zip.edit_end_64 = Some(|end| {
                    end.record_length = 48;
                    end.extensible = vec![0; 4];
                });
            }),
            &["zip64-end-record"],
        ),
        (
            "extensible data, length as if none",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.extensible = vec![0; 4])),
            &["zip64-end-record"],
        ),
        (
            "another length stated",
            with_64(|zip| zip.edit_end_64 = Some(|end| end.record_length = 45)),
            &["zip64-end-record"],
        ),
        ("zip64 record on disk 1", with_64(|zip| zip.edit_end_64 = Some(|end| end.disk = 1)), &["zip64-end-record"]),
        ("another count than here", with_64(|zip| zip.edit_end_64 = Some(|end| end.here = 1)), &["zip64-end-record"]),
        ("another directory", with_64(|zip| zip.edit_end_64 = Some(|end| end.offset = 0)), &["end-record-mismatch"]),
        (
            "another count",
            with_64(|zip| zip.edit_end_64 = Some(|end| (end.here, end.members) = (1, 1))),
            &["end-record-mismatch"],
        ),
        ("the two records name different members", confused(), &["zip64-end-record"]),
    ];
    refused(Family::Framing, ZIP, rows)
}

/// The plain record counts one member, the zip64 record two: readers choose differently.
fn confused() -> Vec<u8> {
    let mut bytes = with_64(|_| {});
    let end = bytes.len() - 22;
    bytes[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    bytes
}
