//! The files of a channel that belong to no manifest, told from everything else that lies between them.

use std::collections::{BTreeMap, BTreeSet};

use super::{ImportWorld, Request};
use crate::artifact_kind::ArtifactKind;
use crate::drift::{Scope, objects};
use crate::file_name::FileName;
use crate::matrix::Row;
use crate::name::{FolderName, PackageName};
use crate::plan::rebuild::is_page;
use crate::project::Project;
use crate::storage_key::{ArtifactKey, Home, Part, StorageKey, Tree};
use crate::store::ObjectKey;
use crate::wheel::WheelFileName;

/// A file that no manifest and no earlier import has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Where it lies.
    pub key: ObjectKey,
    /// Its package.
    pub package: PackageName,
    /// What it is, by its name.
    pub kind: ArtifactKind,
    /// The folder; `None` is the root.
    pub folder: Option<FolderName>,
    /// Its name.
    pub name: FileName,
    /// Its length in bytes.
    pub size: u64,
}

/// Everything that lies in the folders of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sorted {
    /// What is to be taken in.
    pub(super) new: Vec<NewFile>,
    /// What belongs to the channel already.
    pub(super) known: BTreeSet<ObjectKey>,
    /// What cannot be taken in: the code and the reason.
    pub(super) odd: BTreeMap<ObjectKey, (&'static str, String)>,
}

/// Sorts a listing.
pub(super) fn sorted(project: &Project, request: &Request, world: &ImportWorld) -> Sorted {
    let known = objects(request.channel, &world.channel, Scope::All).into_keys().collect();
    let mut sorted = Sorted { known, ..Sorted::default() };
    let archives = Archives::of(project);
    for (key, size) in &world.sizes {
        if is_page(key) || sorted.known.contains(key) || request.leaves_out(key) {
            continue;
        }
        match new_file(key, *size, &archives) {
            Ok(Some(file)) => sorted.new.push(file),
            // The file beside it says more.
            Ok(None) if key.as_str().strip_suffix(Part::Metadata.suffix()).is_some_and(|file| world.has(file)) => {}
            Ok(None) => drop(sorted.odd.insert(key.clone(), ("metadata-alone", "its wheel is not there".into()))),
            Err(odd) => drop(sorted.odd.insert(key.clone(), odd)),
        }
    }
    sorted
}

/// A file by its key; `None` is the metadata beside one.
fn new_file(key: &ObjectKey, size: u64, archives: &Archives) -> Result<Option<NewFile>, (&'static str, String)> {
    let parsed = StorageKey::parse(key.as_str());
    let Some(StorageKey::Artifact(ArtifactKey { home: Home::Stable(tree), folder, file, part })) = parsed else {
        return Err(("strange-file", "no file of a channel lies at such a place under such a name".to_owned()));
    };
    if let Some(folder) = folder.as_ref().filter(|folder| !is_channel_folder(folder)) {
        let message = format!("`{folder}` is none of `cpu`, `xpu`, `cu` and digits, `rocm` and a version");
        return Err(("strange-folder", message));
    }
    if part == Part::Metadata {
        return Ok(None);
    }
    let kind = ArtifactKind::of_file_name(file.as_str()).filter(|kind| Tree::of(*kind) == tree);
    let kind =
        kind.ok_or_else(|| ("strange-file", format!("nothing with this ending belongs into {}", tree.as_str())))?;
    let package = package(kind, file.as_str(), archives).map_err(|why| ("strange-name", why))?;
    Ok(Some(NewFile { key: key.clone(), package, kind, folder, name: file, size }))
}

fn package(kind: ArtifactKind, file: &str, archives: &Archives) -> Result<PackageName, String> {
    let package = match kind {
        ArtifactKind::Wheel => {
            let name: WheelFileName = file.parse().map_err(|error| format!("{error}"))?;
            name.package().clone()
        }
        ArtifactKind::Sdist => {
            let name = file.rsplit_once('-').and_then(|(name, _)| name.parse().ok());
            name.ok_or_else(|| format!("`{file}` does not begin with the name of a package and a version"))?
        }
        ArtifactKind::Source => {
            let (name, _) = ArtifactKind::source_name(file).ok_or("it has no tag in its name")?;
            let known = archives.source.get(name).cloned();
            known.map_or_else(|| name.parse().map_err(|error| format!("{error}")), Ok)?
        }
        ArtifactKind::Libtorch | ArtifactKind::Conda => archives.libtorch.clone(),
    };
    // What a page could not list is told here, where the file can still be left out.
    crate::index::version_of(&package, kind, file).map(|_| package)
}

