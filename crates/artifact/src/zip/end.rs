//! The records at the end of an archive: end of central directory, and its zip64 twin.

use super::Archive;
use super::bytes::Cursor;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::{MAX_CENTRAL_DIRECTORY, MAX_MEMBERS};
use trackside_domain::finding::Code;

const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const SIGNATURE_64: u32 = 0x0606_4b50;
const LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const LENGTH: u64 = 22;
const LENGTH_64: u64 = 56;
const LOCATOR_LENGTH: u64 = 20;
/// A zip64 record's own size field counts what follows it; more than this is extensible data,
/// which nothing reads.
const SIZE_FIELD_64: u64 = LENGTH_64 - 12;

/// Where the central directory is, as the end records say and the file's size confirms.
pub(super) struct End {
    pub(super) members: u64,
    pub(super) directory_offset: u64,
    pub(super) directory_size: u64,
    pub(super) has_comment: bool,
}

/// What one end record claims.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Claim {
    members: u64,
    size: u64,
    offset: u64,
}

/// Finds and checks the end records. None, with a finding, if they are refused.
pub(super) fn read(source: &SourceFile, findings: &mut Findings) -> Result<Option<End>, ReadError> {
    let Some(position) = find(source, findings)? else {
        return Ok(None);
    };
    let record = source.bytes(position, LENGTH)?.unwrap_or_default();
    let Some((claim, split, comment)) = parse(&record) else {
        findings.archive(Code::NotAZip, "the end record is cut short");
        return Ok(None);
    };
    if split {
        findings.archive(Code::SplitArchive, "the archive is said to span several disks");
        return Ok(None);
    }
    let (claim, directory_end) = match read_64(source, position, claim, findings)? {
        Zip64::Absent => (claim, position),
        Zip64::Present(claim) => (claim, position - LOCATOR_LENGTH - LENGTH_64),
        Zip64::Refused => return Ok(None),
    };
    if claim.members > MAX_MEMBERS || claim.size > MAX_CENTRAL_DIRECTORY {
        let message = format!("{} members in a directory of {} bytes are more than allowed", claim.members, claim.size);
        findings.archive(Code::TooManyMembers, message);
        return Ok(None);
    }
    if claim.offset.checked_add(claim.size) != Some(directory_end) {
        let message = format!(
            "the central directory is said to be {} bytes at {}, but the end records begin at {directory_end}",
            claim.size, claim.offset
        );
        findings.archive(Code::EndRecordMismatch, message);
        return Ok(None);
    }
    let Claim { members, size: directory_size, offset: directory_offset } = claim;
    Ok(Some(End { members, directory_offset, directory_size, has_comment: comment > 0 }))
}

/// The position of the one end record. The last signature counts, as for every reader, and it must
/// close the file exactly.
fn find(source: &SourceFile, findings: &mut Findings) -> Result<Option<u64>, ReadError> {
    let tail_length = source.size().min(LENGTH + u64::from(u16::MAX));
    let start = source.size() - tail_length;
    let tail = source.bytes(start, tail_length)?.unwrap_or_default();
    let closes = |at: &usize| {
        let comment = tail.get(at + 20..at + 22).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes);
        comment.is_some_and(|comment| at + 22 + usize::from(comment) == tail.len())
    };
    let mut signatures = (0..tail.len().saturating_sub(3)).rev().filter(|at| tail[*at..].starts_with(&SIGNATURE));
    let Some(last) = signatures.next() else {
        findings.archive(Code::NotAZip, "no end of central directory record");
        return Ok(None);
    };
    if closes(&last) {
        // Readers that look for the records of zip64 anywhere in the tail would find these.
        let comment = tail.get(last + 22..).unwrap_or_default();
        if comment.windows(4).any(|four| {
            [SIGNATURE_64.to_le_bytes(), LOCATOR_SIGNATURE.to_le_bytes()]
                .contains(&[four[0], four[1], four[2], four[3]])
        }) {
            findings.archive(Code::SecondEndRecord, "a record of zip64 stands in the archive's comment");
            return Ok(None);
        }
        return Ok(Some(start + last as u64));
    }
    if signatures.any(|at| closes(&at)) {
        findings.archive(Code::SecondEndRecord, "a second end record stands in the archive's comment");
    } else {
        findings.archive(Code::TrailingData, "the file does not end where its end record says");
    }
    Ok(None)
}

