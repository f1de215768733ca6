//! Archives that look odd and are honest: they must pass.

use super::samples::{WHEEL, ZIP, demo, plain, with, with_64};
use super::{Case, Family, Row, accepted};
use crate::wheel::{ZipBuilder, ZipEntry, extra_field};

/// The acceptances of PyPI's own tests, and forms that real writers leave.
pub(super) fn zips() -> Vec<Case> {
    let one = |entry: ZipEntry| ZipBuilder::new().entry(entry).bytes();
    let edit = |change: fn(&mut ZipEntry)| plain().edit("lib/a", change).bytes();
    let rows: Vec<Row> = vec![
        ("stored", one(ZipEntry::stored("a", b"x")), &[]),
        ("deflated", one(ZipEntry::deflated("a", &[b'x'; 999])), &[]),
        ("deflated, nothing in it", one(ZipEntry::deflated("a", b"")), &[]),
        ("folders", plain().stored("lib/", b"").deflated("other/", b"").bytes(), &[]),
        ("no folders", plain().bytes(), &[]),
        ("a folder behind its files", plain().stored("lib/", b"").bytes(), &[]),
        ("a comment", with(|zip| zip.comment = b"made by hand".to_vec()), &["archive-comment"]),
        ("a comment of 65,535 bytes", with(|zip| zip.comment = vec![b'c'; 65_535]), &["archive-comment"]),
        ("zip64 end records", with_64(|_| {}), &[]),
        ("zip64 everywhere", zip64_everywhere(), &[]),
        ("zip64 in a local header only", edit(|a| a.local.zip64 = true), &[]),
        ("zip64 in the directory only", edit(|a| a.central.zip64 = true), &[]),
        ("zip64 in a local header that needs none", edit(forced), &[]),
        ("time stamps", edit(stamped), &[]),
        ("a zip in a zip", ZipBuilder::new().stored("inner.zip", &plain().bytes()).bytes(), &[]),
        (
            "signatures in the data",
            ZipBuilder::new().stored("a", &b"PK\x03\x04PK\x01\x02PK\x06\x06".repeat(9)).bytes(),
            &[],
        ),
        ("no unix mode", edit(|a| a.external_attributes = 0x20), &[]),
        (
            "a folder with a DOS attribute",
            one(ZipEntry { external_attributes: 0x10, ..ZipEntry::stored("a/", b"") }),
            &[],
        ),
        ("made on DOS", edit(|a| a.made_by = 20), &[]),
        ("looks like text", edit(|a| a.internal_attributes = 1), &[]),
        ("needs version 1.0", edit(|a| *a = a.clone().with(|header| header.needs = 10)), &[]),
        ("unicode", plain().stored("lib/é.txt", b"").bytes(), &[]),
        ("ASCII marked as UTF-8", edit(|a| *a = a.clone().with(|header| header.flags = 1 << 11)), &[]),
        ("deflate options", plain().edit("lib/b", |b| *b = b.clone().with(|header| header.flags = 2)).bytes(), &[]),
        ("a name of 1,024 bytes", ZipBuilder::new().stored(vec!["n".repeat(204); 5].join("/"), b"").bytes(), &[]),
        (
            "a file beside a folder of a longer name",
            ZipBuilder::new().stored("a", b"").stored("a.d/x", b"").bytes(),
            &[],
        ),
        ("one empty stored block of deflate", one(one_empty_block()), &[]),
    ];
    accepted(Family::Honest, ZIP, rows)
}

/// Whole wheels.
pub(super) fn wheels() -> Vec<Case> {
    let rows: Vec<Row> = vec![
        ("as built", demo().bytes(), &[]),
        ("with folders", demo().directories().bytes(), &[]),
        ("with a body", demo().description("From here on\n\nName: other\n").bytes(), &[]),
    ];
    accepted(Family::Honest, WHEEL, rows)
}

fn zip64_everywhere() -> Vec<u8> {
    let mut zip = plain();
    zip.zip64 = true;
    for entry in &mut zip.entries {
        *entry = entry.clone().with(|header| header.zip64 = true);
    }
    zip.bytes()
}

/// Python's `force_zip64` before 3.11.4, in selenium's wheels on PyPI.
fn forced(a: &mut ZipEntry) {
    a.local.extra = extra_field(1, &[a.local.size.to_le_bytes(), a.local.compressed.to_le_bytes()].concat());
}

/// The local header and the directory may hold different parts of the "extended timestamp".
fn stamped(a: &mut ZipEntry) {
    a.local.extra = extra_field(0x5455, b"\x03aaaabbbb");
    a.central.extra = extra_field(0x5455, b"\x03aaaa");
}

fn one_empty_block() -> ZipEntry {
    let data = vec![1, 0, 0, 0xff, 0xff];
    let mut entry = ZipEntry::stored("a", b"").with(|header| (header.method, header.compressed) = (8, 5));
    entry.data = data;
    entry
}
