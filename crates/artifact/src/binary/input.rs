//! The known pieces of a file that passes by only once, and the wish for the next one.

use std::ops::Range;

/// The most bytes of one piece. Load commands and version tables of real libraries have some KiB.
const MAX_PIECE: u64 = 1 << 20;

/// The most bytes of all pieces of one file.
const MAX_HELD: u64 = 4 << 20;

/// The most pieces of one file: two for each part of a fat Mach-O file, and a few.
const MAX_PIECES: usize = 128;

/// Why a reader could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It needs these bytes. With them, it begins again from the start.
    Needs(Range<u64>),
    /// The file is not what its first bytes promise; a lowercase fragment says why.
    Broken(&'static str),
}

/// What a reader has to look at.
pub(super) struct Input {
    size: u64,
    held: u64,
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Input {
    /// A file of `size` bytes, of which nothing is known yet.
    pub(super) const fn new(size: u64) -> Self {
        Self { size, held: 0, pieces: Vec::new() }
    }

    /// The size of the file in bytes.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a piece that was asked for.
    pub(super) fn supply(&mut self, start: u64, bytes: Vec<u8>) {
        self.held = self.held.saturating_add(bytes.len() as u64);
        self.pieces.push((start, bytes));
    }

    /// As much of the beginning of a piece that is not known as a whole as another piece holds.
    pub(super) fn beginning_of(&self, piece: &Range<u64>) -> &[u8] {
        let rests = self.pieces.iter().filter_map(|(start, bytes)| {
            let from = usize::try_from(piece.start.checked_sub(*start)?).ok()?;
            bytes.get(from..)
        });
        rests.max_by_key(|rest| rest.len()).unwrap_or_default()
    }

    /// The `length` bytes from `start` on.
    ///
    /// # Errors
    /// [`Stop::Needs`] if they are not known yet, [`Stop::Broken`] if the file has no such bytes or
    /// if they are more than any real file has in this place.
    pub(super) fn at(&self, start: u64, length: u64) -> Result<&[u8], Stop> {
        let end = start.checked_add(length).filter(|end| *end <= self.size);
        let end = end.ok_or(Stop::Broken("its headers point beyond its end"))?;
        if let Some(known) = self.pieces.iter().find_map(|piece| within(piece, start, length)) {
            return Ok(known);
        }
        let fits = length <= MAX_PIECE && self.held.saturating_add(length) <= MAX_HELD;
        if !fits || self.pieces.len() >= MAX_PIECES {
            return Err(Stop::Broken("its headers are beyond all measure"));
        }
        Err(Stop::Needs(start..end))
    }
}

fn within((start, bytes): &(u64, Vec<u8>), wanted: u64, length: u64) -> Option<&[u8]> {
    let from = usize::try_from(wanted.checked_sub(*start)?).ok()?;
    let to = from.checked_add(usize::try_from(length).ok()?)?;
    bytes.get(from..to)
}

/// Numbers in a piece, in the byte order of the file.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl<'a> Fields<'a> {
    /// Reads `bytes`, most significant first if `big`.
    pub(super) const fn new(bytes: &'a [u8], big: bool) -> Self {
        Self { bytes, big }
    }

    /// The 16 bits at offset `at`.
    pub(super) fn u16(&self, at: u64) -> Result<u16, Stop> {
        let bytes = self.array(at)?;
        Ok(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// The 32 bits at offset `at`.
    pub(super) fn u32(&self, at: u64) -> Result<u32, Stop> {
        let bytes = self.array(at)?;
        Ok(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// The 64 bits at offset `at`.
    pub(super) fn u64(&self, at: u64) -> Result<u64, Stop> {
        let bytes = self.array(at)?;
        Ok(if self.big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// The 64 bits at offset `at` in a `wide` file, else the 32 bits.
    pub(super) fn word(&self, at: u64, wide: bool) -> Result<u64, Stop> {
        if wide { self.u64(at) } else { self.u32(at).map(u64::from) }
    }

    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Stop> {
        let rest = usize::try_from(at).ok().and_then(|at| self.bytes.get(at..));
        rest.and_then(|rest| rest.first_chunk()).copied().ok_or(Stop::Broken("its headers are cut short"))
    }
}
