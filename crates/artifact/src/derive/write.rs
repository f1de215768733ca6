//! Deriving into a folder: several files side by side, checked, searched and hashed before the first
//! of them gets its name.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use trackside_domain::derivation::{Derivation, Scope};
use trackside_domain::digest::Sha256;
use trackside_domain::finding::{Policy, Profile};

use super::beside::{self, record_path};
use super::copy::{CopyBy, copy};
use super::digest::digests;
use super::error::DeriveError;
use super::output::{Linked, Temporary, sweep};
use super::search::{self, Found, Job};
use super::stream::{Failure, Written};
use super::{Prepared, proof};
use crate::file::SourceFile;
use crate::zip::join;

/// How the outputs are made; no bytes depend on it.
#[derive(Clone, Debug)]
pub struct Options {
    /// By what the outputs are judged before they get their names.
    pub policy: Policy,
    /// Which members are searched for the old version.
    pub search: Scope,
    /// Who copies what is carried.
    pub copy: CopyBy,
    /// Whether every byte of the outputs is verified before they get their names.
    pub verify: bool,
}

impl Default for Options {
    /// Everything that we derive ourselves must be right.
    fn default() -> Self {
        Self { policy: Policy::of(Profile::Strict), search: Scope::default(), copy: CopyBy::default(), verify: false }
    }
}

/// An output that has its name.
#[derive(Debug)]
pub struct Derived {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was written now, or was there before with the same bytes.
    pub new: bool,
    /// How it came about.
    pub record: Derivation,
}

/// An output that has everything but its name.
struct Finished {
    temporary: Temporary,
    record: Derivation,
}

/// Writes all outputs into the folder, which must exist, each with its record beside it. None gets its name before all are written,
/// searched, checked and on the disk; one that is there already with the same bytes is left as it is.
///
/// # Errors
/// When one of them cannot be derived, or a file of its name has other bytes. Of several errors the
/// first in the order of the files is given.
pub fn write(jobs: &[Prepared], folder: &Path, options: &Options) -> Result<Vec<Derived>, DeriveError> {
    check_names(jobs)?;
    sweep(folder)?;
    let finished = finish_all(jobs, folder, options)?;
    // All conflicts are found before the first link.
    for Finished { record, .. } in &finished {
        let path = folder.join(record.output.name.as_str());
        if path.symlink_metadata().is_ok() {
            settle(&path, record)?;
        }
        let beside = record_path(&path);
        if beside.symlink_metadata().is_ok() {
            beside::check(&beside, record)?;
        }
    }
    let mut derived = Vec::with_capacity(finished.len());
    for Finished { temporary, record } in finished {
        let path = folder.join(record.output.name.as_str());
        // The record first: who sees the wheel may ask for it.
        beside::put(&path, &record, folder)?;
        let new = match temporary.link(&path)? {
            Linked::New => true,
            Linked::Exists => {
                settle(&path, &record)?;
                false
            }
        };
        derived.push(Derived { path, new, record });
    }
    sync_folder(folder)?;
    Ok(derived)
}

fn check_names(jobs: &[Prepared]) -> Result<(), DeriveError> {
    let mut names: Vec<&str> = jobs.iter().map(|job| job.output.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0].eq_ignore_ascii_case(pair[1]));
    twice.map_or(Ok(()), |pair| Err(DeriveError::SameOutput(pair[0].to_owned())))
}

/// A file that has the name already must have the bytes too.
fn settle(path: &Path, record: &Derivation) -> Result<(), DeriveError> {
    let there = SourceFile::open(path)?;
    if there.size() == record.output.size && there.sha256()? == record.output.sha256 {
        Ok(())
    } else {
        Err(DeriveError::Exists(path.to_owned()))
    }
}

fn sync_folder(folder: &Path) -> Result<(), DeriveError> {
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| DeriveError::Write { path: folder.to_owned(), source })
}

/// Threads that one file keeps busy beside the search: two hash and one copies.
const BUSY: usize = 3;