/// Whether it is the name of a folder for one kind of machine: all of it, not only its beginning.
fn is_channel_folder(folder: &FolderName) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = folder.as_str();
    let cuda = || name.strip_prefix("cu").is_some_and(digits);
    let rocm = || {
        let version = name.strip_prefix("rocm");
        version.is_some_and(|version| version.contains('.') && version.split('.').all(digits))
    };
    matches!(name, "cpu" | "xpu") || cuda() || rocm()
}

/// The packages that ship archives, whose names are not those of packages.
struct Archives {
    /// The package with archives of libtorch, or one of that name.
    libtorch: PackageName,
    /// The packages with source archives, by what stands before the tag in their names.
    source: BTreeMap<String, PackageName>,
}

impl Archives {
    fn of(project: &Project) -> Self {
        let of_line = project.lines.values().flat_map(|line| &line.matrix);
        let declared = project.packages.iter().map(|(package, rows)| (package, &rows.matrix));
        let rows: Vec<(&PackageName, &Row)> =
            declared.chain(of_line).flat_map(|(package, rows)| rows.iter().map(move |row| (package, row))).collect();
        let of_kind = |kind| rows.iter().filter(move |(_, row)| row.kind == kind);
        let with: BTreeSet<&PackageName> = of_kind(ArtifactKind::Libtorch).map(|(package, _)| *package).collect();
        let libtorch = match with.first() {
            Some(package) if with.len() == 1 => (*package).clone(),
            // A checked name; the configuration may allow it.
            _ => "libtorch".parse().expect("it is a package name"),
        };
        let stem = |(package, row): &(&PackageName, &Row)| {
            let (stem, _) = row.name.as_deref()?.split_once("-v{version}")?;
            Some((stem.replace("{package}", &package.in_file_names()), (*package).clone()))
        };
        Self { libtorch, source: of_kind(ArtifactKind::Source).filter_map(stem).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str) -> Result<String, &'static str> {
        let source = BTreeMap::from([("pytorch".to_owned(), "torch".parse().unwrap())]);
        let archives = Archives { libtorch: "torch".parse().unwrap(), source };
        let found = new_file(&key.parse().unwrap(), 1, &archives);
        match found {
            Ok(Some(file)) => Ok(file.package.to_string()),
            Ok(None) => Ok("metadata".to_owned()),
            Err((code, _)) => Err(code),
        }
    }

    #[test]
    fn names_are_read_strictly() {
        for (key, package) in [
            ("whl/Jinja2-3.1.2-py3-none-any.whl", "jinja2"),
            ("whl/cpu/torch-2.0.0+cpu-cp311-cp311-linux_x86_64.whl", "torch"),
            ("whl/cpu/torch-2.0.0+cpu-cp311-cp311-linux_x86_64.whl.metadata", "metadata"),
            ("whl/cu126/torch-2.0.0-cp311-cp311-linux_x86_64.whl", "torch"),
            ("whl/rocm6.1/torch-2.0.0-cp311-cp311-linux_x86_64.whl", "torch"),
            ("whl/ruamel.yaml-0.18.tar.gz", "ruamel-yaml"),
            ("libtorch/xpu/libtorch-shared-with-deps-latest.zip", "torch"),
            ("source_code/pytorch-v2.0.0.tar.gz", "torch"),
            ("source_code/vision-v0.15.0.tar.gz", "vision"),
        ] {
            assert_eq!(of(key).as_deref(), Ok(package), "{key}");
        }
        let wheel = "torch-2.0.0-cp311-cp311-linux_x86_64.whl";
        for folder in ["cpu_anything", "cu118foo", "cu", "rocm6", "rocm6.", "cpu-cxx11-abi", "CPU"] {
            assert_eq!(of(&format!("whl/{folder}/{wheel}")), Err("strange-folder"), "{folder}");
        }
        for key in ["whl/cpu/torch-2.0.0.whl", "whl/torch-x-py3-none-any.whl", "whl/cpu/1.tar.gz"] {
            assert_eq!(of(key), Err("strange-name"), "{key}");
        }
        for key in [
            "source_code/torch-2.0.0.tar.gz",
            "whl/cpu/a/b/c.whl",
            "whl/cpu/x.zip",
            "libtorch/cpu/torch-1.0-py3-none-any.whl",
            "whl/cpu/a%2Bb.whl",
        ] {
            assert_eq!(of(key), Err("strange-file"), "{key}");
        }
    }
}
