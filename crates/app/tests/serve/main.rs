//! Tests of the web server over real HTTP.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test as tests do")]

mod client;
mod install;
mod rules;
mod store;
mod tools;
