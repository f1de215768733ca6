//! `trackside rehearse`: a whole release on a throw-away world.

use crate::cli::{Global, Rehearse};
use crate::environment::Environment;
use crate::error::Failure;
use crate::reply::{Output, Reply};

pub(super) fn run(
    _global: &Global,
    _environment: &Environment,
    _output: Output,
    _args: &Rehearse,
) -> Result<Reply, Failure> {
    Err(Failure::usage("not written yet"))
}
