//! A member of the input beside the one of the output that is in its place.

use super::mismatch::Mismatch;
use super::raw::{self, Record};
use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};
use crate::zip::{Archive, Member};

/// A member where it lies.
pub(super) struct Placed<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) member: &'a Member,
    record: Record,
}

/// Two members that should be one.
pub(super) struct Pair<'a> {
    pub(super) before: Placed<'a>,
    pub(super) after: Placed<'a>,
}

/// The members of both archives in their order, which must be the same in the directory and in the
/// file.
pub(super) fn pairs<'a>(
    (input, before): (&'a SourceFile, &'a Archive),
    (output, after): (&'a SourceFile, &'a Archive),
) -> Result<Vec<Pair<'a>>, Mismatch> {
    if before.members.len() != after.members.len() || order(before) != order(after) {
        return Err(Mismatch::Members { before: before.members.len(), after: after.members.len() });
    }
    let (before, after) = (placed(input, before)?, placed(output, after)?);
    Ok(before.into_iter().zip(after).map(|(before, after)| Pair { before, after }).collect())
}

fn order(archive: &Archive) -> Vec<usize> {
    let mut order: Vec<usize> = (0..archive.members.len()).collect();
    order.sort_by_key(|index| archive.members[*index].header_offset);
    order
}

fn placed<'a>(source: &'a SourceFile, archive: &'a Archive) -> Result<Vec<Placed<'a>>, ReadError> {
    let records = raw::read_records(source, archive)?;
    let members = archive.members.iter().zip(records);
    Ok(members.map(|(member, record)| Placed { source, member, record }).collect())
}

impl Pair<'_> {
    /// Both have the same headers, but for name and place, and the same stored bytes.
    pub(super) fn check_carried(&self) -> Result<(), Mismatch> {
        let differs = |what| Mismatch::Carried { member: self.before.member.name.clone(), what };
        let facts = |placed: &Placed<'_>| {
            let Member { method, crc, compressed, size, .. } = placed.member;
            (*method, *crc, *compressed, *size)
        };
        if facts(&self.before) != facts(&self.after) {
            return Err(differs("size, method or checksum"));
        }
        if !self.before.record.is_like(&self.after.record) {
            return Err(differs("the record in the directory"));
        }
        if self.before.local()? != self.after.local()? {
            return Err(differs("the local header"));
        }
        if !self.same_bytes()? {
            return Err(differs("a stored byte"));
        }
        Ok(())
    }

    fn same_bytes(&self) -> Result<bool, ReadError> {
        let length = self.before.member.compressed;
        let mut buffers = [vec![0; CHUNK], vec![0; CHUNK]];
        let mut done = 0;
        while done < length {
            let piece = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
            for (placed, buffer) in [&self.before, &self.after].into_iter().zip(&mut buffers) {
                placed.source.read_at(&mut buffer[..piece], placed.member.data_offset + done)?;
            }
            if buffers[0][..piece] != buffers[1][..piece] {
                return Ok(false);
            }
            done += piece as u64;
        }
        Ok(true)
    }
}

impl Placed<'_> {
    /// The local header under one name, so that only the name may differ.
    fn local(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let Member { header_offset, data_offset, .. } = self.member;
        let bytes = self.source.bytes(*header_offset, data_offset - header_offset)?;
        Ok(bytes.and_then(|bytes| raw::renamed_local(&bytes, "")))
    }
}
