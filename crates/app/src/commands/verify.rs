//! `trackside verify`: see the planner of the same name for what is decided.

use crate::cli::Verify;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(_session: &Session, _args: &Verify) -> Result<Reply, Failure> {
    Err(Failure::usage("not written yet"))
}
