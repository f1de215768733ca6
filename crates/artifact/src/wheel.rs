//! Wheels: an archive that is what its file name, METADATA, WHEEL and RECORD say.

use std::collections::BTreeSet;
use std::path::Path;

use trackside_domain::digest::Sha256;
use trackside_domain::wheel::WheelFileName;

use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::{Code, Finding, Findings};
use crate::limits::{MAX_METADATA, MAX_RECORD, MAX_WHEEL_FILE};
use crate::metadata::{self, Metadata};
use crate::record::{self, Content};
use crate::wheel_file;
use crate::zip::{self, Archive, Verified};

/// A wheel that has been read and found good, every byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// The name of the file.
    pub file_name: WheelFileName,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the whole file, computed here; the one to publish.
    pub sha256: Sha256,
    /// What METADATA says.
    pub metadata: Metadata,
    /// METADATA as it stands, the content of the `.metadata` file beside the wheel (PEP 658).
    pub metadata_bytes: Vec<u8>,
    /// The SHA-256 of `metadata_bytes`.
    pub metadata_sha256: Sha256,
    /// Requires-Python as written, for the pages.
    pub requires_python: Option<String>,
    /// Requires-Dist as written.
    pub requires_dist: Vec<String>,
    /// The tags that WHEEL states, as written; those of the file name count.
    pub wheel_tags: Vec<String>,
    /// How many files and folders it holds.
    pub members: usize,
    /// The sum of the sizes of its files when unpacked, in bytes.
    pub unpacked_size: u64,
    /// What is odd about it, but no reason to refuse it.
    pub warnings: Vec<Finding>,
}

/// The three files in `.dist-info` that every wheel has; none where one is missing or unreadable.
struct DistInfo {
    metadata: Option<Vec<u8>>,
    wheel: Option<Vec<u8>>,
    record: Option<Vec<u8>>,
}

/// What is known of a wheel when all has been read.
struct Parts {
    metadata: Metadata,
    metadata_bytes: Vec<u8>,
    wheel_tags: Vec<String>,
    whole: Sha256,
    members: usize,
    unpacked_size: u64,
}

impl Wheel {
    /// Reads and verifies the wheel at `path`.
    ///
    /// # Errors
    /// When it cannot be read or is refused; a refusal holds all findings.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let source = SourceFile::open(path)?;
        let file_name: WheelFileName = source.name()?.parse()?;
        let (mut findings, mut warnings) = (Findings::default(), Findings::default());
        let parts = read_parts(&source, &file_name, &mut findings, &mut warnings)?;
        source.check_unchanged()?;
        match parts {
            Some(parts) if findings.is_empty() => Ok(assemble(file_name, source.size(), parts, warnings)),
            _ => Err(ReadError::Refused { path: path.to_owned(), findings: findings.into_vec() }),
        }
    }
}

fn assemble(file_name: WheelFileName, size: u64, parts: Parts, mut warnings: Findings) -> Wheel {
    if !file_name.is_normalised() {
        let message = format!("indexes spell the name `{}`", file_name.package().in_file_names());
        warnings.archive(Code::NameNotNormalised, message);
    }
    let Parts { metadata, metadata_bytes, wheel_tags, whole, members, unpacked_size } = parts;
    Wheel {
        file_name,
        size,
        sha256: whole,
        requires_python: metadata.requires_python.clone(),
        requires_dist: metadata.requires_dist.clone(),
        metadata,
        metadata_sha256: Sha256::of(&metadata_bytes),
        metadata_bytes,
        wheel_tags,
        members,
        unpacked_size,
        warnings: warnings.into_vec(),
    }
}

/// Reads all of it. None only together with findings.
fn read_parts(
    source: &SourceFile,
    file_name: &WheelFileName,
    findings: &mut Findings,
    warnings: &mut Findings,
) -> Result<Option<Parts>, ReadError> {
    let Some(archive) = zip::read_archive(source, findings, warnings)? else {
        return Ok(None);
    };
    let verified = zip::verify(source, &archive, findings)?;
    let folder = check_dist_info(&archive, file_name, findings);
    let files = read_dist_info(source, &archive, &folder, findings)?;
    if let Some(bytes) = &files.record {
        check_record(bytes, &archive, &verified, &format!("{folder}/RECORD"), (findings, warnings));
    }
    let wheel_tags = files.wheel.and_then(|bytes| wheel_file::read(&bytes, file_name, findings, warnings));
    let metadata = files.metadata.as_ref().and_then(|bytes| metadata::read(bytes, file_name, findings));
    let unpacked_size = archive.members.iter().map(|member| member.size).sum();
    let (whole, members) = (verified.whole, archive.members.len());
    Ok(metadata.zip(files.metadata).zip(wheel_tags).map(|((metadata, metadata_bytes), wheel_tags)| Parts {
        metadata,
        metadata_bytes,
        wheel_tags,
        whole,
        members,
        unpacked_size,
    }))
}

/// The name of the one `.dist-info` folder. If that is not as it must be, the one that it should
/// have is looked into.
fn check_dist_info(archive: &Archive, file_name: &WheelFileName, findings: &mut Findings) -> String {
    let expected = file_name.dist_info();
    let tops = archive.members.iter().filter_map(|member| member.name.split_once('/').map(|(top, _)| top));
    let folders: BTreeSet<&str> = tops.filter(|top| top.to_ascii_lowercase().ends_with(".dist-info")).collect();
    match folders.iter().collect::<Vec<_>>()[..] {
        [] => findings.archive(Code::DistInfoMissing, format!("no folder `{expected}`")),
        [only] if **only == expected => {}
        [only] => findings.member(Code::DistInfoName, only, format!("the folder should be named `{expected}`")),
        [_, ..] => findings.archive(Code::DistInfoSeveral, "more than one `.dist-info` folder"),
    }
    expected
}

fn read_dist_info(
    source: &SourceFile,
    archive: &Archive,
    folder: &str,
    findings: &mut Findings,
) -> Result<DistInfo, ReadError> {
    let mut read = |name: &str, cap: u64, missing: Code, too_large: Code| {
        let path = format!("{folder}/{name}");
        let Some(member) = archive.members.iter().find(|member| member.name == path) else {
            findings.member(missing, &path, "it is missing");
            return Ok(None);
        };
        if member.size > cap {
            findings.member(too_large, &path, format!("it has {} bytes, {cap} are allowed", member.size));
        }
        zip::read_member(source, member, cap)
    };
    Ok(DistInfo {
        metadata: read("METADATA", MAX_METADATA, Code::MetadataMissing, Code::MetadataTooLarge)?,
        wheel: read("WHEEL", MAX_WHEEL_FILE, Code::WheelMissing, Code::WheelMalformed)?,
        record: read("RECORD", MAX_RECORD, Code::RecordMissing, Code::RecordTooLarge)?,
    })
}

fn check_record(
    bytes: &[u8],
    archive: &Archive,
    verified: &Verified,
    path: &str,
    (findings, warnings): (&mut Findings, &mut Findings),
) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.archive(Code::RecordNotUtf8, "RECORD is not UTF-8");
        return;
    };
    let rows = record::parse(text, findings);
    let members = archive.members.iter().zip(&verified.members);
    let contents: Vec<Content<'_>> =
        members.map(|(member, sha256)| Content { name: &member.name, size: member.size, sha256: *sha256 }).collect();
    record::compare(&rows, &contents, path, findings, warnings);
}
