//! `trackside man`: the manual page.

use clap::CommandFactory as _;
use serde_json::json;

use crate::cli::Cli;
use crate::error::{Exit, Failure};
use crate::reply::Reply;

pub(super) fn run() -> Result<Reply, Failure> {
    let mut text = Vec::new();
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, error.to_string());
    clap_mangen::Man::new(Cli::command()).render(&mut text).map_err(|error| failed(&error))?;
    let text = String::from_utf8(text).map_err(|error| failed(&error))?;
    Ok(Reply::new("man", text.clone(), json!(text)))
}
