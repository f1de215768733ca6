//! `trackside withdraw`: nobody will go on with the run. What it has done stays and is named.

use serde_json::json;
use trackside_domain::journal::{Outcome, StepState};
use trackside_domain::plan::Phase;

use crate::cli::Withdraw;
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::session::Session;
use crate::state::Stored;

pub(super) fn run(session: &Session, args: &Withdraw) -> Result<Reply, Failure> {
    let stored = session.state.find(&args.digest)?;
    let short = stored.digest.short();
    let open = session.state.open_run(stored.plan.command.scope())?;
    let holds_line = open.is_some_and(|open| open.digest == stored.digest);
    let Some(run) = stored.run.as_ref() else {
        // A process can die between taking the line and opening its run.
        if holds_line {
            return close(session, &stored, args);
        }
        return Err(Failure::usage(format!("run {short} was never started, so there is nothing to withdraw")));
    };
    if run.outcome.is_some() {
        return Ok(Reply::new(
            "nothing",
            format!("nothing to do\n  run {short} is closed"),
            json!({ "digest": stored.digest }),
        ));
    }
    // From the switch on the public sees a part of the plan: then it is finished, not given up,
    // unless a step was refused for good. Then a new plan, made from what is there, finishes it.
    let touched = run.steps.iter().filter(|(_, state)| !matches!(state, StepState::Pending));
    let phases = touched.filter_map(|(id, _)| stored.plan.step(id)).map(|step| step.phase);
    let refused = matches!(run.current(), Some((_, StepState::Failed(_))));
    if !refused && phases.max().is_some_and(|phase| phase >= Phase::Map) {
        return Err(Failure::new(Exit::Blocked, format!("run {short} has begun to switch what the public sees"))
            .next(format!("finish it: trackside resume {short}")));
    }
    close(session, &stored, args)
}

fn close(session: &Session, stored: &Stored, args: &Withdraw) -> Result<Reply, Failure> {
    let short = stored.digest.short();
    let mut journal = session.state.begin(stored, || Ok(()))?;
    journal.close(Outcome::Withdrawn { reason: args.reason.clone() })?;
    session.state.release(stored.plan.command.scope(), stored.digest)?;
    let of = |is: fn(&StepState) -> bool| -> Vec<&str> {
        let ids = journal.run.steps.iter().filter(|(_, state)| is(state)).map(|(id, _)| id);
        ids.filter_map(|id| stored.plan.step(id)).map(|step| step.title.as_str()).collect()
    };
    let stays = of(|state| matches!(state, StepState::Done(_)));
    // Some of its effects may have happened, or none.
    let in_part = of(|state| matches!(state, StepState::Failed(_) | StepState::Unknown));
    let mut human = format!("withdrawn: run {short}\n");
    stays.iter().for_each(|title| human.push_str(&format!("  stays: {title}\n")));
    in_part.iter().for_each(|title| human.push_str(&format!("  stays, as far as it was done: {title}\n")));
    human.push_str(&format!("  next: a new plan goes on from here: {}\n", stored.plan.asked()));
    Ok(Reply::new(
        "run",
        human,
        json!({ "digest": stored.digest, "state": "withdrawn", "stays": stays, "in-part": in_part }),
    ))
}
