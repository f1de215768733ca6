//! Content that is not what the headers declare.

use super::samples::ZIP;
use super::{Case, Family, Row, refused};
use crate::wheel::{ZipBuilder, ZipEntry};

fn deflated(change: impl FnOnce(&mut ZipEntry)) -> Vec<u8> {
    let mut entry = ZipEntry::deflated("a", &b"some text, some text, some more text".repeat(20));
    change(&mut entry);
    let length = entry.data.len() as u64;
    ZipBuilder::new().entry(entry.with(|header| header.compressed = length)).bytes()
}

/// Checksums, sizes and deflate streams.
pub(super) fn contents() -> Vec<Case> {
    let crc = |entry: ZipEntry| ZipBuilder::new().entry(entry.with(|header| header.crc ^= 1)).bytes();
    let rows: Vec<Row> = vec![
        ("wrong checksum, stored", crc(ZipEntry::stored("a", b"x")), &["content-crc"]),
        ("wrong checksum, deflated", crc(ZipEntry::deflated("a", b"x")), &["content-crc"]),
        ("wrong checksum, empty", crc(ZipEntry::stored("a", b"")), &["content-crc"]),
        ("wrong checksum, large", crc(ZipEntry::stored("a", &[9; 5 << 20])), &["content-crc"]),
        ("longer than declared", deflated(|a| *a = a.clone().with(|header| header.size -= 1)), &["content-size"]),
        ("declared as empty", deflated(|a| *a = a.clone().with(|header| header.size = 0)), &["content-size"]),
        ("shorter than declared", deflated(|a| *a = a.clone().with(|header| header.size += 1)), &["content-size"]),
        ("cut short", deflated(|a| a.data.truncate(a.data.len() - 1)), &["deflate-corrupt"]),
        ("nothing there", deflated(|a| a.data.clear()), &["deflate-corrupt"]),
        ("bad block type", deflated(|a| a.data[0] = 0b111), &["deflate-corrupt"]),
        ("garbage after the stream", deflated(|a| a.data.push(0)), &["deflate-trailing-data"]),
        ("two streams", deflated(|a| a.data.extend(a.data.clone())), &["deflate-trailing-data"]),
        ("far beyond a buffer of garbage", deflated(|a| a.data.extend(vec![0; 600_000])), &["deflate-trailing-data"]),
    ];
    refused(Family::Contents, ZIP, rows)
}

/// Deflate streams that no deflater writes, each as the bits stand in the format (RFC 1951).
pub(super) fn streams() -> Vec<Case> {
    let raw = |data: &[u8], size: u64| {
        let mut entry = ZipEntry::stored("a", b"").with(|header| {
            (header.method, header.compressed, header.size) = (8, data.len() as u64, size);
        });
        entry.data = data.to_vec();
        ZipBuilder::new().entry(entry).bytes()
    };
    const CORRUPT: &[&str] = &["deflate-corrupt"];
    let rows: Vec<Row> = vec![
        ("the reserved block type", raw(&[0b110 | 1, 0, 0], 9), CORRUPT),
        ("a distance before the start", raw(&[0b0000_0011, 0x02, 0x00], 9), CORRUPT),
        ("a length that is not its own complement", raw(&[1, 5, 0, 0, 0, 1, 2, 3, 4, 5], 5), CORRUPT),
        ("a stored block cut short", raw(&[1, 5, 0, 0xfa, 0xff, 1, 2], 5), CORRUPT),
        ("a stored block whose length is cut", raw(&[1, 5], 5), CORRUPT),
        ("a dynamic block whose tables are cut", raw(&[5, 0xe0, 0x81], 5), CORRUPT),
        ("a dynamic block without codes", raw(&[5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 5), CORRUPT),
        ("no last block", raw(&[0, 0, 0, 0xff, 0xff], 0), CORRUPT),
        ("bytes behind the last block", raw(&[1, 0, 0, 0xff, 0xff, 0], 0), &["deflate-trailing-data"]),
        ("a second last block", raw(&[1, 0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff], 0), &["deflate-trailing-data"]),
        ("a gzip header before the stream", raw(&[0x1f, 0x8b, 8, 0, 3, 0], 0), CORRUPT),
        ("a zlib header before the stream", raw(&[0x78, 0x9c, 3, 0, 0, 0, 0, 1], 0), CORRUPT),
    ];
    refused(Family::Contents, ZIP, rows)
}
