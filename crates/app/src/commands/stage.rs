//! `trackside stage`: see the planner of the same name for what is decided.

use std::path::Path;

use trackside_domain::plan::Command;
use trackside_domain::plan::stage::decide;
use trackside_effects::observe::{self, BuiltIn};

use crate::carry_out::{Asked, carry_out};
use crate::cli::Stage;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &Stage) -> Result<Reply, Failure> {
    let Stage { candidate, from, apply } = args;
    let asked = Asked::from(Command::Stage { candidate: *candidate }).with("--from", from.to_str().map(str::to_owned));
    let from = built_in(from)?;
    carry_out(session, *apply, asked, || {
        let mut world = observe::stage(&session.performer.stores, &session.project, *candidate, &from)?;
        world.test.at = Some(session.published_at()?);
        Ok(decide(&session.project, *candidate, &world))
    })
}

/// A folder, or the store that a URL names.
fn built_in(from: &Path) -> Result<BuiltIn, Failure> {
    match from.to_str().filter(|text| text.contains("://")) {
        Some(url) => url.parse().map(BuiltIn::Store).map_err(|error| Failure::usage(format!("--from {url}: {error}"))),
        None if from.is_dir() => Ok(BuiltIn::Folder(from.to_owned())),
        None => Err(Failure::usage(format!("{} is not a folder", from.display()))),
    }
}
