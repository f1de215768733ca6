//! The files of one call: their kinds by their names, and several of them read at the same time.

use std::io::IsTerminal as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use trackside_artifact::ReadError;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::say;

use crate::cli::Global;
use crate::error::Failure;
use crate::reply::Output;

/// Files that are read at the same time. Each of them may keep all cores busy by itself; more than one,
/// so that the end of one file does not leave cores idle.
const MOST_AT_ONCE: usize = 4;

/// How often somebody who reads a log hears that something is still going on.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file and the kind that its name stands for.
pub(super) struct Named {
    pub(super) path: PathBuf,
    pub(super) kind: ArtifactKind,
}

/// Gives each file its kind.
///
/// # Errors
/// A usage error for every name that stands for none.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<Named>, Failure> {
    let kind = |path: &Path| ArtifactKind::of_file_name(&path.file_name()?.to_string_lossy());
    let strange: Vec<String> = paths
        .iter()
        .filter(|path| kind(path).is_none())
        .map(|path| super::text::plain(&path.to_string_lossy()))
        .collect();
    if !strange.is_empty() {
        let endings: Vec<String> =
            ArtifactKind::ENDINGS.iter().map(|(ending, kind)| format!("{ending} ({kind})")).collect();
        return Err(Failure::usage(format!(
            "no artifact is called so: {}; names end with {}; no file was read",
            strange.join(", "),
            endings.join(", ")
        )));
    }
    Ok(paths.iter().filter_map(|path| Some(Named { path: path.clone(), kind: kind(path)? })).collect())
}

/// What is told while files are read.
pub(super) struct Talk<'a> {
    /// What is being done, such as `verifying`.
    pub(super) verb: &'static str,
    pub(super) global: &'a Global,
    pub(super) output: Output,
}

/// How far the work is.
struct Tally {
    files: usize,
    all_files: usize,
    bytes: u64,
    all_bytes: u64,
}

/// Does the `work` on every file, some at the same time; the results are in the order of the files.
pub(super) fn each<T: Send>(files: &[Named], talk: &Talk<'_>, work: impl Fn(&Named) -> T + Sync) -> Vec<T> {
    let size = |file: &Named| file.path.metadata().map_or(0, |metadata| metadata.len());
    let all_bytes = files.iter().map(size).fold(0, u64::saturating_add);
    let mut tally = Tally { files: 0, all_files: files.len(), bytes: 0, all_bytes };
    let bar = bar(talk, all_bytes);
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_AT_ONCE).min(files.len());
    let (done, finished) = channel();
    let mut results: Vec<Option<T>> = files.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..workers {
            let done = done.clone();
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                while let Some((index, file)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|index| Some((index, files.get(index)?)))
                {
                    if done.send((index, work(file))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        loop {
            match finished.recv_timeout(PATIENCE) {
                Ok((index, result)) => {
                    results[index] = Some(result);
                    tally.files += 1;
                    tally.bytes = tally.bytes.saturating_add(size(&files[index]));
                    bar.set_position(tally.bytes);
                }
                Err(RecvTimeoutError::Timeout) => still_at_it(talk, &tally, &bar),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    bar.finish_and_clear();
    results.into_iter().flatten().collect()
}

fn bar(talk: &Talk<'_>, bytes: u64) -> ProgressBar {
    let visible = !talk.global.quiet && std::io::stderr().is_terminal();
    let bar = if visible { ProgressBar::new(bytes) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("      {msg} {bytes}/{total_bytes} {bytes_per_sec}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(talk.verb);
    bar
}

fn still_at_it(talk: &Talk<'_>, tally: &Tally, bar: &ProgressBar) {
    if bar.is_hidden() {
        let (done, all) = (say::bytes(tally.bytes), say::bytes(tally.all_bytes));
        talk.output.say(&format!("{}: {} of {} files, {done} of {all}", talk.verb, tally.files, tally.all_files));
    } else {
        bar.tick();
    }
}

/// Why a file could not be read at all, for a person.
pub(super) fn unreadable(error: &ReadError) -> String {
    super::text::plain(&trackside_effects::with_causes(error))
}
