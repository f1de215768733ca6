//! The bytes of the output into a file: by the file system itself where it can, otherwise piece by
//! piece. Both give the same bytes.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};

use rustix::io::Errno;

use super::layout::{Layout, Segment};
use super::stream::{Failure, pieces};
use crate::error::ReadError;
use crate::file::SourceFile;

/// Who copies what is carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyBy {
    /// The system (`copy_file_range`), which may share the blocks; this program where it refuses.
    #[default]
    System,
    /// This program.
    Program,
}

/// Writes the output into an empty file.
pub(super) fn copy(source: &SourceFile, layout: &Layout, out: &File, by: CopyBy) -> Result<(), Failure> {
    if by == CopyBy::System && by_system(source, layout, out)? {
        return Ok(());
    }
    let mut out = out;
    out.rewind().map_err(Failure::Write)?;
    pieces(source, layout, |bytes| out.write_all(bytes))
}

/// Whether the system could do it. If not, the file may hold a part, of the right bytes.
fn by_system(source: &SourceFile, layout: &Layout, mut out: &File) -> Result<bool, Failure> {
    for segment in &layout.segments {
        match segment {
            Segment::Written(bytes) => out.write_all(bytes).map_err(Failure::Write)?,
            Segment::Carried { offset, length } => {
                if !carry(source, (*offset, *length), out)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn carry(source: &SourceFile, (offset, length): (u64, u64), out: &File) -> Result<bool, Failure> {
    /// Far below the system's own limit, so that a signal need not wait for gigabytes.
    const AT_ONCE: u64 = 256 << 20;
    let end = offset + length;
    let mut from = offset;
    while from < end {
        let wanted = usize::try_from((end - from).min(AT_ONCE)).unwrap_or(usize::MAX);
        match rustix::fs::copy_file_range(source.file(), Some(&mut from), out, None, wanted) {
            Ok(0) => return Err(Failure::Read(ReadError::Changed { path: source.path().to_owned() })),
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) if is_refusal(errno) => return Ok(false),
            Err(errno) => return Err(Failure::Write(io::Error::from(errno))),
        }
    }
    Ok(true)
}

/// Other file systems, other kernels, sandboxes: they do not copy, but they read and write.
fn is_refusal(errno: Errno) -> bool {
    [Errno::XDEV, Errno::NOSYS, Errno::INVAL, Errno::OPNOTSUPP, Errno::PERM, Errno::BADF, Errno::TXTBSY]
        .contains(&errno)
}
