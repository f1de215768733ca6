//! The pure half of trackside. It decides everything and does nothing: no clock, no environment,
//! no file system, no process, no network (`clippy.toml` keeps it so).

pub mod digest;
pub mod git;
pub mod name;
pub mod version;

mod text;
