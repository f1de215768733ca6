//! `trackside promote`: see the planner of the same name for what is decided.

use trackside_domain::plan::Command;
use trackside_domain::plan::promote::{Request, decide};
use trackside_effects::observe;

use crate::carry_out::{Asked, carry_out};
use crate::cli::{Promote, ReadBack};
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: Promote) -> Result<Reply, Failure> {
    let Promote { release, candidate, reason, read_back, apply } = args;
    let asked = Asked::from(Command::Promote { release })
        .with("--candidate", candidate.map(|candidate| candidate.to_string()))
        .with("--reason", reason.clone())
        .with("--read-back", (read_back == ReadBack::Sample).then(|| "sample".to_owned()));
    let request = Request { release, older: candidate.zip(reason), reading: read_back.into() };
    carry_out(session, apply, asked, || {
        let mut world = observe::promote(&session.project, &session.performer, &request)?;
        world.stable.at = Some(session.published_at()?);
        Ok(decide(&session.project, &request, &world))
    })
}
