//! `trackside rehearse`: a whole release on a throw-away world.

use crate::cli::{Global, Rehearse};
use crate::environment::Environment;
use crate::error::Failure;
use crate::reply::{Output, Reply};

pub(super) fn run(
    global: &Global,
    environment: &Environment,
    output: Output,
    args: &Rehearse,
) -> Result<Reply, Failure> {
    crate::rehearse::run(global, environment, output, args)
}
