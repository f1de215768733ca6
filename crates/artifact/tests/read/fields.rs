//! Which field of a sound zip each byte belongs to.

use std::ops::Range;

/// The fields of the two kinds of header: name and length in bytes.
const LOCAL: [(&str, usize); 10] = [
    ("local: signature", 4),
    ("local: version needed", 2),
    ("local: flags", 2),
    ("local: method", 2),
    ("local: time", 4),
    ("local: checksum", 4),
    ("local: compressed size", 4),
    ("local: size", 4),
    ("local: length of the name", 2),
    ("local: length of the extra fields", 2),
];
const DIRECTORY: [(&str, usize); 16] = [
    ("directory: signature", 4),
    ("directory: made by", 2),
    ("directory: version needed", 2),
    ("directory: flags", 2),
    ("directory: method", 2),
    ("directory: time", 4),
    ("directory: checksum", 4),
    ("directory: compressed size", 4),
    ("directory: size", 4),
    ("directory: length of the name", 2),
    ("directory: length of the extra fields", 2),
    ("directory: length of the comment", 2),
    ("directory: disk", 2),
    ("directory: internal attributes", 2),
    ("directory: external attributes", 4),
    ("directory: offset", 4),
];

/// Every byte of a zip without extra fields and comments.
pub(crate) fn fields(bytes: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    let mut all = Vec::new();
    let mut at = 0;
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let (stored, compressed, name) = (short(bytes, at + 8) == 0, short(bytes, at + 18), short(bytes, at + 26));
        let data = if stored { "data: stored" } else { "data: deflated" };
        header(&mut all, &mut at, &LOCAL);
        piece(&mut all, &mut at, "local: name", name);
        piece(&mut all, &mut at, data, compressed);
    }
    while bytes[at..].starts_with(b"PK\x01\x02") {
        let name = short(bytes, at + 28);
        header(&mut all, &mut at, &DIRECTORY);
        piece(&mut all, &mut at, "directory: name", name);
    }
    piece(&mut all, &mut at, "end record", 22);
    assert_eq!(at, bytes.len(), "the fields tile the file");
    all
}

fn header(all: &mut Vec<(Range<usize>, &'static str)>, at: &mut usize, fields: &[(&'static str, usize)]) {
    for (name, length) in fields {
        piece(all, at, name, *length);
    }
}

fn piece(all: &mut Vec<(Range<usize>, &'static str)>, at: &mut usize, name: &'static str, length: usize) {
    all.push((*at..*at + length, name));
    *at += length;
}

fn short(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}
