//! The modes of members: only plain files and folders are released.

use super::central::Entry;
use crate::finding::Findings;
use trackside_domain::finding::Code;

const TYPE: u32 = 0o170_000;
const SPECIAL_BITS: u32 = 0o7_000;

/// The versions that stored and deflated members and zip64 need (APPNOTE 4.4.3.2).
const VERSIONS: [u16; 3] = [10, 20, 45];
/// The newest version that Python's zipfile, and so pip, reads members of: 6.3.
const NEWEST: u8 = 63;
/// Whether the content looked like text to the writer.
const TEXT: u16 = 1;
/// A folder, for DOS and Windows.
const DOS_FOLDER: u32 = 1 << 4;
/// Read-only, folder, changed: what DOS and Windows set.
const DOS_ATTRIBUTES: u32 = 1 | DOS_FOLDER | 1 << 5;
/// DOS, Unix, Windows, macOS.
const SYSTEMS: [u8; 4] = [0, 3, 10, 19];

/// Checks fields that no content depends on. Of 570,000 members of wheels on PyPI none has another
/// value, so that one is damage or somebody's hiding place.
pub(super) fn check_unusual(entry: &Entry, findings: &mut Findings) {
    let ([needs, _], [_, system]) = (entry.header.needs.to_le_bytes(), entry.made_by.to_le_bytes());
    if needs > NEWEST {
        findings.member(
            Code::UnsupportedVersion,
            &entry.name,
            "it needs a version of the format that pip does not read",
        );
        return;
    }
    let usual = VERSIONS.contains(&entry.header.needs)
        && SYSTEMS.contains(&system)
        && entry.internal_attributes & !TEXT == 0
        && entry.external_attributes & 0xffff & !DOS_ATTRIBUTES == 0;
    if !usual {
        let message = "its versions, system or attributes are none that writers of wheels leave";
        findings.member(Code::UnusualHeader, &entry.name, message);
    }
}

/// Checks the Unix mode in the upper half of the external attributes, whoever is said to have made
/// the archive: extractors do not ask either.
pub(super) fn check(entry: &Entry, findings: &mut Findings) {
    let mode = entry.external_attributes >> 16;
    let folder = entry.name.ends_with('/');
    if !folder && entry.external_attributes & DOS_FOLDER != 0 {
        findings.member(Code::DirectoryMismatch, &entry.name, "a folder by its DOS attributes, a file by name");
    }
    match mode & TYPE {
        0 => {}
        0o100_000 if folder => {
            findings.member(Code::DirectoryMismatch, &entry.name, "a file by mode, a folder by name");
        }
        0o040_000 if !folder => {
            findings.member(Code::DirectoryMismatch, &entry.name, "a folder by mode, a file by name");
        }
        0o100_000 | 0o040_000 => {}
        0o120_000 => findings.member(Code::Symlink, &entry.name, "it is a symbolic link"),
        _ => findings.member(Code::SpecialFile, &entry.name, format!("its mode {mode:o} is that of a device or pipe")),
    }
    if mode & SPECIAL_BITS != 0 {
        findings.member(Code::SpecialMode, &entry.name, format!("its mode {mode:o} has set-id or sticky bits"));
    }
    if folder && entry.header.size > 0 {
        findings.member(Code::DirectoryWithData, &entry.name, "it is a folder and has content");
    }
}
