//! placeholder

pub mod git;
pub mod http_git;
pub mod wheel;
