//! Links to files of other indexes, for packages that others publish.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::manifest::{Linked, Spread};
use crate::name::FolderName;
use crate::storage_key::Tree;

/// A file that lies somewhere else, and what it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// The name of the file.
    pub file: FileName,
    /// Where it is.
    pub url: url::Url,
    /// Its digest. A link without one would let its host decide what is installed.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub size: u64,
    /// The Pythons that it requires.
    pub requires_python: Option<String>,
    /// The digest of its metadata file, which lies beside it (PEP 658).
    pub metadata: Option<Sha256>,
    /// The folders whose pages show it; none means every folder.
    pub folders: BTreeSet<FolderName>,
}

impl Link {
    /// What a channel map says about the links of a package.
    pub fn linked(links: &[Self]) -> Linked {
        let mut spread = Spread::default();
        for link in links {
            if link.folders.is_empty() {
                spread.add(Tree::Whl, None);
            }
            link.folders.iter().for_each(|folder| spread.add(Tree::Whl, Some(folder.clone())));
        }
        // Texts, numbers and lists of them: nothing that JSON cannot hold.
        let bytes = serde_json::to_vec(links).expect("JSON holds every link");
        Linked { sha256: Sha256::of(&bytes), spread }
    }
}
