//! placeholder

pub mod git;
pub mod http_git;
pub mod train;
pub mod wheel;
