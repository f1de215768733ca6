//! The index pages of a channel or a candidate: what pip, uv and browsers read.
//!
//! Wheels have the simple index of PEP 503 (HTML) and PEP 691 (JSON) with versions and sizes
//! (PEP 700), metadata files (PEP 658 and 714) and `Requires-Python`. libtorch and source archives
//! have flat lists.
//! Links are relative, so the pages work below any prefix and from a disk. Pages hold no dates: the
//! same entries give the same bytes.

pub mod classic;
mod collect;
mod html;
mod json;
mod link;
mod outline;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::collect::Entry;
pub(crate) use self::collect::version_of;
pub use self::link::Link;
pub use self::outline::Outline;
use crate::file_name::FileName;
use crate::manifest::Artifact;
use crate::name::{FolderName, PackageName};
pub use crate::storage_key::IndexRoot;
use crate::storage_key::{PageKey, StorageKey, Tree, Twin};
use crate::store::ObjectKey;

/// An artifact that is to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Its package.
    pub package: &'a PackageName,
    /// The artifact.
    pub artifact: &'a Artifact,
    /// Where it is, in the store that the pages are in.
    pub location: StorageKey,
    /// When it came there.
    pub uploaded: Option<Timestamp>,
    /// Why it is yanked, if it is.
    pub yanked: Option<&'a str>,
}

/// What pages are made of.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// Whose pages.
    pub root: IndexRoot,
    /// Where links to files of the store lead: below this URL, or relative to the page.
    pub base: Option<&'a url::Url>,
    /// The files.
    pub listed: &'a [Listed<'a>],
    /// The links to files of other indexes.
    pub links: &'a [(&'a PackageName, &'a [Link])],
    /// What other packages there are, if these files are not all.
    pub others: Option<Outline>,
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
    /// A list of packages, or a flat list of archives. Switched last.
    List,
}

impl PageOf {
    /// The package, if it is the page of one.
    pub const fn package(&self) -> Option<&PackageName> {
        match self {
            Self::Package(package) => Some(package),
            Self::List => None,
        }
    }
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
    base: Option<&'a url::Url>,
    /// Wheels and sdists by package, each sorted by file name.
    packages: BTreeMap<&'a PackageName, Vec<Entry<'a>>>,
    /// Where these and all other packages have files.
    outline: Outline,
    /// The files of each tree with a flat list, by folder and file name.
    flat: BTreeMap<Tree, Vec<Entry<'a>>>,
}

/// All pages of one root: those of packages first, then the lists.
///
/// # Errors
/// When the entries make no index.
pub fn render(root: IndexRoot, entries: &[Listed<'_>]) -> Result<Vec<Page>, IndexError> {
    Ok(Index::new(root, entries)?.pages())
}

impl<'a> Index<'a> {
    /// The pages of the packages whose files it holds, and the lists.
    pub fn pages(&self) -> Vec<Page> {
        self.packages().flat_map(|package| self.pages_of(package)).chain(self.list_pages()).collect()
    }

    /// The packages whose files it holds.
    pub fn packages(&self) -> impl Iterator<Item = &'a PackageName> {
        self.packages.keys().copied()
    }

    /// The pages of one package: of all folders together, and of each folder that has a file of it.
    /// A file that lies in no folder belongs to every folder.
    pub fn pages_of(&self, package: &PackageName) -> Vec<Page> {
        let Some((package, entries)) = self.packages.get_key_value(package) else { return Vec::new() };
        let mut pages = Vec::new();
        for folder in self.outline.pages_of(package) {
            let listed: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.is_in(folder)).collect();
            for twin in Twin::ALL {
                let key = self.page_key(Tree::Whl, folder, Some(package), twin);
                let content = match twin {
                    Twin::Html => html::package((&key, self.base), package, &listed),
                    Twin::Json => json::package((&key, self.base), package, &listed),
                };
                let of = PageOf::Package((*package).clone());
                pages.push(Page { key: StorageKey::Page(key), content, of });
            }
        }
        pages
    }

    /// The lists: of the packages of all folders and of each folder, and of archives.
    pub fn list_pages(&self) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut add = |key, content| pages.push(Page { key: StorageKey::Page(key), content, of: PageOf::List });
        for (folder, listed) in self.outline.by_folder() {
            add(self.page_key(Tree::Whl, folder, None, Twin::Html), html::packages(&listed));
            add(self.page_key(Tree::Whl, folder, None, Twin::Json), json::packages(&listed));
        }
        for (tree, files) in &self.flat {
            for folder in folders(files) {
                let key = self.page_key(*tree, folder, None, Twin::Html);
                let listed: Vec<&Entry<'_>> = files.iter().filter(|entry| entry.is_in(folder)).collect();
                let content = html::archives((&key, self.base), &listed);
                add(key, content);
            }
        }
        pages
    }

    /// Where all these pages go, without rendering them.
    pub fn keys(&self) -> BTreeSet<ObjectKey> {
        let package = |package| self.outline.pages_of(package).into_iter().map(move |folder| (folder, Some(package)));
        let lists = self.outline.by_folder().into_keys().map(|folder| (folder, None));
        let both = |(folder, package)| Twin::ALL.map(|twin| self.page_key(Tree::Whl, folder, package, twin));
        let simple = self.packages().flat_map(package).chain(lists).flat_map(both);
        let flat = self.flat.iter().flat_map(|(tree, files)| folders(files).map(|folder| (*tree, folder)));
        let flat = flat.map(|(tree, folder)| self.page_key(tree, folder, None, Twin::Html));
        simple.chain(flat).map(|key| StorageKey::Page(key).key()).collect()
    }

    /// The packages whose pages may differ between `before` and now, so that no others need to be
    /// rendered: those whose files differ, and when a folder came or went, those with a file that
    /// belongs to every folder.
    pub fn changed_since(&self, before: &Index<'_>) -> BTreeSet<PackageName> {
        let folders_differ = self.outline.folders() != before.outline.folders();
        let names: BTreeSet<&PackageName> = self.packages().chain(before.packages()).collect();
        let differs = |package: &&PackageName| {
            let (now, then) = (self.packages.get(*package), before.packages.get(*package));
            let in_all_folders = now.into_iter().flatten().any(|entry| entry.folders.is_empty());
            now != then || (folders_differ && in_all_folders)
        };
        names.into_iter().filter(differs).cloned().collect()
    }

    fn page_key(&self, tree: Tree, folder: Option<&FolderName>, package: Option<&PackageName>, twin: Twin) -> PageKey {
        PageKey { root: self.root, tree, folder: folder.cloned(), package: package.cloned(), twin }
    }
}

/// The folders of a flat list: all together, and each that has a file.
fn folders<'a>(files: &'a [Entry<'_>]) -> impl Iterator<Item = Option<&'a FolderName>> {
    let folders: BTreeSet<&FolderName> = files.iter().filter_map(Entry::folder).collect();
    std::iter::once(None).chain(folders.into_iter().map(Some))
}

#[cfg(test)]
mod tests;
