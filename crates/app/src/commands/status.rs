//! `trackside status`: where everything is, what blocks, and the next command.

use serde_json::json;
use trackside_domain::manifest::Channel;
use trackside_domain::plan::Scope;
use trackside_domain::plan::cut::Request;
use trackside_domain::status::status;
use trackside_domain::version::Line;
use trackside_effects::observe;

use crate::cli::Status;
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::{Session, today};

pub(super) fn run(session: &Session, args: &Status) -> Result<Reply, Failure> {
    let lines: Vec<Line> = match args.line {
        Some(line) if session.project.lines.contains_key(&line) => vec![line],
        Some(line) => return Err(Failure::usage(format!("there is no line file for {line}"))),
        None => session.project.lines.keys().copied().collect(),
    };
    let mut human = String::new();
    let mut all = Vec::new();
    for line in lines {
        let mut open = session.state.open_run(Scope::Line(line))?;
        for channel in [Channel::Stable, Channel::Test] {
            open = open.map_or_else(|| session.state.open_run(Scope::Channel(channel)), |open| Ok(Some(open)))?;
        }
        let open = open.map(|open| (open.digest.short(), open.plan.command.to_string()));
        let world = observe::status(&session.project, &session.performer, line, open);
        let request = Request { line, only: None, from: None, release_version: None, today: today() };
        let status = status(&session.project, &request, &world);
        human.push_str(&status.text());
        all.push(status);
    }
    Ok(Reply::new("status", human, json!(all)))
}
