//! Owns inflating one chunk ahead of time, without the window it starts from.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::input::{Source, Walk};
use super::splice::{CLOSING_ROOM, Closing};
use super::strand::Strand;
use super::{WINDOW, guess};

/// Unpacked between two looks whether the window is known by now.
const LOOK: usize = 32 * 1024;

/// Room added when a chunk needs more.
const ROOM: usize = 1 << 20;

/// Addresses taken for a chunk at once, in bytes; memory is only what is written to. More than glibc ever
/// keeps for later (32 MiB), so that the memory of a chunk goes back to the system with it: several
/// files after each other would otherwise leave their chunks behind in every thread's arena.
const ADDRESSES: usize = (32 << 20) + 1;

/// One chunk, inflated from a guessed start to a proved end.
#[derive(Default)]
pub(crate) struct Chunk {
    /// The bytes; as far as [`Self::twin`] goes with the first made-up window.
    bytes: Vec<u8>,
    length: usize,
    /// The bytes with the second made-up window, as far as it could matter.
    twin: Vec<u8>,
    twin_length: usize,
    /// Compressed bytes left behind the end of the stream, if that is in the chunk.
    pub(crate) trailing: Option<u64>,
}

/// What a chunk is asked for.
pub(crate) struct Order {
    pub(crate) start: u64,
    pub(crate) target: Option<u64>,
    pub(crate) cap: usize,
}

/// Why there is no chunk. The serial decoder finds out what is really wrong, if anything is.
pub(crate) struct Miss;

impl From<io::Error> for Miss {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl From<super::strand::Broken> for Miss {
    fn from(_: super::strand::Broken) -> Self {
        Self
    }
}

impl Chunk {
    /// Inflates what `order` says, reusing the memory of `self`.
    pub(crate) fn inflate(mut self, source: Source<'_>, order: &Order, stop: &AtomicBool) -> Result<Self, Miss> {
        (self.length, self.twin_length, self.trailing) = (0, 0, None);
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(ADDRESSES);
        }
        let mut walk = Walk::new(source, order.start, order.target)?;
        let mut ended = false;
        let (mut first, mut second) = if order.start == 0 {
            (Strand::new(&[])?, None)
        } else {
            let (one, two) = guess::windows();
            (Strand::new(&one)?, Some(Strand::new(&two)?))
        };
        while let Some(twin) = second.as_mut() {
            if self.settled() {
                second = None;
                break;
            }
            self.room(order.cap)?;
            let body = walk.body()?;
            if body.is_empty() || ended {
                break;
            }
            let step = first.run(body, &mut self.bytes[self.length..][..LOOK])?;
            if self.twin.len() < self.length + LOOK {
                self.twin.resize(self.length + ROOM, 0);
            }
            if twin.run(body, &mut self.twin[self.length..][..LOOK])? != step {
                return Err(Miss);
            }
            self.length += step.made;
            self.twin_length = self.length;
            ended = step.ended;
            walk.advance(step.used);
        }
        while !ended && !walk.body()?.is_empty() {
            if stop.load(Ordering::Relaxed) {
                return Err(Miss);
            }
            self.room(order.cap)?;
            let step = first.run(walk.body()?, &mut self.bytes[self.length..])?;
            self.length += step.made;
            ended = step.ended;
            walk.advance(step.used);
        }
        match walk.closing()? {
            Some(closing) if !ended => self.close(&closing, &mut first, second.as_mut())?,
            None if ended => self.trailing = Some(walk.left()),
            _ => return Err(Miss),
        }
        Ok(self)
    }

    /// The bytes, given the window before them. `None` if that is too short to tell.
    pub(crate) fn bytes(&mut self, window: &[u8]) -> Option<&[u8]> {
        let unknown = &mut self.bytes[..self.twin_length];
        let known = unknown.is_empty() || guess::fill_in(unknown, &self.twin[..self.twin_length], window);
        known.then(|| &self.bytes[..self.length])
    }

    /// Whether the last 32 KiB no longer depend on the window.
    fn settled(&self) -> bool {
        self.length >= WINDOW && {
            let last = self.length - WINDOW..self.length;
            self.bytes[last.clone()] == self.twin[last]
        }
    }

    /// Makes room for more output.
    fn room(&mut self, cap: usize) -> Result<(), Miss> {
        if self.bytes.len() - self.length < LOOK {
            if self.length > cap {
                return Err(Miss);
            }
            self.bytes.resize(self.length + ROOM, 0);
        }
        Ok(())
    }

    /// Decodes the last bytes and has the end proved.
    fn close(&mut self, closing: &Closing, first: &mut Strand, second: Option<&mut Strand>) -> Result<(), Miss> {
        let end = self.length + CLOSING_ROOM;
        self.bytes.resize(self.bytes.len().max(end), 0);
        let made = closing.prove(first, &mut self.bytes[self.length..end]).ok_or(Miss)?;
        if let Some(second) = second {
            self.twin.resize(self.twin.len().max(end), 0);
            if closing.prove(second, &mut self.twin[self.length..end]) != Some(made) {
                return Err(Miss);
            }
            self.twin_length += made;
        }
        self.length += made;
        Ok(())
    }
}
