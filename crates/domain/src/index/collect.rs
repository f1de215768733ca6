//! Entries brought into order, after everything that would make a wrong page was refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pep440_rs::Version;
use url::Url;

use super::{Content, Index, IndexError, IndexRoot, Link, Listed, Outline};
use crate::artifact_kind::ArtifactKind;
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::name::{FolderName, PackageName};
use crate::storage_key::{PageKey, Part, StorageKey, Tree, percent_encoded, relative_url};
use crate::wheel::WheelFileName;

/// One file of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a FileName,
    /// The folders whose pages show it; none means every folder.
    pub(super) folders: Vec<&'a FolderName>,
    pub(super) size: u64,
    pub(super) sha256: Sha256,
    /// The digest of the metadata file beside it.
    pub(super) metadata: Option<Sha256>,
    pub(super) requires_python: Option<&'a str>,
    pub(super) place: Place<'a>,
    /// The version in the file's name; archives do not tell it apart.
    pub(super) version: Option<Version>,
    pub(super) uploaded: Option<Timestamp>,
    pub(super) yanked: Option<&'a str>,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place<'a> {
    /// At this path below the root of the store that the pages are in.
    Here(String),
    /// Somewhere else.
    Elsewhere(&'a Url),
}

impl<'a> Entry<'a> {
    /// The folder of a file that lies in one.
    pub(super) fn folder(&self) -> Option<&'a FolderName> {
        self.folders.first().copied()
    }

    /// Whether the file stands on the pages of a folder (`None`: of all folders together).
    pub(super) fn is_in(&self, folder: Option<&FolderName>) -> bool {
        folder.is_none_or(|folder| self.folders.is_empty() || self.folders.contains(&folder))
    }

    /// What a link on a page says.
    pub(super) fn url(&self, (page, base): (&PageKey, Option<&Url>)) -> String {
        match (&self.place, base) {
            (Place::Elsewhere(url), _) => url.to_string(),
            (Place::Here(path), Some(base)) => format!("{base}{}", percent_encoded(path)),
            (Place::Here(path), None) => relative_url(&page.path(), path),
        }
    }
}

impl Place<'_> {
    fn shown(&self) -> String {
        match self {
            Self::Here(path) => path.clone(),
            Self::Elsewhere(url) => url.to_string(),
        }
    }
}

impl<'a> Index<'a> {
    /// Brings all entries of a root into order.
    ///
    /// # Errors
    /// As [`Index::of`].
    pub fn new(root: IndexRoot, listed: &'a [Listed<'a>]) -> Result<Self, IndexError> {
        Self::of(&Content { root, base: None, listed, links: &[], others: None })
    }

    /// Brings entries into order.
    ///
    /// # Errors
    /// When a file does not belong to its package, two different files of one name would stand on
    /// one page, or two pages would be one object.
    pub fn of(content: &Content<'a>) -> Result<Self, IndexError> {
        let root = content.root;
        let mut packages: BTreeMap<&PackageName, Vec<Entry<'_>>> = BTreeMap::new();
        let mut flat: BTreeMap<Tree, Vec<Entry<'_>>> = BTreeMap::new();
        for one in content.listed {
            let entry = entry(one).map_err(|reason| stranger(&one.artifact.name, one.package, reason))?;
            match Tree::of(one.artifact.kind) {
                tree @ (Tree::Libtorch | Tree::Source) => flat.entry(tree).or_default().push(entry),
                Tree::Whl | Tree::Conda => packages.entry(one.package).or_default().push(entry),
            }
        }
        for (package, links) in content.links {
            for link in *links {
                let entry = linked(package, link).map_err(|reason| stranger(&link.file, package, reason))?;
                packages.entry(package).or_default().push(entry);
            }
        }
        for (package, entries) in &mut packages {
            order(package, entries)?;
        }
        for files in flat.values_mut() {
            files.sort_by(|one, other| (one.folder(), one.name).cmp(&(other.folder(), other.name)));
        }
        let mut outline = content.others.clone().unwrap_or_default();
        for (package, entries) in &packages {
            for entry in entries {
                if entry.folders.is_empty() {
                    outline.add_folder(package, None);
                }
                entry.folders.iter().for_each(|folder| outline.add_folder(package, Some(folder)));
            }
        }
        refuse_clashes(root, &outline, flat.values().flatten())?;
        Ok(Self { root, base: content.base, packages, outline, flat })
    }
}

fn stranger(file: &FileName, package: &PackageName, reason: String) -> IndexError {
    IndexError::Stranger { file: file.clone(), package: package.clone(), reason }
}

