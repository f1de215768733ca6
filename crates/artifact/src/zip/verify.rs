//! Every member of an archive, and the file as a whole, summed in one pass over several threads.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use trackside_domain::digest::Sha256;

use super::content::{Stop, read_range};
use super::sum::sum;
use super::{Archive, Member};
use crate::binary::{Found, Seen, Watch};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::MAX_THREADS;
use crate::turn;

/// What the pass over all bytes has found.
pub(crate) struct Verified {
    /// The digest of the file.
    pub(crate) whole: Sha256,
    /// The digest of each member, in the order of the archive; none where the content has a flaw or no
    /// digest was wanted.
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

/// What is computed of each member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sums {
    /// Its checksum alone, where nothing states a digest to compare with.
    Checksum,
    /// Its digest as well.
    Digest,
}

type Outcome = Result<(Option<Sha256>, Option<Seen>), Stop>;

/// Reads everything. Flaws of members become findings, in the order of the archive.
pub(crate) fn verify(
    source: &SourceFile,
    archive: &Archive,
    sums: Sums,
    findings: &mut Findings,
) -> Result<Verified, ReadError> {
    let members = &archive.members;
    let pass = Pass {
        source,
        members,
        sums,
        queue: largest_first(members),
        next: AtomicUsize::new(0),
        compressed: members.iter().fold(0, |sum, member| sum.saturating_add(member.compressed)),
    };
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
                digests[index] = digest;
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
    sums: Sums,
    /// Indices of members, in the order of the work.
    queue: Vec<usize>,
    next: AtomicUsize,
    /// Compressed bytes of all members.
    compressed: u64,
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
        let turn = self.is_shared(member).then(turn::wait);
        let threads = if turn.is_some() { threads().min(MAX_INFLATING) } else { 1 };
        let digest = sum(self.source, member, (threads, self.sums), &mut watch)?;
        drop(turn);
        let seen = watch.finish(|range| read_range(self.source, member, &range))?;
        Ok((digest, seen))
    }

    /// Whether several threads inflate a member: if it would keep one busy when all others have
    /// nothing left to do.
    fn is_shared(&self, member: &Member) -> bool {
        member.compressed > MIN_SHARED && member.compressed > self.compressed / threads() as u64
    }
}

/// A worker that panicked has hit a bug of ours: it goes on in the thread that asked.
pub(crate) fn join<T>(worker: ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
