//! `trackside show`: a plan in full, and its run.

use serde_json::json;
use trackside_domain::journal::step_words;
use trackside_domain::say::{self, Detail};

use crate::cli::Show;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &Show) -> Result<Reply, Failure> {
    let stored = session.state.find(&args.digest)?;
    let mut human = say::plan(&stored.plan, &stored.digest, Detail::Full);
    human.extend(stored.run.as_ref().map(|run| say::run(run, &stored.plan)));
    let run = stored.run.as_ref().map(|run| {
        json!({
            "owner": run.owner.to_string(), "generation": run.generation, "opened": run.opened,
            "outcome": run.outcome, "steps": step_words(run),
        })
    });
    Ok(Reply::new("plan", human, json!({ "digest": stored.digest, "plan": stored.plan, "run": run })))
}
