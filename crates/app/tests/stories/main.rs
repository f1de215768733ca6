//! Stories: the real program in a hermetic world, one file for each command or property.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test as tests do")]

#[path = "../common/mod.rs"]
mod common;

mod artifact_codes;
mod artifact_derive;
mod artifact_inspect;
mod artifact_verify;
mod candidate;
mod config;
mod cut;
mod cut_again;
mod cut_refused;
mod cut_request;
mod formats;
mod limits;
mod machines;
mod pick;
mod promote;
mod runs;
mod secrets;
mod stage;
mod stage_judged;
mod stage_refused;
