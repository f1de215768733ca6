//! A promotion on a real server: with a fault at every one of its requests, and read all the time meanwhile.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test as tests do")]

#[path = "../common/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test binary uses its part of it")]
mod common;

mod bucket;
mod doctor;
mod faults;
mod import;
mod machines;
mod mirror;
mod reader;
