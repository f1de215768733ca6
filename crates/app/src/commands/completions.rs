//! `trackside completions`: for bash, zsh, fish and others.

use clap::CommandFactory as _;
use serde_json::json;

use crate::cli::{Cli, Completions};
use crate::error::{Exit, Failure};
use crate::reply::Reply;

pub(super) fn run(args: &Completions) -> Result<Reply, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "trackside", &mut text);
    let text = String::from_utf8(text).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    Ok(Reply::new("completions", text.clone(), json!(text)))
}
