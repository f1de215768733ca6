//! Where the files of a release lie: all that list pages need to know of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Artifact;
use crate::name::FolderName;
use crate::storage_key::Tree;

/// The folders that hold files of a release, by the tree that they go to; `None` is the root, whose
/// files belong to every folder. It stands in the channel map, so that list pages can be made
/// without reading manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The folders of wheels and sdists.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub whl: BTreeSet<Option<FolderName>>,
    /// The folders of libtorch archives.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub libtorch: BTreeSet<Option<FolderName>>,
    /// The folders of source archives.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub source: BTreeSet<Option<FolderName>>,
    /// The subdirs of conda packages.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub conda: BTreeSet<Option<FolderName>>,
}

impl Spread {
    /// The folders of these artifacts.
    pub fn of<'a>(artifacts: impl IntoIterator<Item = &'a Artifact>) -> Self {
        let mut spread = Self::default();
        artifacts.into_iter().for_each(|artifact| spread.add(Tree::of(artifact.kind), artifact.folder.clone()));
        spread
    }

    /// The folders of one tree.
    pub const fn of_tree(&self, tree: Tree) -> &BTreeSet<Option<FolderName>> {
        match tree {
            Tree::Whl => &self.whl,
            Tree::Libtorch => &self.libtorch,
            Tree::Source => &self.source,
            Tree::Conda => &self.conda,
        }
    }

    /// Whether anything goes to a tree.
    pub fn has(&self, tree: Tree) -> bool {
        !self.of_tree(tree).is_empty()
    }

    /// Adds a folder of a tree.
    pub fn add(&mut self, tree: Tree, folder: Option<FolderName>) {
        let folders = match tree {
            Tree::Whl => &mut self.whl,
            Tree::Libtorch => &mut self.libtorch,
            Tree::Source => &mut self.source,
            Tree::Conda => &mut self.conda,
        };
        folders.insert(folder);
    }

    /// Adds all folders of another.
    pub fn extend(&mut self, other: &Self) {
        self.whl.extend(other.whl.iter().cloned());
        self.libtorch.extend(other.libtorch.iter().cloned());
        self.source.extend(other.source.iter().cloned());
        self.conda.extend(other.conda.iter().cloned());
    }
}
