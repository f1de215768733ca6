//! Zip archives, read strictly.
//!
//! The rules are those of PyPI's framing check and stricter: members, central directory and end
//! records must tile the file without gap or overlap, local headers must say what the directory
//! says, and names must mean the same on every system. Two readers of an archive that passes
//! cannot see two different contents.

mod bytes;
mod central;
mod content;
mod end;
mod extra;
mod local;
mod mode;
mod name;
mod peek;
mod policy;
mod sum;
mod tar;
mod verify;

pub(crate) use content::read_member;
pub(crate) use end::comment;
pub(crate) use peek::{Directory, read_directory};
pub(crate) use verify::{Sums, Verified, join, verify};

use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use trackside_domain::finding::Code;

/// An archive whose framing is sound. Its contents are not verified yet.
pub(crate) struct Archive {
    /// The members in the order of the central directory.
    pub(crate) members: Vec<Member>,
    /// Where the central directory begins, and its length in bytes.
    pub(crate) directory: (u64, u64),
}

impl Archive {
    /// The sum of the sizes of all members when unpacked, in bytes; the framing rules have capped it.
    pub(crate) fn unpacked_size(&self) -> u64 {
        self.members.iter().fold(0, |sum, member| sum.saturating_add(member.size))
    }
}

/// How a member's bytes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflated,
}

/// One member whose local header and directory record agree.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) crc: u32,
    pub(crate) compressed: u64,
    pub(crate) size: u64,
    /// Where its local header begins in the file.
    pub(crate) header_offset: u64,
    /// Where its stored bytes begin in the file.
    pub(crate) data_offset: u64,
}

/// Reads the framing of an archive and checks every rule that needs no inflating. None if the
/// framing itself is refused, so that member data cannot be located safely; names and modes that
/// are refused are only noted, for the contents to be checked all the same.
pub(crate) fn read_archive(source: &SourceFile, findings: &mut Findings) -> Result<Option<Archive>, ReadError> {
    let mut framing = Findings::default();
    let archive = read_framing(source, &mut framing, findings)?;
    let sound = framing.is_empty();
    findings.append(framing);
    Ok(archive.filter(|_| sound))
}

fn read_framing(
    source: &SourceFile,
    framing: &mut Findings,
    findings: &mut Findings,
) -> Result<Option<Archive>, ReadError> {
    if tar::is_tar(source)? {
        framing.archive(Code::ZipAndTar, "the file is a tar archive");
        return Ok(None);
    }
    let Some(end) = end::read(source, framing)? else {
        return Ok(None);
    };
    if end.has_comment {
        findings.archive(Code::ArchiveComment, "the archive carries a comment");
    }
    let Some(entries) = central::read(source, &end, framing)? else {
        return Ok(None);
    };
    let offsets = local::check(source, &entries, end.directory_offset, framing)?;
    policy::check(&entries, source.size(), framing);
    for entry in &entries {
        mode::check(entry, findings);
        mode::check_unusual(entry, findings);
    }
    name::check(&entries, findings);
    let Some(offsets) = offsets else {
        return Ok(None);
    };
    let members =
        entries.into_iter().zip(offsets).filter_map(|(entry, data_offset)| member(entry, data_offset)).collect();
    Ok(Some(Archive { members, directory: (end.directory_offset, end.directory_size) }))
}

/// None for a method that the policy refuses anyway.
fn member(entry: central::Entry, data_offset: u64) -> Option<Member> {
    let method = policy::method(entry.header.method)?;
    let central::Entry { name, header, header_offset, .. } = entry;
    let (crc, compressed, size) = (header.crc, header.compressed, header.size);
    Some(Member { name, method, crc, compressed, size, header_offset, data_offset })
}
