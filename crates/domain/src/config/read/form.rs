//! The JSON schemas of the types that values are read into: places do not show in them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{Entries, Located, OneOrMany, Tables};

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
schema_of!(Tables as Vec<T>);
schema_of!(OneOrMany as EitherForm<T>);

/// The two forms of [`OneOrMany`], for its schema alone.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum EitherForm<T> {
    One(T),
    Many(Vec<T>),
}
