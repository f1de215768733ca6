//! `trackside artifact`: files by themselves, outside any release and any store; read-only.

mod codes;
mod derive;
mod files;
mod inspect;
mod text;
mod verify;

use crate::cli::{Artifact, Global};
use crate::error::Failure;
use crate::reply::{Output, Reply};

pub(super) fn run(global: &Global, output: Output, what: &Artifact) -> Result<Reply, Failure> {
    match what {
        Artifact::Inspect(args) => inspect::run(global, output, args),
        Artifact::Verify(args) => verify::run(global, output, args),
        Artifact::Derive(args) => derive::run(global, args),
        Artifact::Codes => Ok(codes::run()),
    }
}
