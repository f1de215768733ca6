//! Names of members that mean different files on different systems.

use super::samples::ZIP;
use super::{Case, Family, Row, refused};
use crate::wheel::{ZipBuilder, ZipEntry};

fn named(name: &[u8]) -> Vec<u8> {
    ZipBuilder::new().stored(name, b"x").bytes()
}

/// Names that leave the archive or hide something.
pub(super) fn names() -> Vec<Case> {
    let rows: Vec<Row> = vec![
        ("empty", named(b""), &["name-empty"]),
        ("32 k bytes", named(&[b'n'; 32_000]), &["name-too-long"]),
        ("not UTF-8", named(b"a\xff"), &["name-encoding"]),
        ("overlong UTF-8", named(b"\xc0\xaf"), &["name-encoding"]),
        ("surrogates", named(b"\xed\xa0\x80"), &["name-encoding"]),
        (
            "UTF-8 that is not marked",
            ZipBuilder::new().entry(ZipEntry::stored("é", b"").with(|header| header.flags = 0)).bytes(),
            &["name-encoding"],
        ),
        ("parent", named(b"../x"), &["name-traversal"]),
        ("parent inside", named(b"a/../../x"), &["name-traversal"]),
        ("parent at the end", named(b"a/.."), &["name-traversal"]),
        ("absolute", named(b"/etc/x"), &["name-absolute"]),
        ("drive", named(b"C:/x"), &["name-colon"]),
        ("drive with a backslash", named(b"C:\\x"), &["name-colon"]),
        ("backslashes", named(b"a\\..\\b"), &["name-backslash"]),
        ("alternate stream", named(b"a:b"), &["name-colon"]),
        ("empty part", named(b"a//b"), &["name-empty-part"]),
        ("dot part", named(b"a/./b"), &["name-empty-part"]),
        ("only a dot", named(b"."), &["name-empty-part"]),
        ("trailing dot", named(b"a./b"), &["name-trailing-dot-or-space"]),
        ("trailing space", named(b"a "), &["name-trailing-dot-or-space"]),
        ("device", named(b"CON"), &["name-device"]),
        ("device with extension", named(b"a/aux.py"), &["name-device"]),
        ("numbered device", named(b"lpt1.txt"), &["name-device"]),
        ("NUL", named(b"a\0.py"), &["name-control-character"]),
        ("carriage return", named(b"a\r"), &["name-control-character"]),
        ("line feed", named(b"a\nb"), &["name-control-character"]),
        ("escape", named(b"a\x1b[2J"), &["name-control-character"]),
        ("delete", named(b"a\x7f"), &["name-control-character"]),
        ("right-to-left override", named("a\u{202e}yp".as_bytes()), &["name-invisible-character"]),
        ("isolate", named("a\u{2066}b".as_bytes()), &["name-invisible-character"]),
        ("byte order mark", named("\u{feff}a".as_bytes()), &["name-invisible-character"]),
        ("zero width", named("a\u{200b}b".as_bytes()), &["name-invisible-character"]),
        ("combining mark", named("e\u{301}.py".as_bytes()), &["name-ambiguous-character"]),
        ("a ligature", named("ﬁle.py".as_bytes()), &["name-ambiguous-character"]),
        ("the sign of a unit", named("\u{212a}.py".as_bytes()), &["name-ambiguous-character"]),
        ("a slash in one character", named("a\u{2100}b".as_bytes()), &["name-ambiguous-character"]),
        ("Hangul taken apart", named("\u{1112}\u{1161}\u{11ab}".as_bytes()), &["name-ambiguous-character"]),
        ("full width", named("ａ.py".as_bytes()), &["name-ambiguous-character"]),
    ];
    refused(Family::Names, ZIP, rows)
}

/// Names that meet on some file system.
pub(super) fn collisions() -> Vec<Case> {
    let two = |first: &str, second: &str| ZipBuilder::new().stored(first, b"").stored(second, b"").bytes();
    let rows: Vec<Row> = vec![
        ("twice", two("a", "a"), &["duplicate-member"]),
        ("folder twice", two("a/", "a/"), &["duplicate-member"]),
        ("case", two("torch/x", "Torch/x"), &["case-collision"]),
        ("case beyond ASCII", two("é", "É"), &["case-collision"]),
        ("case of a folder", two("Torch/x", "torch/y"), &["case-collision"]),
        ("case of a folder deep inside", two("a/B/c/d", "a/b/c/e"), &["case-collision"]),
        ("case of a folder and its entry", two("Torch/", "torch/y"), &["case-collision"]),
        ("two letters for one", two("Straße/x", "STRASSE/y"), &["case-collision"]),
        ("two forms of sigma", two("ς", "Σ"), &["case-collision"]),
        ("file and folder", two("a", "a/"), &["file-and-directory"]),
        ("file and its child", two("a", "a/b"), &["file-and-directory"]),
        ("file and its grandchild, in another case", two("a/b/c/d", "A/B"), &["file-and-directory"]),
    ];
    refused(Family::Names, ZIP, rows)
}
