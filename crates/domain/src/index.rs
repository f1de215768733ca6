//! The index pages of a channel or a candidate: what pip, uv and browsers read.
//!
//! Wheels have the simple index of PEP 503 (HTML) and PEP 691 (JSON) with versions and sizes
//! (PEP 700), metadata files (PEP 658 and 714) and `Requires-Python`. libtorch has flat lists.
//! Links are relative, so the pages work below any prefix and from a disk. Pages hold no dates: the
//! same entries give the same bytes.

mod collect;
mod html;
mod json;

use std::collections::{BTreeMap, BTreeSet};

use self::collect::Entry;
use crate::file_name::FileName;
use crate::manifest::Artifact;
use crate::name::{FolderName, PackageName};
pub use crate::storage_key::IndexRoot;
use crate::storage_key::{PageKey, StorageKey, Tree, Twin};

/// An artifact that is to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Its package.
    pub package: &'a PackageName,
    /// The artifact.
    pub artifact: &'a Artifact,
    /// Where it is, in the store that the pages are in.
    pub location: StorageKey,
}

/// One page with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it goes; always a [`StorageKey::Page`].
    pub key: StorageKey,
    /// The text.
    pub content: String,
    /// What it is about, which decides when it is switched.
    pub of: PageOf,
}

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PageOf {
    /// The files of one package. Switched in the order of dependencies.
    Package(PackageName),
    /// A list of packages, or a flat list of libtorch archives. Switched last.
    List,
}

/// Why a set of entries makes no index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// The file name is not one of the package, or the location is that of another file.
    #[error("`{file}` cannot be listed as a file of {package}: {reason}")]
    Stranger {
        /// The file.
        file: FileName,
        /// The package that it was to be listed for.
        package: PackageName,
        /// What is wrong.
        reason: String,
    },
    /// Two different files of one name would stand on one page, and an installer takes either.
    #[error("two different files named `{file}` would stand on the page of {package}: {one} and {other}")]
    TwoFiles {
        /// The file.
        file: FileName,
        /// Its package.
        package: PackageName,
        /// The path of one.
        one: String,
        /// The path of the other.
        other: String,
    },
    /// Two pages would be one object.
    #[error("`{name}` is a channel folder and a package, or stands for the test channel: their pages would be one")]
    Clash {
        /// The name.
        name: String,
    },
}

/// All entries of one root, in order, ready to be rendered page by page.
#[derive(Debug, Clone)]
pub struct Index<'a> {
    root: IndexRoot,
    /// Wheels and sdists by package, each sorted by file name.
    packages: BTreeMap<&'a PackageName, Vec<Entry<'a>>>,
    /// The folders of all wheels and sdists.
    folders: BTreeSet<&'a FolderName>,
    /// libtorch archives by folder and file name.
    libtorch: Vec<Entry<'a>>,
}

/// All pages of one root: those of packages first, then the lists.
///
/// # Errors
/// When the entries make no index.
pub fn render(root: IndexRoot, entries: &[Listed<'_>]) -> Result<Vec<Page>, IndexError> {
    let index = Index::new(root, entries)?;
    let of_packages = index.packages().flat_map(|package| index.pages_of(package));
    Ok(of_packages.chain(index.list_pages()).collect())
}

impl<'a> Index<'a> {
    /// The packages that have pages.
    pub fn packages(&self) -> impl Iterator<Item = &'a PackageName> {
        self.packages.keys().copied()
    }

    /// The pages of one package: of all folders together, and of each folder that has a file of it.
    /// A file that lies in no folder belongs to every folder.
    pub fn pages_of(&self, package: &PackageName) -> Vec<Page> {
        let Some((package, entries)) = self.packages.get_key_value(package) else { return Vec::new() };
        let mut pages = Vec::new();
        for folder in self.folders_of(package) {
            let listed: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.is_in(folder)).collect();
            for twin in Twin::ALL {
                let key = self.page_key(Tree::Whl, folder, Some(package), twin);
                let content = match twin {
                    Twin::Html => html::package(&key, package, &listed),
                    Twin::Json => json::package(&key, package, &listed),
                };
                let of = PageOf::Package((*package).clone());
                pages.push(Page { key: StorageKey::Page(key), content, of });
            }
        }
        pages
    }

    /// The lists: of the packages of all folders and of each folder, and of libtorch archives.
    pub fn list_pages(&self) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut add = |key, content| pages.push(Page { key: StorageKey::Page(key), content, of: PageOf::List });
        let folders = std::iter::once(None).chain(self.folders.iter().copied().map(Some));
        for folder in folders.filter(|_| !self.packages.is_empty()) {
            let listed: Vec<&PackageName> =
                self.packages().filter(|package| self.folders_of(package).contains(&folder)).collect();
            add(self.page_key(Tree::Whl, folder, None, Twin::Html), html::packages(&listed));
            add(self.page_key(Tree::Whl, folder, None, Twin::Json), json::packages(&listed));
        }
        let folders: BTreeSet<Option<&FolderName>> = self.libtorch.iter().map(Entry::folder).collect();
        let folders = std::iter::once(None).chain(folders.into_iter().flatten().map(Some));
        for folder in folders.filter(|_| !self.libtorch.is_empty()) {
            let key = self.page_key(Tree::Libtorch, folder, None, Twin::Html);
            let listed: Vec<&Entry<'_>> = self.libtorch.iter().filter(|entry| entry.is_in(folder)).collect();
            let content = html::archives(&key, &listed);
            add(key, content);
        }
        pages
    }

    /// The packages whose pages may differ between `before` and now, so that no others need to be
    /// rendered: those whose files differ, and when a folder came or went, those with a file that
    /// belongs to every folder.
    pub fn changed_since(&self, before: &Index<'_>) -> BTreeSet<PackageName> {
        let folders_differ = self.folders != before.folders;
        let names: BTreeSet<&PackageName> = self.packages().chain(before.packages()).collect();
        let differs = |package: &&PackageName| {
            let (now, then) = (self.packages.get(*package), before.packages.get(*package));
            let in_all_folders = now.into_iter().flatten().any(|entry| entry.folder().is_none());
            now != then || (folders_differ && in_all_folders)
        };
        names.into_iter().filter(differs).cloned().collect()
    }

    /// The folders in which a package has pages; the first is `None`, all folders together.
    fn folders_of(&self, package: &PackageName) -> BTreeSet<Option<&'a FolderName>> {
        let entries = self.packages.get(package).map(Vec::as_slice).unwrap_or_default();
        let mut folders: BTreeSet<Option<&FolderName>> = entries.iter().map(Entry::folder).collect();
        if folders.contains(&None) {
            folders.extend(self.folders.iter().copied().map(Some));
        }
        folders.insert(None);
        folders
    }

    fn page_key(&self, tree: Tree, folder: Option<&FolderName>, package: Option<&PackageName>, twin: Twin) -> PageKey {
        PageKey { root: self.root, tree, folder: folder.cloned(), package: package.cloned(), twin }
    }
}

#[cfg(test)]
mod tests;
