//! Tells the story on stdout while it goes on, and keeps it for the JSON document.

use std::io::Write as _;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::actor::Ran;
use crate::cli::{Format, Global};
use crate::reply::Output;

/// Tells what is going on.
pub(super) struct Teller {
    live: bool,
    /// Whether every detail is told.
    pub(super) verbose: bool,
    output: Output,
    steps: Mutex<Vec<Value>>,
}

impl Teller {
    pub(super) fn new(global: &Global, output: Output) -> Self {
        let live = global.format == Format::Human && !global.quiet;
        Self { live, verbose: global.verbose, output, steps: Mutex::new(Vec::new()) }
    }

    /// Says something.
    pub(super) fn say(&self, text: &str) {
        if self.live {
            match writeln!(anstream::stdout().lock(), "{text}") {
                // The reader of a pipe may have gone away: then nobody is left to tell.
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// Says something that is no part of the answer.
    pub(super) fn whisper(&self, text: &str) {
        self.output.say(text);
    }

    /// Begins a chapter.
    pub(super) fn chapter(&self, title: &str) {
        self.say(&format!("== {title}"));
        self.keep(json!({ "chapter": title }));
    }

    /// One command as it is typed, and all that it said.
    pub(super) fn ran(&self, typed: &str, ran: &Ran) {
        // The steps stand in the plan already.
        let progress = |line: &&str| {
            line.strip_prefix('[').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
        };
        let said: String =
            ran.said().lines().filter(|line| !progress(line)).map(|line| format!("     {line}\n")).collect();
        let code = ran.code.filter(|code| *code != 0).map(|code| format!("     exit {code}\n")).unwrap_or_default();
        self.say(&format!("   $ {typed}\n{said}{code}"));
        self.keep(json!({ "command": typed, "exit": ran.code, "stdout": ran.stdout, "stderr": ran.stderr }));
    }

    /// All that was told so far.
    pub(super) fn steps(&self) -> Vec<Value> {
        self.steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn keep(&self, step: Value) {
        self.steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(step);
    }
}
