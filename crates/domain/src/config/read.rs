//! Reading TOML into plain tables, with all problems of a file in one pass.
//!
//! serde stops at its first error, so the tables are read from the parser's spanned document. One
//! macro makes a table's struct, its reader and its JSON schema, so that they cannot disagree.

mod form;
mod source;
mod table;
mod values;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) use self::source::{MAX_BYTES, Source, Span, WHOLE};
pub(super) use self::table::{table, words};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

/// A table whose keys are names that the user gives.
#[derive(Debug, Clone)]
pub(super) struct Entries<T> {
    pub(super) list: Vec<(Located<String>, T)>,
    pub(super) span: Span,
}

/// A list of tables, without those in which there was a problem.
#[derive(Debug, Clone)]
pub(super) struct Tables<T> {
    pub(super) list: Vec<Located<T>>,
    /// Whether none was left out.
    pub(super) complete: bool,
}

/// One value, or a list of them.
#[derive(Debug, Clone)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

/// What can be read from a TOML value. `None` means that a problem has been noted.
pub(super) trait FromToml: Sized {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self>;

    /// What stands for a key that is not there; `None` if it must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// What stands for a value that could not be read, so that what is around it is still checked;
    /// `None` if nothing can.
    fn broken() -> Option<Self> {
        None
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
        Some(value) => T::from_toml(key, value, source).or_else(T::broken),
        None => T::absent().or_else(|| {
            source.report(span, format_args!("{title} needs `{key}`"));
            T::broken()
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
