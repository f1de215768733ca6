//! What a sound archive may still not contain: flags, methods, comments and bombs.

use super::Method;
use super::central::Entry;
use crate::finding::Findings;
use crate::limits::{MAX_RATIO, MAX_UNPACKED, RATIO_FREE};
use trackside_domain::finding::Code;

const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DATA_DESCRIPTOR: u16 = 1 << 3;
/// How hard the deflater tried, and "the name is UTF-8".
pub(super) const UTF8: u16 = 1 << 11;
const HARMLESS: u16 = 0b110 | UTF8;

/// The method of a header's number; none for those that are refused.
pub(super) const fn method(number: u16) -> Option<Method> {
    match number {
        0 => Some(Method::Stored),
        8 => Some(Method::Deflated),
        _ => None,
    }
}

/// Checks all entries of an archive that is `file_size` bytes long.
pub(super) fn check(entries: &[Entry], file_size: u64, findings: &mut Findings) {
    entries.iter().for_each(|entry| check_entry(entry, findings));
    let unpacked = entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.header.size));
    if unpacked > MAX_UNPACKED {
        findings.archive(Code::UnpackedSize, format!("it unpacks to {unpacked} bytes, {MAX_UNPACKED} are allowed"));
    }
    if unpacked > RATIO_FREE && unpacked / file_size.max(1) >= MAX_RATIO {
        let message = format!("{file_size} bytes unpack to {unpacked}, more than {MAX_RATIO} times as much");
        findings.archive(Code::CompressionRatio, message);
    }
}

fn check_entry(entry: &Entry, findings: &mut Findings) {
    let header = &entry.header;
    if header.flags & ENCRYPTED != 0 {
        findings.member(Code::Encrypted, &entry.name, "it is encrypted");
    }
    if header.flags & DATA_DESCRIPTOR != 0 {
        findings.member(Code::DataDescriptor, &entry.name, "its sizes follow its data (a data descriptor)");
    }
    let strange = header.flags & !(ENCRYPTED | DATA_DESCRIPTOR | HARMLESS);
    if strange != 0 {
        findings.member(Code::UnsupportedFlags, &entry.name, format!("unknown flags {strange:#06x}"));
    }
    match method(header.method) {
        None => {
            let message = format!("method {} is neither stored nor deflated", header.method);
            findings.member(Code::UnsupportedMethod, &entry.name, message);
        }
        Some(Method::Stored) if header.compressed != header.size => {
            findings.member(Code::SizeMismatch, &entry.name, "it is stored, yet its two sizes differ");
        }
        Some(Method::Stored | Method::Deflated) => {}
    }
    if entry.has_comment {
        findings.member(Code::MemberComment, &entry.name, "it carries a comment");
    }
    if entry.disk != 0 {
        findings.member(Code::SplitArchive, &entry.name, "it is said to be on another disk");
    }
}
