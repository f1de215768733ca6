//! A stream in blocks of 512 bytes.

use std::io::{BufRead as _, BufReader, Read};

use trackside_domain::finding::Code;

use crate::file::CHUNK;
use crate::limits::MAX_TAR_FILL;
use crate::unpack::Stop;

/// Bytes of a block (POSIX, ustar).
pub(super) const BLOCK: usize = 512;

/// A block.
pub(super) type Block = [u8; BLOCK];

pub(super) struct Blocks<R>(BufReader<R>);

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R) -> Self {
        Self(BufReader::with_capacity(CHUNK, input))
    }

    /// The next block; none at the end of the stream.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Stop> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.0.read(&mut block[filled..]).map_err(Stop::of)? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(cut_short()),
                length => filled += length,
            }
        }
        Ok(Some(block))
    }

    /// Hands the next `size` bytes to `sink` piece by piece, and checks that zeros fill their last
    /// block.
    pub(super) fn content(&mut self, size: u64, mut sink: impl FnMut(&[u8])) -> Result<(), Stop> {
        let mut left = size;
        while left > 0 {
            let piece = self.0.fill_buf().map_err(Stop::of)?;
            if piece.is_empty() {
                return Err(cut_short());
            }
            let length = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            sink(&piece[..length]);
            self.0.consume(length);
            left -= length as u64;
        }
        let used = usize::try_from(size % BLOCK as u64).unwrap_or_default();
        let mut padding = [0; BLOCK];
        let padding = &mut padding[..(BLOCK - used) % BLOCK];
        self.0.read_exact(padding).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => cut_short(),
            _ => Stop::of(error),
        })?;
        if padding.iter().any(|byte| *byte != 0) {
            let message = "something other than zeros fills the last block of its content";
            return Err(Stop::Flaw(Code::TarPadding, message.to_owned()));
        }
        Ok(())
    }

    /// Reads to the end of the stream behind the first block of zeros: one more, and nothing but
    /// zeros after it.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        let trailing = |message: &str| Stop::Flaw(Code::TarTrailingData, message.to_owned());
        match self.next()? {
            None => return Err(Stop::Flaw(Code::TarEnd, "one block of zeros ends it, there must be two".to_owned())),
            Some(block) if is_zero(&block) => {}
            Some(_) => return Err(trailing("something follows a block of zeros")),
        }
        let mut fill = 0;
        loop {
            let piece = self.0.fill_buf().map_err(Stop::of)?;
            let length = piece.len();
            if length == 0 {
                return Ok(());
            }
            fill += length as u64;
            if !is_zero(piece) {
                return Err(trailing("something other than zeros follows its end"));
            }
            if fill > MAX_TAR_FILL {
                return Err(trailing("more zeros than any writer adds follow its end"));
            }
            self.0.consume(length);
        }
    }
}

pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn cut_short() -> Stop {
    Stop::Flaw(Code::TarEnd, "the archive is cut short".to_owned())
}
