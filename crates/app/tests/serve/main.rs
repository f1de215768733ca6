//! Tests of the web server over real HTTP.

mod client;
mod rules;
mod store;
