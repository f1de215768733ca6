//! One file that is being read: its text, its places, and what was found in it.

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{FromToml, Located};
use crate::config::problem::{Problem, nearest};

/// The longest file in bytes. A real train needs some 20 kB.
pub(in crate::config) const MAX_BYTES: usize = 1 << 20;

/// Problems of one file that are kept; a broken file must not fill the screen or the memory.
const MAX_PROBLEMS: usize = 100;

/// One file that is being read, and what was found in it.
#[derive(Debug)]
pub(in crate::config) struct Source<'a> {
    pub(in crate::config) file: &'a str,
    pub(in crate::config) text: &'a str,
    line_starts: Vec<usize>,
    pub(in crate::config) problems: Vec<Problem>,
    pub(in crate::config) more: usize,
}

/// A place in a file, in bytes.
pub(in crate::config) type Span = Range<usize>;

/// The file as a whole.
pub(in crate::config) const WHOLE: Span = usize::MAX..usize::MAX;

/// The place of a value that could not be read. That has been noted, and the value that stands in
/// for it is no reason to note anything else.
pub(super) const BROKEN: Span = usize::MAX - 1..usize::MAX - 1;

impl<'a> Source<'a> {
    pub(in crate::config) fn new(file: &'a str, text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { file, text, line_starts, problems: Vec::new(), more: 0 }
    }

    /// Notes a problem.
    pub(in crate::config) fn report(&mut self, span: &Span, what: impl Display) {
        self.push(span, what.to_string(), Vec::new(), None);
    }

    /// Notes a name that is not known, with all that are.
    pub(in crate::config) fn report_unknown(&mut self, span: &Span, what: impl Display, text: &str, known: &[&str]) {
        let near = nearest(text, known.iter().copied()).map(str::to_owned);
        self.push(span, what.to_string(), known.iter().map(|one| (*one).to_owned()).collect(), near);
    }

    /// Notes a name that is not known among so many that only a command can list them.
    pub(in crate::config) fn report_one_unknown(
        &mut self,
        span: &Span,
        what: impl Display,
        text: &str,
        (known, listed_by): (&[&str], &str),
    ) {
        match nearest(text, known.iter().copied()) {
            Some(near) => self.push(span, what.to_string(), Vec::new(), Some(near.to_owned())),
            None => self.push(span, format!("{what}; {listed_by} lists them"), Vec::new(), None),
        }
    }

    fn push(&mut self, span: &Span, what: String, allowed: Vec<String>, nearest: Option<String>) {
        if *span == BROKEN {
            return;
        }
        if self.problems.len() >= MAX_PROBLEMS {
            self.more += 1;
            return;
        }
        let (line, column) = self.place(span.start);
        self.problems.push(Problem { file: self.file.to_owned(), line, column, what, allowed, nearest });
    }

    fn place(&self, at: usize) -> (usize, usize) {
        if at > self.text.len() {
            return (0, 0);
        }
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..at).unwrap_or_default().trim_start_matches('\u{feff}');
        (line, before.chars().count() + 1)
    }

    /// How many problems there are by now.
    pub(super) fn found(&self) -> usize {
        self.problems.len() + self.more
    }

    /// Reads a text that must be of a stricter type.
    pub(in crate::config) fn parse<T: FromStr<Err: Display>>(&mut self, text: &Located<String>) -> Option<T> {
        let parsed = text.value.parse();
        parsed.map_err(|error| self.report(&text.span, error)).ok()
    }

    /// Reads the whole file.
    pub(in crate::config) fn read<T: FromToml>(&mut self) -> Option<T> {
        if self.text.len() > MAX_BYTES {
            self.report(&WHOLE, format_args!("it has {} bytes; at most {MAX_BYTES} are read", self.text.len()));
            return None;
        }
        let (document, mut errors) = DeTable::parse_recoverable(self.text);
        let place = |error: &toml::de::Error| error.span().unwrap_or(0..0);
        errors.sort_by_key(|error| place(error).start);
        for error in &errors {
            let span = place(error);
            // What follows on the same line is most often a consequence.
            if self.problems.last().is_none_or(|last| last.line != self.place(span.start).0) {
                let what = error.message().replace('\n', "; ");
                let at_key = self.text.get(span.clone()).filter(|_| what == "duplicate key");
                match at_key {
                    Some(key) => self.report(&span, format_args!("duplicate key `{}`", key.escape_debug())),
                    None => self.report(&span, what),
                }
            }
        }
        if !errors.is_empty() {
            return None;
        }
        let value = Spanned::new(0..0, DeValue::Table(document.into_inner()));
        T::from_toml("the file", &value, self)
    }

    pub(super) fn wrong_type(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        let written = self.text.get(span.clone()).unwrap_or_default();
        let scalar = !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_) | DeValue::String(_));
        if wanted == "a string" && scalar {
            // `2.10` without quotes is the number 2.1: the text is asked for, never repaired.
            self.report(&span, format_args!("`{key}` must be a string: write \"{written}\", not {written}"));
        } else {
            let found = type_name(value.get_ref());
            self.report(&span, format_args!("`{key}` must be {wanted}, not {found}"));
        }
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
