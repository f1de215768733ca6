//! The pure half of trackside. It decides everything and does nothing: no clock, no environment,
//! no file system, no process, no network (`clippy.toml` keeps it so).

pub mod action;
pub mod artifact_kind;
pub mod artifact_set;
pub mod conda;
pub mod config;
pub mod derivation;
pub mod digest;
pub mod doctor;
pub mod drift;
pub mod edit;
pub mod encoded;
pub mod file_name;
pub mod finding;
pub mod git;
pub mod hidden;
pub mod index;
pub mod journal;
pub mod manifest;
pub mod matrix;
pub mod name;
pub mod plan;
pub mod project;
pub mod requirement;
pub mod say;
pub mod size;
pub mod status;
pub mod storage_key;
pub mod store;
pub mod version;
pub mod waiver;
pub mod wheel;
pub mod world;

mod text;
