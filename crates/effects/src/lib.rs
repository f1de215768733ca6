//! The wire: git, object stores and installers, observed and performed on. It decides nothing.

pub mod doctor;
pub mod git;
pub mod install;
pub mod log;
pub mod observe;
pub mod perform;
mod proofs;
pub mod store;

mod together;
mod trouble;

pub use perform::Performer;
pub use together::{all_together, both, together};
pub use trouble::{Trouble, with_causes};
