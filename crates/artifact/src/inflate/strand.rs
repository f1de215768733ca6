//! Owns one zlib-rs decoder and the little of its interface that is used here.

use zlib_rs::{Inflate, InflateFlush, Status};

/// The bits are not a deflate stream.
#[derive(Debug)]
pub(crate) struct Broken;

/// What one call did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) used: usize,
    pub(crate) made: usize,
    pub(crate) ended: bool,
}

/// A raw inflate decoder.
pub(crate) struct Strand(Inflate);

impl Strand {
    /// A decoder that believes `window` came before.
    pub(crate) fn new(window: &[u8]) -> Result<Self, Broken> {
        let mut inflate = Inflate::new(false, 15);
        if !window.is_empty() {
            inflate.set_dictionary(window).map_err(|_| Broken)?;
        }
        Ok(Self(inflate))
    }

    /// Inflates until input or room runs out, or the stream ends.
    pub(crate) fn run(&mut self, input: &[u8], room: &mut [u8]) -> Result<Step, Broken> {
        self.step(input, room, InflateFlush::NoFlush)
    }

    /// The same, but stops at the next end of a block as well. With input and room left over,
    /// an end of a block (or of the stream) is the only reason to stop; at most 7 bits of the
    /// used bytes are then not decoded yet.
    pub(crate) fn run_block(&mut self, input: &[u8], room: &mut [u8]) -> Result<Step, Broken> {
        self.step(input, room, InflateFlush::Block)
    }

    fn step(&mut self, input: &[u8], room: &mut [u8], flush: InflateFlush) -> Result<Step, Broken> {
        let before = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, room, flush).map_err(|_| Broken)?;
        Ok(Step {
            used: (self.0.total_in() - before.0) as usize,
            made: (self.0.total_out() - before.1) as usize,
            ended: status == Status::StreamEnd,
        })
    }
}
