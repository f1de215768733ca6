//! `trackside init`: writes a commented configuration, and never over a file that is there.

use std::io::Write as _;

use serde_json::json;
use trackside_domain::config::template;

use crate::cli::{Init, Template};
use crate::error::{Exit, Failure};
use crate::reply::Reply;

pub(super) fn run(args: &Init) -> Result<Reply, Failure> {
    let template = match args.template {
        Template::Small => template::Template::Small,
        Template::Pytorch => template::Template::Pytorch,
    };
    let files = template.files();
    for (name, _) in files {
        if args.dir.join(name).exists() {
            return Err(Failure::usage(format!("{} exists; init writes over nothing", args.dir.join(name).display())));
        }
    }
    let mut human = String::new();
    for (name, text) in files {
        let path = args.dir.join(name);
        let failed = |error: std::io::Error| Failure::new(Exit::Failed, format!("{}: {error}", path.display()));
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        human.push_str(&format!("wrote {}\n", path.display()));
    }
    human.push_str("next: mend it to your project, then: trackside check\n");
    Ok(Reply::new("init", human, json!({ "files": files.map(|(name, _)| name) })))
}
