//! `trackside verify` with the real pip and the real uv.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test as tests do")]

#[path = "../common/mod.rs"]
#[allow(dead_code, unused_imports, clippy::panic, reason = "each test binary uses its part of it")]
mod common;

mod installs;
mod refusals;
mod tools;
