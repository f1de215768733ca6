//! Wheels: an archive that is what its file name, METADATA, WHEEL and RECORD say.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::digest::Sha256;
use trackside_domain::wheel::WheelFileName;

use crate::binary;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::{MAX_ENTRY_POINTS, MAX_METADATA, MAX_RECORD, MAX_WHEEL_FILE};
use crate::metadata::{self, Expected, Metadata};
use crate::record::{self, Content};
use crate::report::{Contents, Entries, Read};
use crate::zip::{self, Archive, Sums, Verified};
use crate::{entry_points, layout, platform_tag, wheel_file};
use trackside_domain::finding::Code;

/// The file in `.dist-info` with scripts and plug-ins.
const ENTRY_POINTS: &str = "entry_points.txt";

/// What a wheel says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// The name of the file.
    pub file_name: WheelFileName,
    /// What METADATA says.
    pub metadata: Metadata,
    /// METADATA as it stands, the content of the `.metadata` file beside the wheel (PEP 658).
    pub metadata_bytes: Vec<u8>,
    /// The SHA-256 of `metadata_bytes`.
    pub metadata_sha256: Sha256,
    /// The tags that WHEEL states, as written; those of the file name count.
    pub wheel_tags: Vec<String>,
}

/// The files in `.dist-info` that are read; none where one is missing or unreadable. Every wheel has
/// the first three.
struct DistInfo {
    metadata: Option<Vec<u8>>,
    wheel: Option<Vec<u8>>,
    record: Option<Vec<u8>>,
    entry_points: Option<Vec<u8>>,
}

/// Reads and verifies a wheel. One whose file name says nothing is still read as an archive.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let parsed: Result<WheelFileName, _> = file_name.parse();
    if let Err(error) = &parsed {
        findings.archive(Code::WheelFileName, error.reason());
    }
    let Some(archive) = zip::read_archive(source, findings)? else {
        return Ok(Read { sha256: source.sha256()?, entries: None, contents: None });
    };
    let verified = zip::verify(source, &archive, Sums::Digest, findings)?;
    let found = verified.found(&archive);
    let entries = Entries::of(&archive, &found);
    let contents = match parsed {
        Ok(file_name) => {
            binary::check_wheel(&file_name.tags().platform, &found, findings);
            inside(source, (&archive, &verified), file_name, findings)?
        }
        Err(_) => None,
    };
    Ok(Read { sha256: verified.whole, entries: Some(entries), contents })
}

/// The same without unpacking more than what is in `.dist-info`: digests are not compared.
pub(crate) fn inside_unverified(
    source: &SourceFile,
    archive: &Archive,
    file_name: WheelFileName,
    findings: &mut Findings,
) -> Result<Option<Contents>, ReadError> {
    let (members, binaries) = (vec![None; archive.members.len()], BTreeMap::new());
    let verified = Verified { whole: Sha256::of(b""), members, binaries };
    inside(source, (archive, &verified), file_name, findings)
}

/// What is in `.dist-info`, against the file's name and the archive.
fn inside(
    source: &SourceFile,
    (archive, verified): (&Archive, &Verified),
    file_name: WheelFileName,
    findings: &mut Findings,
) -> Result<Option<Contents>, ReadError> {
    check_file_name(&file_name, findings);
    let folder = check_dist_info(archive, &file_name, findings);
    let files = read_dist_info(source, archive, &folder, findings)?;
    if let Some(bytes) = &files.record {
        check_record(bytes, archive, verified, &format!("{folder}/RECORD"), findings);
    }
    if let Some(bytes) = &files.entry_points {
        entry_points::check(bytes, &format!("{folder}/{ENTRY_POINTS}"), findings);
    }
    let wheel_tags = files.wheel.and_then(|bytes| wheel_file::read(&bytes, &file_name, findings));
    let expected = Expected::of_wheel(&file_name);
    let metadata = files.metadata.as_ref().and_then(|bytes| metadata::read(bytes, &expected, findings));
    let names = archive.members.iter().map(|member| member.name.as_str()).collect();
    layout::check_names(&names, &file_name, findings);
    if let Some(metadata) = &metadata {
        layout::check_licences(metadata, &names, &folder, findings);
    }
    let (Some(metadata), Some(metadata_bytes), Some(wheel_tags)) = (metadata, files.metadata, wheel_tags) else {
        return Ok(None);
    };
    let metadata_sha256 = Sha256::of(&metadata_bytes);
    Ok(Some(Contents::Wheel(Box::new(Wheel { file_name, metadata, metadata_bytes, metadata_sha256, wheel_tags }))))
}

/// What indexes say about the name of the file.
fn check_file_name(file_name: &WheelFileName, findings: &mut Findings) {
    if !file_name.is_normalised() {
        let message = format!("indexes spell the name `{}`", file_name.package().in_file_names());
        findings.archive(Code::NameNotNormalised, message);
    }
    let digits = |build: &str| build.chars().take_while(char::is_ascii_digit).collect::<String>();
    if file_name.build().is_some_and(|build| digits(build).parse::<u64>().is_err()) {
        findings.archive(Code::BuildTagTooLarge, "the number of its build tag is larger than uv can hold");
    }
    platform_tag::check(file_name, findings);
}

/// The name of the one `.dist-info` folder. If that is not as it must be, the one that it should
/// have is looked into.
fn check_dist_info(archive: &Archive, file_name: &WheelFileName, findings: &mut Findings) -> String {
    let expected = file_name.dist_info();
    let tops = archive.members.iter().filter_map(|member| member.name.split_once('/').map(|(top, _)| top));
    let is_dist_info = |name: &str| name.to_ascii_lowercase().ends_with(".dist-info");
    let folders: BTreeSet<&str> = tops.filter(|top| is_dist_info(top)).collect();
    for file in archive.members.iter().filter(|member| !member.name.contains('/') && is_dist_info(&member.name)) {
        let message = "a file is named like a `.dist-info` folder, which pip takes for a second one";
        findings.member(Code::DistInfoSeveral, &file.name, message);
    }
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
    let mut read = |name: &str, cap: u64, missing: Option<Code>, too_large: Code| {
        let path = format!("{folder}/{name}");
        let Some(member) = archive.members.iter().find(|member| member.name == path) else {
            missing.into_iter().for_each(|code| findings.member(code, &path, "it is missing"));
            return Ok(None);
        };
        if member.size > cap {
            findings.member(too_large, &path, format!("it has {} bytes, {cap} are allowed", member.size));
        }
        zip::read_member(source, member, cap)
    };
    Ok(DistInfo {
        metadata: read("METADATA", MAX_METADATA, Some(Code::MetadataMissing), Code::MetadataTooLarge)?,
        wheel: read("WHEEL", MAX_WHEEL_FILE, Some(Code::WheelMissing), Code::WheelMalformed)?,
        record: read("RECORD", MAX_RECORD, Some(Code::RecordMissing), Code::RecordTooLarge)?,
        entry_points: read(ENTRY_POINTS, MAX_ENTRY_POINTS, None, Code::EntryPointsMalformed)?,
    })
}

fn check_record(bytes: &[u8], archive: &Archive, verified: &Verified, path: &str, findings: &mut Findings) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.archive(Code::RecordNotUtf8, "RECORD is not UTF-8");
        return;
    };
    let rows = record::parse(text, findings);
    let members = archive.members.iter().zip(&verified.members);
    let contents: Vec<Content<'_>> =
        members.map(|(member, sha256)| Content { name: &member.name, size: member.size, sha256: *sha256 }).collect();
    record::compare(&rows, &contents, path, findings);
}
