//! `trackside stage`: see the planner of the same name for what is decided.

use trackside_domain::plan::Command;
use trackside_domain::plan::stage::decide;
use trackside_effects::observe;

use crate::carry_out::carry_out;
use crate::cli::Stage;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &Stage) -> Result<Reply, Failure> {
    let Stage { candidate, from, apply } = args;
    if !from.is_dir() {
        return Err(Failure::usage(format!("{} is not a folder", from.display())));
    }
    carry_out(session, *apply, &Command::Stage { candidate: *candidate }, || {
        let world = observe::stage(&session.project, *candidate, from)?;
        Ok(decide(&session.project, *candidate, &world))
    })
}
