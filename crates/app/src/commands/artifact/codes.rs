//! `trackside artifact codes`: everything that can be found, as `docs/artifact-codes.md` has it.

use serde_json::{Value, json};
use trackside_domain::finding::{Code, Level, Policy, Profile};

use crate::reply::Reply;

const PROFILES: [Profile; 3] = [Profile::Channel, Profile::Pypi, Profile::Strict];

pub(super) fn run() -> Reply {
    let codes: Vec<Value> = Code::ALL.iter().map(|code| document(*code)).collect();
    Reply::new("artifact-codes", table(), json!(codes))
}

fn document(code: Code) -> Value {
    let [channel, pypi, strict] = severities(code);
    json!({
        "code": code, "channel": channel, "pypi": pypi, "strict": strict, "fixed": is_fixed(code),
        "source": code.source(), "meaning": code.meaning(),
    })
}

/// A table in Markdown that is as easy to read without it.
fn table() -> String {
    let head = ["code", "channel", "pypi", "strict", "source", "meaning"].map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(Code::ALL.iter().map(|code| row(*code))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |cells: &[String; 6]| {
        let cells: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = widths.map(|width| "-".repeat(width));
    let mut text = line(&rows[0]) + &line(&rule);
    text.extend(rows[1..].iter().map(line));
    text
}

fn row(code: Code) -> [String; 6] {
    let [channel, pypi, strict] =
        severities(code).map(|severity| if is_fixed(code) { "error, fixed".to_owned() } else { severity });
    let clean = |text: &str| text.replace('|', "\\|");
    [format!("`{code}`"), channel, pypi, strict, clean(code.source()), clean(code.meaning())]
}

fn severities(code: Code) -> [String; 3] {
    PROFILES.map(|profile| Policy::of(profile).severity(code).to_string())
}

fn is_fixed(code: Code) -> bool {
    code.level() == Level::Fixed
}
