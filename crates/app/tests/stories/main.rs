//! Stories: the real program in a hermetic world, one file for each command or property.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test as tests do")]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod common;

mod artifact_codes;
mod artifact_derive;
mod artifact_inspect;
mod artifact_verify;
mod candidate;
mod channel;
mod channel_back;
mod channel_beside;
mod channel_check;
mod channel_mended;
mod config;
mod cut;
mod cut_again;
mod cut_refused;
mod cut_request;
mod doctor;
mod formats;
mod import;
mod import_again;
mod limits;
mod machines;
mod mirrors;
mod pick;
mod promote;
mod prune;
mod readme;
mod restore;
mod runs;
mod secrets;
mod source_archive;
mod stage;
mod stage_again;
mod stage_from_store;
mod stage_judged;
mod stage_refused;
