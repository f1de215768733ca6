//! The stored bytes of a member, unpacked into a window, with buffers that one thread uses again.

use flate2::{Decompress, FlushDecompress, Status};

use super::checked::Checked;
use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};

/// Why a member cannot be searched.
pub(super) enum Broken {
    Read(ReadError),
    Corrupt,
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// How far a piece of the stored bytes led.
enum Piece {
    /// To its own end.
    More,
    /// To where the rest does not matter.
    Enough,
    /// To the end of the stream, with so many bytes behind it.
    End { left: usize },
}

/// What one thread needs for all of its members.
pub(super) struct Buffers {
    inflate: Decompress,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Buffers {
    pub(super) fn new() -> Self {
        Self { inflate: Decompress::new(false), input: vec![0; CHUNK], output: vec![0; CHUNK] }
    }

    pub(super) fn stored(
        &mut self,
        source: &SourceFile,
        place: (u64, u64),
        into: &mut Checked<'_>,
    ) -> Result<(), Broken> {
        let (offset, length) = place;
        let mut done = 0;
        while done < length {
            let piece = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
            source.read_at(&mut self.input[..piece], offset + done)?;
            if into.push(&self.input[..piece]).is_break() {
                break;
            }
            done += piece as u64;
        }
        Ok(())
    }

    pub(super) fn inflated(
        &mut self,
        source: &SourceFile,
        place: (u64, u64),
        into: &mut Checked<'_>,
    ) -> Result<(), Broken> {
        let (offset, length) = place;
        self.inflate.reset(false);
        let mut done = 0;
        while done < length {
            let piece = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
            source.read_at(&mut self.input[..piece], offset + done)?;
            done += piece as u64;
            match self.inflate_piece(piece, into)? {
                Piece::More => {}
                Piece::Enough => return Ok(()),
                Piece::End { left: 0 } if done == length => return Ok(()),
                // Bytes follow the stream, which nobody would see.
                Piece::End { .. } => return Err(Broken::Corrupt),
            }
        }
        // The data ended before its stream did.
        Err(Broken::Corrupt)
    }

    /// Inflates what is in the input buffer.
    fn inflate_piece(&mut self, piece: usize, into: &mut Checked<'_>) -> Result<Piece, Broken> {
        let mut input = &self.input[..piece];
        loop {
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, &mut self.output, FlushDecompress::None);
            let status = status.map_err(|_| Broken::Corrupt)?;
            let taken = usize::try_from(self.inflate.total_in() - before.0).unwrap_or(usize::MAX);
            let given = usize::try_from(self.inflate.total_out() - before.1).unwrap_or(usize::MAX);
            input = &input[taken..];
            if into.push(&self.output[..given]).is_break() {
                return Ok(Piece::Enough);
            }
            if status == Status::StreamEnd {
                return Ok(Piece::End { left: input.len() });
            }
            if taken == 0 && given == 0 {
                return Ok(Piece::More);
            }
        }
    }
}
