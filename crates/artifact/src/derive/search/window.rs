//! What has been seen of one member: is it text, and was the version there?

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::version_text::{CONTEXT, VersionText};

/// How much of a member is looked at to tell whether it is text.
const HEAD: usize = 8 << 10;

/// Contents that are no text although a NUL may come late: ELF, Mach-O (both orders, fat), PE, ar,
/// zip, gzip.
const BINARY: [&[u8]; 9] = [
    b"\x7fELF",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"MZ",
    b"!<arch>\n",
    b"PK\x03\x04",
    b"\x1f\x8b",
];

/// What became of one member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Clean,
    Holds,
    Skipped,
}

/// What has been seen of one member: the end of it, and whether the version was there.
pub(super) struct Window<'a> {
    old: &'a VersionText,
    stop: &'a AtomicBool,
    seen: Vec<u8>,
    /// How many bytes in front of `seen` are there only to tell what stands before a match.
    judged: usize,
    /// Whether it is known that the member is searched to its end.
    begun: bool,
    verdict: Verdict,
}

impl<'a> Window<'a> {
    pub(super) const fn new(old: &'a VersionText, all: bool, stop: &'a AtomicBool) -> Self {
        Self { old, stop, seen: Vec::new(), judged: 0, begun: all, verdict: Verdict::Clean }
    }

    /// Takes the next piece; breaks when the rest does not matter.
    pub(super) fn push(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.seen.extend_from_slice(bytes);
        if !self.begun {
            if self.seen.len() < HEAD {
                return ControlFlow::Continue(());
            }
            self.begin()?;
        }
        // What could go on behind the end is looked at again with the next piece.
        let open = self.old.len() + CONTEXT;
        let Some(closed) = self.seen.len().checked_sub(open) else {
            return ControlFlow::Continue(());
        };
        if self.old.find(&self.seen).any(|start| (self.judged..closed).contains(&start)) {
            return self.end(Verdict::Holds);
        }
        // Two bytes before a match tell whether it begins there.
        self.judged = closed.min(2);
        self.seen.drain(..closed - self.judged);
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Looks at the head: is it text?
    fn begin(&mut self) -> ControlFlow<()> {
        self.begun = true;
        let head = &self.seen[..self.seen.len().min(HEAD)];
        if head.contains(&0) || BINARY.iter().any(|magic| head.starts_with(magic)) {
            return self.end(Verdict::Skipped);
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self, verdict: Verdict) -> ControlFlow<()> {
        self.verdict = verdict;
        ControlFlow::Break(())
    }

    /// The verdict after the last piece.
    pub(super) fn verdict(mut self) -> Verdict {
        let open = self.verdict == Verdict::Clean && (self.begun || self.begin().is_continue());
        if open && self.old.find(&self.seen).any(|start| start >= self.judged) { Verdict::Holds } else { self.verdict }
    }
}
