//! The headers of members as they stand, with those fields to be set that a new place or name moves.

use crate::error::ReadError;
use crate::file::SourceFile;
use crate::zip::Archive;

/// The length of a directory record without name, extra fields and comment (APPNOTE 4.3.12).
const RECORD: usize = 46;
/// The length of a local header without name and extra fields (APPNOTE 4.3.7).
const LOCAL: usize = 30;

const ZIP64: u16 = 0x0001;
const MARK: u32 = u32::MAX;
/// The version of the format that knows zip64, 4.5 (APPNOTE 4.4.3.2).
const NEEDS_ZIP64: u16 = 45;

/// One record of the central directory.
pub(super) struct Record {
    fixed: [u8; RECORD],
    extra: Vec<u8>,
}

/// What may be new in a record.
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    pub(super) size: u64,
    pub(super) compressed: u64,
    pub(super) offset: u64,
}

/// The records of an archive whose framing is sound, in the order of the directory.
pub(super) fn read_records(source: &SourceFile, archive: &Archive) -> Result<Vec<Record>, ReadError> {
    let (offset, size) = archive.directory;
    let bytes = source.bytes(offset, size)?.unwrap_or_default();
    let mut rest = &bytes[..];
    let mut records = Vec::with_capacity(archive.members.len());
    while let Some((record, after)) = take_record(rest) {
        records.push(record);
        rest = after;
    }
    if records.len() == archive.members.len() {
        return Ok(records);
    }
    // They were counted before: whoever wrote to the file in between is found out here.
    source.check_unchanged()?;
    Err(ReadError::Changed { path: source.path().to_owned() })
}

fn take_record(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (fixed, rest) = bytes.split_first_chunk::<RECORD>()?;
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(short(fixed, at)));
    let (_, rest) = rest.split_at_checked(name)?;
    let (extra, rest) = rest.split_at_checked(extra)?;
    let (_, rest) = rest.split_at_checked(comment)?;
    Some((Record { fixed: *fixed, extra: extra.to_vec() }, rest))
}

impl Record {
    /// A record of a member that is written here: stored, the first of January 1980 at midnight,
    /// made by version 2.0 on Unix, mode 0755 if it could be executed and 0644 if not. Nothing of the
    /// machine or the day is in it.
    pub(super) fn written(name: &str, crc: u32, executable: bool) -> Self {
        const MADE_BY_UNIX: u16 = 3 << 8 | 20;
        const NEEDS: u16 = 20;
        const FIRST_OF_JANUARY_1980: u16 = 1 << 5 | 1;
        const MODES: [u32; 2] = [0o100_644, 0o100_755];
        const UTF8: u16 = 1 << 11;
        let mut fixed = [0; RECORD];
        fixed[..4].copy_from_slice(b"PK\x01\x02");
        put_short(&mut fixed, 4, MADE_BY_UNIX);
        put_short(&mut fixed, 6, NEEDS);
        put_short(&mut fixed, 8, if name.is_ascii() { 0 } else { UTF8 });
        put_short(&mut fixed, 14, FIRST_OF_JANUARY_1980);
        put_long(&mut fixed, 16, crc);
        put_long(&mut fixed, 38, MODES[usize::from(executable)] << 16);
        Self { fixed, extra: Vec::new() }
    }

    /// Whether its owner may execute the member: what pip and uv look at. Only a mode of Unix counts.
    pub(super) fn is_executable(&self) -> bool {
        const UNIX: u8 = 3;
        const OWNER_EXECUTES: u32 = 0o100;
        self.fixed[5] == UNIX && long(&self.fixed, 38) >> 16 & OWNER_EXECUTES != 0
    }