/// The claim, whether several disks are involved, and the length of the comment.
fn parse(record: &[u8]) -> Option<(Claim, bool, u16)> {
    let mut cursor = Cursor::new(record);
    cursor.take(4)?;
    let (disk, directory_disk) = (cursor.u16()?, cursor.u16()?);
    let (here, members) = (cursor.u16()?, cursor.u16()?);
    let (size, offset, comment) = (cursor.u32()?, cursor.u32()?, cursor.u16()?);
    let claim = Claim { members: members.into(), size: size.into(), offset: offset.into() };
    Some((claim, disk != 0 || directory_disk != 0 || here != members, comment))
}

enum Zip64 {
    Absent,
    Present(Claim),
    Refused,
}

/// The zip64 records, which stand right before the end record at `position`: record, then locator.
fn read_64(source: &SourceFile, position: u64, plain: Claim, findings: &mut Findings) -> Result<Zip64, ReadError> {
    let locator = match position.checked_sub(LOCATOR_LENGTH) {
        Some(at) => source.bytes(at, LOCATOR_LENGTH)?.unwrap_or_default(),
        None => Vec::new(),
    };
    let mut refuse = |message: &str| {
        findings.archive(Code::Zip64EndRecord, message);
        Ok(Zip64::Refused)
    };
    if Cursor::new(&locator).u32() != Some(LOCATOR_SIGNATURE) {
        return if plain.needs_64() {
            refuse("the end record refers to zip64 records that are not there")
        } else {
            Ok(Zip64::Absent)
        };
    }
    let Some(expected) = position.checked_sub(LOCATOR_LENGTH + LENGTH_64) else {
        return refuse("a zip64 locator without a zip64 record");
    };
    if parse_locator(&locator) != Some((0, expected, 1)) {
        return refuse("the zip64 locator does not point to the record before it");
    }
    let record = source.bytes(expected, LENGTH_64)?.unwrap_or_default();
    let Some(claim) = parse_64(&record) else {
        return refuse("the zip64 record is missing, spans disks or has extensible data");
    };
    if plain.agrees(claim) { Ok(Zip64::Present(claim)) } else { refuse("the two end records disagree") }
}

impl Claim {
    /// Whether a field holds the mark. 65,535 members are legal without zip64, and are counted.
    fn needs_64(self) -> bool {
        [self.size, self.offset].contains(&u32::MAX.into())
    }

    /// A plain field holds either the value itself or the mark that says "see zip64".
    fn agrees(self, with: Self) -> bool {
        let fits = |plain: u64, mark: u64, value: u64| plain == mark || plain == value;
        fits(self.members, u16::MAX.into(), with.members)
            && fits(self.size, u32::MAX.into(), with.size)
            && fits(self.offset, u32::MAX.into(), with.offset)
    }
}

/// Disk, offset and number of disks.
fn parse_locator(locator: &[u8]) -> Option<(u32, u64, u32)> {
    let mut cursor = Cursor::new(locator);
    cursor.take(4)?;
    Some((cursor.u32()?, cursor.u64()?, cursor.u32()?))
}

fn parse_64(record: &[u8]) -> Option<Claim> {
    let mut cursor = Cursor::new(record);
    let (signature, length) = (cursor.u32()?, cursor.u64()?);
    cursor.take(4)?; // The versions that made it and that it needs say nothing we rely on.
    let (disk, directory_disk) = (cursor.u32()?, cursor.u32()?);
    let (here, members) = (cursor.u64()?, cursor.u64()?);
    let (size, offset) = (cursor.u64()?, cursor.u64()?);
    let sound = signature == SIGNATURE_64 && length == SIZE_FIELD_64;
    (sound && disk == 0 && directory_disk == 0 && here == members).then_some(Claim { members, size, offset })
}

/// The archive's comment, as it stands behind the end record.
pub(crate) fn comment(source: &SourceFile, archive: &Archive) -> Result<Vec<u8>, ReadError> {
    let (offset, size) = archive.directory;
    let mut position = offset + size;
    let zip64 = source.bytes(position, 4)?.is_some_and(|signature| signature == SIGNATURE_64.to_le_bytes());
    if zip64 {
        position += LENGTH_64 + LOCATOR_LENGTH;
    }
    let start = position + LENGTH;
    Ok(source.bytes(start, source.size().saturating_sub(start))?.unwrap_or_default())
}
