//! The search for the old version in the members of the output, in memory and in several threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use flate2::{Decompress, FlushDecompress, Status};
use trackside_domain::derivation::{Rules, Scope, Search, Why};

use super::changes::Change;
use super::error::Flaw;
use super::folders::Folders;
use super::version_text::{CONTEXT, VersionText};
use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};
use crate::zip::{Archive, Method};

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

/// A member of the output that is searched.
pub(super) struct Target {
    /// Its name in the input.
    pub(super) from: String,
    /// Its name in the output.
    pub(super) to: String,
    content: Source,
}

enum Source {
    /// As it lies in the input.
    Carried { method: Method, offset: u64, compressed: u64 },
    /// New content.
    Changed(Vec<u8>),
    /// A list of names, which are searched as names.
    Record,
}

/// What the search has found.
pub(super) struct Found {
    /// What the record says of it.
    pub(super) search: Search,
    /// The names in the input of members that hold the old version and are not declared as kept.
    pub(super) left: Vec<String>,
}

/// How a search ended before its end.
pub(super) enum Stop {
    Read(ReadError),
    Flaw(Flaw),
}

/// All members that are searched, in the order of the directory.
pub(super) fn targets(archive: &Archive, folders: &Folders, changes: &BTreeMap<usize, Change>) -> Vec<Target> {
    let members = archive.members.iter().enumerate();
    let target = |(index, member): (usize, &crate::zip::Member)| {
        let content = match changes.get(&index) {
            Some(Change { why: Why::Record, .. }) => Source::Record,
            Some(change) => Source::Changed(change.after.clone()),
            None => {
                Source::Carried { method: member.method, offset: member.data_offset, compressed: member.compressed }
            }
        };
        Target { from: member.name.clone(), to: folders.name_after(&member.name), content }
    };
    members.map(target).collect()
}

/// What became of one member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Clean,
    Holds,
    Skipped,
}

/// What is searched for, and where.
pub(super) struct Job<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) targets: &'a [Target],
    pub(super) rules: &'a Rules,
    pub(super) old: &'a VersionText,
    pub(super) scope: Scope,
}

impl Job<'_> {
    /// Searches with so many threads, until it is done or `stop` says that nobody wants to know.
    pub(super) fn run(&self, threads: usize, stop: &AtomicBool) -> Result<Found, Stop> {
        let next = AtomicUsize::new(0);
        let queue = self.largest_first();
        let outcomes = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(|| self.work(&queue, &next, stop))).collect();
            workers.into_iter().map(crate::zip::join).collect::<Result<Vec<_>, _>>()
        })?;
        let mut verdicts = vec![Verdict::Clean; self.targets.len()];
        for (index, verdict) in outcomes.into_iter().flatten() {
            verdicts[index] = verdict;
        }
        self.sum(&verdicts).map_err(Stop::Flaw)
    }

    /// The largest member bounds the time, so it must begin first.
    fn largest_first(&self) -> Vec<usize> {
        let mut queue: Vec<usize> = (0..self.targets.len()).collect();
        queue.sort_by_key(|index| std::cmp::Reverse(self.targets[*index].weight()));
        queue
    }

    fn work(&self, queue: &[usize], next: &AtomicUsize, stop: &AtomicBool) -> Result<Vec<(usize, Verdict)>, Stop> {
        let mut buffers = Buffers::new();
        let mut done = Vec::new();
        while let Some(index) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            done.push((*index, self.verdict(&self.targets[*index], &mut buffers, stop)?));
        }
        Ok(done)
    }

    fn verdict(&self, target: &Target, buffers: &mut Buffers, stop: &AtomicBool) -> Result<Verdict, Stop> {
        if self.old.is_in(target.to.as_bytes()) {
            return Ok(Verdict::Holds);
        }
        let all = self.scope == Scope::All || self.rules.keep.contains(&target.from);
        match &target.content {
            Source::Record => Ok(Verdict::Clean),
            Source::Changed(bytes) if self.old.is_in(bytes) => Ok(Verdict::Holds),
            Source::Changed(_) => Ok(Verdict::Clean),
            Source::Carried { method, offset, compressed } => {
                let mut window = Window::new(self.old, all, stop);
                let place = (*offset, *compressed);
                let streamed = match method {
                    Method::Stored => buffers.stored(self.source, place, &mut window),
                    Method::Deflated => buffers.inflated(self.source, place, &mut window),
                };
                match streamed {
                    Ok(()) => Ok(window.verdict()),
                    Err(Broken::Read(error)) => Err(Stop::Read(error)),
                    Err(Broken::Corrupt) => Err(Stop::Flaw(Flaw::Corrupt(target.from.clone()))),
                }
            }
        }
    }

    fn sum(&self, verdicts: &[Verdict]) -> Result<Found, Flaw> {
        let named = |wanted: Verdict| {
            self.targets.iter().zip(verdicts).filter(move |(_, verdict)| **verdict == wanted).map(|(target, _)| target)
        };
        let holds: Vec<&str> = named(Verdict::Holds).map(|target| target.from.as_str()).collect();
        if let Some(kept) = self.rules.keep.iter().find(|kept| !holds.contains(&kept.as_str())) {
            return Err(Flaw::NothingToKeep(kept.clone()));
        }
        let left = holds.into_iter().filter(|name| !self.rules.keep.iter().any(|kept| kept == name));
        let left = left.map(str::to_owned).collect();
        let skipped: Vec<String> = named(Verdict::Skipped).map(|target| target.to.clone()).collect();
        let searched = (self.targets.len() - skipped.len()) as u64;
        Ok(Found { search: Search { scope: self.scope, searched, skipped }, left })
    }
}

