//! What a searched member is beside clean: what its header and RECORD say, seen as its bytes go by.

use std::ops::ControlFlow;

use sha2::Digest as _;
use trackside_domain::digest::Sha256;

use super::window::{Verdict, Window};

/// What a member must be.
pub(super) struct Stated {
    /// The checksum in its header.
    pub(super) crc: u32,
    /// The size in its header, in bytes.
    pub(super) size: u64,
    /// The digest in RECORD; none for what has none there.
    pub(super) sha256: Option<Sha256>,
}

/// What is wrong with the content of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Its size or checksum is another.
    Header,
    /// Its digest is another.
    Record,
}

/// A member as it goes by.
pub(super) struct Checked<'a> {
    window: Window<'a>,
    crc: crc32fast::Hasher,
    sha256: sha2::Sha256,
    size: u64,
    /// Whether the rest is not looked at.
    left: bool,
}

impl<'a> Checked<'a> {
    pub(super) fn new(window: Window<'a>) -> Self {
        Self { window, crc: crc32fast::Hasher::new(), sha256: sha2::Sha256::new(), size: 0, left: false }
    }

    /// Takes the next piece; breaks when the rest does not matter.
    pub(super) fn push(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.window.push(bytes).is_break() {
            self.left = true;
            return ControlFlow::Break(());
        }
        self.crc.update(bytes);
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        ControlFlow::Continue(())
    }

    /// The verdict after the last piece. What was left before its end is not judged by its digest.
    pub(super) fn verdict(self, stated: &Stated) -> Result<Verdict, Wrong> {
        if !self.left {
            if (self.size, self.crc.finalize()) != (stated.size, stated.crc) {
                return Err(Wrong::Header);
            }
            let found = Sha256::from_bytes(self.sha256.finalize().into());
            if stated.sha256.is_some_and(|stated| stated != found) {
                return Err(Wrong::Record);
            }
        }
        Ok(self.window.verdict())
    }
}
