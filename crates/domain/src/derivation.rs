//! How one wheel was made from another without being built again: the rules, and the record of
//! what they did.

mod rules;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::rules::{RequirementRule, Rules, RulesError, VersionChange};
use crate::digest::Sha256;
use crate::manifest::record::record;
use crate::manifest::{FORMAT, RecordError};
use crate::wheel::WheelFileName;

/// The one function that there is: a wheel under another version.
pub const RENAME_WHEEL: &str = "rename-wheel";

/// What was derived from what, by which rules, and exactly which members changed. Everything that
/// it does not name was carried over byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// [`FORMAT`].
    pub format: u32,
    /// The program that did it. For people: the bytes depend on the function alone.
    pub tool: Tool,
    /// The function whose result the output is.
    pub function: Function,
    /// The wheel that was read.
    pub input: DerivedFile,
    /// What was to change.
    pub rules: Rules,
    /// The wheel that was written.
    pub output: DerivedFile,
    /// The members with another content, in the order of the archive.
    pub changed: Vec<ChangedMember>,
    /// The members with another name and the same content, in the order of the archive.
    pub renamed: Vec<RenamedMember>,
    /// Where the old version was looked for.
    pub search: Search,
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `trackside`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A pure function from a wheel and rules to a wheel. The same id and version give the same bytes
/// on every machine, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// [`RENAME_WHEEL`].
    pub id: String,
    /// Grows when the same rules would give other bytes.
    pub version: u32,
}

/// A wheel, by its name and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedFile {
    /// The name of the file.
    pub name: WheelFileName,
    /// Its length in bytes.
    pub size: u64,
    /// The digest of the whole file.
    pub sha256: Sha256,
}

/// A member with another content, and perhaps another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedMember {
    /// Its name in the input.
    pub from: String,
    /// Its name in the output.
    pub to: String,
    /// Which rule changes it.
    pub why: Why,
    /// Its content in the input.
    pub before: MemberContent,
    /// Its content in the output.
    pub after: MemberContent,
}

/// Why a member has another content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// METADATA: the version, the requirements and the classifiers of the rules.
    Metadata,
    /// WHEEL: the tags and the build tag of the new file name.
    Wheel,
    /// RECORD: the names, digests and sizes of what changed.
    Record,
    /// A text in which the rules replace the old version.
    Edit,
}

/// The content of a member, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberContent {
    /// Its length in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
}

/// A member that moved with its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenamedMember {
    /// Its name in the input.
    pub from: String,
    /// Its name in the output.
    pub to: String,
}

/// Which members of the output were searched for the old version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Which ones were to be searched.
    pub scope: Scope,
    /// How many were.
    pub searched: u64,
    /// The names in the output of those that were not, because they are no text, in the order of
    /// the archive.
    pub skipped: Vec<String>,
}

/// Which members are searched for the old version. The names of all members always are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Those that look like text, and those that the rules name.
    #[default]
    Text,
    /// All.
    All,
}

record!(Derivation, "derivation record");

impl Derivation {
    fn check(&self) -> Result<(), RecordError> {
        if self.rules.output_name(&self.input.name).as_ref() != Ok(&self.output.name) {
            return Err(Self::refused("its rules do not lead from the name of the input to that of the output"));
        }
        let names = self.changed.iter().map(|member| &member.from);
        let names = names.chain(self.renamed.iter().map(|member| &member.from));
        let mut seen = BTreeSet::new();
        if !names.into_iter().all(|name| seen.insert(name)) {
            return Err(Self::refused("it names a member twice"));
        }
        if self.changed.iter().any(|member| member.before == member.after) {
            return Err(Self::refused("a member that is said to have changed did not"));
        }
        Ok(())
    }

    /// A record in its format.
    ///
    /// # Errors
    /// When it breaks a rule of records.
    pub fn checked(self) -> Result<Self, RecordError> {
        let record = Self { format: FORMAT, ..self };
        record.check()?;
        Ok(record)
    }
}

#[cfg(test)]
mod tests;