impl Target {
    const fn weight(&self) -> u64 {
        match &self.content {
            Source::Carried { compressed, .. } => *compressed,
            Source::Changed(_) | Source::Record => 0,
        }
    }
}

/// What has been seen of one member: the end of it, and whether the version was there.
struct Window<'a> {
    old: &'a VersionText,
    stop: &'a AtomicBool,
    /// Whether it is searched even if it is no text.
    all: bool,
    seen: Vec<u8>,
    /// How many bytes in front of `seen` are there only to tell what stands before a match.
    judged: usize,
    begun: bool,
    verdict: Verdict,
}

impl<'a> Window<'a> {
    const fn new(old: &'a VersionText, all: bool, stop: &'a AtomicBool) -> Self {
        Self { old, stop, all, seen: Vec::new(), judged: 0, begun: all, verdict: Verdict::Clean }
    }

    /// Takes the next piece; breaks when the rest does not matter.
    fn push(&mut self, bytes: &[u8]) -> ControlFlow<()> {
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
    fn verdict(mut self) -> Verdict {
        let open = self.verdict == Verdict::Clean && (self.begun || self.begin().is_continue());
        if open && self.old.find(&self.seen).any(|start| start >= self.judged) { Verdict::Holds } else { self.verdict }
    }
}

/// Why a member cannot be searched.
enum Broken {
    Read(ReadError),
    Corrupt,
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// What one thread needs for all of its members.
struct Buffers {
    inflate: Decompress,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Buffers {
    fn new() -> Self {
        Self { inflate: Decompress::new(false), input: vec![0; CHUNK], output: vec![0; CHUNK] }
    }

    fn stored(&mut self, source: &SourceFile, place: (u64, u64), window: &mut Window<'_>) -> Result<(), Broken> {
        let (offset, length) = place;
        let mut done = 0;
        while done < length {
            let piece = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
            source.read_at(&mut self.input[..piece], offset + done)?;
            if window.push(&self.input[..piece]).is_break() {
                break;
            }
            done += piece as u64;
        }
        Ok(())
    }

    fn inflated(&mut self, source: &SourceFile, place: (u64, u64), window: &mut Window<'_>) -> Result<(), Broken> {
        let (offset, length) = place;
        self.inflate.reset(false);
        let mut done = 0;
        while done < length {
            let piece = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
            source.read_at(&mut self.input[..piece], offset + done)?;
            done += piece as u64;
            if self.inflate_piece(piece, window)?.is_break() {
                return Ok(());
            }
        }
        // The data ended before its stream did.
        Err(Broken::Corrupt)
    }

    /// Inflates what is in the input buffer; breaks at the end of the stream or of interest.
    fn inflate_piece(&mut self, piece: usize, window: &mut Window<'_>) -> Result<ControlFlow<()>, Broken> {
        let mut input = &self.input[..piece];
        loop {
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, &mut self.output, FlushDecompress::None);
            let status = status.map_err(|_| Broken::Corrupt)?;
            let taken = usize::try_from(self.inflate.total_in() - before.0).unwrap_or(usize::MAX);
            let given = usize::try_from(self.inflate.total_out() - before.1).unwrap_or(usize::MAX);
            input = &input[taken..];
            if window.push(&self.output[..given]).is_break() || status == Status::StreamEnd {
                return Ok(ControlFlow::Break(()));
            }
            if taken == 0 && given == 0 {
                return Ok(ControlFlow::Continue(()));
            }
        }
    }
}
