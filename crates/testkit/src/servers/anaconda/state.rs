//! What the model remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// All of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) token: String,
    /// Where the storage is, as clients are told.
    pub(super) storage: String,
    pub(super) owners: BTreeSet<String>,
    /// What was said of each package, by owner and name.
    pub(super) packages: BTreeMap<(String, String), Value>,
    /// Owner, package and version.
    pub(super) releases: BTreeSet<(String, String, String)>,
    pub(super) files: BTreeMap<Place, Dist>,
    /// What was announced and not committed, by its id.
    pub(super) staged: BTreeMap<String, Staged>,
    /// What the storage holds, by key.
    pub(super) objects: BTreeMap<String, Vec<u8>>,
    pub(super) keeps_leftovers: bool,
    pub(super) log: Vec<String>,
    ids: u64,
}

/// Where a file is. Labels are no part of it: an owner has one file of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) owner: String,
    pub(super) package: String,
    pub(super) version: String,
    /// `linux-64/torch-2.15.0-py310_0.conda`.
    pub(super) basename: String,
}

/// A file that everybody sees who looks under one of its labels.
#[derive(Debug, Clone)]
pub struct Dist {
    /// The key of its bytes in the storage.
    pub object: String,
    /// Its size in bytes.
    pub size: usize,
    /// Its digest, as the server says.
    pub sha256: String,
    /// What its uploader said of it.
    pub attrs: Value,
    /// The labels that it is under.
    pub labels: BTreeSet<String>,
}

/// A file that was announced.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    pub(super) place: Place,
    pub(super) sha256: String,
    pub(super) attrs: Value,
    pub(super) labels: BTreeSet<String>,
}

impl State {
    pub(super) fn new(token: &str, owners: &[&str]) -> Self {
        Self {
            token: token.to_owned(),
            storage: String::new(),
            owners: owners.iter().map(|&owner| owner.to_owned()).collect(),
            packages: BTreeMap::new(),
            releases: BTreeSet::new(),
            files: BTreeMap::new(),
            staged: BTreeMap::new(),
            objects: BTreeMap::new(),
            keeps_leftovers: false,
            log: Vec::new(),
            ids: 0,
        }
    }

    /// A name that nothing else has.
    pub(super) fn id(&mut self) -> String {
        self.ids += 1;
        format!("{:024x}", self.ids)
    }

    /// The package and the release of a file exist.
    pub(super) fn has_release(&self, place: &Place) -> bool {
        let Place { owner, package, version, .. } = place;
        self.packages.contains_key(&(owner.clone(), package.clone()))
            && self.releases.contains(&(owner.clone(), package.clone(), version.clone()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, package, version, basename } = self;
        write!(f, "{owner}/{package}/{version}/{basename}")
    }
}
