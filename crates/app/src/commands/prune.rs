//! `trackside prune`: see the planner of the same name for what is decided.

use trackside_domain::plan::Command;
use trackside_domain::plan::prune::{Request, decide};
use trackside_effects::observe;

use crate::carry_out::carry_out;
use crate::cli::Prune;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &Prune) -> Result<Reply, Failure> {
    let Prune { older_than: days, keep, backup, apply } = *args;
    let request = Request { days, keep, backup };
    carry_out(session, apply, Command::Prune { days, keep, backup }, || {
        let now = jiff::Timestamp::now().as_second();
        let world = observe::prune(&session.performer.stores, &session.project, request, now)?;
        Ok(decide(&session.project, request, &world))
    })
}
