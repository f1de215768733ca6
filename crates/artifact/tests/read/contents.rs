//! The content of members: what was declared must come out, to the last bit.

use trackside_artifact::ReadError;
use trackside_testkit::wheel::{ZipBuilder, ZipEntry};

use crate::case::{Case, check, codes, read_zip};

fn deflated(change: impl FnOnce(&mut ZipEntry)) -> Vec<u8> {
    let mut entry = ZipEntry::deflated("a", &b"some text, some text, some more text".repeat(20));
    change(&mut entry);
    let length = entry.data.len() as u64;
    ZipBuilder::new().entry(entry.with(|header| header.compressed = length)).bytes()
}

#[test]
fn content_that_is_not_as_declared_is_refused() {
    let crc = |entry: ZipEntry| ZipBuilder::new().entry(entry.with(|header| header.crc ^= 1)).bytes();
    let cases: Vec<Case> = vec![
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
    check(&cases, read_zip);
}

#[test]
fn every_bad_member_is_named_in_the_order_of_the_archive() {
    let bad = |name: &str| ZipEntry::stored(name, name.as_bytes()).with(|header| header.crc ^= 1);
    let zip = ZipBuilder::new().stored("good", b"x").entry(bad("b")).entry(bad("c")).entry(bad("a\u{1b}"));
    let error = read_zip(&zip.bytes()).unwrap_err();
    let told: Vec<String> = error.findings().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    `a\u{1b}`: its name has a control character [name-control-character]
    `b`: its checksum is not the declared one [content-crc]
    `c`: its checksum is not the declared one [content-crc]
    `a\u{1b}`: its checksum is not the declared one [content-crc]
    ");
}

#[test]
fn a_hostile_archive_cannot_fill_the_memory_with_complaints() {
    let zip = (0..500).fold(ZipBuilder::new(), |zip, n| zip.stored(format!("../{n}"), b""));
    let result = read_zip(&zip.bytes());
    assert_eq!(codes(&result), ["name-traversal"]);
    let Err(ReadError::Refused { findings, .. }) = result else { panic!("not refused") };
    assert_eq!(findings.last().unwrap().to_string(), "400 more of this code are not listed [name-traversal]");
}
