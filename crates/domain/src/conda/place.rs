//! The one folder in which all packages of a subdir lie.
//!
//! Clients join one base URL and the name of a file. So packages of several candidates cannot be
//! named where they were staged, each in its own prefix; and no file of a name may ever get other
//! bytes. Packages that lie together already are used where they are; otherwise they are copied
//! within their store, create-only, to a folder whose name is a function of its content.

use std::collections::{BTreeMap, BTreeSet};

use super::{Copy, Package};
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::name::FolderName;
use crate::storage_key::{ArtifactKey, Home, IndexRoot, Part, StorageKey, Tree};

/// Where the packages of a subdir lie.
pub(super) struct Place {
    /// What leads from the data to the packages; none if they lie beside it.
    pub(super) base_url: Option<String>,
    /// The packages that have to be copied there.
    pub(super) copies: Vec<Copy>,
}

/// The place of the packages of one subdir.
pub(super) fn of(root: IndexRoot, subdir: &FolderName, packages: &BTreeMap<&FileName, Package<'_>>) -> Place {
    let home = home(root, packages);
    let to = |package: &Package<'_>| {
        let (folder, file) = (Some(subdir.clone()), package.artifact.name.clone());
        StorageKey::Artifact(ArtifactKey { home: home.clone(), folder, file, part: Part::File })
    };
    let copied_here = match &home {
        // Stable packages are copied by the promotion; a set lies where it was staged.
        Home::Stable(_) | Home::Candidate { .. } => false,
        Home::CondaCandidate(candidate) => root == IndexRoot::Candidate(*candidate),
        Home::CondaSet(_) => true,
    };
    let copy = |package: &Package<'_>| Copy {
        from: package.staged(),
        to: to(package),
        size: package.artifact.size,
        sha256: package.artifact.sha256,
    };
    let copies = packages.values().filter(|_| copied_here).map(copy).collect();
    let base_url = packages.values().next().and_then(|package| base_url(root, subdir, &to(package)));
    Place { base_url, copies }
}

fn home(root: IndexRoot, packages: &BTreeMap<&FileName, Package<'_>>) -> Home {
    let sets: BTreeSet<_> = packages.values().map(Package::set).collect();
    let candidates: BTreeSet<_> = packages.values().map(|package| package.candidate).collect();
    match (root, sets.first(), candidates.first()) {
        (IndexRoot::Stable, ..) | (_, None, _) => Home::Stable(Tree::Conda),
        (_, Some((package, candidate)), _) if sets.len() == 1 => {
            Home::Candidate { package: (*package).clone(), candidate: *candidate }
        }
        (IndexRoot::Candidate(candidate), ..) => Home::CondaCandidate(candidate),
        // All came with one candidate, whose own channel has them in a folder.
        (IndexRoot::Test, _, Some(Some(candidate))) if candidates.len() == 1 => Home::CondaCandidate(*candidate),
        (IndexRoot::Test, ..) => Home::CondaSet(digest(packages)),
    }
}

/// Names a set of packages.
fn digest(packages: &BTreeMap<&FileName, Package<'_>>) -> Sha256 {
    let lines = packages.values().map(|package| format!("{}  {}\n", package.artifact.sha256, package.artifact.name));
    Sha256::of(lines.collect::<String>().as_bytes())
}

/// The relative URL from the folder of the data to that of the packages, with a slash at its end.
fn base_url(root: IndexRoot, subdir: &FolderName, file: &StorageKey) -> Option<String> {
    let data = format!("{}/{subdir}/repodata.json", root.path(Tree::Conda));
    let url = crate::storage_key::relative_url(&data, &file.path());
    url.rsplit_once('/').map(|(folder, _)| format!("{folder}/"))
}
