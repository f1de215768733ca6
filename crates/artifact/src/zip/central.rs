//! The central directory: one record for each member.

use super::bytes::Cursor;
use super::end::End;
use super::extra::{self, Narrow};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use trackside_domain::finding::Code;

const SIGNATURE: u32 = 0x0201_4b50;

/// The fields that local header and directory record have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The version of the format that a reader needs.
    pub(super) needs: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// Date and time, in the form of DOS.
    pub(super) modified: u32,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
}

/// One record of the directory.
pub(super) struct Entry {
    /// The name, with what is not UTF-8 replaced (and refused by the name rules).
    pub(super) name: String,
    pub(super) raw_name: Vec<u8>,
    pub(super) header: Header,
    pub(super) header_offset: u64,
    /// Version and system of the writer.
    pub(super) made_by: u16,
    pub(super) internal_attributes: u16,
    pub(super) external_attributes: u32,
    pub(super) has_comment: bool,
    pub(super) disk: u16,
}

/// A record as it stands, before its extra fields are looked at.
struct Raw<'a> {
    made_by: u16,
    needs: u16,
    flags: u16,
    method: u16,
    modified: u32,
    crc: u32,
    narrow: Narrow,
    name: &'a [u8],
    extra: &'a [u8],
    comment: &'a [u8],
    disk: u16,
    internal_attributes: u16,
    external_attributes: u32,
}

/// Reads all records. They must fill the directory exactly and be as many as the end record says.
pub(super) fn read(source: &SourceFile, end: &End, findings: &mut Findings) -> Result<Option<Vec<Entry>>, ReadError> {
    let Some(bytes) = source.bytes(end.directory_offset, end.directory_size)? else {
        findings.archive(Code::CentralDirectory, "the central directory is outside the file");
        return Ok(None);
    };
    let mut cursor = Cursor::new(&bytes);
    let mut entries = Vec::new();
    let mut sound = true;
    while !cursor.is_empty() {
        let Some(raw) = parse(&mut cursor) else {
            let message = format!("record {} of the central directory is no record or cut short", entries.len() + 1);
            findings.archive(Code::CentralDirectory, message);
            return Ok(None);
        };
        match entry(&raw) {
            Ok(entry) => entries.push(entry),
            Err((code, message)) => {
                findings.member(code, &String::from_utf8_lossy(raw.name), message);
                sound = false;
            }
        }
    }
    if sound && entries.len() as u64 != end.members {
        let message = format!("the end record counts {} members, the directory has {}", end.members, entries.len());
        findings.archive(Code::EndRecordMismatch, message);
        return Ok(None);
    }
    Ok(sound.then_some(entries))
}

fn parse<'a>(cursor: &mut Cursor<'a>) -> Option<Raw<'a>> {
    if cursor.u32()? != SIGNATURE {
        return None;
    }
    let (made_by, needs) = (cursor.u16()?, cursor.u16()?);
    let (flags, method, modified) = (cursor.u16()?, cursor.u16()?, cursor.u32()?);
    let (crc, compressed, size) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
    let (name, extra, comment) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
    let disk = cursor.u16()?;
    let internal_attributes = cursor.u16()?;
    let (external_attributes, offset) = (cursor.u32()?, cursor.u32()?);
    let narrow = Narrow { size, compressed, offset: Some(offset) };
    let name = cursor.take(name.into())?;
    let extra = cursor.take(extra.into())?;
    let comment = cursor.take(comment.into())?;
    Some(Raw {
        made_by,
        needs,
        flags,
        method,
        modified,
        crc,
        narrow,
        name,
        extra,
        comment,
        disk,
        internal_attributes,
        external_attributes,
    })
}

fn entry(raw: &Raw<'_>) -> Result<Entry, extra::Flaw> {
    let wide = extra::widen(raw.extra, raw.narrow)?;
    let Raw { made_by, needs, flags, method, modified, crc, disk, internal_attributes, external_attributes, .. } = *raw;
    Ok(Entry {
        name: String::from_utf8_lossy(raw.name).into_owned(),
        raw_name: raw.name.to_vec(),
        header: Header { needs, flags, method, modified, crc, compressed: wide.compressed, size: wide.size },
        header_offset: wide.offset,
        made_by,
        internal_attributes,
        external_attributes,
        has_comment: !raw.comment.is_empty(),
        disk,
    })
}
