//! How flaws in the content of members are told.

use trackside_artifact::ReadError;
use trackside_testkit::wheel::{ZipBuilder, ZipEntry};

use crate::case::{codes, read_zip};

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
