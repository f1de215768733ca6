//! `trackside cut`: see the planner of the same name for what is decided.

use trackside_domain::plan::Command;
use trackside_domain::plan::cut::{Request, decide};
use trackside_effects::observe::{self, CutRequest};

use crate::carry_out::{Asked, carry_out};
use crate::cli::Cut;
use crate::environment::{GIT_BRANCH_TO_CUT_FROM, RELEASE_VERSION};
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::{Session, today};

pub(super) fn run(session: &Session, args: Cut) -> Result<Reply, Failure> {
    let Cut { line, only, from, release_version, apply } = args;
    let from = match (from, session.environment.get(GIT_BRANCH_TO_CUT_FROM)) {
        (Some(from), _) => Some(from),
        (None, Some(text)) => {
            Some(text.parse().map_err(|error| Failure::usage(format!("{GIT_BRANCH_TO_CUT_FROM}: {error}")))?)
        }
        (None, None) => None,
    };
    let release_version = release_version.or_else(|| session.environment.get(RELEASE_VERSION).map(str::to_owned));
    check_version(line, release_version.as_deref())?;
    check_selection(&session.project, only.as_deref())?;
    let asked = Asked::from(Command::Cut { line, only: only.clone() })
        .with("--from", from.as_ref().map(ToString::to_string))
        .with("--release-version", release_version.clone());
    let request = Request { line, only, from, release_version, today: today() };
    carry_out(session, apply, asked, || {
        let environment = session.generator_environment();
        let asked = CutRequest { project: &session.project, request: &request, environment: &environment };
        let world = observe::cut(&session.performer.caches, asked);
        Ok(decide(&session.project, &request, &world))
    })
}

/// A version given by hand must be one of the line: `1.11` and `1.11.0` both name line 1.11.
fn check_version(line: trackside_domain::version::Line, version: Option<&str>) -> Result<(), Failure> {
    let Some(text) = version else { return Ok(()) };
    let named =
        text.parse().or_else(|_| text.parse::<trackside_domain::version::Release>().map(|release| release.line));
    match named {
        Ok(named) if named == line => Ok(()),
        Ok(_) => Err(Failure::usage(format!("the release version {text} is not of line {line}"))),
        Err(error) => Err(Failure::usage(format!("the release version: {error}"))),
    }
}

/// A selection that names nothing of the project is a mistake on the command line.
fn check_selection(project: &trackside_domain::project::Project, only: Option<&str>) -> Result<(), Failure> {
    let waves = project.waves.iter().map(trackside_domain::name::WaveName::as_str);
    let names: Vec<&str> =
        project.repositories.keys().map(trackside_domain::name::RepositoryName::as_str).chain(waves).collect();
    match only.filter(|only| !names.contains(only)) {
        Some(only) => {
            Err(Failure::usage(format!("there is no repository or wave `{only}`; there are {}", names.join(", "))))
        }
        None => Ok(()),
    }
}
