//! The macros that make a table, or a closed set of words, readable.

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

            fn broken() -> Option<Self> {
                Some(Self { $($field: $crate::config::read::FromToml::broken()?,)* })
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
                let text = match value.get_ref() {
                    toml::de::DeValue::String(text) => text.as_ref(),
                    // Whatever else stands there is shown as it is written.
                    _ => source.text.get(value.span()).unwrap_or_default(),
                };
                match text {
                    $($word if value.get_ref().is_str() => Some($value),)*
                    other => {
                        let what = format!("`{key}` cannot be `{}`", other.escape_debug());
                        source.report_unknown(&value.span(), what, other, &[$($word),*]);
                        None
                    }
                }
            }
        }
    };
}

pub(in crate::config) use {table, words};
