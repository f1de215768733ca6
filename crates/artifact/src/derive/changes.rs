//! The new contents: METADATA, WHEEL, the declared texts, and RECORD, which follows from them.

use std::collections::BTreeMap;

use pep440_rs::Version;
use trackside_domain::derivation::{MemberContent, Rules, Why};
use trackside_domain::digest::Sha256;
use trackside_domain::finding::{Policy, Profile};
use trackside_domain::wheel::WheelFileName;

use super::error::{DeriveError, Flaw};
use super::folders::Folders;
use super::version_text::VersionText;
use super::{metadata, record, wheel_file};
use crate::base64url;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::{MAX_EDIT, MAX_METADATA, MAX_RECORD, MAX_WHEEL_FILE};
use crate::record::{Content, Row, compare, parse};
use crate::zip::{self, Archive, Member};

/// A member with another content.
pub(super) struct Change {
    pub(super) why: Why,
    pub(super) before: MemberContent,
    pub(super) after: Vec<u8>,
}

/// The input as the rules see it.
pub(super) struct Input<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) archive: &'a Archive,
    pub(super) name: &'a WheelFileName,
    pub(super) output: &'a WheelFileName,
    pub(super) rules: &'a Rules,
    pub(super) old: &'a VersionText,
}

/// Why the changes cannot be made.
pub(super) enum Stop {
    Error(DeriveError),
    Flaw(Flaw),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Error(error.into())
    }
}

impl From<Flaw> for Stop {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// The version that METADATA states, if it can be read and states one.
///
/// # Errors
/// When it is not the version of the file name: the output would be something else than the input.
pub(super) fn stated_version(
    source: &SourceFile,
    archive: &Archive,
    name: &WheelFileName,
) -> Result<Option<String>, Stop> {
    let path = format!("{}/METADATA", name.dist_info());
    let Some(member) = archive.members.iter().find(|member| member.name == path) else { return Ok(None) };
    let bytes = zip::read_member(source, member, MAX_METADATA)?.unwrap_or_default();
    let (fields, _) = super::lines::split(std::str::from_utf8(&bytes).unwrap_or_default());
    match fields.iter().find(|field| field.is("Version")).map(|field| field.value) {
        Some(stated) if stated.parse::<Version>().as_ref() == Ok(name.version()) => Ok(Some(stated.to_owned())),
        Some(other) => Err(Flaw::OtherVersion(other.to_owned()).into()),
        None => Ok(None),
    }
}

/// What changes, by the member's place in the directory, and the rows of the input's RECORD.
pub(super) fn changes(input: &Input<'_>, folders: &Folders) -> Result<(BTreeMap<usize, Change>, Vec<Row>), Stop> {
    check_names(input, folders)?;
    let record_name = input.in_dist_info("RECORD");
    let record_bytes = input.read(&record_name, MAX_RECORD)?;
    let rows = read_record(input, &record_bytes)?;
    let mut changes = BTreeMap::new();
    let mut put = |name: &str, before: &[u8], after: Vec<u8>, why: Why| -> Result<(), Stop> {
        if before != after {
            changes.insert(input.place(name)?, Change { why, before: content_of(before), after });
        }
        Ok(())
    };
    let metadata_name = input.in_dist_info("METADATA");
    let before = input.read_recorded(&metadata_name, MAX_METADATA, &rows)?;
    put(
        &metadata_name,
        &before,
        metadata::rewrite(text(&metadata_name, &before)?, input.rules)?.into_bytes(),
        Why::Metadata,
    )?;
    let wheel_name = input.in_dist_info("WHEEL");
    let before = input.read_recorded(&wheel_name, MAX_WHEEL_FILE, &rows)?;
    put(
        &wheel_name,
        &before,
        wheel_file::rewrite(text(&wheel_name, &before)?, input.output)?.into_bytes(),
        Why::Wheel,
    )?;
    for name in &input.rules.edits {
        if [&record_name, &metadata_name, &wheel_name].contains(&name) || name.ends_with('/') {
            return Err(Flaw::NotEditable(name.clone()).into());
        }
        let before = input.read_recorded(name, MAX_EDIT, &rows)?;
        let after =
            input.old.replace(&before, &input.rules.version.to).ok_or_else(|| Flaw::NothingToEdit(name.clone()))?;
        put(name, &before, after, Why::Edit)?;
    }
    let contents: BTreeMap<&str, MemberContent> = changes
        .iter()
        .map(|(index, change)| (input.archive.members[*index].name.as_str(), content_of(&change.after)))
        .collect();
    let after = record::rebuild(&rows, |path| folders.renamed(path), &contents).into_bytes();
    changes.insert(input.place(&record_name)?, Change { why: Why::Record, before: content_of(&record_bytes), after });
    Ok((changes, rows))
}

/// Nothing may lie where the output puts its folders, and no signature may become void.
fn check_names(input: &Input<'_>, folders: &Folders) -> Result<(), Flaw> {
    let signatures = [".jws", ".p7s"].map(|suffix| input.in_dist_info(&format!("RECORD{suffix}")));
    for Member { name, .. } in &input.archive.members {
        if folders.is_taken(name) {
            return Err(Flaw::Taken(name.clone()));
        }
        if signatures.contains(name) {
            return Err(Flaw::Signed(name.clone()));
        }
    }
    Ok(())
}

/// The rows of RECORD, which must list exactly the members of the archive with their sizes: digests
/// of what is carried are carried with it.
fn read_record(input: &Input<'_>, bytes: &[u8]) -> Result<Vec<Row>, Stop> {
    let name = input.in_dist_info("RECORD");
    let mut findings = Findings::default();
    let rows = parse(text(&name, bytes)?, &mut findings);
    let members = input.archive.members.iter();
    let contents: Vec<Content<'_>> =
        members.map(|member| Content { name: &member.name, size: member.size, sha256: None }).collect();
    compare(&rows, &contents, &name, &mut findings);
    let (errors, _) = Policy::of(Profile::Strict).split(findings.into_vec());
    if errors.is_empty() {
        return Ok(rows);
    }
    let path = input.source.path().to_owned();
    Err(Stop::Error(ReadError::Refused { path, findings: errors }.into()))
}

impl Input<'_> {
    /// The name of a file in the input's `.dist-info` folder.
    fn in_dist_info(&self, name: &str) -> String {
        format!("{}/{name}", self.name.dist_info())
    }

