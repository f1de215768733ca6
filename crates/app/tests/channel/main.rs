//! A promotion on a real server: with a fault at every one of its requests, read all the time meanwhile, and
//! installed from afterwards.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test as tests do")]

#[path = "../common/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test binary uses its part of it")]
mod common;
#[path = "../../../effects/tests/remote/s3s.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod s3s;
#[path = "../serve/tools.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod tools;

#[allow(dead_code, reason = "each test binary uses its part of it")]
mod ages;
mod bucket;
mod consumers;
mod doctor;
mod edge;
mod faults;
mod headers;
mod import;
mod machines;
mod many;
mod mirror;
mod public;
mod reader;
mod said;
mod uploads;
