//! A first look into an archive: end records and central directory only, and single members by
//! name. What it shows is what the archive says, not what has been verified.

use super::central::{self, Entry};
use super::{Member, content, end, local, policy, tar};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use trackside_domain::finding::Code;

/// The central directory of an archive, as it stands.
pub(crate) struct Directory {
    entries: Vec<Entry>,
    /// Where it begins, and so where the data of members ends.
    offset: u64,
}

/// Reads the directory. None, with findings, if there is none that can be read.
pub(crate) fn read_directory(source: &SourceFile, findings: &mut Findings) -> Result<Option<Directory>, ReadError> {
    if tar::is_tar(source)? {
        findings.archive(Code::ZipAndTar, "the file is a tar archive");
        return Ok(None);
    }
    let Some(end) = end::read(source, findings)? else {
        return Ok(None);
    };
    let entries = central::read(source, &end, findings)?;
    Ok(entries.map(|entries| Directory { entries, offset: end.directory_offset }))
}

impl Directory {
    /// How many members there are, folders included.
    pub(crate) const fn members(&self) -> usize {
        self.entries.len()
    }

    /// The sum of the sizes that the members are said to have when unpacked, in bytes.
    pub(crate) fn unpacked_size(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.header.size))
    }

    /// Name, size and compressed size of all members, in the order of the directory.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = (&str, u64, u64)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), entry.header.size, entry.header.compressed))
    }

    /// The names of all members, in the order of the directory.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The content of one member of at most `cap` bytes; none, with findings, if it is refused, and
    /// none without any if there is no such member.
    pub(crate) fn read(
        &self,
        source: &SourceFile,
        (name, cap): (&str, u64),
        findings: &mut Findings,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else {
            return Ok(None);
        };
        if entry.header.size > cap {
            let message = format!("it has {} bytes, {cap} are allowed", entry.header.size);
            findings.member(Code::MetadataTooLarge, name, message);
            return Ok(None);
        }
        let Some(member) = self.locate(source, entry, findings)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        match content::stream(source, &member, |piece| bytes.extend_from_slice(piece)) {
            Ok(()) => Ok(Some(bytes)),
            Err(content::Stop::Flaw((code, message))) => {
                findings.member(code, name, message);
                Ok(None)
            }
            Err(content::Stop::Read(error)) => Err(error),
        }
    }

    /// Where the bytes of one member are: its local header must say what the directory says.
    fn locate(&self, source: &SourceFile, entry: &Entry, findings: &mut Findings) -> Result<Option<Member>, ReadError> {
        let local = match local::read(source, entry.header_offset)? {
            Ok(local) => local,
            Err((code, message)) => {
                findings.member(code, &entry.name, message);
                return Ok(None);
            }
        };
        local::compare(entry, &local, findings);
        if local.data_offset.checked_add(entry.header.compressed).is_none_or(|end| end > self.offset) {
            findings.member(Code::OverlappingMembers, &entry.name, "its data reaches into the central directory");
        }
        let header = &entry.header;
        let Some(method) = policy::method(header.method) else {
            let message = format!("method {} is neither stored nor deflated", header.method);
            findings.member(Code::UnsupportedMethod, &entry.name, message);
            return Ok(None);
        };
        let (name, data_offset) = (entry.name.clone(), local.data_offset);
        let (crc, compressed, size) = (header.crc, header.compressed, header.size);
        Ok(findings.is_empty().then_some(Member {
            name,
            method,
            crc,
            compressed,
            size,
            header_offset: entry.header_offset,
            data_offset,
        }))
    }
}
