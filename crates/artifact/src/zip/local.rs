//! The local headers: each must say what the directory says, and together with their data they
//! must tile the file from its first byte to the central directory.

use super::bytes::Cursor;
use super::central::{Entry, Header};
use super::extra::{self, Narrow};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use trackside_domain::finding::Code;

const SIGNATURE: u32 = 0x0403_4b50;
const LENGTH: u64 = 30;
/// The version that zip64 needs.
const ZIP64: u16 = 45;

/// A local header, and where the data behind it begins.
pub(super) struct Local {
    name: Vec<u8>,
    header: Header,
    pub(super) data_offset: u64,
}

/// Checks every local header and the tiling. Gives the data offset of each entry, in the order of
/// the entries; none if the walk had to stop.
pub(super) fn check(
    source: &SourceFile,
    entries: &[Entry],
    directory_offset: u64,
    findings: &mut Findings,
) -> Result<Option<Vec<u64>>, ReadError> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries[*index].header_offset);
    let mut offsets = vec![0; entries.len()];
    let mut expected = 0;
    for index in order {
        let entry = &entries[index];
        // What members share would be read again for each of them.
        if entry.header_offset < expected {
            findings.member(Code::OverlappingMembers, &entry.name, "it begins inside the member before it");
            return Ok(None);
        }
        check_gap(entry, expected, findings);
        let local = match read(source, entry.header_offset)? {
            Ok(local) => local,
            Err((code, message)) => {
                findings.member(code, &entry.name, message);
                return Ok(None);
            }
        };
        compare(entry, &local, findings);
        offsets[index] = local.data_offset;
        // A sum beyond u64 is beyond the directory as well.
        expected = local.data_offset.saturating_add(entry.header.compressed);
        if expected > directory_offset {
            findings.member(Code::OverlappingMembers, &entry.name, "its data reaches into the central directory");
            return Ok(None);
        }
    }
    if expected < directory_offset {
        let message = format!("{} bytes between the last member and the directory", directory_offset - expected);
        findings.archive(Code::HiddenData, message);
    }
    Ok(Some(offsets))
}

fn check_gap(entry: &Entry, expected: u64, findings: &mut Findings) {
    let offset = entry.header_offset;
    if offset > expected {
        let message = format!("{} bytes before it belong to no member", offset - expected);
        findings.member(Code::HiddenData, &entry.name, message);
    }
}

/// Reads the local header at `offset`.
pub(super) fn read(source: &SourceFile, offset: u64) -> Result<Result<Local, extra::Flaw>, ReadError> {
    const MISSING: extra::Flaw = (Code::MissingLocalHeader, "no local header stands where the directory says");
    let Some(fixed) = source.bytes(offset, LENGTH)? else {
        return Ok(Err(MISSING));
    };
    let Some((mut header, narrow, name, extra)) = parse(&fixed) else {
        return Ok(Err(MISSING));
    };
    let variable_offset = offset + LENGTH;
    let Some(variable) = source.bytes(variable_offset, u64::from(name) + u64::from(extra))? else {
        return Ok(Err(MISSING));
    };
    let (name, extra) = variable.split_at(name.into());
    let data_offset = variable_offset + variable.len() as u64;
    Ok(extra::widen(extra, narrow).map(|wide| {
        header.compressed = wide.compressed;
        header.size = wide.size;
        Local { name: name.to_vec(), header, data_offset }
    }))
}

/// The header with its narrow sizes, and the lengths of name and extra fields.
fn parse(fixed: &[u8]) -> Option<(Header, Narrow, u16, u16)> {
    let mut cursor = Cursor::new(fixed);
    if cursor.u32()? != SIGNATURE {
        return None;
    }
    let (needs, flags, method, modified) = (cursor.u16()?, cursor.u16()?, cursor.u16()?, cursor.u32()?);
    let (crc, compressed, size) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
    let header = Header { needs, flags, method, modified, crc, compressed: compressed.into(), size: size.into() };
    Some((header, Narrow { size, compressed, offset: None }, cursor.u16()?, cursor.u16()?))
}

/// Notes where the local header says something else than the directory.
pub(super) fn compare(entry: &Entry, local: &Local, findings: &mut Findings) {
    let (directory, here) = (&entry.header, &local.header);
    if local.name != entry.raw_name {
        let message = format!("its local header names it `{}`", String::from_utf8_lossy(&local.name).escape_debug());
        findings.member(Code::NameMismatch, &entry.name, message);
    }
    if here.compressed != directory.compressed || here.size != directory.size {
        let message = format!(
            "{} bytes ({} stored) by its local header, {} ({} stored) by the directory",
            here.size, here.compressed, directory.size, directory.compressed
        );
        findings.member(Code::SizeMismatch, &entry.name, message);
    }
    if here.crc != directory.crc {
        findings.member(Code::CrcMismatch, &entry.name, "local header and directory state different checksums");
    }
    // Python writes the version of zip64 into the directory alone where only the offset needs it, and
    // thinks so from 2 GiB on.
    let far = directory.needs == ZIP64 && entry.header_offset > u64::from(u32::MAX / 2);
    if (here.needs != directory.needs && !far)
        || (here.flags, here.method, here.modified) != (directory.flags, directory.method, directory.modified)
    {
        let message = "local header and directory state different flags, methods, times or versions";
        findings.member(Code::HeaderMismatch, &entry.name, message);
    }
}
