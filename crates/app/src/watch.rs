//! Watching a run: a line for each step, a bar on a terminal, a line every 30 s elsewhere; and the
//! crash points at which a rehearsal lets the process die.

use std::io::IsTerminal as _;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use trackside_domain::action::Action;
use trackside_domain::plan::Step;
use trackside_domain::say;

use crate::reply::Output;

/// How often somebody who reads a log hears that something is still going on.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The moments of an effect at which a process can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The intent is durable, nothing has been tried.
    AfterIntent,
    /// Some of the bytes have travelled.
    MidTransfer,
    /// It happened, and nobody has been told.
    AfterEffect,
    /// The receipt is durable.
    AfterReceipt,
}

impl Moment {
    /// All moments, in the order in which they come.
    pub const ALL: [Self; 4] = [Self::AfterIntent, Self::MidTransfer, Self::AfterEffect, Self::AfterReceipt];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AfterIntent => "after-intent",
            Self::MidTransfer => "mid-transfer",
            Self::AfterEffect => "after-effect",
            Self::AfterReceipt => "after-receipt",
        }
    }
}

/// An effect and a moment: where a process can die.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrashPoint {
    /// The step.
    pub step: String,
    /// The effect within the step, from 0.
    pub effect: usize,
    /// The moment.
    pub moment: Moment,
    /// Whether the effects of the step go on at the same time, as without a crash point. Otherwise they
    /// come one after another, so that the same point means the same world each time.
    pub together: bool,
}

/// The end of a crash point that leaves the effects of a step together.
const TOGETHER: &str = ":together";

impl std::fmt::Display for CrashPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let together = if self.together { TOGETHER } else { "" };
        write!(f, "{}/{}:{}{together}", self.step, self.effect, self.moment.as_str())
    }
}

impl FromStr for CrashPoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let malformed = || format!("`{text}` is not a crash point such as cut-core/0:after-effect");
        let (point, together) = text.strip_suffix(TOGETHER).map_or((text, false), |point| (point, true));
        let (rest, moment) = point.split_once(':').ok_or_else(malformed)?;
        let (step, effect) = rest.rsplit_once('/').ok_or_else(malformed)?;
        let moment = Moment::ALL.into_iter().find(|known| known.as_str() == moment).ok_or_else(malformed)?;
        Ok(Self { step: step.to_owned(), effect: effect.parse().map_err(|_| malformed())?, moment, together })
    }
}

/// Tells a person how a run goes.
pub struct Watcher {
    output: Output,
    bar: ProgressBar,
    step: Mutex<StepProgress>,
    die_at: Option<CrashPoint>,
}

/// How far the effects of the current step are, which several threads tell.
struct StepProgress {
    /// The bytes of each effect that have travelled.
    bytes: Vec<u64>,
    /// The effects that have happened.
    done: usize,
    /// When a line was last written.
    told: Instant,
}

impl Watcher {
    /// A watcher that talks to `output` and dies at the given point.
    pub fn new(output: Output, quiet: bool, die_at: Option<CrashPoint>) -> Self {
        let visible = !quiet && std::io::stderr().is_terminal();
        let bar = if visible { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("      {msg} {bytes}/{total_bytes} {bytes_per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let step = StepProgress { bytes: Vec::new(), done: 0, told: Instant::now() };
        Self { output, bar, step: Mutex::new(step), die_at }
    }

    /// Whether the effects of a step must come one after another, because the run is to die at one of them.
    pub fn is_in_order(&self) -> bool {
        self.die_at.as_ref().is_some_and(|point| !point.together)
    }

    /// A step begins.
    pub fn step(&self, number: usize, of: usize, step: &Step) {
        let mut progress = self.progress();
        progress.bytes = vec![0; step.actions.len()];
        progress.done = 0;
        drop(progress);
        self.bar.set_length(step.actions.iter().map(Action::bytes).sum());
        self.bar.suspend(|| self.output.say(&format!("[{number}/{of}] {}", step.title)));
    }

    /// An effect has reached a moment; a rehearsal dies here.
    pub fn moment(&self, step: &Step, effect: usize, moment: Moment) {
        let here =
            |point: &CrashPoint| point.step == step.id.as_str() && point.effect == effect && point.moment == moment;
        if self.die_at.as_ref().is_some_and(here) {
            die();
        }
        if moment == Moment::AfterEffect {
            self.progress().done += 1;
        }
    }

    /// More bytes of an effect have travelled.
    pub fn bytes(&self, step: &Step, effect: usize, travelled: u64) {
        let Some(action) = step.actions.get(effect) else { return };
        let mut progress = self.progress();
        if let Some(bytes) = progress.bytes.get_mut(effect) {
            *bytes = travelled;
        }
        let sum: u64 = progress.bytes.iter().sum();
        let what = match step.actions.len() {
            1 => action.subject(),
            several => format!("{} of {several}", progress.done),
        };
        if self.bar.is_hidden() {
            if progress.told.elapsed() >= PATIENCE {
                progress.told = Instant::now();
                let (sum, total) = (say::bytes(sum), say::bytes(step.actions.iter().map(Action::bytes).sum()));
                self.output.say(&format!("      {what}: {sum} of {total}"));
            }
        } else {
            self.bar.set_message(what);
            self.bar.set_position(sum);
        }
    }

    fn progress(&self) -> MutexGuard<'_, StepProgress> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Dies as `kill -9` kills: nothing is flushed, nothing is cleaned up.
fn die() -> ! {
    // The signal cannot be caught, so what follows is only for the compiler.
    match rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL) {
        Ok(()) | Err(_) => std::process::abort(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crash_points_round_trip() {
        for text in ["cut-core/0:after-intent", "store-torch-1-1/12:mid-transfer", "copy/1:after-effect:together"] {
            assert_eq!(text.parse::<CrashPoint>().map(|point| point.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "cut", "cut/0", "cut/x:after-effect", "cut/0:later", "cut/0:together"] {
            assert!(text.parse::<CrashPoint>().is_err(), "{text}");
        }
    }
}
