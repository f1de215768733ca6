//! placeholder

pub mod binary;
pub mod conda;
pub mod git;
pub mod http_git;
pub mod malformed;
pub mod servers;
pub mod tar;
pub mod train;
pub mod wheel;
