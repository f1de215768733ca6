//! The pages as JSON: PEP 691 with the versions, sizes and upload times of PEP 700.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Entry;
use crate::digest::Sha256;
use crate::name::PackageName;
use crate::storage_key::PageKey;

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
    /// PEP 700: in UTC, with at most six digits of a second's fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_time: Option<String>,
    /// The reason; PEP 592 has it in HTML, PEP 691 here.
    #[serde(skip_serializing_if = "Option::is_none")]
    yanked: Option<Yanked<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    core_metadata: Option<Hashes>,
    /// The name that PEP 691 gave it; PEP 714 keeps it for older installers.
    #[serde(skip_serializing_if = "Option::is_none")]
    dist_info_metadata: Option<Hashes>,
}

/// PEP 691: an empty reason would stand for a file that is not yanked.
#[derive(Serialize)]
#[serde(untagged)]
enum Yanked<'a> {
    Is(bool),
    Because(&'a str),
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
pub(super) fn package(at: (&PageKey, Option<&url::Url>), package: &PackageName, entries: &[&Entry<'_>]) -> String {
    let versions: BTreeSet<_> = entries.iter().filter_map(|entry| entry.version.as_ref()).collect();
    let versions: Vec<String> = versions.into_iter().map(ToString::to_string).collect();
    let mut files: Vec<File<'_>> = entries.iter().map(|entry| file(at, entry)).collect();
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

fn file<'a>(at: (&PageKey, Option<&url::Url>), entry: &'a Entry<'_>) -> File<'a> {
    let metadata = entry.metadata.map(|sha256| Hashes { sha256 });
    File {
        filename: entry.name.as_str(),
        url: entry.url(at),
        hashes: Hashes { sha256: entry.sha256 },
        requires_python: entry.requires_python,
        size: entry.size,
        upload_time: entry.uploaded.map(|uploaded| uploaded.to_string()),
        yanked: entry.yanked.map(|reason| if reason.is_empty() { Yanked::Is(true) } else { Yanked::Because(reason) }),
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