/// An entry of one file; the error is what is wrong with it.
fn entry<'a>(listed: &Listed<'a>) -> Result<Entry<'a>, String> {
    let Listed { package, artifact, location, uploaded, yanked } = listed;
    let StorageKey::Artifact(key) = location else {
        return Err("its location is not that of an artifact".to_owned());
    };
    if key.file != artifact.name || key.part != Part::File {
        return Err(format!("its location is that of `{}`", location.path()));
    }
    Ok(Entry {
        name: &artifact.name,
        folders: artifact.folder.iter().collect(),
        size: artifact.size,
        sha256: artifact.sha256,
        metadata: artifact.metadata.as_ref().map(|metadata| metadata.sha256),
        requires_python: artifact.requires_python.as_deref(),
        place: Place::Here(location.path()),
        version: version_of(package, artifact.kind, artifact.name.as_str())?,
        uploaded: *uploaded,
        yanked: *yanked,
    })
}

/// An entry of a file of another index.
fn linked<'a>(package: &PackageName, link: &'a Link) -> Result<Entry<'a>, String> {
    let kind = ArtifactKind::of_file_name(link.file.as_str());
    let kind = kind.filter(|kind| Tree::of(*kind) == Tree::Whl).ok_or("it is neither a wheel nor an sdist")?;
    Ok(Entry {
        name: &link.file,
        folders: link.folders.iter().collect(),
        size: link.size,
        sha256: link.sha256,
        metadata: link.metadata,
        requires_python: link.requires_python.as_deref(),
        place: Place::Elsewhere(&link.url),
        version: version_of(package, kind, link.file.as_str())?,
        uploaded: None,
        yanked: None,
    })
}

/// The version in a file's name, if its kind tells it; the error is why the package has no such file.
pub(crate) fn version_of(package: &PackageName, kind: ArtifactKind, file: &str) -> Result<Option<Version>, String> {
    match kind {
        ArtifactKind::Wheel => {
            let name: WheelFileName = file.parse().map_err(|error| format!("{error}"))?;
            // Files of others, and old ones, have `Jinja2` in their names where the rules of today say `jinja2`.
            if name.package() != package {
                return Err(format!("its package is `{}`", name.package()));
            }
            Ok(Some(name.version().clone()))
        }
        ArtifactKind::Sdist => sdist_version(package, file).map(Some),
        ArtifactKind::Libtorch | ArtifactKind::Source => Ok(None),
        ArtifactKind::Conda => Err("conda packages have channel data of their own".to_owned()),
    }
}

fn sdist_version(package: &PackageName, file: &str) -> Result<Version, String> {
    let named = file.strip_suffix(".tar.gz").and_then(|stem| stem.rsplit_once('-'));
    let own = named.filter(|(name, _)| name.parse::<PackageName>().as_ref() == Ok(package));
    let expected = || format!("an sdist must be named `{}-VERSION.tar.gz`", package.in_file_names());
    let (_, version) = own.ok_or_else(expected)?;
    version.parse().map_err(|error| format!("`{version}` is not a version: {error}"))
}

/// Sorts the files of a package by name and leaves each only once. The pages of all folders
/// together show what lies in several folders, where equal names must mean equal bytes.
fn order(package: &PackageName, entries: &mut Vec<Entry<'_>>) -> Result<(), IndexError> {
    entries.sort_by(|one, other| (one.name, &one.place).cmp(&(other.name, &other.place)));
    entries.dedup();
    for pair in entries.windows(2) {
        if let [one, other] = pair
            && one.name == other.name
            && one.sha256 != other.sha256
        {
            return Err(IndexError::TwoFiles {
                file: one.name.clone(),
                package: package.clone(),
                one: one.place.shown(),
                other: other.place.shown(),
            });
        }
    }
    Ok(())
}

fn refuse_clashes<'a>(
    root: IndexRoot,
    outline: &'a Outline,
    flat: impl Iterator<Item = &'a Entry<'a>>,
) -> Result<(), IndexError> {
    // `whl/test/` is a root of its own, below the one of the stable channel, and so are others.
    let reserved = |name: &str| root == IndexRoot::Stable && Tree::is_apart(name);
    let clash = |name: &str| Err(IndexError::Clash { name: name.to_owned() });
    let folders = outline.folders();
    for name in outline.packages().map(PackageName::as_str) {
        if reserved(name) || folders.iter().any(|folder| folder.as_str() == name) {
            return clash(name);
        }
    }
    let all_folders = folders.into_iter().chain(flat.filter_map(Entry::folder));
    match all_folders.map(FolderName::as_str).find(|folder| reserved(folder)) {
        Some(name) => clash(name),
        None => Ok(()),
    }
}
