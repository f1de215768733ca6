//! What a sound archive may still not contain: methods, flags, modes, links, comments.

use super::samples::{ZIP, first, plain};
use super::{Case, Family, Row, refused};
use crate::wheel::{ZipEntry, ZipHeader};

/// Methods, flags and modes.
pub(super) fn policy() -> Vec<Case> {
    let both = |change: fn(&mut trackside_testkit::wheel::ZipHeader)| first(move |a| *a = a.clone().with(change));
    let mode = |mode: u32| first(move |a| *a = a.clone().mode(mode));
    let folder = |entry: ZipEntry| plain().entry(entry).bytes();
    let rows: Vec<Row> = vec![
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
    refused(Family::Methods, ZIP, rows)
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
