//! How records become bytes and come back: canonical JSON with a format number.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The format that this program writes and reads. A change that an older program would
/// misunderstand takes the next number.
pub const FORMAT: u32 = 1;

/// Why bytes are not a record, or a record is not one that may be written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON, or not JSON of this record.
    #[error("the {what} cannot be read")]
    Unreadable {
        /// The record, for people.
        what: &'static str,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// Written by a newer program, or by none.
    #[error("the {what} has format {found}, this program knows only format {FORMAT}: use the newest trackside")]
    Format {
        /// The record, for people.
        what: &'static str,
        /// The number that it has.
        found: u32,
    },
    /// The JSON says the same with other bytes, so its digest means nothing.
    #[error("the {what} is not in its canonical form: it was edited or was not written by trackside")]
    NotCanonical {
        /// The record, for people.
        what: &'static str,
    },
    /// A rule of the record is broken.
    #[error("the {what} is refused: {reason}")]
    Refused {
        /// The record, for people.
        what: &'static str,
        /// The rule.
        reason: &'static str,
    },
}

#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// The canonical bytes: pretty JSON with fields in the order of the type, and a line end.
pub(crate) fn write<T: Serialize>(record: &T) -> Vec<u8> {
    // Records hold strings, numbers and maps with textual keys: nothing that JSON cannot hold.
    let mut bytes = serde_json::to_vec_pretty(record).expect("JSON holds every record");
    bytes.push(b'\n');
    bytes
}

/// Reads bytes that [`write()`] made.
pub(crate) fn read<T: Serialize + DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, RecordError> {
    let unreadable = |source| RecordError::Unreadable { what, source };
    // First the format alone: a newer record has fields that would be refused as unknown.
    let found = serde_json::from_slice::<Head>(bytes).map_err(unreadable)?.format;
    if found != FORMAT {
        return Err(RecordError::Format { what, found });
    }
    let record: T = serde_json::from_slice(bytes).map_err(unreadable)?;
    if write(&record) != bytes {
        return Err(RecordError::NotCanonical { what });
    }
    Ok(record)
}

/// Gives a record its bytes and its digest. The type has a `check` of its own rules.
macro_rules! record {
    ($type:ident, $what:literal) => {
        impl $type {
            /// The canonical bytes.
            pub fn to_bytes(&self) -> Vec<u8> {
                $crate::manifest::record::write(self)
            }

            /// The canonical bytes as the text that they are.
            pub fn to_text(&self) -> String {
                String::from_utf8_lossy(&self.to_bytes()).into_owned()
            }

            /// The digest of the canonical bytes.
            pub fn digest(&self) -> $crate::digest::Sha256 {
                $crate::digest::Sha256::of(&self.to_bytes())
            }

            /// Reads the canonical bytes.
            ///
            /// # Errors
            /// When they are not JSON of this record in its canonical form, have another format,
            /// or break a rule of the record.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::manifest::RecordError> {
                let record: Self = $crate::manifest::record::read($what, bytes)?;
                record.check()?;
                Ok(record)
            }

            #[allow(dead_code, reason = "records with fewer rules refuse less")]
            fn refused(reason: &'static str) -> $crate::manifest::RecordError {
                $crate::manifest::RecordError::Refused { what: $what, reason }
            }
        }
    };
}

pub(crate) use record;
