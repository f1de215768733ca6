//! Conda channels from a built package to an installed one, judged by rattler and conda-index.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test as tests do")]

#[path = "../channel/bucket.rs"]
#[allow(dead_code, clippy::panic, reason = "each test binary uses its part of it")]
mod bucket;
#[path = "../common/mod.rs"]
#[allow(dead_code, unused_imports, clippy::panic, reason = "each test binary uses its part of it")]
mod common;
#[path = "../../../effects/tests/remote/s3s.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod s3s;

mod anaconda;
mod anaconda_store;
mod consumers;
mod hub;
mod server;
mod story;
mod tools;
mod train;
