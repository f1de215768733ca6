//! Why an artifact could not be read.

use std::io;
use std::path::PathBuf;

use trackside_domain::finding::Finding;

/// Why an artifact could not be read, or was refused.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A folder, a device or a pipe.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What stands there.
        path: PathBuf,
    },
    /// The operating system failed in the middle; nothing is said about the file.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file was written to while it was read, so nothing that was found holds.
    #[error("{} changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The name of the file is not UTF-8.
    #[error("the name of {} is not UTF-8", path.display())]
    NameNotText {
        /// The file.
        path: PathBuf,
    },
    /// The content breaks rules.
    #[error("{} is refused: {}", path.display(), in_short(findings))]
    Refused {
        /// The file.
        path: PathBuf,
        /// All that is wrong; never empty.
        findings: Vec<Finding>,
    },
}

impl ReadError {
    /// What is wrong with the content; empty if the error is another.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Refused { findings, .. } => findings,
            Self::Open { .. }
            | Self::NotAFile { .. }
            | Self::Read { .. }
            | Self::Changed { .. }
            | Self::NameNotText { .. } => &[],
        }
    }
}

fn in_short(findings: &[Finding]) -> String {
    match findings {
        [] => "no reason is known".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}
