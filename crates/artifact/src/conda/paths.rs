//! `info/paths.json`: the list of a package's files, each with its digest and size.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;

use super::json::{self, Bounded};
use super::{FILES, PATHS, wanted};
use crate::finding::Findings;
use crate::limits::MAX_MEMBERS;
use crate::tar::{Kind, Member, Tree};

#[derive(Deserialize)]
struct Document {
    paths: Bounded<Entry>,
    paths_version: u64,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "_path")]
    path: String,
    path_type: PathType,
    sha256: Option<String>,
    size_in_bytes: Option<u64>,
}

/// What is made of a path at installation: a link to the file in the cache, the same symbolic link,
/// or a folder.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum PathType {
    Hardlink,
    Softlink,
    Directory,
}

/// Compares the list with what is in the package, both ways; `info/` does not list itself.
pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let Some(bytes) = wanted(tree, PATHS, (Code::CondaPathsMissing, Code::CondaPathsMalformed), findings) else {
        return;
    };
    let document: Document = match json::read(bytes) {
        Ok(document) => document,
        Err(reason) => {
            findings.member(Code::CondaPathsMalformed, PATHS, reason);
            return;
        }
    };
    if document.paths_version != 1 {
        findings.member(Code::CondaPathsMalformed, PATHS, "it states a version of its format other than 1");
    }
    let members: BTreeMap<&str, &Member> = tree
        .members
        .iter()
        .filter(|member| !member.name.starts_with("info/") && member.name != "info")
        .map(|member| (member.name.as_str(), member))
        .collect();
    let mut listed = BTreeSet::new();
    for entry in &document.paths.0 {
        if !listed.insert(entry.path.as_str()) {
            findings.member(Code::CondaPathsDuplicate, &entry.path, "paths.json lists it twice");
        } else if let Some(member) = members.get(entry.path.as_str()) {
            check_entry(entry, member, findings);
        } else {
            let message = "paths.json lists it, but it is not in the package";
            findings.member(Code::CondaPathsStranger, &entry.path, message);
        }
    }
    for member in members.values().filter(|member| member.kind != Kind::Folder) {
        if !listed.contains(member.name.as_str()) {
            findings.member(Code::CondaPathsUnlisted, &member.name, "paths.json does not list it");
        }
    }
    check_files(tree, &document.paths.0, findings);
}

fn check_entry(entry: &Entry, member: &Member, findings: &mut Findings) {
    let expected = match member.kind {
        Kind::File | Kind::HardLink(_) => PathType::Hardlink,
        Kind::Symlink(_) => PathType::Softlink,
        Kind::Folder => PathType::Directory,
    };
    if entry.path_type != expected {
        findings.member(Code::CondaPathsType, &entry.path, "paths.json takes it for something else than it is");
    }
    // The digest of a symbolic link is that of its target, or that of nothing: builds differ.
    let Some(found) = member.sha256.filter(|_| expected == PathType::Hardlink) else {
        return;
    };
    let stated = entry.sha256.as_ref().map(|text| text.parse::<Sha256>());
    match stated {
        Some(Ok(stated)) if stated == found => {}
        Some(Ok(stated)) => {
            let message = format!("paths.json states sha256 {}, it has {}", stated.short(), found.short());
            findings.member(Code::CondaPathsHashDiffers, &entry.path, message);
        }
        Some(Err(_)) | None => {
            findings.member(Code::CondaPathsHashMissing, &entry.path, "paths.json has no sha256 of it");
        }
    }
    match entry.size_in_bytes {
        Some(size) if size == member.size => {}
        Some(size) => {
            let message = format!("paths.json states {size} bytes, it has {}", member.size);
            findings.member(Code::CondaPathsSizeDiffers, &entry.path, message);
        }
        None => findings.member(Code::CondaPathsHashMissing, &entry.path, "paths.json has no size of it"),
    }
}

/// `info/files` is the older list, with names only; installers that know no paths.json go by it.
fn check_files(tree: &Tree, entries: &[Entry], findings: &mut Findings) {
    if !tree.members.iter().any(|member| member.name == FILES && member.size > 0) {
        return;
    }
    let Some(bytes) = wanted(tree, FILES, (Code::CondaFilesDiffer, Code::CondaFilesDiffer), findings) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.member(Code::CondaFilesDiffer, FILES, "it is not UTF-8");
        return;
    };
    if text.lines().count() as u64 > MAX_MEMBERS {
        findings.member(Code::CondaFilesDiffer, FILES, "it has more lines than a package has files");
        return;
    }
    let files: BTreeSet<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    for differs in files.symmetric_difference(&paths) {
        findings.member(Code::CondaFilesDiffer, differs, "info/files and paths.json do not both list it");
    }
}
