//! Which package has pages in which folder: what list pages say, known without any file.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{ChannelMap, Spread};
use crate::name::{FolderName, PackageName};

/// The folders of the wheels and sdists of every package; `None` is the root, whose files belong to
/// every folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    packages: BTreeMap<PackageName, BTreeSet<Option<FolderName>>>,
}

impl Outline {
    /// The outline of a channel; `None` if an older program wrote a map that does not say it.
    pub fn of(map: &ChannelMap) -> Option<Self> {
        let mut outline = Self::default();
        for package in map.packages() {
            outline.add(package, &map.spread(package)?);
        }
        Some(outline)
    }

    /// Adds what a package has.
    pub fn add(&mut self, package: &PackageName, spread: &Spread) {
        if !spread.whl.is_empty() {
            self.packages.entry(package.clone()).or_default().extend(spread.whl.iter().cloned());
        }
    }

    pub(super) fn add_folder(&mut self, package: &PackageName, folder: Option<&FolderName>) {
        self.packages.entry(package.clone()).or_default().insert(folder.cloned());
    }

    /// The packages, sorted.
    pub fn packages(&self) -> impl Iterator<Item = &PackageName> {
        self.packages.keys()
    }

    /// All folders.
    pub fn folders(&self) -> BTreeSet<&FolderName> {
        self.packages.values().flatten().flatten().collect()
    }

    /// The packages with a file in the root, which have pages in every folder.
    pub fn everywhere(&self) -> impl Iterator<Item = &PackageName> {
        self.packages.iter().filter(|(_, folders)| folders.contains(&None)).map(|(package, _)| package)
    }

    /// The folders in which a package has pages; the first is `None`, all folders together. A package
    /// that is not there has none.
    pub fn pages_of(&self, package: &PackageName) -> BTreeSet<Option<&FolderName>> {
        let Some(own) = self.packages.get(package) else { return BTreeSet::new() };
        let mut folders: BTreeSet<Option<&FolderName>> = own.iter().map(Option::as_ref).collect();
        if own.contains(&None) {
            folders.extend(self.folders().into_iter().map(Some));
        }
        folders.insert(None);
        folders
    }

    /// The packages of each folder; the first is `None`, all folders together.
    pub fn by_folder(&self) -> BTreeMap<Option<&FolderName>, Vec<&PackageName>> {
        let all = self.folders();
        let mut lists: BTreeMap<Option<&FolderName>, Vec<&PackageName>> = BTreeMap::new();
        for (package, own) in &self.packages {
            lists.entry(None).or_default().push(package);
            let everywhere = own.contains(&None);
            let folders = all.iter().filter(|folder| everywhere || own.contains(&Some((**folder).clone())));
            folders.for_each(|folder| lists.entry(Some(folder)).or_default().push(package));
        }
        lists
    }
}
