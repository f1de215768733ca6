//! Every member of an archive, and the file as a whole, summed in one pass over several threads.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use sha2::Digest as _;
use trackside_domain::digest::Sha256;

use super::content::{Stop, read_range, stream, stream_on};
use super::{Archive, Member};
use crate::binary::{Found, Seen, Watch};
use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};
use crate::finding::Findings;
use crate::limits::MAX_THREADS;

/// What the pass over all bytes has found.
pub(crate) struct Verified {
    /// The digest of the file.
    pub(crate) whole: Sha256,
    /// The digest of each member, in the order of the archive; none where the content has a flaw.
    pub(crate) members: Vec<Option<Sha256>>,
    /// The members that are binaries, by their index.
    pub(crate) binaries: BTreeMap<usize, Seen>,
}

impl Verified {
    /// The binaries with the names of their members, in the order of the archive.
    pub(crate) fn found<'a>(&'a self, archive: &'a Archive) -> Vec<Found<'a>> {
        let named = |(index, seen): (&usize, &'a Seen)| Some((archive.members.get(*index)?.name.as_str(), seen));
        self.binaries.iter().filter_map(named).collect()
    }
}

/// A member of more compressed bytes than this may be inflated by several threads.
const MIN_SHARED: u64 = 8 << 20;

/// Threads that inflate one member. More would hold more chunks in memory, and one thread hashes
/// what comes out.
const MAX_INFLATING: usize = 4;

/// A member larger than this many bytes is hashed in a thread of its own.
const MAX_INLINE: u64 = 4 << 20;

/// Pieces of at most [`CHUNK`] bytes that wait to be hashed.
const PIECES_IN_FLIGHT: usize = 16;

type Outcome = Result<(Sha256, Option<Seen>), Stop>;

/// Reads everything. Flaws of members become findings, in the order of the archive.
pub(crate) fn verify(source: &SourceFile, archive: &Archive, findings: &mut Findings) -> Result<Verified, ReadError> {
    let members = &archive.members;
    let pass = Pass { source, members, queue: largest_first(members), next: AtomicUsize::new(0) };
    let (whole, outcomes) = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads().min(members.len())).map(|_| scope.spawn(|| pass.work())).collect();
        let whole = source.sha256();
        (whole, workers.into_iter().flat_map(join).collect::<Vec<_>>())
    });
    let mut digests = vec![None; members.len()];
    let mut binaries = BTreeMap::new();
    let mut flaws = Vec::new();
    for (index, outcome) in outcomes {
        match outcome {
            Ok((digest, seen)) => {
                digests[index] = Some(digest);
                binaries.extend(seen.map(|seen| (index, seen)));
            }
            Err(Stop::Flaw(flaw)) => flaws.push((index, flaw)),
            Err(Stop::Read(error)) => return Err(error),
        }
    }
    flaws.sort_by_key(|(index, _)| *index);
    for (index, (code, message)) in flaws {
        findings.member(code, &members[index].name, message);
    }
    Ok(Verified { whole: whole?, members: digests, binaries })
}

/// The largest member bounds the time of the pass, so it must begin first.
fn largest_first(members: &[Member]) -> Vec<usize> {
    let mut queue: Vec<usize> = (0..members.len()).collect();
    queue.sort_by_key(|index| std::cmp::Reverse(members[*index].size));
    queue
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS)
}

/// What the threads share.
struct Pass<'a> {
    source: &'a SourceFile,
    members: &'a [Member],
    queue: Vec<usize>,
    next: AtomicUsize,
}

impl Pass<'_> {
    fn work(&self) -> Vec<(usize, Outcome)> {
        let mut done = Vec::new();
        while let Some(index) = self.queue.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*index, self.examine(&self.members[*index])));
        }
        done
    }

    fn examine(&self, member: &Member) -> Outcome {
        let mut watch = Watch::new(member.size);
        let digest = if member.size > MAX_INLINE {
            digest_aside(self.source, member, self.inflating(member), &mut watch)?
        } else {
            digest(self.source, member, &mut watch)?
        };
        let seen = watch.finish(|range| read_range(self.source, member, &range))?;
        Ok((digest, seen))
    }

    /// How many threads inflate a member: one, unless it would keep one busy when all others have
    /// nothing left to do.
    fn inflating(&self, member: &Member) -> usize {
        let all: u64 = self.members.iter().fold(0, |sum, member| sum.saturating_add(member.compressed));
        let large = member.compressed > MIN_SHARED && member.compressed > all / threads() as u64;
        if large { threads().min(MAX_INFLATING) } else { 1 }
    }
}

fn digest(source: &SourceFile, member: &Member, watch: &mut Watch) -> Result<Sha256, Stop> {
    let mut hasher = sha2::Sha256::new();
    stream(source, member, |bytes| {
        watch.feed(bytes);
        hasher.update(bytes);
    })?;
    Ok(Sha256::from_bytes(hasher.finalize().into()))
}

/// The same with the hashing in a thread of its own. One large member is the longest chain of work
/// that nothing else can share, so its two halves run side by side.
fn digest_aside(source: &SourceFile, member: &Member, inflating: usize, watch: &mut Watch) -> Result<Sha256, Stop> {
    let (pieces, arriving) = sync_channel::<Vec<u8>>(PIECES_IN_FLIGHT);
    // Buffers come back, since fresh ones cost more than the copying.
    let (used, spare) = channel::<Vec<u8>>();
    thread::scope(|scope| {
        let hashing = scope.spawn(move || {
            let mut hasher = sha2::Sha256::new();
            for piece in arriving {
                hasher.update(&piece);
                drop(used.send(piece));
            }
            Sha256::from_bytes(hasher.finalize().into())
        });
        let mut take = |bytes: &[u8]| {
            watch.feed(bytes);
            for part in bytes.chunks(CHUNK) {
                let mut piece = spare.try_recv().unwrap_or_default();
                piece.clear();
                piece.extend_from_slice(part);
                // A hasher that listens no more has panicked; the join tells.
                drop(pieces.send(piece));
            }
        };
        let streamed = match inflating {
            1 => stream(source, member, &mut take),
            threads => stream_on(threads, source, member, &mut take),
        };
        drop(pieces);
        let digest = join(hashing);
        streamed.map(|()| digest)
    })
}

/// A worker that panicked has hit a bug of ours: it goes on in the thread that asked.
pub(crate) fn join<T>(worker: ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
