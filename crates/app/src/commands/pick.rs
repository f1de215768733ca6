//! `trackside pick land`: see the planner of the same name for what is decided.

use trackside_domain::name::RepositoryName;
use trackside_domain::plan::Command;
use trackside_domain::plan::pick::{Request, decide};
use trackside_effects::observe;

use crate::carry_out::carry_out;
use crate::cli::PickLand;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn land(session: &Session, args: PickLand) -> Result<Reply, Failure> {
    let PickLand { commits, onto: line, repository, apply } = args;
    let repository = match repository {
        Some(name) if session.project.repositories.contains_key(&name) => name,
        Some(name) => return Err(Failure::usage(format!("there is no repository `{name}`"))),
        None => the_one_with(session, &commits)?,
    };
    let command = Command::PickLand { line, repository: repository.clone(), commits: commits.clone() };
    let request = Request { line, repository, commits };
    carry_out(session, apply, command, || {
        let world = observe::pick(&session.project, &session.performer.caches, &request)?;
        Ok(decide(&session.project, &request, &world))
    })
}

/// The repository whose default branch has these commits.
fn the_one_with(session: &Session, commits: &[trackside_domain::git::ObjectId]) -> Result<RepositoryName, Failure> {
    let found = observe::repositories_with(&session.project, &session.performer.caches, commits)?;
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::usage("no repository of the train has these commits on its default branch")
            .next("name it with --repository")),
        several => {
            let names: Vec<&str> = several.iter().map(RepositoryName::as_str).collect();
            Err(Failure::usage(format!("{} have these commits", names.join(" and ")))
                .next("name one with --repository"))
        }
    }
}
