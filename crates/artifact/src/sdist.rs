//! Source distributions: a gzipped tar with one top folder that says what it is in PKG-INFO.

mod file_name;

use std::collections::BTreeSet;

use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;

pub use self::file_name::SdistFileName;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::MAX_METADATA;
use crate::metadata::{self, LicenceFile, Metadata, licence_files};
use crate::report::{Contents, Entries, Read};
use crate::tar::{self, Kind, Tree};

/// What a source distribution says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdist {
    /// The name of the file.
    pub file_name: SdistFileName,
    /// What PKG-INFO says.
    pub metadata: Metadata,
    /// PKG-INFO as it stands.
    pub metadata_bytes: Vec<u8>,
    /// The SHA-256 of `metadata_bytes`.
    pub metadata_sha256: Sha256,
}

/// Reads and verifies a source distribution; the digest of the file is computed beside.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let parsed: Result<SdistFileName, _> = file_name.parse();
    if let Err(reason) = &parsed {
        findings.archive(Code::SdistFileName, *reason);
    }
    let keep = |name: &str| {
        let in_top = name.split_once('/').is_some_and(|(_, rest)| rest == "PKG-INFO");
        in_top.then_some(MAX_METADATA)
    };
    let (sha256, tree) = tar::read_gzipped(source, &keep, findings)?;
    let Some(mut tree) = tree else {
        return Ok(Read { sha256, entries: None, contents: None });
    };
    tar::check_names(&tree, findings);
    if tree.members.is_empty() {
        findings.archive(Code::Empty, "it has no members");
    }
    let entries = Entries::of_tar(&tree);
    let contents = parsed.ok().and_then(|file_name| inside(&mut tree, file_name, findings));
    Ok(Read { sha256, entries: Some(entries), contents })
}

/// What is in the top folder, against the file's name.
fn inside(tree: &mut Tree, file_name: SdistFileName, findings: &mut Findings) -> Option<Contents> {
    if !file_name.is_normalised() {
        let message = format!("PEP 625 spells the name `{}`", file_name.package().in_file_names());
        findings.archive(Code::SdistNameNotNormalised, message);
    }
    for member in tree.members.iter().filter(|member| matches!(member.kind, Kind::Symlink(_) | Kind::HardLink(_))) {
        findings.member(Code::SdistLink, &member.name, "it is a link, which not every system can make");
    }
    let top = check_top(tree, &file_name, findings)?;
    let path = format!("{top}/PKG-INFO");
    let Some(metadata_bytes) = tree.kept.remove(&path) else {
        match tree.members.iter().find(|member| member.name == path && member.size > MAX_METADATA) {
            Some(large) => {
                let message = format!("it has {} bytes, {MAX_METADATA} are allowed", large.size);
                findings.member(Code::MetadataTooLarge, &path, message);
            }
            None => findings.member(Code::SdistPkgInfoMissing, &path, "it is missing"),
        }
        return None;
    };
    let metadata = metadata::read(&metadata_bytes, &file_name.expected(), findings)?;
    check_licences(&metadata, tree, &top, findings);
    let metadata_sha256 = Sha256::of(&metadata_bytes);
    Some(Contents::Sdist(Box::new(Sdist { file_name, metadata, metadata_bytes, metadata_sha256 })))
}

/// The name of the one top folder; none if there are several, or files beside it.
fn check_top(tree: &Tree, file_name: &SdistFileName, findings: &mut Findings) -> Option<String> {
    let folder = |name: &str, kind: &Kind| name.contains('/') || *kind == Kind::Folder;
    if let Some(stray) = tree.members.iter().find(|member| !folder(&member.name, &member.kind)) {
        findings.member(Code::SdistTopFolder, &stray.name, "it stands outside of a top folder");
        return None;
    }
    let tops: BTreeSet<&str> =
        tree.members.iter().map(|member| member.name.split('/').next().unwrap_or_default()).collect();
    let (Some(top), None) = (tops.first(), tops.iter().nth(1)) else {
        if !tops.is_empty() {
            findings.archive(Code::SdistTopFolder, format!("it has {} top folders", tops.len()));
        }
        return None;
    };
    if *top != file_name.stem() {
        let message = format!("the top folder should be named `{}`", file_name.stem());
        findings.member(Code::SdistTopFolderName, top, message);
    }
    Some((*top).to_owned())
}

/// Checks that the files which PKG-INFO names as licences are there.
fn check_licences(metadata: &Metadata, tree: &Tree, top: &str, findings: &mut Findings) {
    let names: BTreeSet<&str> = tree.members.iter().map(|member| member.name.as_str()).collect();
    for file in licence_files(metadata) {
        let (path, code) = match file {
            LicenceFile::Specified(path) => (path, Code::LicenseFileMissing),
            LicenceFile::Early(path) => (path, Code::LicenseFileUnshipped),
        };
        let path = format!("{top}/{path}");
        if !names.contains(path.as_str()) {
            findings.member(code, &path, "PKG-INFO names it as a licence, it is missing");
        }
    }
}
