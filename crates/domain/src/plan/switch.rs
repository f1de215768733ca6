//! What of a channel's pages a change of its map touches, rendered from the files behind it. The work
//! grows with what changes: of a package that does not change, not even the manifest is looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::conda::Source;
use crate::digest::Sha256;
use crate::index::{Content, Index, IndexRoot, Link, Listed, Outline, Page};
use crate::manifest::{Artifact, Channel, ChannelEntry, ChannelMap, Imported, Manifest, Spread};
use crate::name::PackageName;
use crate::plan::{Stop, StopKind};
use crate::project::{Links, Project};
use crate::storage_key::{PageKey, StorageKey, Tree, Twin};
use crate::store::ObjectKey;
use crate::world::ChannelWorld;

/// The change of one channel.
pub struct Switch<'a> {
    /// The project.
    pub project: &'a Project,
    /// The channel as it was seen.
    pub seen: &'a ChannelWorld,
    /// What it is to point to.
    pub map: &'a ChannelMap,
    /// The packages that the command is about: their pages are rendered even if the map says nothing
    /// new of them, so that a switch that was given up in its middle is finished.
    pub about: BTreeSet<PackageName>,
    /// The manifests that this plan brings, by their digests.
    pub brought: BTreeMap<Sha256, &'a Manifest>,
}

/// What must be looked at before a channel can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// The packages whose manifests, import records and pages are needed.
    pub packages: BTreeSet<PackageName>,
    /// Those of which only the files of one tree are needed, for its flat list.
    pub flat: BTreeMap<Tree, BTreeSet<PackageName>>,
    /// Those of which only the conda packages are needed.
    pub conda: BTreeSet<PackageName>,
    /// The pages.
    pub pages: Vec<StorageKey>,
    /// Whether an older program wrote the map, which then does not say what pages there are: all that
    /// are there are needed, this once.
    pub unlisted: bool,
}

impl Needs {
    /// What a command needs that brings these packages, each with the folders of what comes of it.
    pub fn of(map: &ChannelMap, coming: &BTreeMap<PackageName, Spread>) -> Self {
        let mut after: BTreeMap<&PackageName, Spread> = BTreeMap::new();
        let mut packages: BTreeSet<PackageName> = coming.keys().cloned().collect();
        let mut unlisted = false;
        for package in map.packages() {
            match map.spread(package) {
                Some(spread) => drop(after.insert(package, spread)),
                // An older program wrote it: only its manifests tell.
                None => {
                    packages.insert(package.clone());
                    unlisted = true;
                }
            }
        }
        let outline = |spreads: &BTreeMap<&PackageName, Spread>| {
            let mut outline = Outline::default();
            spreads.iter().for_each(|(package, spread)| outline.add(package, spread));
            outline
        };
        let before = outline(&after);
        coming.iter().for_each(|(package, spread)| after.entry(package).or_default().extend(spread));
        let outline = outline(&after);
        if outline.folders() != before.folders() {
            packages.extend(outline.everywhere().cloned());
        }
        let touched = |has: &dyn Fn(&Spread) -> bool| {
            let any = packages.iter().any(|package| after.get(package).is_none_or(has));
            let all = after.iter().filter(|(_, spread)| any && has(spread)).map(|(package, _)| (*package).clone());
            all.collect::<BTreeSet<PackageName>>()
        };
        let conda = touched(&|spread| spread.has(Tree::Conda));
        let flat = Tree::FLAT.map(|tree| (tree, touched(&|spread| spread.has(tree))));
        let flat: BTreeMap<Tree, BTreeSet<PackageName>> = flat.into_iter().filter(|(_, of)| !of.is_empty()).collect();
        let root = IndexRoot::from(map.channel);
        let key = |tree, folder: Option<&crate::name::FolderName>, package: Option<&PackageName>, twin| {
            let (folder, package) = (folder.cloned(), package.cloned());
            StorageKey::Page(PageKey { root, tree, folder, package, twin })
        };
        let mut pages = Vec::new();
        for twin in Twin::ALL {
            for package in &packages {
                let folders = outline.pages_of(package);
                pages.extend(folders.into_iter().map(|folder| key(Tree::Whl, folder, Some(package), twin)));
            }
            let folders = std::iter::once(None).chain(outline.folders().into_iter().map(Some));
            pages.extend(folders.map(|folder| key(Tree::Whl, folder, None, twin)));
        }
        for tree in flat.keys() {
            let folders = after.values().flat_map(|spread| spread.of_tree(*tree)).map(Option::as_ref);
            let all: BTreeSet<_> = folders.chain([None]).collect();
            pages.extend(all.into_iter().map(|folder| key(*tree, folder, None, Twin::Html)));
        }
        Self { packages, flat, conda, pages, unlisted }
    }

