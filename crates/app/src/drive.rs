//! The drive loop: performs a plan step by step, each intent durable before its effects start, each
//! receipt after them. It decides nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use trackside_domain::action::{Action, Receipt};
use trackside_domain::journal::{Outcome, StepState, What};
use trackside_domain::plan::{Plan, Step};
use trackside_effects::{Performer, Trouble};

use crate::error::{Exit, Failure};
use crate::state::{Journal, State, Stored};
use crate::watch::{Moment, Watcher};

/// What is needed to perform plans.
pub struct Driver<'a> {
    /// The state store.
    pub state: &'a State,
    /// The outside world.
    pub performer: &'a Performer,
    /// Who watches.
    pub watch: &'a Watcher,
    /// Set by Ctrl-C: the run stops cleanly between two steps.
    pub interrupted: &'a AtomicBool,
}

impl Driver<'_> {
    /// Starts a plan, or goes on with it, until it is done.
    ///
    /// # Errors
    /// The reason why it stopped, with what has been done so far and the next command.
    pub fn drive(&self, stored: &Stored) -> Result<(), Failure> {
        if stored.run.is_none() {
            self.check_fresh(stored)?;
        }
        let mut journal = self.state.begin(stored)?;
        let result = self.steps(&stored.plan, &mut journal);
        let result = result.and_then(|()| {
            journal.close(Outcome::Done)?;
            self.state.release(stored.plan.command.line(), stored.digest)
        });
        result.map_err(|failure| so_far(failure, stored, &journal))
    }

    /// A plan that was not started is refused when it has expired or the world has moved.
    fn check_fresh(&self, stored: &Stored) -> Result<(), Failure> {
        let again = format!("make a new plan: trackside {}", stored.plan.command);
        let stale = |message: String| {
            let mut failure = Failure::new(Exit::Stale, format!("plan {} is stale: {message}", stored.digest.short()))
                .next(again.clone());
            failure.so_far.push("nothing was changed".to_owned());
            failure
        };
        if jiff::Timestamp::now() > stored.plan.expires {
            return Err(stale(format!("it expired at {}", stored.plan.expires)));
        }
        let mut moved = Vec::new();
        for precondition in &stored.plan.preconditions {
            moved.extend(self.performer.moved(precondition)?);
        }
        if moved.is_empty() { Ok(()) } else { Err(stale(moved.join("; "))) }
    }

    fn steps(&self, plan: &Plan, journal: &mut Journal) -> Result<(), Failure> {
        while let Some((id, state)) = journal.run.current() {
            if self.interrupted.load(Ordering::SeqCst) {
                journal.append(What::Interrupted)?;
                return Err(Failure::new(Exit::Interrupted, "interrupted"));
            }
            let step =
                plan.step(id).ok_or_else(|| Failure::new(Exit::Failed, format!("the plan has no step `{id}`")))?;
            let tried = *state != StepState::Pending;
            self.watch.step(journal.run.done() + 1, plan.steps.len(), step);
            self.step(step, tried, journal)?;
        }
        Ok(())
    }

    /// One step. What an earlier attempt may have done is looked at first, effect by effect.
    fn step(&self, step: &Step, tried: bool, journal: &mut Journal) -> Result<(), Failure> {
        let mut receipts: Vec<Option<Receipt>> = vec![None; step.actions.len()];
        if tried {
            for (action, receipt) in step.actions.iter().zip(&mut receipts) {
                *receipt = self.performer.probe(action)?;
            }
        }
        journal.append(What::Intent { step: step.id.clone() })?;
        for (index, action) in step.actions.iter().enumerate() {
            self.watch.moment(step, index, Moment::AfterIntent);
            if receipts[index].is_none() {
                receipts[index] =
                    Some(self.effect(step, index, action).map_err(|trouble| self.failed(step, trouble, journal))?);
                self.watch.moment(step, index, Moment::AfterEffect);
            }
        }
        journal.append(What::Receipt { step: step.id.clone(), receipts: receipts.into_iter().flatten().collect() })?;
        (0..step.actions.len()).for_each(|index| self.watch.moment(step, index, Moment::AfterReceipt));
        Ok(())
    }

    /// One effect. If its answer is lost, the thing itself is asked once.
    fn effect(&self, step: &Step, index: usize, action: &Action) -> Result<Receipt, Trouble> {
        let mut progress = |done| {
            self.watch.bytes(step, index, done);
            self.watch.moment(step, index, Moment::MidTransfer);
        };
        match self.performer.perform(action, &mut progress) {
            Err(Trouble::Unknown(lost)) => match self.performer.probe(action) {
                Ok(Some(receipt)) => Ok(receipt),
                Ok(None) => Err(Trouble::Transient(format!("{lost}; nothing was changed"))),
                Err(_) => Err(Trouble::Unknown(lost)),
            },
            other => other,
        }
    }

    /// Writes a definite failure into the journal. One whose outcome is unknown stays an intent.
    fn failed(&self, step: &Step, trouble: Trouble, journal: &mut Journal) -> Failure {
        let written = match &trouble {
            Trouble::Unknown(_) => Ok(()),
            definite => journal.append(What::Failed { step: step.id.clone(), reason: definite.to_string() }),
        };
        match written {
            Ok(()) => trouble.into(),
            Err(failure) => failure,
        }
    }
}

/// Says what has been done, what has not, and how to go on.
fn so_far(mut failure: Failure, stored: &Stored, journal: &Journal) -> Failure {
    for (id, state) in &journal.run.steps {
        let title = stored.plan.step(id).map_or("", |step| step.title.as_str());
        failure.so_far.push(match state {
            StepState::Done(_) => format!("done      {title}"),
            StepState::Failed(_) => format!("refused   {title}"),
            StepState::Unknown => format!("unknown   {title}"),
            StepState::Pending => format!("not done  {title}"),
        });
    }
    let digest = stored.digest.short();
    failure.next.get_or_insert_with(|| match failure.exit {
        Exit::Conflict | Exit::Failed => {
            let command = &stored.plan.command;
            format!(
                "remove the cause and: trackside resume {digest}; or: trackside withdraw {digest} --reason REASON, \
                 and a new plan: trackside {command}"
            )
        }
        _ => format!("trackside resume {digest}"),
    });
    failure
}
