//! The bytes of one record of a log.
//!
//! A record is one line of JSON: `{"format":1,"number":3,"prev":"..","writer":"..","body":..,"sha256":".."}`.
//! Its last field is the digest of all bytes before that field, so that a change of any byte shows without a
//! canonical form of JSON. `prev` is the digest of all bytes of the record before it.

use serde::{Deserialize, Serialize};
use trackside_domain::digest::Sha256;

/// The newest format of records that is known, and the one that is written.
pub const FORMAT: u32 = 1;

/// One record of a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// The format of the record itself; what its body means is the caller's.
    pub format: u32,
    /// Its place in the log, from 1.
    pub number: u64,
    /// The digest of the bytes of the record before it; zeros for the first.
    pub prev: Sha256,
    /// Who wrote it: different for any two writers, also of the same operator.
    pub writer: String,
    /// What it says.
    pub body: serde_json::Value,
}

/// What is wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A newer trackside wrote it.
    #[error("its format is {found}, and this trackside knows {FORMAT}; use a newer one")]
    Newer {
        /// The format of the record.
        found: u32,
    },
    /// It is no JSON of the expected form.
    #[error("it cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// Its bytes are not those that were written.
    #[error("its bytes do not have the digest that its end names")]
    Damaged,
    /// It has the number of another place.
    #[error("it says that it is record {found}")]
    Misplaced {
        /// The number that it has.
        found: u64,
    },
    /// The record before it is not the one that its writer saw.
    #[error("it follows a record with sha256 {named}, but the one before it has {actual}")]
    BrokenChain {
        /// The digest that the record names.
        named: Box<Sha256>,
        /// The digest of the record before it.
        actual: Box<Sha256>,
    },
}

/// Only what all formats have in common.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    number: u64,
    prev: Sha256,
    writer: String,
    body: serde_json::Value,
    #[serde(rename = "sha256")]
    _sha256: Sha256,
}

impl Record {
    /// What the first record names as the one before it.
    pub const NO_PREV: Sha256 = Sha256::from_bytes([0; 32]);

    /// The bytes as they are stored.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self { format, number, prev, writer, body } = self;
        let writer = serde_json::Value::from(writer.as_str());
        let mut text =
            format!(r#"{{"format":{format},"number":{number},"prev":"{prev}","writer":{writer},"body":{body}"#);
        let end = end(&Sha256::of(text.as_bytes()));
        text.push_str(&end);
        text.into_bytes()
    }

    /// Reads the record `number`; `prev` is the digest of the one before it, where that is known.
    pub(super) fn parse(bytes: &[u8], number: u64, prev: Option<Sha256>) -> Result<Self, RecordError> {
        // The format first: a newer one may have another end.
        let AnyFormat { format } = serde_json::from_slice(bytes).map_err(RecordError::Unreadable)?;
        if format > FORMAT {
            return Err(RecordError::Newer { found: format });
        }
        let (content, found) =
            bytes.split_at_checked(bytes.len().saturating_sub(end(&Self::NO_PREV).len())).unwrap_or_default();
        if end(&Sha256::of(content)).as_bytes() != found {
            return Err(RecordError::Damaged);
        }
        let Stored { format, number: stored, prev: named, writer, body, _sha256 } =
            serde_json::from_slice(bytes).map_err(RecordError::Unreadable)?;
        if stored != number {
            return Err(RecordError::Misplaced { found: stored });
        }
        if let Some(actual) = prev.filter(|prev| *prev != named) {
            return Err(RecordError::BrokenChain { named: Box::new(named), actual: Box::new(actual) });
        }
        Ok(Self { format, number, prev: named, writer, body })
    }
}

/// How a record ends whose other bytes have this digest.
fn end(digest: &Sha256) -> String {
    format!(",\"sha256\":\"{digest}\"}}\n")
}
