//! `trackside candidate`: see the planner of the same name for what is decided.

use trackside_domain::name::PackageName;
use trackside_domain::plan::Command;
use trackside_domain::plan::candidate::{Request, decide};
use trackside_effects::observe;

use crate::carry_out::{Asked, carry_out};
use crate::cli::CandidateArgs;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: CandidateArgs) -> Result<Reply, Failure> {
    let CandidateArgs { release, only, again, apply } = args;
    let project = &session.project;
    if let Some(package) = only.as_ref().filter(|package| !project.packages.contains_key(*package)) {
        let known: Vec<&str> = project.packages.keys().map(PackageName::as_str).collect();
        return Err(Failure::usage(format!("there is no package `{package}`; there are {}", known.join(", "))));
    }
    let asked = Asked::from(Command::Candidate { release, only: only.clone() }).with("--again", again.clone());
    let request = Request { release, only, again };
    carry_out(session, apply, asked, || {
        let world = observe::candidate(project, &session.performer.caches, release);
        let facts = observe::facts(&session.performer.stores, &project.test, release.line)?;
        Ok(decide(project, &request, &world, &facts))
    })
}