    /// Whether the manifest of an entry is needed.
    pub fn manifest(&self, package: &PackageName, entry: &ChannelEntry) -> bool {
        let has = |tree| entry.spread.as_ref().is_none_or(|spread| spread.has(tree));
        self.packages.contains(package)
            || self.flat.iter().any(|(tree, of)| of.contains(package) && has(*tree))
            || self.conda.contains(package) && has(Tree::Conda)
    }

    /// Whether the import record of a package is needed.
    pub fn record(&self, package: &PackageName) -> bool {
        self.packages.contains(package) || self.flat.values().any(|of| of.contains(package))
    }
}

/// What the pages that may change are made of.
struct Parts<'a> {
    root: IndexRoot,
    base: Option<&'a url::Url>,
    listed: Vec<Listed<'a>>,
    links: Vec<(&'a PackageName, &'a [Link])>,
    others: Outline,
}

impl Parts<'_> {
    fn index(&self) -> Result<Index<'_>, Stop> {
        let Self { root, base, listed, links, others } = self;
        let content = Content { root: *root, base: *base, listed, links, others: Some(others.clone()) };
        Index::of(&content).map_err(|error| stop("index", "pages", error.to_string()))
    }
}

impl<'a> Switch<'a> {
    /// The packages whose pages may change.
    fn due(&self) -> BTreeSet<PackageName> {
        let mut due = self.about.clone();
        let none = ChannelMap::empty(self.map.channel);
        let before = self.seen.map.as_ref().map_or(&none, |(_, map)| map);
        due.extend(self.map.packages().into_iter().filter(|package| self.map.differs(before, package)).cloned());
        let (then, now) = (Outline::of(before).unwrap_or_default(), Outline::of(self.map).unwrap_or_default());
        if then.folders() != now.folders() {
            due.extend(now.everywhere().cloned());
        }
        due
    }

    /// The pages that may change, as they are to be.
    ///
    /// # Errors
    /// When something that they need was not looked at, or they would be wrong.
    pub fn pages(&self) -> Result<Vec<Page>, Stop> {
        Ok(self.parts()?.index()?.pages())
    }

    /// Where those pages are.
    ///
    /// # Errors
    /// As [`Switch::pages`].
    pub fn keys(&self) -> Result<BTreeSet<ObjectKey>, Stop> {
        Ok(self.parts()?.index()?.keys())
    }

