//! Owns the order of things: workers inflate chunks ahead, the calling thread delivers them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use super::chunk::{Chunk, Miss, Order};
use super::delivery::Delivery;
use super::input::Source;
use super::{Flaw, Pace, Tuning, scan, serial};

/// Grid points a chunk may span when none is found at the next ones.
const SPAN: usize = 2;

/// Grid points in a row without a block start after which no more is looked for.
const BARREN: usize = 16;

/// What workers and the calling thread share.
struct Shared<'a> {
    source: Source<'a>,
    tuning: Tuning,
    /// Block starts, one for each grid point, looked for by whoever needs them first.
    starts: Vec<OnceLock<Option<u64>>>,
    ahead: usize,
    state: Mutex<State>,
    changed: Condvar,
    stop: AtomicBool,
}

/// The part under the lock.
#[derive(Default)]
struct State {
    /// The grid point delivered next; chunks before it are of no use.
    due: usize,
    /// The grid point a worker takes next.
    next: usize,
    ready: BTreeMap<usize, Result<Chunk, Miss>>,
    /// Chunks whose memory can be used again.
    spare: Vec<Chunk>,
}

/// Inflates the whole of `source` into `delivery`.
pub(crate) fn run(
    source: Source<'_>,
    threads: usize,
    tuning: Tuning,
    delivery: &mut Delivery<'_>,
) -> Result<Pace, Flaw> {
    let points = usize::try_from(source.len().div_ceil(tuning.stride)).unwrap_or(usize::MAX);
    let shared = Shared {
        source,
        tuning,
        starts: (0..points).map(|_| OnceLock::new()).collect(),
        ahead: threads + tuning.ahead,
        state: Mutex::default(),
        changed: Condvar::new(),
        stop: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let _stop = StopOnDrop(&shared);
        for _ in 0..threads {
            scope.spawn(|| shared.work());
        }
        shared.deliver(delivery)
    })
}

/// Ends the workers however the calling thread leaves, so that the scope can end.
struct StopOnDrop<'a, 'b>(&'a Shared<'b>);

impl Drop for StopOnDrop<'_, '_> {
    fn drop(&mut self) {
        let _held = self.0.lock();
        self.0.stop.store(true, Ordering::Relaxed);
        self.0.changed.notify_all();
    }
}

/// Answers for a chunk a worker has taken, even if the worker panics.
struct Claim<'a, 'b> {
    shared: &'a Shared<'b>,
    point: usize,
    outcome: Result<Chunk, Miss>,
}

impl Drop for Claim<'_, '_> {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Err(Miss));
        self.shared.lock().ready.insert(self.point, outcome);
        self.shared.changed.notify_all();
    }
}

impl Shared<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// The bit at which a block may start near grid point `point`.
    fn start(&self, point: usize) -> Option<u64> {
        let find = || match point {
            0 => Some(0),
            _ => {
                let from = point as u64 * self.tuning.stride;
                scan::first_block(self.source, from, self.tuning.reach)
            }
        };
        self.starts.get(point).and_then(|start| *start.get_or_init(find))
    }

    /// The next grid point with a block start, of `span` at most; the number of them all if
    /// the stream ends before.
    fn following(&self, point: usize, span: usize) -> Option<usize> {
        let all = self.starts.len();
        (point + 1..=point + span).find(|next| *next >= all || self.start(*next).is_some())
    }

    /// A worker's life: take the next chunk that may be taken, inflate it, put it up.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if self.stop.load(Ordering::Relaxed) || state.next >= self.starts.len() {
                return;
            }
            if state.next >= state.due + self.ahead {
                state = self.wait(state);
                continue;
            }
            let (point, memory) = (state.next, state.spare.pop().unwrap_or_default());
            state.next += 1;
            drop(state);
            let mut claim = Claim { shared: self, point, outcome: Err(Miss) };
            claim.outcome = self.inflate(point, memory);
            drop(claim);
            state = self.lock();
        }
    }

    fn inflate(&self, point: usize, memory: Chunk) -> Result<Chunk, Miss> {
        let start = self.start(point).ok_or(Miss)?;
        let next = self.following(point, SPAN).ok_or(Miss)?;
        let order = Order { start, target: self.start(next), cap: self.tuning.cap };
        memory.inflate(self.source, &order, &self.stop)
    }

    /// The calling thread's part: chunk after chunk, and serial repair between them.
    fn deliver(&self, delivery: &mut Delivery<'_>) -> Result<Pace, Flaw> {
        let (mut point, mut bit, mut pace) = (0, 0, Pace::default());
        loop {
            let mut outcome = self.take(point);
            let bytes = outcome.as_mut().ok().and_then(|chunk| chunk.bytes(delivery.window()));
            let next = if let Some(bytes) = bytes {
                delivery.push(bytes)?;
                pace.ahead += 1;
                self.following(point, SPAN).filter(|next| *next < self.starts.len())
            } else {
                pace.serial += 1;
                let patient = pace.serial <= self.tuning.patience;
                let targets = if patient { self.targets(point) } else { vec![] };
                let bits: Vec<u64> = targets.iter().filter_map(|next| self.start(*next)).collect();
                match serial::to_one_of(self.source, bit, &bits, delivery)? {
                    None => return Ok(pace),
                    Some(bit) => targets.into_iter().find(|next| self.start(*next) == Some(bit)),
                }
            };
            let trailing = outcome.as_ref().ok().and_then(|chunk| chunk.trailing).unwrap_or(0);
            let Some((next, start)) = next.and_then(|next| Some((next, self.start(next)?))) else {
                return if trailing == 0 { Ok(pace) } else { Err(Flaw::Trailing(trailing)) };
            };
            (point, bit) = (next, start);
            self.advance(point, outcome);
        }
    }

    /// Two grid points with a block start, to repair up to.
    fn targets(&self, point: usize) -> Vec<usize> {
        let inside = |next: &usize| *next < self.starts.len();
        let first = self.following(point, BARREN).filter(inside);
        let second = first.and_then(|first| self.following(first, BARREN)).filter(inside);
        first.into_iter().chain(second).collect()
    }

    /// Waits for a chunk.
    fn take(&self, point: usize) -> Result<Chunk, Miss> {
        let mut state = self.lock();
        loop {
            if let Some(outcome) = state.ready.remove(&point) {
                return outcome;
            }
            state = self.wait(state);
        }
    }

    /// Makes `point` the next to be delivered.
    fn advance(&self, point: usize, used: Result<Chunk, Miss>) {
        let mut state = self.lock();
        state.due = point;
        state.next = state.next.max(point);
        let later = state.ready.split_off(&point);
        let passed = std::mem::replace(&mut state.ready, later);
        let chunks = passed.into_values().chain([used]).filter_map(Result::ok);
        state.spare.extend(chunks);
        drop(state);
        self.changed.notify_all();
    }
}
