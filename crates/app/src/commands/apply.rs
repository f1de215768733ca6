//! `trackside apply`: performs exactly the stored plan.

use serde_json::json;
use trackside_domain::journal::Outcome;
use trackside_domain::say;

use crate::carry_out::{detail, perform};
use crate::cli::ApplyPlan;
use crate::drive::Made;
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &ApplyPlan) -> Result<Reply, Failure> {
    let stored = session.state.find(&args.digest)?;
    let short = stored.digest.short();
    match stored.run.as_ref().and_then(|run| run.outcome.as_ref()) {
        Some(Outcome::Done) => {
            let json = json!({ "digest": stored.digest, "state": "done" });
            return Ok(Reply::new("nothing", format!("nothing to do\n  run {short} is done"), json));
        }
        Some(Outcome::Withdrawn { reason }) => {
            return Err(Failure::new(Exit::Blocked, format!("run {short} was withdrawn: {reason}"))
                .next(format!("make a new plan: {}", stored.plan.asked())));
        }
        None => {}
    }
    session.output.say(say::plan(&stored.plan, &stored.digest, detail(session)).trim_end());
    perform(session, &stored, Made::Before)?;
    Ok(Reply::new("run", format!("done: run {short}"), json!({ "digest": stored.digest, "state": "done" })))
}