    fn parts(&self) -> Result<Parts<'_>, Stop> {
        let due = self.due();
        let flat = Tree::FLAT.map(|tree| (tree, self.all_with(&due, tree)));
        let mut listed = Vec::new();
        for package in due.iter().chain(flat.iter().flat_map(|(_, of)| of)).collect::<BTreeSet<_>>() {
            let shown = |tree: &Tree| match tree {
                Tree::Conda => false,
                Tree::Whl => due.contains(package),
                Tree::Libtorch | Tree::Source => flat.iter().any(|(one, of)| one == tree && of.contains(package)),
            };
            let trees: Vec<Tree> = Tree::ALL.into_iter().filter(shown).collect();
            let (name, files) = self.files(package, &trees)?;
            listed.extend(files.into_iter().map(|file| Listed { package: name, ..file }));
        }
        let links = due
            .iter()
            .filter_map(|package| self.project.third_party.get_key_value(package))
            .filter(|(package, _)| self.map.links.contains_key(*package))
            .map(|(package, links)| (package, links.as_slice()));
        let base = match &self.project.links {
            Links::Absolute(url) if self.map.channel == Channel::Stable => Some(url),
            Links::Absolute(_) | Links::Relative => None,
        };
        let others = Outline::of(self.map).unwrap_or_default();
        Ok(Parts { root: self.map.channel.into(), base, listed, links: links.collect(), others })
    }

    /// The manifests of conda channel data, if any of it may change: then all of them.
    ///
    /// # Errors
    /// When something that it needs was not looked at.
    pub fn conda(&self) -> Result<Vec<Source<'a>>, Stop> {
        let mut sources = Vec::new();
        for package in self.all_with(&self.due(), Tree::Conda) {
            for entry in self.map.releases.get(&package).into_iter().flat_map(BTreeMap::values) {
                if entry.spread.as_ref().is_none_or(|spread| spread.has(Tree::Conda)) {
                    let manifest = self.manifest(&package, entry)?;
                    sources.push(Source { manifest, candidate: Some(entry.candidate), yanked: Some(&entry.yanked) });
                }
            }
        }
        Ok(sources)
    }

    /// All packages that have something, if one of those that are due has it.
    fn all_with(&self, due: &BTreeSet<PackageName>, tree: Tree) -> BTreeSet<PackageName> {
        let with = |package: &&PackageName| self.map.spread(package).as_ref().is_none_or(|spread| spread.has(tree));
        let all: BTreeSet<PackageName> = self.map.packages().into_iter().filter(with).cloned().collect();
        if due.iter().any(|package| all.contains(package)) { all } else { BTreeSet::new() }
    }

    /// All files of a package that go to these trees, where and as they are listed.
    fn files(&self, package: &PackageName, trees: &[Tree]) -> Result<(&'a PackageName, Vec<Listed<'a>>), Stop> {
        let mut files = Vec::new();
        let mut name = self.project.third_party.get_key_value(package).map(|(name, _)| name);
        let releases = self.map.releases.get_key_value(package);
        name = releases.map(|(name, _)| name).or(name);
        let is_shown = |artifact: &Artifact| trees.contains(&Tree::of(artifact.kind));
        for entry in releases.into_iter().flat_map(|(_, releases)| releases.values()) {
            // What has no such file was perhaps not looked at.
            let has = |spread: &Spread| trees.iter().any(|tree| spread.has(*tree));
            if !entry.spread.as_ref().is_none_or(has) {
                continue;
            }
            let manifest = self.manifest(package, entry)?;
            files.extend(manifest.artifacts.iter().filter(|artifact| is_shown(artifact)).map(|artifact| Listed {
                package: &manifest.package,
                artifact,
                location: self.location(manifest, artifact),
                uploaded: entry.since,
                yanked: entry.yanked.reason(&artifact.name),
            }));
        }
        if let Some((key, imported)) = self.map.imported.get_key_value(package) {
            name = Some(key);
            files.extend(self.imported(package, imported)?.into_iter().filter(|file| is_shown(file.artifact)));
        }
        // Whoever is about a package that is nowhere is about nothing.
        let name =
            name.ok_or_else(|| stop("not-in-channel", package.as_str(), "the channel does not have it".into()))?;
        Ok((name, files))
    }

    fn imported(&self, package: &PackageName, imported: &'a Imported) -> Result<Vec<Listed<'a>>, Stop> {
        let unseen = || stop("unseen", package.as_str(), "its import record was not looked at".to_owned());
        let record = self.seen.imported.get(&imported.record).ok_or_else(unseen)?;
        let file = |file: &'a crate::manifest::ImportedFile| Listed {
            package: &record.package,
            artifact: &file.artifact,
            location: StorageKey::stable(&file.artifact),
            uploaded: file.uploaded,
            yanked: imported.yanked.reason(&file.artifact.name),
        };
        Ok(record.files.iter().map(file).collect())
    }

    fn manifest(&self, package: &PackageName, entry: &ChannelEntry) -> Result<&'a Manifest, Stop> {
        let digest = &entry.manifest.sha256;
        let found = self.brought.get(digest).copied().or_else(|| self.seen.manifests.get(digest));
        // A page made without it would lose files that are there.
        found.ok_or_else(|| {
            let message = format!("its manifest for {} was not looked at", entry.manifest.candidate);
            stop("unseen", package.as_str(), message)
        })
    }

    fn location(&self, manifest: &Manifest, artifact: &Artifact) -> StorageKey {
        match self.map.channel {
            Channel::Test => StorageKey::staged(&manifest.package, manifest.candidate, artifact),
            Channel::Stable => StorageKey::stable(artifact),
        }
    }
}

/// Says of every entry where its files lie, as far as its manifest is known.
pub fn fill<'a>(map: &mut ChannelMap, manifest: impl Fn(&Sha256) -> Option<&'a Manifest>) {
    for entry in map.releases.values_mut().flat_map(BTreeMap::values_mut) {
        if entry.spread.is_none() {
            entry.spread = manifest(&entry.manifest.sha256).map(|manifest| Spread::of(&manifest.artifacts));
        }
    }
}

fn stop(code: &'static str, subject: &str, message: String) -> Stop {
    Stop::new(StopKind::Failed, code, subject, message)
}
