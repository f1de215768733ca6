//! The drive loop: performs a plan step by step, each intent durable before its effects start, each
//! receipt after them. It decides nothing.

mod effects;
mod origins;

use std::sync::atomic::{AtomicBool, Ordering};

use trackside_domain::journal::{Outcome, StepState, What};
use trackside_domain::plan::{Plan, Step, StepId};
use trackside_domain::project::Project;
use trackside_effects::{Performer, Trouble};

use crate::error::{Exit, Failure};
use crate::state::{Journal, State, Stored};
use crate::watch::{Moment, Watcher};

use self::effects::Halt;

/// What is needed to perform plans.
pub struct Driver<'a> {
    /// The state store.
    pub state: &'a State,
    /// The outside world.
    pub performer: &'a Performer,
    /// The configuration, which may have changed since a plan was made.
    pub project: &'a Project,
    /// Who watches.
    pub watch: &'a Watcher,
    /// Set by Ctrl-C: the run stops cleanly between two effects.
    pub interrupted: &'a AtomicBool,
}

/// When a plan was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// By this very command, of what it has just seen.
    Now,
    /// Before: whoever asks for it has read it meanwhile.
    Before,
}

/// How far the run has come.
struct Progress {
    journal: Journal,
    /// A step that stopped in its middle, and how many of its effects are done.
    stopped: Option<(StepId, usize)>,
}

impl Driver<'_> {
    /// Starts a plan, or goes on with it, until it is done.
    ///
    /// # Errors
    /// The reason why it stopped, with what has been done so far and the next command.
    pub fn drive(&self, stored: &Stored, made: Made) -> Result<(), Failure> {
        // With the lease in hand: whoever was first may have changed what the plan expects.
        let journal = self.state.begin(stored, || self.check_fresh(stored, made))?;
        let mut progress = Progress { journal, stopped: None };
        let result = self.steps(&stored.plan, &mut progress);
        let result = result.and_then(|()| {
            progress.journal.close(Outcome::Done)?;
            self.state.release(stored.plan.command.scope(), stored.digest)
        });
        result.map_err(|failure| so_far(failure, stored, &progress))
    }

    /// A plan that was not started is refused when it has expired or the world has moved.
    fn check_fresh(&self, stored: &Stored, made: Made) -> Result<(), Failure> {
        let again = format!("make a new plan: {}", stored.plan.asked());
        let stale = |message: String| {
            let mut failure = Failure::new(Exit::Stale, format!("plan {} is stale: {message}", stored.digest.short()))
                .next(again.clone());
            failure.so_far.push("nothing was changed".to_owned());
            failure
        };
        if jiff::Timestamp::now() > stored.plan.expires {
            return Err(stale(format!("it expired at {}", stored.plan.expires)));
        }
        if let Some(waiver) = stored.plan.waivers().find(|waiver| !self.project.waivers.contains(waiver)) {
            return Err(stale(format!("this is no longer declared: {}", waiver.note())));
        }
        if let Some(store) = stored.plan.strange_store(self.project) {
            return Err(stale(format!("it writes to {store}, where the configuration has no such channel or backup")));
        }
        let preconditions = match made {
            Made::Now => stored.plan.not_asked_by_writes(),
            Made::Before => stored.plan.preconditions.iter().collect(),
        };
        let moved = self.performer.moved(&preconditions).map_err(unheeded)?;
        if moved.is_empty() { Ok(()) } else { Err(stale(moved.join("; "))) }
    }

    fn steps(&self, plan: &Plan, progress: &mut Progress) -> Result<(), Failure> {
        while let Some((id, state)) = progress.journal.run.current() {
            if self.interrupted.load(Ordering::SeqCst) {
                return Err(interrupt(&mut progress.journal));
            }
            let step =
                plan.step(id).ok_or_else(|| Failure::new(Exit::Failed, format!("the plan has no step `{id}`")))?;
            let tried = *state != StepState::Pending;
            self.watch.step(progress.journal.run.done() + 1, plan.steps.len(), step);
            self.step(plan, step, tried, progress)?;
        }
        Ok(())
    }

    /// One step. What an earlier attempt may have done is looked at first, effect by effect.
    fn step(&self, plan: &Plan, step: &Step, tried: bool, progress: &mut Progress) -> Result<(), Failure> {
        let done = if tried { effects::probe(self.performer, step)? } else { vec![None; step.actions.len()] };
        origins::refuse_moved(self.performer, plan, step, &done)?;
        progress.journal.append(What::Intent { step: step.id.clone() })?;
        match effects::perform(self, step, &done) {
            Ok(receipts) => {
                progress.journal.append(What::Receipt { step: step.id.clone(), receipts })?;
                (0..step.actions.len()).for_each(|index| self.watch.moment(step, index, Moment::AfterReceipt));
                Ok(())
            }
            Err((done, halt)) => {
                progress.stopped = Some((step.id.clone(), done));
                Err(stopped(step, halt, &mut progress.journal))
            }
        }
    }
}

/// What could not be looked at before anything was begun.
fn unheeded(trouble: Trouble) -> Failure {
    let blocked = matches!(trouble, Trouble::Blocked(_));
    let mut failure = Failure::from(trouble);
    if blocked {
        failure.so_far.push("nothing was changed".to_owned());
        failure = failure
            .next("mend the store (trackside doctor), or declare a waiver: see RUNBOOK, Is a store good enough?");
    }
    failure
}

/// Writes a definite failure into the journal. One whose outcome is unknown stays an intent.
fn stopped(step: &Step, halt: Halt, journal: &mut Journal) -> Failure {
    let reason = match &halt {
        Halt::Trouble(Trouble::Unknown(_)) => None,
        Halt::Trouble(definite) => Some(definite.to_string()),
        Halt::Interrupted => Some("interrupted between two effects".to_owned()),
    };
    if let Some(reason) = reason
        && let Err(failure) = journal.append(What::Failed { step: step.id.clone(), reason })
    {
        return failure;
    }
    match halt {
        Halt::Trouble(trouble) => trouble.into(),
        Halt::Interrupted => interrupt(journal),
    }
}

fn interrupt(journal: &mut Journal) -> Failure {
    match journal.append(What::Interrupted) {
        Ok(()) => Failure::new(Exit::Interrupted, "interrupted"),
        Err(failure) => failure,
    }
}

/// Says what has been done, what has not, and how to go on.
fn so_far(mut failure: Failure, stored: &Stored, progress: &Progress) -> Failure {
    for (id, state) in &progress.journal.run.steps {
        let step = stored.plan.step(id);
        let title = step.map_or("", |step| step.title.as_str());
        let effects = step.map_or(0, |step| step.actions.len());
        let part = match &progress.stopped {
            Some((stopped, done)) if stopped == id && effects > 1 => format!(" ({done} of {effects} effects done)"),
            _ => String::new(),
        };
        let word = match state {
            StepState::Done(_) => "done    ",
            StepState::Failed(_) if failure.exit == Exit::Interrupted => "stopped ",
            StepState::Failed(_) => "refused ",
            StepState::Unknown => "unknown ",
            StepState::Pending => "not done",
        };
        failure.so_far.push(format!("{word}  {title}{part}"));
    }
    let digest = stored.digest.short();
    failure.next.get_or_insert_with(|| match failure.exit {
        Exit::Conflict | Exit::Failed => {
            let asked = stored.plan.asked();
            format!(
                "remove the cause and: trackside resume {digest}; or: trackside withdraw {digest} --reason REASON, \
                 and a new plan: {asked}"
            )
        }
        _ => format!("trackside resume {digest}"),
    });
    failure
}
