//! How far a long look at files is: a bar on a terminal, a line every 30 s elsewhere, bytes and rate at the end.

use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use trackside_domain::say;
use trackside_effects::observe::Watch;

use crate::reply::Output;
use crate::watch::PATIENCE;

/// Tells a person how reading goes.
pub struct Meter {
    output: Output,
    bar: ProgressBar,
    tally: Mutex<Tally>,
}

struct Tally {
    files: (usize, usize),
    bytes: (u64, u64),
    begun: Instant,
    told: Instant,
}

impl Meter {
    /// A meter that talks to `output`.
    pub fn new(output: Output, quiet: bool) -> Self {
        let visible = !quiet && std::io::stderr().is_terminal();
        let bar = if visible { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("reading {bytes}/{total_bytes} {bytes_per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let now = Instant::now();
        Self { output, bar, tally: Mutex::new(Tally { files: (0, 0), bytes: (0, 0), begun: now, told: now }) }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Meter {
    fn begins(&self, files: usize, bytes: u64) {
        let now = Instant::now();
        *self.tally() = Tally { files: (0, files), bytes: (0, bytes), begun: now, told: now };
        self.bar.set_length(bytes);
        if files > 0 {
            self.output.say(&format!("reading {} with {}", say::count(files, "file"), say::bytes(bytes)));
        }
    }

    fn read(&self, bytes: u64) {
        let mut tally = self.tally();
        tally.files.0 += 1;
        tally.bytes.0 += bytes;
        self.bar.set_position(tally.bytes.0);
        let ((files, all_files), (done, all)) = (tally.files, tally.bytes);
        let seconds = tally.begun.elapsed().as_millis().max(1);
        let rate = u64::try_from(u128::from(done) * 1000 / seconds).unwrap_or(u64::MAX);
        if files == all_files {
            self.bar.finish_and_clear();
            self.output.say(&format!("read {} with {}/s", say::bytes(done), say::bytes(rate)));
        } else if self.bar.is_hidden() && tally.told.elapsed() >= PATIENCE {
            tally.told = Instant::now();
            let (done, all, rate) = (say::bytes(done), say::bytes(all), say::bytes(rate));
            self.output.say(&format!("      {files} of {all_files} files: {done} of {all}, {rate}/s"));
        }
    }
}
