//! Real wheels of PyPI through `stage`, `verify` and `promote`, and out of the stable channel with pip and uv.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test as tests do")]

#[path = "../common/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test binary uses its part of it")]
mod common;
#[path = "../verify/tools.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod machine;
#[path = "../serve/tools.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod tools;

mod binaries;
mod channel;
mod refusals;
mod release;
mod train;
