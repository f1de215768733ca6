//! A part of a file, read in large pieces and consumed in small ones.

use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};

/// What is left of a part of a file.
pub(super) struct Input<'a> {
    source: &'a SourceFile,
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    /// How much of the buffer is consumed.
    consumed: usize,
}

impl<'a> Input<'a> {
    /// The `length` bytes from `offset` on.
    pub(super) fn new(source: &'a SourceFile, offset: u64, length: u64) -> Self {
        Self { source, offset, end: offset.saturating_add(length), buffer: Vec::new(), consumed: 0 }
    }

    /// The next bytes; none only at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8], ReadError> {
        if self.consumed == self.buffer.len() {
            let length = usize::try_from(self.end - self.offset).unwrap_or(CHUNK).min(CHUNK);
            self.buffer.resize(length, 0);
            self.source.read_at(&mut self.buffer, self.offset)?;
            self.offset += length as u64;
            self.consumed = 0;
        }
        Ok(&self.buffer[self.consumed..])
    }

    /// Consumes bytes of those that [`Self::fill`] has shown.
    pub(super) fn skip(&mut self, length: usize) {
        self.consumed = self.buffer.len().min(self.consumed + length);
    }

    /// Consumes the next byte; none at the end.
    pub(super) fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        let byte = self.fill()?.first().copied();
        self.skip(1);
        Ok(byte)
    }

    /// Consumes the next `N` bytes; none if fewer are left.
    pub(super) fn array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, ReadError> {
        let mut array = [0; N];
        for place in &mut array {
            match self.byte()? {
                Some(byte) => *place = byte,
                None => return Ok(None),
            }
        }
        Ok(Some(array))
    }
}
