//! Reading TOML into plain tables, with all problems of a file in one pass.
//!
//! serde stops at its first error, so the tables are read from the parser's spanned document. One
//! macro makes a table's struct, its reader and its JSON schema, so that they cannot disagree.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, nearest};

/// The longest file in bytes. A real train needs some 20 kB.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Problems of one file that are kept; a broken file must not fill the screen or the memory.
const MAX_PROBLEMS: usize = 100;

/// One file that is being read, and what was found in it.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    line_starts: Vec<usize>,
    pub(super) problems: Vec<Problem>,
    pub(super) more: usize,
}

/// A place in a file, in bytes.
pub(super) type Span = Range<usize>;

/// The file as a whole.
pub(super) const WHOLE: Span = usize::MAX..usize::MAX;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

/// A table whose keys are names that the user gives.
#[derive(Debug, Clone)]
pub(super) struct Entries<T>(pub(super) Vec<(Located<String>, T)>);

/// One value, or a list of them.
#[derive(Debug, Clone)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { file, text, line_starts, problems: Vec::new(), more: 0 }
    }

    /// Notes a problem.
    pub(super) fn report(&mut self, span: &Span, what: impl Display) {
        self.push(span, what.to_string(), Vec::new(), None);
    }

    /// Notes a name that is not known, with all that are.
    pub(super) fn report_unknown(&mut self, span: &Span, what: impl Display, text: &str, known: &[&str]) {
        let near = nearest(text, known.iter().copied()).map(str::to_owned);
        self.push(span, what.to_string(), known.iter().map(|one| (*one).to_owned()).collect(), near);
    }

    fn push(&mut self, span: &Span, what: String, allowed: Vec<String>, nearest: Option<String>) {
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

    /// Reads a text that must be of a stricter type.
    pub(super) fn parse<T: FromStr<Err: Display>>(&mut self, text: &Located<String>) -> Option<T> {
        let parsed = text.value.parse();
        parsed.map_err(|error| self.report(&text.span, error)).ok()
    }

    /// Reads the whole file.
    pub(super) fn read<T: FromToml>(&mut self) -> Option<T> {
        if self.text.len() > MAX_BYTES {
            self.report(&WHOLE, format_args!("it has {} bytes; at most {MAX_BYTES} are read", self.text.len()));
            return None;
        }
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            // What follows on the same line is most often a consequence.
            if self.problems.last().is_none_or(|last| last.line != self.place(span.start).0) {
                self.report(&span, error.message().replace('\n', "; "));
            }
        }
        if !errors.is_empty() {
            return None;
        }
        let value = Spanned::new(0..0, DeValue::Table(document.into_inner()));
        T::from_toml("the file", &value, self)
    }

    fn wrong_type(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
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

/// What can be read from a TOML value. `None` means that a problem has been noted.
pub(super) trait FromToml: Sized {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self>;

    /// What stands for a key that is not there; `None` if it must be there.
    fn absent() -> Option<Self> {
        None
    }
}

impl FromToml for String {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.clone().into_owned());
        }
        source.wrong_type(key, "a string", value);
        None
    }
}

impl FromToml for bool {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(*value);
        }
        source.wrong_type(key, "`true` or `false`", value);
        None
    }
}

impl FromToml for u32 {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        if let DeValue::Integer(number) = value.get_ref() {
            let parsed = Self::from_str_radix(number.as_str(), number.radix());
            return parsed.map_err(|_| source.report(&value.span(), format_args!("`{key}` is out of range"))).ok();
        }
        source.wrong_type(key, "an integer", value);
        None
    }
}

impl<T: FromToml> FromToml for Option<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        T::from_toml(key, value, source).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromToml> FromToml for Located<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        T::from_toml(key, value, source).map(|read| Self { value: read, span: value.span() })
    }
}

impl<T: FromToml> FromToml for Vec<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let DeValue::Array(list) = value.get_ref() else {
            source.wrong_type(key, "a list", value);
            return None;
        };
        // Every element is read, so that every problem is found.
        let read: Vec<_> = list.iter().map(|element| T::from_toml(key, element, source)).collect();
        read.into_iter().collect()
    }
}

