//! A release-only edit as it is written: one of several tables.

use schemars::JsonSchema;
use toml::Spanned;
use toml::de::DeValue;

use super::{RawCommand, RawPatch, RawPin, RawSetVersion, RawSubstitute};
use crate::config::read::{FromToml, Source, field, table_of, words};

/// One release-only edit; its `kind` says which keys it has.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum EditForm {
    Substitute(RawSubstitute),
    SetVersion(RawSetVersion),
    Pin(RawPin),
    Patch(RawPatch),
    Command(RawCommand),
}

#[derive(Debug, Clone, Copy)]
enum EditKind {
    Substitute,
    SetVersion,
    Pin,
    Patch,
    Command,
}

words!(EditKind {
    "substitute" => Self::Substitute,
    "set-version" => Self::SetVersion,
    "pin" => Self::Pin,
    "patch" => Self::Patch,
    "command" => Self::Command,
});

impl FromToml for EditForm {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let table = table_of(key, value, source)?;
        let kind: EditKind = field((table, &value.span()), ("an edit", "kind"), source)?;
        match kind {
            EditKind::Substitute => FromToml::from_toml(key, value, source).map(Self::Substitute),
            EditKind::SetVersion => FromToml::from_toml(key, value, source).map(Self::SetVersion),
            EditKind::Pin => FromToml::from_toml(key, value, source).map(Self::Pin),
            EditKind::Patch => FromToml::from_toml(key, value, source).map(Self::Patch),
            EditKind::Command => FromToml::from_toml(key, value, source).map(Self::Command),
        }
    }
}
