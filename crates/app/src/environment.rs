//! Every environment variable that trackside reads, in one place, each with what it is for.
//!
//! The tokens of https remotes (`GITHUB_TOKEN`, `TRACKSIDE_TOKEN_<HOST>`) are read by the git
//! credentials alone.

use std::collections::BTreeMap;

use trackside_effects::store::Stores;

use crate::error::Failure;

/// Selects the release repository, instead of the current folder.
pub const CONFIG: &str = "TRACKSIDE_CONFIG";
/// Overrides where plans and runs are kept.
pub const STATE: &str = "TRACKSIDE_STATE";
/// The switch of the scripts: `disabled` means `--apply`, `enabled` means plan only.
pub const DRY_RUN: &str = "DRY_RUN";
/// The branch to cut from, as the scripts know it. Read by `cut` only.
pub const GIT_BRANCH_TO_CUT_FROM: &str = "GIT_BRANCH_TO_CUT_FROM";
/// The version that no file holds, as the scripts know it. Read by `cut` only.
pub const RELEASE_VERSION: &str = "RELEASE_VERSION";
/// `1` lets git read the user's own configuration and ask the user's credential helper.
pub const USER_GIT_CONFIG: &str = "TRACKSIDE_USER_GIT_CONFIG";
/// The time that published pages show, in seconds since 1970 (reproducible-builds.org).
pub const EPOCH: &str = "SOURCE_DATE_EPOCH";
/// Where rehearsals and verification look for pip and uv first.
pub const TOOLS: &str = "TRACKSIDE_TOOLS";

/// The environment, read once when the program starts and given to whoever needs it.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process. Variables that are not UTF-8 are not ours and are left out.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All variables, for children that get an allow list of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Stores with the settings and credentials of this environment.
    pub fn stores(&self) -> Stores {
        Stores::new(self.0.clone())
    }

    /// Whether `DRY_RUN` asks for effects.
    ///
    /// # Errors
    /// When it is set to anything but `enabled` and `disabled`.
    pub fn applies(&self) -> Result<bool, Failure> {
        match self.0.get(DRY_RUN).map(String::as_str) {
            None | Some("enabled") => Ok(false),
            Some("disabled") => Ok(true),
            Some(other) => {
                Err(Failure::usage(format!("{DRY_RUN} is `{other}`; only `enabled` and `disabled` mean anything")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dry_run_takes_two_words_only() {
        let with = |value: &str| Environment([(DRY_RUN.to_owned(), value.to_owned())].into());
        assert!(!Environment::default().applies().unwrap());
        assert!(!with("enabled").applies().unwrap());
        assert!(with("disabled").applies().unwrap());
        for typo in ["", "0", "false", "Disabled", "disable", "1"] {
            assert!(with(typo).applies().is_err(), "{typo:?}");
        }
    }
}