impl<T: FromToml> FromToml for OneOrMany<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Array(_) => Vec::from_toml(key, value, source).map(Self),
            _ => T::from_toml(key, value, source).map(|one| Self(vec![one])),
        }
    }
}

impl<T: FromToml> FromToml for Entries<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let table = table_of(key, value, source)?;
        let mut read = Vec::new();
        let mut complete = true;
        for (name, entry) in table {
            match T::from_toml(name.get_ref(), entry, source) {
                Some(entry) => {
                    read.push((Located { value: name.get_ref().clone().into_owned(), span: name.span() }, entry));
                }
                None => complete = false,
            }
        }
        complete.then_some(Self(read))
    }
}

/// The value as a table.
pub(super) fn table_of<'v, 'i>(
    key: &str,
    value: &'v Spanned<DeValue<'i>>,
    source: &mut Source<'_>,
) -> Option<&'v DeTable<'i>> {
    if let DeValue::Table(table) = value.get_ref() {
        return Some(table);
    }
    source.wrong_type(key, "a table", value);
    None
}

/// Reads one key of a table; notes it if it is missing.
pub(super) fn field<T: FromToml>(
    (table, span): (&DeTable<'_>, &Span),
    (title, key): (&str, &str),
    source: &mut Source<'_>,
) -> Option<T> {
    match table.get(key) {
        Some(value) => T::from_toml(key, value, source),
        None => T::absent().or_else(|| {
            source.report(span, format_args!("{title} needs `{key}`"));
            None
        }),
    }
}

/// Notes every key of a table that does not belong there.
pub(super) fn refuse_unknown(table: &DeTable<'_>, title: &str, known: &[&str], source: &mut Source<'_>) {
    for (key, _) in table {
        let text = key.get_ref();
        if !known.contains(&text.as_ref()) {
            let what = format_args!("unknown key `{}` in {title}", text.escape_debug());
            source.report_unknown(&key.span(), what, text, known);
        }
    }
}

/// Makes a table: its struct, its reader and its JSON schema.
macro_rules! table {
    ($(#[$meta:meta])* $name:ident as $title:literal {
        $($(#[$of_field:meta])* $field:ident: $type:ty = $key:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$of_field])* #[schemars(rename = $key)] pub(super) $field: $type,)*
        }

        impl $crate::config::read::FromToml for $name {
            fn from_toml(
                key: &str,
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                source: &mut $crate::config::read::Source<'_>,
            ) -> Option<Self> {
                use $crate::config::read::{field, refuse_unknown, table_of};
                let table = table_of(key, value, source)?;
                refuse_unknown(table, $title, &[$($key),*], source);
                // All fields are read before any is missed, so that every problem is found.
                $(let $field = field((table, &value.span()), ($title, $key), source);)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

/// Makes a closed set of words readable.
macro_rules! words {
    ($type:ty { $($word:literal => $value:expr,)* }) => {
        impl $crate::config::read::FromToml for $type {
            fn from_toml(
                key: &str,
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                source: &mut $crate::config::read::Source<'_>,
            ) -> Option<Self> {
                let text = String::from_toml(key, value, source)?;
                match text.as_str() {
                    $($word => Some($value),)*
                    other => {
                        let what = format_args!("`{}` is no `{key}`", other.escape_debug());
                        source.report_unknown(&value.span(), what, other, &[$($word),*]);
                        None
                    }
                }
            }
        }
    };
}

pub(super) use {table, words};

macro_rules! schema_of {
    ($type:ident as $inner:ty) => {
        impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                <$inner>::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                generator.subschema_for::<$inner>()
            }
        }
    };
}

schema_of!(Located as T);
schema_of!(Entries as std::collections::BTreeMap<String, T>);
schema_of!(OneOrMany as EitherForm<T>);

/// The two forms of [`OneOrMany`], for its schema alone.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum EitherForm<T> {
    One(T),
    Many(Vec<T>),
}
