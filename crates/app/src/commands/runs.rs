//! `trackside runs`: every plan and what became of it.

use serde_json::json;
use trackside_domain::journal::{Outcome, StepState};

use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;
use crate::state::{Damaged, Stored};

pub(super) fn run(session: &Session) -> Result<Reply, Failure> {
    let (all, damaged) = session.state.all_and_damaged()?;
    let mut human = String::new();
    let mut rows = Vec::new();
    for stored in &all {
        let (state, done) = (state(stored), stored.run.as_ref().map_or(0, trackside_domain::journal::Run::done));
        let Stored { plan, digest, run } = stored;
        let created = plan.created.strftime("%Y-%m-%d %H:%M UTC").to_string();
        human.push_str(&format!(
            "{}  {created}  {state:9}  {done}/{}  {}\n",
            digest.short(),
            plan.steps.len(),
            plan.command
        ));
        rows.push(json!({
            "digest": digest, "command": plan.command.to_string(), "created": plan.created, "state": state,
            "done": done, "steps": plan.steps.len(), "owner": run.as_ref().map(|run| run.owner.to_string()),
        }));
    }
    for Damaged { digest, why } in &damaged {
        human.push_str(&format!("{}  damaged: {why}\n", digest.short()));
        rows.push(json!({ "digest": digest, "state": "damaged", "why": why }));
    }
    if rows.is_empty() {
        human.push_str("no plans yet\n");
    }
    Ok(Reply::new("runs", human, json!(rows)))
}

/// The state of a plan in one word.
fn state(stored: &Stored) -> &'static str {
    match &stored.run {
        None => "planned",
        Some(run) => match (&run.outcome, run.current()) {
            (Some(Outcome::Done), _) => "done",
            (Some(Outcome::Withdrawn { .. }), _) => "withdrawn",
            (None, Some((_, StepState::Failed(_)))) => "failed",
            (None, _) => "open",
        },
    }
}
