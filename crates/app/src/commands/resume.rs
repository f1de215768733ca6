//! `trackside resume`: goes on with a run, if need be with somebody else's.

use serde_json::json;

use crate::carry_out::perform;
use crate::cli::Resume;
use crate::drive::Made;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;
use crate::state::Stored;

pub(super) fn run(session: &Session, args: &Resume) -> Result<Reply, Failure> {
    let stored = match &args.digest {
        Some(digest) => session.state.find(digest)?,
        None => only_open(session)?,
    };
    let short = stored.digest.short();
    if stored.run.as_ref().is_some_and(|run| run.outcome.is_some()) {
        let json = json!({ "digest": stored.digest, "state": "closed" });
        return Ok(Reply::new("nothing", format!("nothing to do\n  run {short} is closed"), json));
    }
    let held = session.state.open_run(stored.plan.command.scope())?;
    if stored.run.is_none() && held.is_none_or(|open| open.digest != stored.digest) {
        return Err(Failure::usage(format!("run {short} was never started")).next(format!("trackside apply {short}")));
    }
    if let Some(reason) = &args.take_over {
        session.state.take_over(&stored, reason)?;
    }
    perform(session, &session.state.load(stored.digest)?, Made::Before)?;
    Ok(Reply::new("run", format!("done: run {short}"), json!({ "digest": stored.digest, "state": "done" })))
}

fn only_open(session: &Session) -> Result<Stored, Failure> {
    let all = session.state.all()?;
    let mut open: Vec<Stored> =
        all.into_iter().filter(|stored| stored.run.as_ref().is_some_and(|run| run.outcome.is_none())).collect();
    match (open.pop(), open.len()) {
        (None, _) => Err(Failure::usage("no run is open").next("trackside runs")),
        (Some(one), 0) => Ok(one),
        (Some(_), more) => Err(Failure::usage(format!("{} runs are open", more + 1)).next("name one: trackside runs")),
    }
}
