//! What is not as a derivation record says.

use std::fmt;

use trackside_domain::digest::Sha256;

use super::error::DeriveError;
use crate::error::ReadError;

/// What is not as a derivation record says.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// A file cannot be read, or is refused.
    #[error(transparent)]
    Read(ReadError),
    /// The record names a function that this program does not have.
    #[error("the function `{}` version {version} is not known", id.escape_debug())]
    Function {
        /// Its id.
        id: String,
        /// Its version.
        version: u32,
    },
    /// A file has another name, length or digest.
    #[error("the {side} has another name, length or digest than {name} in the record")]
    File {
        /// Which one.
        side: Side,
        /// Its name in the record.
        name: String,
    },
    /// One archive has members that the other lacks, or in another order.
    #[error("the archives have {before} and {after} members, or not in one order")]
    Members {
        /// Members of the input.
        before: usize,
        /// Members of the output.
        after: usize,
    },
    /// A member did not move as its folder did.
    #[error("`{}` stands where `{}` should have gone", to.escape_debug(), from.escape_debug())]
    Name {
        /// Its name in the input.
        from: String,
        /// The name that the output has there.
        to: String,
    },
    /// A member that the record does not name differs.
    #[error("{what} of `{}` changed, which the record does not say", member.escape_debug())]
    Carried {
        /// Its name in the input.
        member: String,
        /// What differs.
        what: &'static str,
    },
    /// A member that the record names has another content than it says.
    #[error("`{}` of the {side} has another content than the record says", member.escape_debug())]
    Content {
        /// In which file.
        side: Side,
        /// Its name in the input.
        member: String,
    },
    /// METADATA differs in a line that no rule names.
    #[error("METADATA differs in a line that no rule names: `{}`", line.escape_debug())]
    Metadata {
        /// The line.
        line: String,
    },
    /// The record lists other members than those that changed.
    #[error("the record does not list exactly the members that changed")]
    Lists,
    /// The record tells the search differently.
    #[error("the search for the old version ends differently than the record says")]
    Search,
    /// The rules do not go with the input.
    #[error("the rules do not give the output: {0}")]
    Rules(Box<DeriveError>),
    /// The rules give something else.
    #[error("the rules give an output with the digest {found}, which is not that of the record")]
    NotReproduced {
        /// The digest of what they give.
        found: Sha256,
    },
}

/// One of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was read.
    Input,
    /// What was written.
    Output,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Input => "input",
            Self::Output => "output",
        })
    }
}
