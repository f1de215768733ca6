//! Values with a form of their own: days and sizes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::DeValue;

use crate::config::read::{FromToml, Source, Span};
use crate::size::ByteSize;

/// A day, `2026-10-28`, with or without quotes.
#[derive(Debug, Clone)]
pub(in crate::config) struct Date(pub(in crate::config) String);

impl FromToml for Date {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            _ => String::from_toml(key, value, source)?,
        };
        let day = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        if !day {
            let span: Span = value.span();
            source.report(&span, format_args!("`{}` is no day; write it as 2026-10-28", text.escape_debug()));
        }
        day.then_some(Self(text))
    }
}

impl JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

/// A size: a number of bytes, or a text with a unit.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Size(pub(in crate::config) ByteSize);

impl FromToml for Size {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let text = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            _ => String::from_toml(key, value, source)?,
        };
        let size = text.parse::<ByteSize>().map_err(|error| error.to_string());
        let size = size.and_then(|size| if size.0 == 0 { Err(format!("`{key}` must not be zero")) } else { Ok(size) });
        size.map(Self).map_err(|reason| source.report(&value.span(), reason)).ok()
    }
}

impl JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string"] })
    }
}
