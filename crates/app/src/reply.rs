//! Answers: to stdout for people or as one JSON document; talk goes to stderr.

use owo_colors::OwoColorize as _;
use serde_json::{Value, json};

use crate::cli::{Color, Format, Global};
use crate::error::{Exit, Failure};

/// The version of all JSON answers. A change that a reader could trip over raises it.
pub const SCHEMA: u32 = 1;

/// What a command answers.
#[derive(Debug)]
pub struct Reply {
    /// The kind of the JSON document, such as `plan`.
    pub kind: &'static str,
    /// For people, without colours.
    pub human: String,
    /// The same for programs.
    pub json: Value,
    /// How the command ends: an answer may say that something is wrong.
    pub exit: Exit,
}

impl Reply {
    /// An answer.
    pub fn new(kind: &'static str, human: impl Into<String>, json: Value) -> Self {
        Self { kind, human: human.into(), json, exit: Exit::Done }
    }

    /// The same answer with another end.
    #[must_use]
    pub fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

/// Where answers and talk go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
    quiet: bool,
}

impl Output {
    /// What the global options say. `--color` and `NO_COLOR` take effect for the whole program.
    pub fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self { format: global.format, quiet: global.quiet }
    }

    /// Documents, for a command line that could not be read.
    pub const fn json() -> Self {
        Self { format: Format::Json, quiet: false }
    }

    /// Prints the answer; says whether it could be printed. A reader that has gone away is no failure.
    pub fn answer(self, reply: &Reply) -> bool {
        let text = match self.format {
            Format::Human => reply.human.trim_end().to_owned(),
            Format::Json => document(reply.kind, &reply.json),
        };
        text.is_empty() || written(&mut anstream::stdout().lock(), &text)
    }

    /// Prints a failure: as a document on stdout for programs, as text on stderr for people.
    pub fn failure(self, failure: &Failure) {
        match self.format {
            Format::Human => {
                let text = failure.to_string();
                let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
                write(&mut anstream::stderr().lock(), format!("{}\n{rest}", first.red()).trim_end());
            }
            Format::Json => {
                let value = json!({
                    "exit": failure.exit as i32,
                    "code": failure.exit.to_string(),
                    "message": failure.message,
                    "so_far": failure.so_far,
                    "next": failure.next,
                    "stops": failure.stops,
                });
                write(&mut anstream::stdout().lock(), &document("failure", &value));
            }
        }
    }

    /// Says something on stderr, unless `-q`.
    pub fn say(self, text: &str) {
        if !self.quiet {
            write(&mut anstream::stderr().lock(), text);
        }
    }
}

fn document(kind: &str, value: &Value) -> String {
    let whole = json!({ "schema": format!("trackside.{kind}/{SCHEMA}"), kind: value });
    serde_json::to_string_pretty(&whole).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}

/// Whether a text was written, or there is nobody left to read it: `trackside runs | head` closes the
/// pipe.
fn written(to: &mut impl std::io::Write, text: &str) -> bool {
    match writeln!(to, "{text}").and_then(|()| to.flush()) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::BrokenPipe,
    }
}

/// Writes talk. Talk that cannot be written changes nothing about what was done.
fn write(to: &mut impl std::io::Write, text: &str) {
    let _nobody_listens = written(to, text);
}

/// Turns the result of a command into the exit code of the process.
pub fn conclude(output: Output, result: Result<Reply, Failure>) -> Exit {
    match result {
        Ok(reply) => {
            if output.answer(&reply) {
                return reply.exit;
            }
            output.say("the command is done, but its answer could not be written");
            Exit::Transient
        }
        Err(failure) => {
            output.failure(&failure);
            failure.exit
        }
    }
}
