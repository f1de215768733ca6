//! Zips with the C++ library: sound framing, every member's checksum, the digest of the file.

use trackside_domain::finding::Code;

use crate::binary;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::report::{Contents, Entries, Read};
use crate::zip;

/// Reads a zip, which has no list of its own contents to compare with.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let Some(archive) = zip::read_archive(source, findings)? else {
        return Ok(Read { sha256: source.sha256()?, entries: None, contents: None });
    };
    let verified = zip::verify(source, &archive, findings)?;
    if archive.members.is_empty() {
        findings.archive(Code::Empty, "it has no members");
    }
    let found = verified.found(&archive);
    binary::check_zip(file_name, &found, findings);
    let entries = Entries::of(&archive, &found);
    Ok(Read { sha256: verified.whole, entries: Some(entries), contents: Some(Contents::Libtorch) })
}
