//! `trackside promote`: see the planner of the same name for what is decided.

use trackside_domain::plan::Command;
use trackside_domain::plan::promote::{Request, decide};
use trackside_effects::observe;

use crate::carry_out::carry_out;
use crate::cli::Promote;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: Promote) -> Result<Reply, Failure> {
    let Promote { release, candidate, reason, read_back, apply } = args;
    let request = Request { release, older: candidate.zip(reason), reading: read_back.into() };
    carry_out(session, apply, &Command::Promote { release }, || {
        let mut world = observe::promote(&session.project, &session.performer, &request)?;
        world.stable.at = Some(session.published_at()?);
        Ok(decide(&session.project, &request, &world))
    })
}
