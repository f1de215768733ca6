//! JSON of strangers: typed, bounded lists, and reasons that show nothing of it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::limits::MAX_MEMBERS;

/// Reads a document. Fields that stand twice are refused, unknown ones are passed over.
///
/// # Errors
/// A lowercase fragment that says where it goes wrong.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "does not have the form that it must have",
            serde_json::error::Category::Syntax | serde_json::error::Category::Eof => "is no JSON",
            serde_json::error::Category::Io => "cannot be read",
        };
        format!("it {what}, at line {} column {}", error.line(), error.column())
    })
}

/// A list of at most as many items as an archive may have members.
pub(super) struct Bounded<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = Bounded<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Bounded<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    if list.len() as u64 >= MAX_MEMBERS {
                        return Err(A::Error::custom("too many items"));
                    }
                    list.push(item);
                }
                Ok(Bounded(list))
            }
        }

        deserializer.deserialize_seq(Items(PhantomData))
    }
}
