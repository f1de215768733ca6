//! `trackside check`: the configuration, offline; with `--matrix`, the file names that it expects.

use serde_json::json;
use trackside_domain::matrix::MatrixReport;
use trackside_domain::version::Release;

use crate::cli::{Check, Global};
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::{load, release_repository};

pub(super) fn run(global: &Global, args: &Check) -> Result<Reply, Failure> {
    let project = load(&release_repository(global)?)?;
    let counts = format!(
        "{}: {} repositories, {} packages, {} lines: no problems\n",
        project.name,
        project.repositories.len(),
        project.packages.len(),
        project.lines.len()
    );
    let Some(wanted) = args.matrix else {
        return Ok(Reply::new("check", counts, json!({ "project": project.name, "problems": [] })));
    };
    let all: Vec<Release> = project.lines.values().flat_map(|line| line.releases.keys().copied()).collect();
    let releases = wanted.map_or(all, |release| vec![release]);
    let mut human = counts;
    let mut rows = serde_json::Map::new();
    for release in releases {
        let report = MatrixReport::new(&project, release).map_err(|error| Failure::usage(error.to_string()))?;
        human.push_str(&format!("\n{report}"));
        rows.insert(release.to_string(), json!(report));
    }
    Ok(Reply::new("check", human, json!({ "project": project.name, "problems": [], "matrix": rows })))
}