    /// Writes the record for a member of this name at this place. All other fields stay.
    pub(super) fn write(&self, place: &Place<'_>, out: &mut Vec<u8>) {
        let mut fixed = self.fixed;
        let had_zip64 = fields(&self.extra).any(|(id, _)| id == ZIP64);
        let values = [(24, place.size), (20, place.compressed), (42, place.offset)];
        let needs_zip64 = had_zip64 || values.iter().any(|(_, value)| *value >= MARK.into());
        let mut wide = Vec::new();
        for (at, value) in values {
            let marked = had_zip64 && long(&self.fixed, at) == MARK;
            if needs_zip64 && (marked || value >= MARK.into()) {
                put_long(&mut fixed, at, MARK);
                wide.extend(value.to_le_bytes());
            } else {
                put_long(&mut fixed, at, u32::try_from(value).unwrap_or(MARK));
            }
        }
        let extra = self.extra_with(needs_zip64.then_some(&wide));
        // One that had it keeps what its local header, which is carried, says as well.
        if needs_zip64 && !had_zip64 {
            put_short(&mut fixed, 6, short(&self.fixed, 6).max(NEEDS_ZIP64));
        }
        put_short(&mut fixed, 28, length(place.name.as_bytes()));
        put_short(&mut fixed, 30, length(&extra));
        out.extend(fixed);
        out.extend(place.name.as_bytes());
        out.extend(extra);
    }

    /// Whether the other record is the same but for name, place and what zip64 makes of both.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let fixed = |record: &Self| {
            let mut fixed = record.fixed;
            // Version needed, the two sizes, the lengths of name and extra fields, and the offset.
            [6..8, 20..28, 28..32, 42..46].into_iter().for_each(|range| fixed[range].fill(0));
            fixed
        };
        let extra = |record: &Self| {
            fields(&record.extra)
                .filter(|(id, _)| *id != ZIP64)
                .map(|(id, content)| (id, content.to_vec()))
                .collect::<Vec<_>>()
        };
        fixed(self) == fixed(other) && extra(self) == extra(other)
    }

    /// Writes the local header of a member that is written here.
    pub(super) fn write_local(&self, place: &Place<'_>, out: &mut Vec<u8>) {
        out.extend(b"PK\x03\x04");
        // Version needed, flags, method, time, date and checksum stand in both in this order.
        out.extend(&self.fixed[6..20]);
        for size in [place.compressed, place.size] {
            out.extend(u32::try_from(size).unwrap_or(MARK).to_le_bytes());
        }
        out.extend(length(place.name.as_bytes()).to_le_bytes());
        out.extend([0; 2]);
        out.extend(place.name.as_bytes());
    }

    /// The extra fields with another zip64 field, which stands where it stood or before the others.
    fn extra_with(&self, zip64: Option<&Vec<u8>>) -> Vec<u8> {
        let mut extra = Vec::new();
        let mut put = |id: u16, content: &[u8]| {
            extra.extend(id.to_le_bytes());
            extra.extend(length(content).to_le_bytes());
            extra.extend(content);
        };
        let stood = fields(&self.extra).any(|(id, _)| id == ZIP64);
        if let (Some(zip64), false) = (zip64, stood) {
            put(ZIP64, zip64);
        }
        for (id, content) in fields(&self.extra) {
            put(id, zip64.filter(|_| id == ZIP64).map_or(content, |zip64| zip64));
        }
        extra
    }
}

/// A local header with another name: `bytes` is all of it, up to the member's data. None if it is
/// no local header.
pub(super) fn renamed_local(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let (fixed, rest) = bytes.split_first_chunk::<LOCAL>()?;
    let extra = rest.get(usize::from(short(fixed, 26))..)?;
    let mut out = fixed.to_vec();
    put_short(&mut out, 26, length(name.as_bytes()));
    out.extend(name.as_bytes());
    out.extend(extra);
    Some(out)
}

/// The extra fields of a chain that is known to be sound.
fn fields(extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = extra;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<4>()?;
        let (content, next) = after.split_at_checked(short(head, 2).into())?;
        rest = next;
        Some((short(head, 0), content))
    })
}

/// Names and extra fields were read from, or are made for, fields of this width.
fn length(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn put_short(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

fn put_long(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}
