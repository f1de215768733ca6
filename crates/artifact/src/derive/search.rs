//! The search for the old version in the members of the output, in memory and in several threads.

mod checked;
mod unpack;
mod window;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use trackside_domain::derivation::{Rules, Scope, Search, Why};
use trackside_domain::digest::Sha256;

use self::checked::{Checked, Stated, Wrong};
use self::unpack::{Broken, Buffers};
use self::window::{Interest, Verdict, Window};
use super::changes::Change;
use super::error::Flaw;
use super::folders::Folders;
use super::version_text::VersionText;
use crate::base64url;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::record::Row;
use crate::zip::{Archive, Member, Method};

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
    Carried { method: Method, offset: u64, compressed: u64, stated: Stated },
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
pub(super) fn targets(
    archive: &Archive,
    folders: &Folders,
    changes: &BTreeMap<usize, Change>,
    rows: &[Row],
) -> Vec<Target> {
    let digest = |row: &Row| row.hash.strip_prefix("sha256=").and_then(base64url::decode_32).map(Sha256::from_bytes);
    let recorded: BTreeMap<&str, Sha256> =
        rows.iter().filter_map(|row| Some((row.path.as_str(), digest(row)?))).collect();
    let members = archive.members.iter().enumerate();
    let target = |(index, member): (usize, &Member)| {
        let content = match changes.get(&index) {
            Some(Change { why: Why::Record, .. }) => Source::Record,
            Some(change) => Source::Changed(change.after.clone()),
            None => {
                let Member { method, data_offset: offset, compressed, crc, size, .. } = *member;
                let stated = Stated { crc, size, sha256: recorded.get(member.name.as_str()).copied() };
                Source::Carried { method, offset, compressed, stated }
            }
        };
        Target { from: member.name.clone(), to: folders.name_after(&member.name), content }
    };
    members.map(target).collect()
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
            Source::Carried { method, offset, compressed, stated } => {
                let interest = if all { Interest::Whole } else { Interest::of(&target.to) };
                let mut content = Checked::new(Window::new(self.old, interest, stop));
                let place = (*offset, *compressed);
                let streamed = match method {
                    Method::Stored => buffers.stored(self.source, place, &mut content),
                    Method::Deflated => buffers.inflated(self.source, place, &mut content),
                };
                let name = || target.from.clone();
                match streamed {
                    Ok(()) => content.verdict(stated).map_err(|wrong| {
                        Stop::Flaw(match wrong {
                            Wrong::Header => Flaw::NotAsDeclared(name()),
                            Wrong::Record => Flaw::NotAsRecorded(name()),
                        })
                    }),
                    Err(Broken::Read(error)) => Err(Stop::Read(error)),
                    Err(Broken::Corrupt) => Err(Stop::Flaw(Flaw::Corrupt(name()))),
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
