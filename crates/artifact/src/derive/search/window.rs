//! What has been seen of one member: is it text, and was the version there?

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::version_text::{BYTES_BEFORE, VersionText};

/// How much of a member is looked at to tell whether it is text.
const HEAD: usize = 8 << 10;

/// Names of what is text whatever is in its head: sources, headers, descriptions, settings.
const TEXTS: [&str; 24] = [
    "py", "pyi", "txt", "json", "toml", "cfg", "ini", "md", "rst", "yaml", "yml", "h", "hpp", "cuh", "c", "cpp", "cu",
    "cmake", "pc", "sh", "xml", "html", "js", "csv",
];

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

/// Which members are searched to their end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Those whose head is that of a text.
    Head,
    /// This one.
    Whole,
}

impl Interest {
    /// The interest in a member of this name: a text may begin with any bytes.
    pub(super) fn of(name: &str) -> Self {
        let extension = name.rsplit('/').next().and_then(|base| base.rsplit_once('.')).map(|(_, extension)| extension);
        let is_text = extension.is_some_and(|found| TEXTS.iter().any(|text| text.eq_ignore_ascii_case(found)));
        if is_text { Self::Whole } else { Self::Head }
    }
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
    pub(super) fn new(old: &'a VersionText, interest: Interest, stop: &'a AtomicBool) -> Self {
        let begun = interest == Interest::Whole;
        Self { old, stop, seen: Vec::new(), judged: 0, begun, verdict: Verdict::Clean }
    }

    /// Takes the next piece; breaks when the rest does not matter. What holds the version is taken to
    /// its end all the same, for its digest.
    pub(super) fn push(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.seen.extend_from_slice(bytes);
        if !self.begun {
            if self.seen.len() < HEAD {
                return ControlFlow::Continue(());
            }
            self.begin()?;
        }
        // What could go on behind the end is looked at again with the next piece.
        let Some(closed) = self.seen.len().checked_sub(self.old.reach()) else {
            return ControlFlow::Continue(());
        };
        if self.verdict == Verdict::Clean
            && self.old.starts(&self.seen).any(|start| (self.judged..closed).contains(&start))
        {
            self.verdict = Verdict::Holds;
        }
        // A few bytes before a match tell whether it begins there.
        let kept = closed.min(BYTES_BEFORE);
        self.seen.drain(..closed - kept);
        self.judged = kept;
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Looks at the head: is it text?
    fn begin(&mut self) -> ControlFlow<()> {
        self.begun = true;
        let head = &self.seen[..self.seen.len().min(HEAD)];
        let is_text = !head.contains(&0) || is_utf_16(head);
        if !is_text || BINARY.iter().any(|magic| head.starts_with(magic)) {
            self.verdict = Verdict::Skipped;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// The verdict after the last piece.
    pub(super) fn verdict(mut self) -> Verdict {
        let open = self.verdict == Verdict::Clean && (self.begun || self.begin().is_continue());
        if open && self.old.starts(&self.seen).any(|start| start >= self.judged) {
            Verdict::Holds
        } else {
            self.verdict
        }
    }
}

/// Whether this is UTF-16: it says so, or every other byte is a NUL and the others are not.
fn is_utf_16(head: &[u8]) -> bool {
    let nuls = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    let [even, odd] = [nuls(0), nuls(1)];
    let other = |mine: usize, theirs: usize| mine * 10 >= half * 9 && theirs == 0;
    head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || other(even, odd) || other(odd, even)
}
