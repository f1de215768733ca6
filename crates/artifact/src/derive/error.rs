//! Why a wheel was not derived.

use std::io;
use std::path::PathBuf;

use trackside_domain::derivation::RulesError;
use trackside_domain::finding::Finding;
use trackside_domain::manifest::RecordError;
use trackside_domain::wheel::WheelNameError;

use crate::error::ReadError;

/// Why a wheel was not derived. No output has its final name then, unless it had it before.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// The input cannot be read, or is refused.
    #[error(transparent)]
    Input(ReadError),
    /// The input is not named like a wheel.
    #[error(transparent)]
    Name(WheelNameError),
    /// The rules do not fit the name of the input.
    #[error("{}: {reason}", path.display())]
    Rules {
        /// The input.
        path: PathBuf,
        /// Why.
        reason: RulesError,
    },
    /// The rules do not fit the content of the input.
    #[error("{}: {flaw}", path.display())]
    Flaw {
        /// The input.
        path: PathBuf,
        /// Why.
        flaw: Flaw,
    },
    /// Members of the output hold the old version and are not declared as kept.
    #[error(
        "{}: {} of its members still hold `{}`: {}",
        path.display(), members.len(), version.escape_debug(), in_short(members)
    )]
    StillThere {
        /// The input.
        path: PathBuf,
        /// The old version.
        version: String,
        /// Their names in the input, in the order of the archive.
        members: Vec<String>,
    },
    /// What was written breaks rules that the input did not break or that the output must not.
    #[error("{name} would be refused: {}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Output {
        /// The name of the output.
        name: String,
        /// What is wrong with it; never empty.
        findings: Vec<Finding>,
        /// Rules that would mend it.
        rules: Vec<String>,
    },
    /// Two inputs lead to one output.
    #[error("two of the files would become {0}")]
    SameOutput(String),
    /// A file of this name exists with other bytes.
    #[error("{} exists with other content", .0.display())]
    Exists(PathBuf),
    /// The output cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The output, or the folder that it goes to.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A record cannot be read, or is none.
    #[error("{} is not a derivation record that can be read", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The record contradicts itself: a bug of the program.
    #[error(transparent)]
    Contradiction(RecordError),
}

impl From<ReadError> for DeriveError {
    fn from(error: ReadError) -> Self {
        Self::Input(error)
    }
}

/// Why rules and a wheel do not go together: a lowercase fragment for a person.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// A rule names a member that is not there.
    #[error("a rule names `{}`, which is not in the archive", .0.escape_debug())]
    MemberNotThere(String),
    /// A member that has rules of its own, or a folder.
    #[error("`{}` cannot be edited: it is a folder or has rules of its own", .0.escape_debug())]
    NotEditable(String),
    /// A text to be edited does not hold the old version.
    #[error("`{}` is to be edited, but does not hold the old version", .0.escape_debug())]
    NothingToEdit(String),
    /// A member to be kept does not hold the old version.
    #[error("`{}` is declared as kept, but does not hold the old version", .0.escape_debug())]
    NothingToKeep(String),
    /// Text that is edited is held in memory.
    #[error("`{}` is too large to be edited", .0.escape_debug())]
    TooLarge(String),
    /// The content of a member is corrupt.
    #[error("`{}` cannot be unpacked", .0.escape_debug())]
    Corrupt(String),
    /// A member has another size or checksum than its header states.
    #[error("`{}` does not have the size or checksum that its header states", .0.escape_debug())]
    NotAsDeclared(String),
    /// METADATA is of another version than the file name.
    #[error("METADATA has version `{}`, the file another one", .0.escape_debug())]
    OtherVersion(String),
    /// RECORD has another digest of a member that is edited or searched.
    #[error("`{}` is not what RECORD says", .0.escape_debug())]
    NotAsRecorded(String),
    /// A member is not UTF-8.
    #[error("`{}` is not UTF-8", .0.escape_debug())]
    NotUtf8(String),
    /// A signature of RECORD, which the new one would void.
    #[error("`{}` signs RECORD and would be void", .0.escape_debug())]
    Signed(String),
    /// The folders of the new version are there already.
    #[error("`{}` is where the output needs a folder of its own", .0.escape_debug())]
    Taken(String),
    /// METADATA has no version.
    #[error("METADATA has no `Version`")]
    NoVersion,
    /// A line to be rewritten goes on in the next one.
    #[error("`{0}` of METADATA is folded over several lines and cannot be rewritten")]
    Folded(&'static str),
    /// WHEEL has no tags.
    #[error("WHEEL has no `Tag`")]
    NoTag,
    /// A rule for a requirement cannot be read.
    #[error("`{}` in a rule is no requirement: {reason}", text.escape_debug())]
    Requirement {
        /// What stands there.
        text: String,
        /// Why.
        reason: String,
    },
    /// A rule for a requirement has extras, a marker or an address.
    #[error("`{}` in a rule must be a name and versions, nothing else", .0.escape_debug())]
    RequirementTooMuch(String),
    /// A rule for a requirement leads to the same one.
    #[error("the rule for `{}` changes nothing", .0.escape_debug())]
    RequirementSame(String),
    /// No requirement is the one of the rule.
    #[error("no requirement `{}` is in METADATA", .0.escape_debug())]
    RequirementNotThere(String),
    /// No classifier is the one of the rule.
    #[error("no classifier `{}` is in METADATA", .0.escape_debug())]
    ClassifierNotThere(String),
    /// The archive's comment holds the old version.
    #[error("the comment of the archive holds the old version")]
    Comment,
    /// No pattern can be made of the version.
    #[error("the old version is no text that can be looked for")]
    Version,
}

fn in_short(members: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut text =
        members.iter().take(SHOWN).map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>().join(", ");
    if members.len() > SHOWN {
        text.push_str(&format!(" and {} more", members.len() - SHOWN));
    }
    text
}
