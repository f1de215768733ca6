//! Owns reading the compressed bytes: piece by piece, from any bit to a bit short of a target.

use std::io;

use super::ReadAt;
use super::splice;

/// Read in one go. Large enough that the calls do not count, small enough for any thread count.
const PIECE: u64 = 256 * 1024;

/// Bytes before the target that are left to the closing feed. Block boundaries are looked for
/// only there, since asking zlib for them costs a window copy per block.
const CLOSING: u64 = 8;

/// The compressed bytes of one member.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    read_at: &'a ReadAt<'a>,
    len: u64,
}

impl<'a> Source<'a> {
    pub(crate) fn new(read_at: &'a ReadAt<'a>, len: u64) -> Self {
        Self { read_at, len }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Replaces `buffer` by the bytes from `from` to `to`, cut at the end of the source.
    pub(crate) fn read(&self, buffer: &mut Vec<u8>, from: u64, to: u64) -> io::Result<()> {
        let length = self.len.min(to).saturating_sub(from);
        buffer.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
        (self.read_at)(buffer, from)
    }
}

/// The input of one decoder, from a bit to a target bit or to the end of the source.
pub(crate) struct Walk<'a> {
    source: Source<'a>,
    target: Option<u64>,
    next: u64,
    body_end: u64,
    piece: Vec<u8>,
    used: usize,
}

impl<'a> Walk<'a> {
    /// Starts at bit `start`. A `target` must be further than [`CLOSING`] bytes behind it.
    pub(crate) fn new(source: Source<'a>, start: u64, target: Option<u64>) -> io::Result<Self> {
        let byte = start / 8;
        let mut walk = Self {
            source,
            target,
            next: byte,
            body_end: target.map_or(source.len, |bit| (bit / 8).saturating_sub(CLOSING)),
            piece: Vec::new(),
            used: 0,
        };
        if !start.is_multiple_of(8) {
            source.read(&mut walk.piece, byte, byte + 1)?;
            let first = walk.piece.first().copied().unwrap_or_default();
            walk.piece = splice::lead_in((start % 8) as u8, first);
            walk.next = byte + 1;
        }
        Ok(walk)
    }

    /// Input not used yet; empty when only the closing feed, or nothing, is left.
    pub(crate) fn body(&mut self) -> io::Result<&[u8]> {
        if self.used == self.piece.len() && self.next < self.body_end {
            let to = self.body_end.min(self.next + PIECE);
            self.source.read(&mut self.piece, self.next, to)?;
            self.next = to;
            self.used = 0;
        }
        Ok(&self.piece[self.used..])
    }

    /// Notes that `count` bytes of [`Self::body`] were used.
    pub(crate) fn advance(&mut self, count: usize) {
        self.used = (self.used + count).min(self.piece.len());
    }

    /// Bytes of the source that were not used.
    pub(crate) fn left(&self) -> u64 {
        self.source.len - self.next + (self.piece.len() - self.used) as u64
    }

    /// The last bytes before the target with the end mark behind them; `None` without a target.
    pub(crate) fn closing(&self) -> io::Result<Option<splice::Closing>> {
        let Some(target) = self.target else { return Ok(None) };
        let mut bytes = Vec::new();
        self.source.read(&mut bytes, self.next, target.div_ceil(8))?;
        Ok(Some(splice::Closing::new(bytes, (target % 8) as u8)))
    }
}
