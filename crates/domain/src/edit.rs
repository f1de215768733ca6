//! The release-only edits as data, and what the pure ones make of the files of a repository.
//!
//! Whether a branch already has its edits is known by a commit trailer, never by looking for their
//! effect: so an edit that changes nothing is always an error here.

mod error;
mod files;
mod substitute;
mod version;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::error::EditError;
pub use self::files::{Glob, GlobError};
pub use self::substitute::near_placeholder;
pub use self::version::{Disagreement, has_reached, next_dev_version, read_version, version_agrees, write_version};

use crate::git::{BranchName, ObjectId};
use crate::name::RepositoryName;
use crate::project::VersionField;
use crate::version::{Line, Release};

/// One release-only edit.
///
/// In `replace`, in version templates and in the arguments of commands stand `{line}` (the repository's line), `{train}` (the
/// train's line), `{release}` (the repository's release) and `{branch}` (its release branch). Other
/// braces, and any brace behind a `$`, stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// Replace a text wherever it stands in some files.
    Substitute {
        /// Paths or globs, relative to the root; each must match a file.
        files: Vec<String>,
        /// What is replaced.
        find: Find,
        /// What takes its place; of a regex, `$1` and `${name}` are its groups and `$$` is a dollar.
        replace: String,
        /// How many places there must be in all the files together.
        count: Count,
    },
    /// Write a version into a file.
    SetVersion {
        /// The path of the file.
        file: String,
        /// The text around the version with `{version}` for it; `None` means the whole file.
        pattern: Option<String>,
        /// The new version, such as `{release}`.
        version: String,
    },
    /// Write the branch or commit of another repository of the train into a file.
    Pin {
        /// The path of the file.
        file: String,
        /// The text around the pin with `{pin}` for it; `None` means the whole file.
        pattern: Option<String>,
        /// The other repository.
        repository: RepositoryName,
        /// What of it is written.
        to: PinTo,
    },
    /// Apply a diff, exactly.
    Patch {
        /// The name of its file beside the configuration.
        name: String,
        /// Its text.
        diff: String,
    },
    /// Run a program of the repository and take what it changed.
    Command {
        /// The program and its arguments; there is no shell.
        argv: Vec<String>,
        /// After so many seconds it is stopped, and the edit has failed.
        timeout_seconds: u32,
    },
}

/// What a substitution looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Find {
    /// This very text.
    Literal(String),
    /// What a regular expression of the `regex` crate matches.
    Regex(String),
}

/// How many places a substitution must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// No more and no fewer.
    Exactly(u32),
    /// These or more.
    AtLeast(u32),
}

/// What of another repository a pin holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PinTo {
    /// The name of its release branch.
    Branch,
    /// The commit at which it is cut.
    Commit,
}

/// What the placeholders and pins of one repository's edits stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditContext {
    /// The repository's own line.
    pub line: Line,
    /// The line of the train.
    pub train: Line,
    /// The repository's own first release of the line.
    pub release: Release,
    /// The repository's release branch.
    pub branch: BranchName,
    /// What pins may point to.
    pub pins: BTreeMap<RepositoryName, PinTarget>,
}

/// The release branch and commit of another repository of the train.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinTarget {
    /// Its release branch.
    pub branch: BranchName,
    /// The commit that a pin to a commit names.
    pub commit: ObjectId,
}

/// What an edit makes: the pure ones files, the others work for git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied<'a> {
    /// The new content of the files that changed; there is at least one.
    Files(BTreeMap<String, Vec<u8>>),
    /// This diff must be applied to the tree, exactly.
    ByPatch {
        /// Its name, for people.
        name: &'a str,
        /// Its text.
        diff: &'a str,
    },
    /// This program must be run in a throw-away checkout.
    ByCommand {
        /// The program and its arguments, the placeholders filled.
        argv: Vec<String>,
        /// After so many seconds it is stopped.
        timeout_seconds: u32,
    },
}

