//! What a sound archive may still not contain: methods, flags, comments, other disks.

use super::samples::{ZIP, first};
use super::{Case, Family, Row, refused};
use crate::wheel::ZipHeader;

/// Methods, flags, comments and disks.
pub(super) fn policy() -> Vec<Case> {
    let both = |change: fn(&mut ZipHeader)| first(move |a| *a = a.clone().with(change));
    let rows: Vec<Row> = vec![
        ("encrypted", both(|header| header.flags = 1), &["encrypted"]),
        ("strongly encrypted", both(|header| header.flags = 1 | 1 << 6), &["encrypted"]),
        ("masked headers", both(|header| header.flags = 1 << 13), &["encrypted"]),
        ("patched data", both(|header| header.flags = 1 << 5), &["unsupported-flags"]),
        ("bzip2", both(|header| header.method = 12), &["unsupported-method"]),
        ("lzma", both(|header| header.method = 14), &["unsupported-method"]),
        ("zstd", both(|header| header.method = 93), &["unsupported-method"]),
        ("shrunk", both(|header| header.method = 1), &["unsupported-method"]),
        ("imploded", both(|header| header.method = 6), &["unsupported-method"]),
        ("xz", both(|header| header.method = 95), &["unsupported-method"]),
        ("ppmd", both(|header| header.method = 98), &["unsupported-method"]),
        ("method 99", both(|header| header.method = 99), &["unsupported-method"]),
        ("deflate64", both(|header| header.method = 9), &["unsupported-method"]),
        ("needs version 6.4", both(|header| header.needs = 64), &["unsupported-version"]),
        ("a comment on a member", first(|a| a.comment = b"c".to_vec()), &["member-comment"]),
        ("a member on disk 1", first(|a| a.disk = 1), &["split-archive"]),
    ];
    refused(Family::Methods, ZIP, rows)
}
