//! An append-only sequence of records in a store: to append is to create the next number, so that of two
//! writers one loses and knows it. Each record names the digest of the one before it and carries its own.

use std::hash::{BuildHasher as _, RandomState};

use trackside_domain::digest::Sha256;
use trackside_domain::storage_key::Attributes;
use trackside_domain::store::{ObjectKey, ObjectKeyError};

use crate::perform::present::AT_ONCE;
use crate::store::{Source, Store, StoreError, Target};
use crate::together::all_together;

mod record;

pub use record::{FORMAT, Record, RecordError};

/// The most that one record may hold, in bytes.
pub const MAX_RECORD: u64 = 4 << 20;

/// A log of one writer: two processes that append to the same place each open it for themselves.
#[derive(Debug)]
pub struct Log {
    store: Store,
    prefix: ObjectKey,
    writer: String,
    /// The last record that was seen, which never changes any more.
    seen: Option<(u64, Sha256)>,
}

/// Why a log cannot be read or appended to.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another writer has written this record: it acts, and we do not.
    #[error("record {number} of {prefix} was written by another")]
    Taken {
        /// The log.
        prefix: ObjectKey,
        /// The record's number.
        number: u64,
    },

    /// A record is missing that must exist.
    #[error("record {number} of {prefix} is missing")]
    Gap {
        /// The log.
        prefix: ObjectKey,
        /// The record's number.
        number: u64,
    },

    /// A record is not what its writer wrote, or does not belong here.
    #[error("record {number} of {prefix} is refused")]
    Refused {
        /// The log.
        prefix: ObjectKey,
        /// The record's number.
        number: u64,
        /// What is wrong with it.
        #[source]
        source: RecordError,
    },

    /// Something in the place of a log is no record.
    #[error("{0} is no record of a log")]
    Stranger(ObjectKey),

    /// A record would be too large.
    #[error("record {number} of {prefix} would have {size} bytes; at most {MAX_RECORD} are allowed")]
    TooLarge {
        /// The log.
        prefix: ObjectKey,
        /// The record's number.
        number: u64,
        /// Its size in bytes.
        size: u64,
    },

    /// The key of a record would not be legal.
    #[error("no record can be stored here")]
    Key(#[from] ObjectKeyError),

    /// The store failed. After a failed append it is unknown whether the record exists; appending the same
    /// again by the same [`Log`] is safe.
    #[error("the store of the log failed")]
    Store(#[from] StoreError),
}

impl Log {
    /// The log below `prefix`. It need not exist: a log without records is empty.
    pub fn open(store: &Store, prefix: ObjectKey) -> Self {
        Self { store: store.clone(), prefix, writer: nonce(), seen: None }
    }

    /// Where the records are.
    pub fn prefix(&self) -> &ObjectKey {
        &self.prefix
    }

    /// All records in order, each checked. What is written meanwhile may or may not be among them.
    pub fn read_all(&mut self) -> Result<Vec<Record>, LogError> {
        // A listing may miss what is created while it is made, so it only says how far to read.
        let numbers: Vec<u64> = (1..=self.newest()?).collect();
        let all = all_together(AT_ONCE, &numbers, |number| self.read(*number)?.ok_or_else(|| self.gap(*number)))?;
        let mut records = Vec::new();
        let mut prev = Record::NO_PREV;
        for (number, bytes) in numbers.into_iter().zip(all) {
            let record = Record::parse(&bytes, number, Some(prev)).map_err(|source| self.refused(number, source))?;
            prev = Sha256::of(&bytes);
            self.seen = Some((number, prev));
            records.push(record);
        }
        Ok(records)
    }

    /// The last record, checked but for what it follows; `None` if there is none. The work does not grow with the log.
    pub fn last(&mut self) -> Result<Option<Record>, LogError> {
        let number = match self.newest()? {
            0 => return Ok(None),
            number => number,
        };
        let bytes = self.read(number)?.ok_or_else(|| self.gap(number))?;
        let record = Record::parse(&bytes, number, None).map_err(|source| self.refused(number, source))?;
        self.seen = Some((number, Sha256::of(&bytes)));
        Ok(Some(record))
    }

    /// The number of the last record; 0 if there is none.
    fn newest(&self) -> Result<u64, LogError> {
        let mut newest = 0;
        for entry in self.store.list(&self.prefix)? {
            let number = self.number_of(&entry.key).ok_or(LogError::Stranger(entry.key))?;
            newest = newest.max(number);
        }
        Ok(newest)
    }

    /// Appends a record, which must get the number `expected_next` (the first one is 1).
    pub fn append(&mut self, expected_next: u64, body: serde_json::Value) -> Result<Record, LogError> {
        let prev = self.digest_before(expected_next)?;
        let record = Record { number: expected_next, prev, format: FORMAT, writer: self.writer.clone(), body };
        let bytes = record.to_bytes();
        let size = bytes.len() as u64;
        if size > MAX_RECORD {
            return Err(LogError::TooLarge { prefix: self.prefix.clone(), number: expected_next, size });
        }
        // What could not be read again must not be written: a body may be nested too deeply, for one.
        Record::parse(&bytes, expected_next, Some(prev)).map_err(|source| self.refused(expected_next, source))?;
        let key = self.key_of(expected_next)?;
        let target = Target {
            key: &key,
            attributes: Attributes { content_type: "application/json", cache_control: "no-cache" },
        };
        match self.store.create(target, Source::Bytes(&bytes), &mut |_| {}) {
            // The same bytes are ours, from a try whose answer was lost: no other writer has our nonce.
            Ok(_) => {
                self.seen = Some((expected_next, Sha256::of(&bytes)));
                Ok(record)
            }
            Err(StoreError::Conflict { .. }) => {
                Err(LogError::Taken { prefix: self.prefix.clone(), number: expected_next })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The digest of the record before `number`.
    fn digest_before(&self, number: u64) -> Result<Sha256, LogError> {
        let before = match number.checked_sub(1) {
            None => return Err(self.gap(0)),
            Some(0) => return Ok(Record::NO_PREV),
            Some(before) => before,
        };
        match self.seen {
            Some((seen, digest)) if seen == before => Ok(digest),
            _ => {
                let bytes = self.read(before)?.ok_or_else(|| self.gap(before))?;
                Record::parse(&bytes, before, None).map_err(|source| self.refused(before, source))?;
                Ok(Sha256::of(&bytes))
            }
        }
    }

    fn read(&self, number: u64) -> Result<Option<Vec<u8>>, LogError> {
        Ok(self.store.read_if_present(&self.key_of(number)?, MAX_RECORD)?)
    }

    fn key_of(&self, number: u64) -> Result<ObjectKey, LogError> {
        Ok(self.prefix.join(&format!("{number:06}.json"))?)
    }

    fn number_of(&self, key: &ObjectKey) -> Option<u64> {
        let number = key.below(&self.prefix)?.strip_suffix(".json")?.parse().ok()?;
        (number > 0 && self.key_of(number).is_ok_and(|expected| expected == *key)).then_some(number)
    }

    fn gap(&self, number: u64) -> LogError {
        LogError::Gap { prefix: self.prefix.clone(), number }
    }

    fn refused(&self, number: u64, source: RecordError) -> LogError {
        LogError::Refused { prefix: self.prefix.clone(), number, source }
    }
}

/// 128 bits that no other writer has. The seeds of the standard library's hash maps come from the system's
/// source of randomness; this needs no more than that two of them differ.
fn nonce() -> String {
    let half = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", half(), half())
}