impl Edit {
    /// What it is in one line, for errors, plans and people.
    pub fn summary(&self) -> String {
        match self {
            Self::Substitute { find: Find::Literal(text), .. } => format!("substitute {text:?}"),
            Self::Substitute { find: Find::Regex(pattern), .. } => format!("substitute /{pattern}/"),
            Self::SetVersion { file, .. } => format!("set the version in {file}"),
            Self::Pin { file, repository, to, .. } => format!("pin {repository} by {to} in {file}"),
            Self::Patch { name, .. } => format!("apply {name}"),
            Self::Command { argv, .. } => format!("run {}", argv.join(" ")),
        }
    }

    /// The files whose content it needs, of all files of the repository; none if git performs it.
    ///
    /// # Errors
    /// When a path or glob matches no file.
    pub fn wants(&self, paths: &[String]) -> Result<Vec<String>, EditError> {
        match self {
            Self::Substitute { files, .. } => files::matching(&self.summary(), files, paths),
            Self::SetVersion { file, .. } | Self::Pin { file, .. } => {
                if paths.contains(file) {
                    Ok(vec![file.clone()])
                } else {
                    Err(EditError::NoFile { edit: self.summary(), pattern: file.clone() })
                }
            }
            Self::Patch { .. } | Self::Command { .. } => Ok(Vec::new()),
        }
    }

    /// What it makes of files, which must hold everything that [`Edit::wants`] has named.
    ///
    /// # Errors
    /// When the declared number of places is not there, nothing would change, or a file is no text.
    pub fn apply(&self, files: &BTreeMap<String, Vec<u8>>, context: &EditContext) -> Result<Applied<'_>, EditError> {
        let edit = self.summary();
        match self {
            Self::Substitute { files: globs, find, replace, count } => {
                let paths: Vec<String> = files.keys().cloned().collect();
                let wanted = files::matching(&edit, globs, &paths)?;
                let texts = files::texts(&edit, &wanted, files)?;
                let replace = substitute::fill(replace, context);
                substitute::everywhere(&edit, &texts, find, &replace, *count).map(Applied::Files)
            }
            Self::SetVersion { file, pattern, version } => {
                let field = VersionField { path: file.clone(), pattern: pattern.clone(), exact: false };
                let version = substitute::fill(version, context);
                one_file(&edit, file, files, |text| write_version(&field, text, &version))
            }
            Self::Pin { file, pattern, repository, to } => {
                let no_pin = || EditError::NoPin { edit: edit.clone(), repository: repository.clone() };
                let target = context.pins.get(repository).ok_or_else(no_pin)?;
                let value = match to {
                    PinTo::Branch => target.branch.as_str(),
                    PinTo::Commit => target.commit.as_str(),
                };
                one_file(&edit, file, files, |text| version::write_pin(&edit, (file, pattern.as_deref()), text, value))
            }
            Self::Patch { name, diff } => Ok(Applied::ByPatch { name, diff }),
            Self::Command { argv, timeout_seconds } => {
                let argv = argv.iter().map(|text| substitute::fill(text, context)).collect();
                Ok(Applied::ByCommand { argv, timeout_seconds: *timeout_seconds })
            }
        }
    }

    /// The repository whose push must come first, if this edit pins one.
    pub const fn pins(&self) -> Option<&RepositoryName> {
        match self {
            Self::Pin { repository, .. } => Some(repository),
            Self::Substitute { .. } | Self::SetVersion { .. } | Self::Patch { .. } | Self::Command { .. } => None,
        }
    }
}

/// Rewrites one file by a function of its text.
fn one_file(
    edit: &str,
    file: &str,
    files: &BTreeMap<String, Vec<u8>>,
    rewrite: impl FnOnce(&str) -> Result<String, EditError>,
) -> Result<Applied<'static>, EditError> {
    let texts = files::texts(edit, &[file.to_owned()], files)?;
    let text = texts.get(file).copied().unwrap_or_default();
    let new = rewrite(text)?;
    if new == text {
        return Err(EditError::NoChange { edit: edit.to_owned(), files: vec![file.to_owned()] });
    }
    Ok(Applied::Files(BTreeMap::from([(file.to_owned(), new.into_bytes())])))
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(count) => write!(f, "exactly {count}"),
            Self::AtLeast(count) => write!(f, "at least {count}"),
        }
    }
}

impl std::fmt::Display for PinTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Branch => "branch",
            Self::Commit => "commit",
        })
    }
}

#[cfg(test)]
mod tests;
