//! The wire: git, object stores and installers, observed and performed on. It decides nothing.

pub mod git;
pub mod install;
pub mod log;
pub mod observe;
pub mod perform;
pub mod store;

mod trouble;

pub use perform::Performer;
pub use trouble::{Trouble, with_causes};
