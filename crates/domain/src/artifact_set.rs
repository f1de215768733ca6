//! The files of one release side by side: what each of them says alone may be right, and yet they
//! contradict each other.
//!
//! Files are compared release by release: package and whole version. Local variants (`2.6.0+cpu`
//! and `2.6.0+cu124`) are different releases here, because their requirements rightly differ and a
//! channel keeps them apart; PyPI takes neither before it was renamed, and then they are compared
//! as what they have become.

mod agree;
mod files;
mod line;

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use crate::digest::Sha256;
use crate::finding::{Code, Finding};
use crate::name::PackageName;

/// One file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFile {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Whether it is a source distribution, of which PyPI takes one for a release.
    pub is_sdist: bool,
    /// What its metadata say; none for a file without any (conda, libtorch), or if they cannot be read.
    pub says: Option<Statement>,
}

/// What the metadata of one file say, as far as the files of a release must agree on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The package.
    pub package: PackageName,
    /// The version, with its local part.
    pub version: Version,
    /// The requirements as written.
    pub requires_dist: Vec<String>,
    /// Every fact that must be the same in all files of the release; one that is left to the build
    /// (in a source distribution) is not there.
    pub facts: BTreeMap<Fact, String>,
}

/// What the files of one release must agree on: PyPI's page shows that of the file that comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The version of the metadata's format.
    MetadataVersion,
    /// The one line about it.
    Summary,
    /// The versions of Python.
    RequiresPython,
    /// The requirements, as a set in their normal spelling.
    RequiresDist,
    /// The extras, as a set in their normal spelling.
    ProvidesExtra,
    /// The long description, by its digest.
    Description,
}

/// What the configuration allows, in bytes; none is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of one file.
    pub file: Option<u64>,
    /// Of all files together.
    pub total: Option<u64>,
}

/// What is wrong with a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetFindings {
    /// For each file, in the order given.
    pub files: Vec<Vec<Finding>>,
    /// About the set as a whole.
    pub set: Vec<Finding>,
}

impl SetFindings {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.files.iter().all(Vec::is_empty)
    }

    fn file(&mut self, index: usize, code: Code, message: String) {
        if let Some(findings) = self.files.get_mut(index) {
            findings.push(Finding { code, member: None, message });
        }
    }
}

/// Compares the files of a set with each other, with the versions that the line `expects` of each
/// package, and with the limits.
pub fn check(files: &[SetFile], expects: &BTreeMap<PackageName, Version>, limits: &Limits) -> SetFindings {
    let mut findings = SetFindings { files: vec![Vec::new(); files.len()], set: Vec::new() };
    files::check_limits(files, limits, &mut findings);
    files::check_names(files, &mut findings);
    files::check_sdists(files, &mut findings);
    agree::check(files, &mut findings);
    line::check(files, expects, &mut findings);
    findings
}

/// A text from a stranger, for a message: what is not plainly seen is escaped, and quotes, which
/// requirements are full of, are not.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\'' | '"' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    shown
}

/// The files of each release by their position, in the order given.
fn releases(files: &[SetFile]) -> BTreeMap<(&PackageName, &Version), Vec<usize>> {
    let mut releases: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, says) in files.iter().enumerate().filter_map(|(index, file)| Some((index, file.says.as_ref()?))) {
        releases.entry((&says.package, &says.version)).or_default().push(index);
    }
    releases
}

/// The packages of the set.
fn packages(files: &[SetFile]) -> BTreeSet<&PackageName> {
    files.iter().filter_map(|file| Some(&file.says.as_ref()?.package)).collect()
}

#[cfg(test)]
mod tests;
