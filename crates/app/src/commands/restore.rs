//! `trackside restore`: see the planner of the same name for what is decided.

use trackside_domain::plan::Command;
use trackside_domain::plan::restore::{Request, decide};
use trackside_domain::store::StoreUrl;
use trackside_effects::observe;

use crate::carry_out::carry_out;
use crate::cli::Restore;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &Restore) -> Result<Reply, Failure> {
    let request = Request { what: args.what, to: store(session, &args.to)? };
    let command = Command::Restore { what: request.what, to: request.to.clone() };
    carry_out(session, args.apply, command, || {
        let world = observe::restore(&session.performer.stores, &session.project, &request)?;
        Ok(decide(&session.project, &request, &world))
    })
}

/// A store by the word for it in the project, or by its URL.
fn store(session: &Session, text: &str) -> Result<StoreUrl, Failure> {
    let project = &session.project;
    let mut known = project.released_stores().chain([("test".to_owned(), &project.test)]);
    match known.find(|(name, _)| name == text) {
        Some((_, store)) => Ok(store.clone()),
        None => text.parse().map_err(|error| Failure::usage(format!("--to {text}: {error}"))),
    }
}
