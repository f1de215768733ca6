//! The framing: each rule of PyPI's check, and the stricter ones.

use trackside_testkit::wheel::{ZipBuilder, ZipEntry, extra_field};

use crate::case::{Case, check, codes, plain, read_zip};

/// The plain archive with its first member changed.
fn first(change: impl FnOnce(&mut ZipEntry)) -> Vec<u8> {
    plain().edit("lib/a", change).bytes()
}

fn with(change: impl FnOnce(&mut ZipBuilder)) -> Vec<u8> {
    let mut zip = plain();
    change(&mut zip);
    zip.bytes()
}

/// The plain archive with zip64 end records, one of them changed.
fn with_64(change: impl FnOnce(&mut ZipBuilder)) -> Vec<u8> {
    with(|zip| {
        zip.zip64 = true;
        change(zip);
    })
}

#[test]
fn end_records_that_do_not_close_the_file_are_refused() {
    let cases: Vec<Case> = vec![
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
    check(&cases, read_zip);
}

#[test]
fn zip64_records_must_agree_with_the_plain_one() {
    let cases: Vec<Case> = vec![
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
        ("on disk 1", with_64(|zip| zip.edit_end_64 = Some(|end| end.disk = 1)), &["zip64-end-record"]),
        ("another count than here", with_64(|zip| zip.edit_end_64 = Some(|end| end.here = 1)), &["zip64-end-record"]),
        ("another directory", with_64(|zip| zip.edit_end_64 = Some(|end| end.offset = 0)), &["end-record-mismatch"]),
        (
            "another count",
            with_64(|zip| zip.edit_end_64 = Some(|end| (end.here, end.members) = (1, 1))),
            &["end-record-mismatch"],
        ),
        ("the two records name different members", confused(), &["zip64-end-record"]),
    ];
    check(&cases, read_zip);
}

/// The plain record counts one member, the zip64 record two: readers choose differently.
fn confused() -> Vec<u8> {
    let mut bytes = with_64(|_| {});
    let end = bytes.len() - 22;
    bytes[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    bytes
}

#[test]
fn local_headers_and_directory_must_say_the_same() {
    let cases: Vec<Case> = vec![
        ("another name", first(|a| a.local.name = b"lib/x".to_vec()), &["name-mismatch"]),
        ("another compressed size", first(|a| a.local.compressed = 4), &["size-mismatch"]),
        ("another size", first(|a| a.local.size = 4), &["size-mismatch"]),
        ("another checksum", first(|a| a.local.crc ^= 1), &["crc-mismatch"]),
        ("another method", first(|a| a.local.method = 8), &["header-mismatch"]),
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
            &[
                "overlapping-members",
                "name-mismatch",
                "size-mismatch",
                "crc-mismatch",
                "header-mismatch",
                "hidden-data",
            ],
        ),
        (
            "data reaches into the directory",
            plain().edit("lib/b", |b| *b = b.clone().with(|header| header.compressed += 9)).bytes(),
            &["overlapping-members"],
        ),
    ];
    check(&cases, read_zip);
    let found = codes(&read_zip(&overlapping()));
    assert!(found.contains(&"overlapping-members"), "{found:?}");
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

#[test]
fn extra_fields_must_be_whole_single_and_needed() {
    let extra = |bytes: Vec<u8>| first(|a| a.local.extra = bytes);
    let central = |bytes: Vec<u8>| first(|a| a.central.extra = bytes);
    let sizes = [5_u64.to_le_bytes(), 5_u64.to_le_bytes()].concat();
    let marked = |length: usize| {
        let sizes = [&sizes[..], &[0; 16]].concat();
        first(move |a| {
            (a.local.size, a.local.compressed) = (0xffff_ffff, 0xffff_ffff);
            a.local.extra = extra_field(1, &sizes[..length]);
        })
    };
    let cases: Vec<Case> = vec![
        ("three bytes", extra(vec![1, 2, 3]), &["malformed-extra"]),
        ("longer than it is", extra(vec![9, 9, 200, 0, 1]), &["malformed-extra"]),
        ("three bytes after one", extra([extra_field(9, b"x"), vec![0; 3]].concat()), &["malformed-extra"]),
        ("broken in the directory", central(vec![1, 2, 3]), &["malformed-extra"]),
        ("zip64 twice", extra([extra_field(1, b""), extra_field(1, b"")].concat()), &["duplicate-extra"]),
        ("any twice", central([extra_field(0x5455, b"x"), extra_field(0x5455, b"x")].concat()), &["duplicate-extra"]),
        ("a second name", extra(extra_field(0x7075, b"\x01\0\0\0\0evil")), &["unicode-path-extra"]),
        ("a second name in the directory", central(extra_field(0x7075, b"\x01\0\0\0\0evil")), &["unicode-path-extra"]),
        ("zip64 that nothing needs in the directory", central(extra_field(1, &sizes)), &["zip64-extra"]),
        ("zip64 with other sizes than the header", extra(extra_field(1, &[0; 16])), &["zip64-extra"]),
        ("zip64 with one size that nothing needs", extra(extra_field(1, &sizes[..8])), &["zip64-extra"]),
        ("zip64 too short", marked(8), &["zip64-extra"]),
        ("zip64 too long", marked(24), &["zip64-extra"]),
        ("zip64 empty", marked(0), &["zip64-extra"]),
        ("zip64 with an odd length", marked(15), &["zip64-extra"]),
        (
            "zip64 with another size",
            first(|a| {
                (a.local.size, a.local.compressed) = (0xffff_ffff, 0xffff_ffff);
                a.local.extra = extra_field(1, &[6_u64.to_le_bytes(), 5_u64.to_le_bytes()].concat());
            }),
            &["size-mismatch"],
        ),
    ];
    check(&cases, read_zip);
}

#[test]
fn methods_flags_modes_and_comments_that_are_not_released_are_refused() {
    let both = |change: fn(&mut trackside_testkit::wheel::ZipHeader)| first(move |a| *a = a.clone().with(change));
    let mode = |mode: u32| first(move |a| *a = a.clone().mode(mode));
    let folder = |entry: ZipEntry| plain().entry(entry).bytes();
    let cases: Vec<Case> = vec![
        ("encrypted", both(|header| header.flags = 1), &["encrypted"]),
        ("strongly encrypted", both(|header| header.flags = 1 | 1 << 6), &["encrypted"]),
        ("masked headers", both(|header| header.flags = 1 << 13), &["encrypted"]),
        ("data descriptor", streamed(true), &["data-descriptor"]),
        (
            "data descriptor without sizes before",
            streamed(false),
            &["size-mismatch", "crc-mismatch", "hidden-data", "data-descriptor"],
        ),
        ("patched data", both(|header| header.flags = 1 << 5), &["unsupported-flags"]),
        ("bzip2", both(|header| header.method = 12), &["unsupported-method"]),
        ("lzma", both(|header| header.method = 14), &["unsupported-method"]),
        ("zstd", both(|header| header.method = 93), &["unsupported-method"]),
        ("method 99", both(|header| header.method = 99), &["unsupported-method"]),
        ("deflate64", both(|header| header.method = 9), &["unsupported-method"]),
        ("a comment on a member", first(|a| a.comment = b"c".to_vec()), &["member-comment"]),
        ("a member on disk 1", first(|a| a.disk = 1), &["split-archive"]),
        ("a symbolic link", mode(0o120_777), &["symlink"]),
        ("a device", mode(0o060_644), &["special-file"]),
        ("a pipe", mode(0o010_644), &["special-file"]),
        ("set-user-id", mode(0o104_755), &["special-mode"]),
        ("sticky", mode(0o101_755), &["special-mode"]),
        ("a folder by mode", mode(0o040_755), &["directory-mismatch"]),
        ("a file by mode", folder(ZipEntry::stored("x/", b"").mode(0o100_644)), &["directory-mismatch"]),
        ("a folder with content", folder(ZipEntry::stored("x/", b"payload")), &["directory-with-data"]),
    ];
    check(&cases, read_zip);
}

/// A member whose sizes follow it, as a streaming writer leaves it.
fn streamed(sizes_before: bool) -> Vec<u8> {
    first(|a| {
        *a = a.clone().with(|header| header.flags = 1 << 3);
        let descriptor = [&b"PK\x07\x08"[..], &a.central.crc.to_le_bytes(), &[5, 0, 0, 0, 5, 0, 0, 0]].concat();
        if !sizes_before {
            (a.local.crc, a.local.compressed, a.local.size) = (0, 0, 0);
            a.data.extend(descriptor);
        }
    })
}

#[test]
fn bombs_are_refused_before_anything_is_inflated() {
    let zeros = vec![0; 1 << 20];
    let bomb = (0..70).fold(ZipBuilder::new(), |zip, n| zip.deflated(format!("{n}"), &zeros));
    let declared = |size: u64| {
        let entry = ZipEntry::deflated("a", b"a").with(|header| header.size = size);
        ZipBuilder::new().entry(entry).bytes()
    };
    let cases: Vec<Case> = vec![
        ("70 MiB of zeros", bomb.bytes(), &["compression-ratio"]),
        ("4 GiB declared", declared(1 << 32), &["compression-ratio"]),
        ("an exabyte declared", declared(1 << 60), &["unpacked-size", "compression-ratio"]),
        (
            "more than 64 bits in sum",
            ZipBuilder::new()
                .entry(ZipEntry::deflated("a", b"a").with(|header| header.size = u64::MAX))
                .entry(ZipEntry::deflated("b", b"a").with(|header| header.size = u64::MAX))
                .bytes(),
            &["unpacked-size", "compression-ratio"],
        ),
    ];
    check(&cases, read_zip);
}

#[test]
fn a_zip_that_is_a_tar_too_is_refused() {
    let mut header = [0_u8; 512];
    header[..4].copy_from_slice(b"PK\x03\x04");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let bytes = [&header[..], &plain().bytes()].concat();
    check(&[("tar and zip", bytes, &["zip-and-tar"])], read_zip);
}
