//! Owns what has been handed out: the sink, the declared size and the last 32 KiB.

use super::{Flaw, WINDOW};

/// The ordered way out of the decoder.
pub(crate) struct Delivery<'a> {
    sink: &'a mut dyn FnMut(&[u8]),
    declared: u64,
    handed: u64,
    window: Vec<u8>,
}

impl<'a> Delivery<'a> {
    pub(crate) fn new(declared: u64, sink: &'a mut dyn FnMut(&[u8])) -> Self {
        Self { sink, declared, handed: 0, window: Vec::with_capacity(2 * WINDOW) }
    }

    /// Hands `bytes` out, as far as the declared size allows.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Flaw> {
        let room = usize::try_from(self.declared - self.handed).unwrap_or(usize::MAX);
        let (fits, excess) = bytes.split_at(bytes.len().min(room));
        if !fits.is_empty() {
            (self.sink)(fits);
            self.handed += fits.len() as u64;
            self.remember(fits);
        }
        if excess.is_empty() { Ok(()) } else { Err(Flaw::TooLong) }
    }

    /// The last bytes handed out, at most [`WINDOW`] of them.
    pub(crate) fn window(&self) -> &[u8] {
        &self.window[self.window.len().saturating_sub(WINDOW)..]
    }

    /// How much has been handed out.
    pub(crate) fn handed(&self) -> u64 {
        self.handed
    }

    /// How much more may be handed out.
    pub(crate) fn room(&self) -> u64 {
        self.declared - self.handed
    }

    /// Checks that nothing is missing.
    pub(crate) fn finish(self) -> Result<(), Flaw> {
        match self.declared - self.handed {
            0 => Ok(()),
            missing => Err(Flaw::TooShort(missing)),
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(WINDOW)..];
        if self.window.len() + bytes.len() > 2 * WINDOW {
            let surplus = self.window.len().saturating_sub(WINDOW - bytes.len().min(WINDOW));
            self.window.drain(..surplus);
        }
        self.window.extend_from_slice(bytes);
    }
}
