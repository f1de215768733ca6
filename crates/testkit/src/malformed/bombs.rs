//! Archives that unpack to far more than they are.

use super::samples::ZIP;
use super::{Case, Family, Row, refused};
use crate::wheel::{ZipBuilder, ZipEntry};

/// Bombs.
pub(super) fn bombs() -> Vec<Case> {
    let zeros = vec![0; 1 << 20];
    let bomb = (0..70).fold(ZipBuilder::new(), |zip, n| zip.deflated(format!("{n}"), &zeros));
    let declared = |size: u64| {
        let entry = ZipEntry::deflated("a", b"a").with(|header| header.size = size);
        ZipBuilder::new().entry(entry).bytes()
    };
    let rows: Vec<Row> = vec![
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
    refused(Family::Bombs, ZIP, rows)
}

/// Numbers beyond the caps, and members that share their bytes.
pub(super) fn caps() -> Vec<Case> {
    let rows: Vec<Row> = vec![
        ("members that share one stream", shared(300), &["overlapping-members", "compression-ratio"]),
        ("a bomb in a bomb", nested(), &["compression-ratio"]),
        ("just above the ratio", of_ratio(51), &["compression-ratio"]),
    ];
    let mut cases = refused(Family::Bombs, ZIP, rows);
    let honest: Vec<Row> = vec![
        ("just below the ratio", of_ratio(49), &[]),
        ("far beyond the ratio, but small", ZipBuilder::new().deflated("a", &vec![0; 8 << 20]).bytes(), &[]),
    ];
    cases.extend(super::accepted(Family::Bombs, ZIP, honest));
    cases
}

/// Many directory records that all name the first member's data: a flat bomb of the newest kind.
fn shared(count: usize) -> Vec<u8> {
    let zeros = vec![0; 1 << 20];
    let zip = ZipBuilder::new().deflated("0", &zeros);
    let again =
        |n: usize| ZipEntry { has_local: false, header_offset: Some(0), ..ZipEntry::deflated(format!("{n}"), &zeros) };
    (1..count).fold(zip, |zip, n| zip.entry(again(n))).bytes()
}

/// Zips of zeros in a zip: the outer one is far beyond the ratio too.
fn nested() -> Vec<u8> {
    let zeros = vec![0; 100 << 20];
    let inner = ZipBuilder::new().deflated("zeros", &zeros).bytes();
    (0..10).fold(ZipBuilder::new(), |zip, n| zip.stored(format!("{n}.zip"), &inner)).deflated("zeros", &zeros).bytes()
}

/// Somewhat more than 64 MiB that take about one part in `ratio`.
fn of_ratio(ratio: usize) -> Vec<u8> {
    let content = vec![0; 66 << 20];
    let zip = ZipBuilder::new().deflated("zeros", &content);
    let filler = content.len() / ratio - zip.bytes().len();
    // The two headers of the filler have about 100 bytes.
    zip.stored("filler", &vec![1; filler - 100]).bytes()
}
