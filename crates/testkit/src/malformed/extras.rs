//! Extra fields that readers take differently.

use super::samples::{ZIP, first};
use super::{Case, Family, Row, refused};
use crate::wheel::extra_field;

/// Chains, second names and zip64 sizes.
pub(super) fn extras() -> Vec<Case> {
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
    let rows: Vec<Row> = vec![
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
    refused(Family::Framing, ZIP, rows)
}
