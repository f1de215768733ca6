//! Stores on servers that others wrote: the same contract on all of them, lost answers, races, and the log.

#![expect(clippy::unwrap_used, clippy::panic, reason = "everything here is a test or a test's helper")]

mod contract;
mod doctor;
mod known;
mod logs;
mod lost;
mod parts;
mod place;
mod race;
mod races;
mod refused;
mod s3s;
mod seen;
mod words;
