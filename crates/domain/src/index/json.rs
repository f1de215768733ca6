//! The pages as JSON: PEP 691 with the versions and sizes of PEP 700.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Entry;
use crate::digest::Sha256;
use crate::name::PackageName;
use crate::storage_key::{PageKey, relative_url};

/// The version of the interface: PEP 700 made it 1.1.
const API_VERSION: &str = "1.1";

/// One file; the keys are those of PEP 691.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File<'a> {
    filename: &'a str,
    url: String,
    hashes: Hashes,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<&'a str>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    core_metadata: Option<Hashes>,
    /// The name that PEP 691 gave it; PEP 714 keeps it for older installers.
    #[serde(skip_serializing_if = "Option::is_none")]
    dist_info_metadata: Option<Hashes>,
}

#[derive(Serialize, Clone, Copy)]
struct Hashes {
    sha256: Sha256,
}

#[derive(Serialize)]
struct Project<'a> {
    name: &'a PackageName,
}

/// The page of one package.
pub(super) fn package(key: &PageKey, package: &PackageName, entries: &[&Entry<'_>]) -> String {
    let versions: BTreeSet<_> = entries.iter().filter_map(|entry| entry.version.as_ref()).collect();
    let versions: Vec<String> = versions.into_iter().map(ToString::to_string).collect();
    let mut files: Vec<File<'_>> = entries.iter().map(|entry| file(key, entry)).collect();
    // As in HTML: one link to one file is enough.
    files.dedup_by_key(|file| file.filename);
    let head = format!("{},\"name\":{},\"versions\":{}", meta(), json(package), json(&versions));
    document(&head, "files", &files)
}

/// The list of packages.
pub(super) fn packages(packages: &[&PackageName]) -> String {
    let projects: Vec<Project<'_>> = packages.iter().map(|name| Project { name }).collect();
    document(&meta(), "projects", &projects)
}

fn file<'a>(key: &PageKey, entry: &'a Entry<'_>) -> File<'a> {
    let artifact = entry.artifact;
    let metadata = artifact.metadata.as_ref().map(|metadata| Hashes { sha256: metadata.sha256 });
    File {
        filename: artifact.name.as_str(),
        url: relative_url(&key.path(), &entry.path),
        hashes: Hashes { sha256: artifact.sha256 },
        requires_python: artifact.requires_python.as_deref(),
        size: artifact.size,
        core_metadata: metadata,
        dist_info_metadata: metadata,
    }
}

fn meta() -> String {
    format!("\"meta\":{{\"api-version\":\"{API_VERSION}\"}}")
}

/// One object with one item to a line, so that two pages can be compared by eye.
fn document<T: Serialize>(head: &str, name: &str, items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(json).collect();
    format!("{{{head},\"{name}\":[\n{}\n]}}\n", items.join(",\n"))
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    // Texts, numbers and lists of them: nothing that JSON cannot hold.
    serde_json::to_string(value).expect("JSON holds every page")
}
