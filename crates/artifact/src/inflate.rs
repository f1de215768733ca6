//! Inflates one raw deflate stream on several threads, with the verdict of a serial inflate.
//!
//! The compressed bytes are cut at a grid. Near every grid point a worker looks for the start of
//! a deflate block ([`scan`]) and inflates from there to the next such start without knowing the
//! 32 KiB before it ([`guess`], [`chunk`]). The caller's thread takes the chunks in order, fills
//! in the bytes that came from the unknown window, and hands them out ([`pipeline`]). A chunk
//! counts only when the decoder stood exactly on the bit where the next one starts ([`splice`]);
//! any other outcome is decoded again, serially, from the last known true bit ([`serial`]).
//! All inflating is zlib-rs; nothing here reads a Huffman symbol of block data.

use std::io;

mod chunk;
mod delivery;
mod guess;
mod input;
mod pipeline;
mod scan;
mod serial;
mod splice;
mod strand;
#[cfg(test)]
mod tests;

/// Deflate never refers further back than this.
pub(crate) const WINDOW: usize = 32 * 1024;

/// Reads exactly the buffer's length of compressed bytes from the given offset.
pub(crate) type ReadAt<'a> = dyn Fn(&mut [u8], u64) -> io::Result<()> + Sync + 'a;

/// What is wrong with a compressed member.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Flaw {
    /// The compressed bytes could not be read.
    #[error("cannot read the compressed data: {0}")]
    Io(#[from] io::Error),
    /// The stream breaks the deflate format.
    #[error("the deflate stream is corrupt")]
    Corrupt,
    /// The compressed bytes end before the stream does.
    #[error("the deflate stream is cut short")]
    Truncated,
    /// The stream ends before the compressed bytes do.
    #[error("{0} bytes follow the end of the deflate stream")]
    Trailing(u64),
    /// The stream holds more than the declared size.
    #[error("the member is longer than its declared size")]
    TooLong,
    /// The stream holds less than the declared size.
    #[error("the member is {0} bytes shorter than its declared size")]
    TooShort(u64),
}

/// How much is worked on at a time; the defaults suit members of many megabytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    /// Compressed bytes between two grid points.
    pub(crate) stride: u64,
    /// Compressed bytes searched for a block start behind a grid point.
    pub(crate) reach: u64,
    /// Largest unpacked size of a chunk; a chunk that outgrows it is decoded serially.
    pub(crate) cap: usize,
    /// Chunks that may exist beyond one per thread.
    pub(crate) ahead: usize,
    /// Serial repairs after which the member is finished serially.
    pub(crate) patience: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { stride: 4 << 20, reach: 1 << 18, cap: 12 << 20, ahead: 2, patience: 16 }
    }
}

/// How an inflate went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Chunks inflated ahead of time and proved.
    pub(crate) ahead: usize,
    /// Stretches inflated serially because there was no such chunk.
    pub(crate) serial: usize,
}

/// One raw deflate stream, and what its header says of it.
pub(crate) struct Packed<'a> {
    /// Where its bytes come from.
    pub(crate) read_at: &'a ReadAt<'a>,
    /// The length of the stream in bytes.
    pub(crate) compressed: u64,
    /// The length of its content in bytes, as declared.
    pub(crate) size: u64,
}

/// Inflates on `threads` workers and hands the bytes to `sink`, in order, on the calling thread.
///
/// # Errors
/// The [`Flaw`] a serial inflate of the same bytes would find. What was handed out until then
/// is a prefix of what the stream holds, never longer than the declared size.
pub(crate) fn inflate(
    packed: &Packed<'_>,
    threads: usize,
    tuning: Tuning,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<Pace, Flaw> {
    let source = input::Source::new(packed.read_at, packed.compressed);
    let mut delivery = delivery::Delivery::new(packed.size, sink);
    let pace = if threads < 2 || packed.compressed < 2 * tuning.stride {
        serial::to_one_of(source, 0, &[], &mut delivery)?;
        Pace { ahead: 0, serial: 1 }
    } else {
        pipeline::run(source, threads, tuning, &mut delivery)?
    };
    delivery.finish().map(|()| pace)
}
