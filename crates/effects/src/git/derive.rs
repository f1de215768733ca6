//! Commits and tags made in object space, in the cache of a remote: pure functions of their inputs,
//! so that another machine gets the same ids. No checkout, no signature, no clock.

mod apply;
mod commit;
mod generate;
mod object;
mod path;
mod pick;
mod signature;

use std::collections::BTreeMap;

use trackside_domain::git::ObjectId;

use super::error::GitError;
pub use generate::CommandRun;
pub use pick::{AlreadyBy, Pick};

/// Files by path: the new content, or none to delete the file.
pub type Changes = BTreeMap<String, Option<Vec<u8>>>;

/// A commit that was made, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The commit, in the cache's object database.
    pub commit: ObjectId,
    /// The unified diff to its parent, with full blob ids and binary contents; `apply_diff` takes it.
    pub diff: Vec<u8>,
}

/// Why a commit or tag cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// git itself failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The result is the same tree as before: zero changes are an error.
    #[error("nothing would change on top of {}", base.short())]
    NothingChanged {
        /// The commit that the change was made for.
        base: ObjectId,
    },
    /// A path that leaves the tree, or that some machine takes for something else.
    #[error("the path `{}` is refused: {reason}", path.escape_debug())]
    BadPath {
        /// The path as it was given.
        path: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// A change that can be described by no text of a file.
    #[error("the change of {path} cannot be taken: {reason}")]
    UnsupportedChange {
        /// The path.
        path: String,
        /// What it is.
        reason: &'static str,
    },
    /// The name, address or message cannot stand in a commit.
    #[error("the {what} cannot stand in a commit: {reason}")]
    BadText {
        /// `name`, `mail address` or `message`.
        what: &'static str,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The text is no diff, or a hostile one.
    #[error("this is not a diff that can be taken: {detail}")]
    NotADiff {
        /// What git said.
        detail: String,
    },
    /// The diff was made for other content.
    #[error("the diff does not apply exactly to {}: {detail}", base.short())]
    DoesNotApply {
        /// The commit that it was tried on.
        base: ObjectId,
        /// What git said.
        detail: String,
    },
    /// A merge commit has no single change to pick.
    #[error("{} is a merge commit; pick the commits it merged", commit.short())]
    Merge {
        /// The commit.
        commit: ObjectId,
    },
    /// A root commit is no change of anything.
    #[error("{} has no parent, so it is not a change that can be picked", commit.short())]
    Root {
        /// The commit.
        commit: ObjectId,
    },
    /// A command could not be started, failed, or printed what it was not meant to.
    #[error("the command {program} {outcome}: {detail}")]
    Command {
        /// The program.
        program: String,
        /// How it ended, such as `failed with exit code 2`.
        outcome: String,
        /// The end of what it printed.
        detail: String,
    },
}
