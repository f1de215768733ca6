//! Stores and logs against the real file system: races, crashes, strange names and refusals.

#![expect(clippy::unwrap_used, clippy::panic, reason = "everything here is a test or a test's helper")]

mod child;
mod copies;
mod crashes;
mod logs;
mod objects;
mod races;
mod refusals;
mod scratch;