    fn place(&self, name: &str) -> Result<usize, Flaw> {
        let place = self.archive.members.iter().position(|member| member.name == name);
        place.ok_or_else(|| Flaw::MemberNotThere(name.to_owned()))
    }

    fn read(&self, name: &str, cap: u64) -> Result<Vec<u8>, Stop> {
        let member = &self.archive.members[self.place(name)?];
        if member.size > cap {
            return Err(Flaw::TooLarge(name.to_owned()).into());
        }
        Ok(zip::read_member(self.source, member, cap)?.ok_or_else(|| Flaw::Corrupt(name.to_owned()))?)
    }

    /// The content of a member, which must have the digest that RECORD states.
    fn read_recorded(&self, name: &str, cap: u64, rows: &[Row]) -> Result<Vec<u8>, Stop> {
        let content = self.read(name, cap)?;
        let stated = format!("sha256={}", base64url::encode(content_of(&content).sha256.as_bytes()));
        if rows.iter().any(|row| row.path == name && row.hash == stated) {
            Ok(content)
        } else {
            Err(Flaw::NotAsRecorded(name.to_owned()).into())
        }
    }
}

/// Size and digest.
pub(super) fn content_of(bytes: &[u8]) -> MemberContent {
    MemberContent { size: bytes.len() as u64, sha256: Sha256::of(bytes) }
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Flaw> {
    std::str::from_utf8(bytes).map_err(|_| Flaw::NotUtf8(name.to_owned()))
}
