//! Data descriptors: sizes that follow the data. The flag alone refuses them; what stands behind the
//! data decides what else is found.

use super::samples::{ZIP, plain};
use super::{Case, Family, Row, refused};
use crate::wheel::ZipEntry;

const SIGNATURE: &[u8] = b"PK\x07\x08";
const FLAG: u16 = 1 << 3;

/// What a descriptor says of the first member, which has 5 bytes.
struct Descriptor {
    signature: bool,
    crc: u32,
    compressed: u64,
    size: u64,
    wide: bool,
}

impl Descriptor {
    fn bytes(&self) -> Vec<u8> {
        let wide =
            |value: u64| if self.wide { value.to_le_bytes().to_vec() } else { value.to_le_bytes()[..4].to_vec() };
        let signature = if self.signature { SIGNATURE } else { &[] };
        [signature, &self.crc.to_le_bytes(), &wide(self.compressed), &wide(self.size)].concat()
    }
}

/// The nine forms of PyPI's own tests, and sizes known before.
pub(super) fn descriptors() -> Vec<Case> {
    let crc = crc32fast::hash(b"alpha");
    let honest = || Descriptor { signature: true, crc, compressed: 5, size: 5, wide: false };
    let of = |descriptor: Descriptor| streamed(&descriptor.bytes());
    const FOUND: &[&str] = &["size-mismatch", "crc-mismatch", "hidden-data", "data-descriptor"];
    let rows: Vec<Row> = vec![
        ("plain", of(honest()), FOUND),
        ("another checksum", of(Descriptor { crc: crc ^ 1, ..honest() }), FOUND),
        ("no checksum", of(Descriptor { crc: 0, ..honest() }), FOUND),
        ("another compressed size", of(Descriptor { compressed: 6, ..honest() }), FOUND),
        ("another size", of(Descriptor { size: 6, ..honest() }), FOUND),
        ("another size, no signature", of(Descriptor { size: 6, signature: false, ..honest() }), FOUND),
        ("zip64", of(Descriptor { wide: true, ..honest() }), FOUND),
        ("zip64, another compressed size", of(Descriptor { wide: true, compressed: 6, ..honest() }), FOUND),
        ("zip64, another size", of(Descriptor { wide: true, size: 6, ..honest() }), FOUND),
        ("flagged, with nothing behind the data", flagged(), &["data-descriptor"]),
    ];
    let mut cases = refused(Family::Framing, ZIP, rows);
    for case in &mut cases {
        case.what = format!("data descriptor: {}", case.what);
    }
    cases
}

/// The first member as a streaming writer leaves it.
fn streamed(descriptor: &[u8]) -> Vec<u8> {
    let change = |a: &mut ZipEntry| {
        *a = a.clone().with(|header| header.flags = FLAG);
        (a.local.crc, a.local.compressed, a.local.size) = (0, 0, 0);
        a.data.extend(descriptor);
    };
    plain().edit("lib/a", change).bytes()
}

fn flagged() -> Vec<u8> {
    plain().edit("lib/a", |a| *a = a.clone().with(|header| header.flags = FLAG)).bytes()
}