/// Several files side by side: two threads hash for each, so half as many files as processors.
fn finish_all(jobs: &[Prepared], folder: &Path, options: &Options) -> Result<Vec<Finished>, DeriveError> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let side_by_side = (processors / 2).clamp(1, jobs.len().max(1));
    let searchers = (processors / side_by_side).saturating_sub(BUSY).max(1);
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let work = || {
            while !failed.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { break };
                let result = job.finish(folder, options, searchers);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                if let Ok(mut results) = results.lock() {
                    results.push((index, result));
                }
            }
        };
        let workers: Vec<_> = (0..side_by_side).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(join);
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What the threads of one file bring back.
struct Outcome {
    digests: Result<(Sha256, Sha256), DeriveError>,
    copied: Result<Result<(), DeriveError>, DeriveError>,
    found: Result<Found, DeriveError>,
}

impl Prepared {
    /// Writes the output under a temporary name and proves it.
    fn finish(&self, folder: &Path, options: &Options, searchers: usize) -> Result<Finished, DeriveError> {
        let temporary = Temporary::new(folder)?;
        let Outcome { digests, copied, found } = self.run(&temporary, options, searchers);
        // A disk that is full explains more than a search that was stopped for it.
        let proved = copied?;
        let found = match found {
            // What cannot be unpacked may be another file by now.
            Err(error) => return Err(self.source.check_unchanged().map_or_else(DeriveError::from, |()| error)),
            Ok(found) => found,
        };
        let Found { search, left } = found;
        if !left.is_empty() {
            let (path, version) = (self.source.path().to_owned(), self.rules.version.from.clone());
            return Err(DeriveError::StillThere { path, version, members: left });
        }
        let (input, output) = digests?;
        let record = self.record(input, Written { size: self.layout.size, sha256: output }, search)?;
        self.source.check_unchanged()?;
        proved?;
        Ok(Finished { temporary, record })
    }

    /// Copying, both digests and the search, side by side. Copying never shows its bytes to this
    /// program, so the digests are those of a pass of their own over the input.
    fn run(&self, temporary: &Temporary, options: &Options, searchers: usize) -> Outcome {
        let stop = AtomicBool::new(false);
        let job = Job {
            source: &self.source,
            targets: &self.targets,
            rules: &self.rules,
            old: &self.old,
            scope: options.search,
        };
        thread::scope(|scope| {
            let copied = scope.spawn(|| {
                let copied = self.copy_and_prove(temporary, options);
                stop.fetch_or(copied.is_err(), Ordering::Relaxed);
                copied
            });
            let digests = scope.spawn(|| digests(&self.source, &self.layout).map_err(DeriveError::from));
            let found = job.run(searchers, &stop).map_err(|ended| match ended {
                search::Stop::Read(error) => error.into(),
                search::Stop::Flaw(flaw) => DeriveError::Flaw { path: self.source.path().to_owned(), flaw },
            });
            Outcome { digests: join(digests), copied: join(copied), found }
        })
    }

    /// Writes the output and brings it to the disk; meanwhile it is looked at, which is the inner
    /// result.
    fn copy_and_prove(&self, to: &Temporary, options: &Options) -> Result<Result<(), DeriveError>, DeriveError> {
        copy(&self.source, &self.layout, to.file(), options.copy).map_err(|failure| self.failed(failure))?;
        thread::scope(|scope| {
            let synced = scope.spawn(|| to.file().sync_all().map_err(|error| self.failed(Failure::Write(error))));
            let proved = if options.verify {
                proof::verify_output(self, to.path(), &options.policy)
            } else {
                proof::check_output(self, to.path(), &options.policy)
            };
            join(synced).map(|()| proved)
        })
    }

    fn failed(&self, failure: Failure) -> DeriveError {
        match failure {
            Failure::Read(error) => error.into(),
            Failure::Write(source) => DeriveError::Write { path: self.output.as_str().into(), source },
        }
    }
}
