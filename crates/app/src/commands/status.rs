//! `trackside status`: where everything is, what blocks, and the next command.

use crate::cli::Status;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(_session: &Session, _args: &Status) -> Result<Reply, Failure> {
    Err(Failure::usage("not written yet"))
}
