//! Links, modes, and names that are a file and a folder at once.

use super::samples::{ZIP, first, plain};
use super::{Case, Family, Row, refused};
use crate::wheel::{ZipBuilder, ZipEntry};

/// Every type and special bit of a Unix mode.
pub(super) fn modes() -> Vec<Case> {
    let mode = |mode: u32| first(move |a| *a = a.clone().mode(mode));
    let with = |entry: ZipEntry| plain().entry(entry).bytes();
    let link = |name: &str| ZipEntry::stored(name, b"../../evil").mode(0o120_777);
    let through = ZipBuilder::new().entry(link("l")).stored("l/x", b"payload").bytes();
    let rows: Vec<Row> = vec![
        ("a symbolic link", mode(0o120_777), &["symlink"]),
        ("a symbolic link that leads out", with(link("x")), &["symlink"]),
        ("a symbolic link with a folder's name", with(link("x/")), &["symlink", "directory-with-data"]),
        ("a symbolic link and a file through it", through, &["symlink", "file-and-directory"]),
        ("a block device", mode(0o060_644), &["special-file"]),
        ("a character device", mode(0o020_644), &["special-file"]),
        ("a pipe", mode(0o010_644), &["special-file"]),
        ("a socket", mode(0o140_644), &["special-file"]),
        ("a type that no system has", mode(0o110_644), &["special-file"]),
        ("set-user-id", mode(0o104_755), &["special-mode"]),
        ("set-group-id", mode(0o102_755), &["special-mode"]),
        ("sticky", mode(0o101_755), &["special-mode"]),
        ("set-user-id without a type", mode(0o4_755), &["special-mode"]),
        ("a folder by mode", mode(0o040_755), &["directory-mismatch"]),
        ("a file by mode", with(ZipEntry::stored("x/", b"").mode(0o100_644)), &["directory-mismatch"]),
        ("a folder with content", with(ZipEntry::stored("x/", b"payload")), &["directory-with-data"]),
        ("a folder with deflated content", with(ZipEntry::deflated("x/", b"payload")), &["directory-with-data"]),
    ];
    refused(Family::Modes, ZIP, rows)
}
