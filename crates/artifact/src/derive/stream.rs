//! The output as a stream of bytes: for whatever takes bytes one after the other, such as an
//! upload, and for file systems that cannot copy by themselves.

use std::io::{self, Write};

use sha2::Digest as _;
use trackside_domain::digest::Sha256;

use super::Prepared;
use super::error::DeriveError;
use super::layout::{Layout, Segment};
use crate::error::ReadError;
use crate::file::SourceFile;

/// Bytes that are read at once.
pub(super) const PIECE: usize = 1 << 20;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many bytes.
    pub size: u64,
    /// Their digest.
    pub sha256: Sha256,
}

/// Which side failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The input.
    Read(ReadError),
    /// The output.
    Write(io::Error),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl Prepared {
    /// Writes the output to a stream, hashed on the way. The members are not searched for the old
    /// version here, and nobody has looked at the result: this is the function and nothing else.
    ///
    /// # Errors
    /// When the input cannot be read or has changed since, or the stream takes no more.
    pub fn stream(&self, out: &mut impl Write) -> Result<Written, DeriveError> {
        let mut hasher = sha2::Sha256::new();
        let written = pieces(&self.source, &self.layout, |bytes| {
            hasher.update(bytes);
            out.write_all(bytes)
        });
        let flushed = written.and_then(|()| out.flush().map_err(Failure::Write));
        flushed.map_err(|failure| match failure {
            Failure::Read(error) => error.into(),
            Failure::Write(source) => DeriveError::Write { path: self.output.as_str().into(), source },
        })?;
        self.source.check_unchanged()?;
        Ok(Written { size: self.layout.size, sha256: Sha256::from_bytes(hasher.finalize().into()) })
    }
}

/// Hands out the bytes of the output in their order.
pub(super) fn pieces(
    source: &SourceFile,
    layout: &Layout,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut buffer = vec![0; PIECE];
    for segment in &layout.segments {
        match segment {
            Segment::Written(bytes) => each(bytes).map_err(Failure::Write)?,
            Segment::Carried { offset, length } => {
                let mut done = 0;
                while done < *length {
                    let piece = usize::try_from(length - done).unwrap_or(PIECE).min(PIECE);
                    source.read_at(&mut buffer[..piece], offset + done)?;
                    each(&buffer[..piece]).map_err(Failure::Write)?;
                    done += piece as u64;
                }
            }
        }
    }
    Ok(())
}
