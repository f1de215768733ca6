//! Entries brought into order, after everything that would make a wrong page was refused.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::{Index, IndexError, IndexRoot, Listed};
use crate::artifact_kind::ArtifactKind;
use crate::manifest::Artifact;
use crate::name::{FolderName, PackageName};
use crate::storage_key::{Part, StorageKey, Tree};
use crate::wheel::WheelFileName;

/// One file of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) artifact: &'a Artifact,
    /// The path of the file below the root of the store.
    pub(super) path: String,
    /// The version in the file's name; libtorch archives do not tell it apart.
    pub(super) version: Option<Version>,
}

impl<'a> Entry<'a> {
    pub(super) fn folder(&self) -> Option<&'a FolderName> {
        self.artifact.folder.as_ref()
    }

    /// Whether the file stands on the pages of a folder (`None`: of all folders together).
    pub(super) fn is_in(&self, folder: Option<&FolderName>) -> bool {
        folder.is_none() || self.folder().is_none() || self.folder() == folder
    }
}

impl<'a> Index<'a> {
    /// Brings entries into order.
    ///
    /// # Errors
    /// When a file does not belong to its package, two different files of one name would stand on
    /// one page, or two pages would be one object.
    pub fn new(root: IndexRoot, listed: &[Listed<'a>]) -> Result<Self, IndexError> {
        let mut packages: BTreeMap<&PackageName, Vec<Entry<'_>>> = BTreeMap::new();
        let mut libtorch = Vec::new();
        for one in listed {
            let entry = entry(one).map_err(|reason| IndexError::Stranger {
                file: one.artifact.name.clone(),
                package: one.package.clone(),
                reason,
            })?;
            match Tree::of(one.artifact.kind) {
                Tree::Libtorch => libtorch.push(entry),
                Tree::Whl | Tree::Conda => packages.entry(one.package).or_default().push(entry),
            }
        }
        for (package, entries) in &mut packages {
            order(package, entries)?;
        }
        libtorch.sort_by(|one, other| one.artifact.place().cmp(&other.artifact.place()));
        let folders = packages.values().flatten().filter_map(Entry::folder).collect();
        refuse_clashes(root, packages.keys().copied(), &folders, &libtorch)?;
        Ok(Self { root, packages, folders, libtorch })
    }
}

/// An entry of one file; the error is what is wrong with it.
fn entry<'a>(listed: &Listed<'a>) -> Result<Entry<'a>, String> {
    let Listed { package, artifact, location } = listed;
    let StorageKey::Artifact(key) = location else {
        return Err("its location is not that of an artifact".to_owned());
    };
    if key.file != artifact.name || key.part != Part::File {
        return Err(format!("its location is that of `{}`", location.path()));
    }
    let version = match artifact.kind {
        ArtifactKind::Wheel => {
            let name: WheelFileName = artifact.name.as_str().parse().map_err(|error| format!("{error}"))?;
            name.check_package(package).map_err(|error| error.to_string())?;
            Some(name.version().clone())
        }
        ArtifactKind::Sdist => Some(sdist_version(package, artifact.name.as_str())?),
        ArtifactKind::Libtorch => None,
        ArtifactKind::Conda => return Err("conda packages have channel data of their own".to_owned()),
    };
    Ok(Entry { artifact, path: location.path(), version })
}

fn sdist_version(package: &PackageName, file: &str) -> Result<Version, String> {
    let expected = package.in_file_names();
    let version = file.strip_suffix(".tar.gz").and_then(|stem| stem.strip_prefix(&expected)?.strip_prefix('-'));
    let version = version.ok_or_else(|| format!("a source archive must be named `{expected}-VERSION.tar.gz`"))?;
    version.parse().map_err(|error| format!("`{version}` is not a version: {error}"))
}

/// Sorts the files of a package by name and leaves each only once. The pages of all folders
/// together show what lies in several folders, where equal names must mean equal bytes.
fn order(package: &PackageName, entries: &mut Vec<Entry<'_>>) -> Result<(), IndexError> {
    entries.sort_by(|one, other| (&one.artifact.name, &one.path).cmp(&(&other.artifact.name, &other.path)));
    entries.dedup_by(|later, earlier| later.path == earlier.path && later.artifact == earlier.artifact);
    for pair in entries.windows(2) {
        if let [one, other] = pair
            && one.artifact.name == other.artifact.name
            && one.artifact.sha256 != other.artifact.sha256
        {
            return Err(IndexError::TwoFiles {
                file: one.artifact.name.clone(),
                package: package.clone(),
                one: one.path.clone(),
                other: other.path.clone(),
            });
        }
    }
    Ok(())
}

fn refuse_clashes<'a>(
    root: IndexRoot,
    packages: impl Iterator<Item = &'a PackageName>,
    folders: &BTreeSet<&FolderName>,
    libtorch: &[Entry<'_>],
) -> Result<(), IndexError> {
    // `whl/test/` is a root of its own, below the one of the stable channel.
    let reserved = |name: &str| root == IndexRoot::Stable && name == "test";
    let clash = |name: &str| Err(IndexError::Clash { name: name.to_owned() });
    for name in packages.map(PackageName::as_str) {
        if reserved(name) || folders.iter().any(|folder| folder.as_str() == name) {
            return clash(name);
        }
    }
    let all_folders = folders.iter().copied().chain(libtorch.iter().filter_map(Entry::folder));
    match all_folders.map(FolderName::as_str).find(|folder| reserved(folder)) {
        Some(name) => clash(name),
        None => Ok(()),
    }
}
