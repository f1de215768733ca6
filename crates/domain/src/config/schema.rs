//! The JSON schema of both files, made from the very tables that read them.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::raw::{RawLine, RawProject};

/// The JSON schemas by the files that they are for.
pub fn schema() -> Value {
    json!({ "trackside.toml": of::<RawProject>("trackside.toml"), "lines/M.m.toml": of::<RawLine>("lines/M.m.toml") })
}

fn of<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    schema["title"] = json!(title);
    schema
}

/// TOML has no null: what may be left out is not `required`, and that is all there is to say.
fn without_null(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(without_null),
        Value::Object(object) => {
            for (key, entry) in object.iter_mut() {
                if key == "type"
                    && let Some(types) = entry.as_array_mut()
                {
                    types.retain(|one| *one != "null");
                    if let [only] = types.as_slice() {
                        *entry = only.clone();
                    }
                }
                if key == "anyOf"
                    && let Some(forms) = entry.as_array_mut()
                {
                    forms.retain(|form| *form != json!({ "type": "null" }));
                }
                without_null(entry);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
