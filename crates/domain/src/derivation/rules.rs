//! What a derivation changes: versions, tags, declared texts and requirements.

use pep440_rs::Version;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wheel::{WheelFileName, WheelNameError};

/// The rules of one derivation. Every rule must have an effect: one that changes nothing is a
/// mistake of whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The old and the new version.
    pub version: VersionChange,
    /// The new set of platform tags; `None` leaves that of the input.
    pub platform: Option<Vec<String>>,
    /// The new build tag; `None` leaves that of the input.
    pub build: Option<String>,
    /// Members, by their name in the input, in which the new version replaces the old one.
    pub edits: Vec<String>,
    /// Requirements to be rewritten.
    pub requirements: Vec<RequirementRule>,
    /// Classifiers to be dropped, as METADATA writes them.
    pub drop_classifiers: Vec<String>,
    /// Members, by their name in the input, that may still hold the old version, and do.
    pub keep: Vec<String>,
}

/// One version in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionChange {
    /// As the file name of the input writes it: `2.6.0+cu124`.
    pub from: String,
    /// As the file name of the output writes it: `2.6.0`.
    pub to: String,
}

/// One requirement in the place of another. Extras and markers stay as METADATA writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementRule {
    /// A name and a set of version specifiers: `torch==2.6.0+cu124`.
    pub from: String,
    /// The same after it: `torch==2.6.0`.
    pub to: String,
}

/// Why rules cannot be applied to a wheel of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// There is nothing to strip.
    #[error("`{}` is a version without a local part", .0.escape_debug())]
    NoLocalVersion(String),
    /// The rules are for another version.
    #[error("the rules are for version `{}`, the file has `{}`", expected.escape_debug(), found.escape_debug())]
    AnotherVersion {
        /// That of the rules.
        expected: String,
        /// That of the file.
        found: String,
    },
    /// Old and new version are the same.
    #[error("the new version `{}` is the old one", .0.escape_debug())]
    SameVersion(String),
    /// The new value is the one that the file has.
    #[error("the {0} is already what the rules make it")]
    NoEffect(&'static str),
    /// A member is named for two things, or twice for one.
    #[error("`{}` stands twice in the rules", .0.escape_debug())]
    Twice(String),
    /// The new name is not one of a wheel.
    #[error("the new name is refused: {}", .0.reason())]
    Name(WheelNameError),
}

impl VersionChange {
    /// The version of the file without its local part.
    ///
    /// # Errors
    /// When it has none.
    pub fn strip_local(file: &WheelFileName) -> Result<Self, RulesError> {
        let from = file.version_text();
        let (to, _) = from.split_once('+').ok_or_else(|| RulesError::NoLocalVersion(from.to_owned()))?;
        Ok(Self { from: from.to_owned(), to: to.to_owned() })
    }

    /// Another version than that of the file.
    ///
    /// # Errors
    /// When it is the same one, in this or another spelling.
    pub fn to(file: &WheelFileName, to: &str) -> Result<Self, RulesError> {
        if to.parse::<Version>().as_ref() == Ok(file.version()) {
            return Err(RulesError::SameVersion(to.to_owned()));
        }
        Ok(Self { from: file.version_text().to_owned(), to: to.to_owned() })
    }
}

impl Rules {
    /// Rules that change the version and nothing else.
    pub const fn new(version: VersionChange) -> Self {
        Self {
            version,
            platform: None,
            build: None,
            edits: Vec::new(),
            requirements: Vec::new(),
            drop_classifiers: Vec::new(),
            keep: Vec::new(),
        }
    }

    /// The file name that the rules give to a wheel of the name `input`.
    ///
    /// # Errors
    /// When the rules are for another wheel, have a part without effect, or lead to no name.
    pub fn output_name(&self, input: &WheelFileName) -> Result<WheelFileName, RulesError> {
        let VersionChange { from, to } = &self.version;
        if from != input.version_text() {
            let (expected, found) = (from.clone(), input.version_text().to_owned());
            return Err(RulesError::AnotherVersion { expected, found });
        }
        VersionChange::to(input, to)?;
        self.check_repetitions()?;
        let tags = input.tags();
        if self.platform.as_ref() == Some(&tags.platform) {
            return Err(RulesError::NoEffect("platform tag"));
        }
        let build = self.build.as_deref();
        if build.is_some() && build == input.build() {
            return Err(RulesError::NoEffect("build tag"));
        }
        let build = build.or(input.build()).map(|build| format!("-{build}")).unwrap_or_default();
        let platform = self.platform.as_ref().unwrap_or(&tags.platform);
        let [python, abi, platform] = [&tags.python, &tags.abi, platform].map(|set| set.join("."));
        format!("{}-{to}{build}-{python}-{abi}-{platform}.whl", input.name()).parse().map_err(RulesError::Name)
    }

    fn check_repetitions(&self) -> Result<(), RulesError> {
        let requirements: Vec<&String> = self.requirements.iter().map(|rule| &rule.from).collect();
        let lists = [
            self.edits.iter().collect(),
            requirements,
            self.drop_classifiers.iter().collect(),
            self.keep.iter().collect(),
        ];
        let repeated = |list: Vec<&String>| {
            let mut sorted = list;
            sorted.sort();
            sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
        };
        lists.into_iter().find_map(repeated).map_or(Ok(()), |text| Err(RulesError::Twice(text)))
    }
}
