//! Deriving a wheel from a wheel: another version and other tags, with every member that no rule
//! names carried over as it lies in the file, still compressed.
//!
//! The output is a function of the input's bytes, its name and the rules alone. It is laid out
//! first, as runs of bytes that are carried and runs that are new; writing it is another matter,
//! and every writer gives the same bytes.

mod beside;
mod changes;
mod check;
mod copy;
mod digest;
mod error;
mod folders;
mod layout;
mod lines;
mod metadata;
mod metadata_diff;
mod mismatch;
mod output;
mod pair;
mod proof;
mod raw;
mod record;
mod requirement;
mod search;
mod stream;
mod version_text;
mod wheel_file;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use trackside_domain::derivation::{
    ChangedMember, Derivation, DerivedFile, Function, RENAME_WHEEL, RenamedMember, Rules, Search, Tool,
};
use trackside_domain::digest::Sha256;
use trackside_domain::finding::{Level, Policy, Profile};
use trackside_domain::manifest::FORMAT;
use trackside_domain::wheel::WheelFileName;

pub use self::beside::{compare_record, read_record, record_path};
use self::changes::{Change, Input, Stop, content_of};
pub use self::check::{Checked, check};
pub use self::copy::CopyBy;
pub use self::error::{DeriveError, Flaw};
use self::folders::Folders;
use self::layout::{Fate, Layout, Part};
pub use self::mismatch::{Mismatch, Side};
use self::search::Target;
pub use self::stream::Written;
use self::version_text::VersionText;
pub use self::write::{Derived, Options, write};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::zip::{self, Archive};

/// The version of the function. It grows whenever the same input and rules would give other bytes.
pub const FUNCTION_VERSION: u32 = 1;

/// A derivation that is decided to the last byte, of which nothing is written yet.
pub struct Prepared {
    source: SourceFile,
    name: WheelFileName,
    output: WheelFileName,
    rules: Rules,
    old: VersionText,
    layout: Layout,
    changed: Vec<ChangedMember>,
    renamed: Vec<RenamedMember>,
    targets: Vec<Target>,
}

/// Reads the input's headers and the members that the rules change, and lays the output out.
///
/// # Errors
/// When the input is no wheel whose framing and RECORD are sound, or a rule does not fit it or has no
/// effect.
pub fn prepare(path: &Path, rules: &Rules) -> Result<Prepared, DeriveError> {
    let source = SourceFile::open(path)?;
    let name: WheelFileName = source.name()?.parse().map_err(DeriveError::Name)?;
    let misfit = |reason| DeriveError::Rules { path: path.to_owned(), reason };
    let output = rules.output_name(&name).map_err(misfit)?;
    let flawed = |flaw| DeriveError::Flaw { path: path.to_owned(), flaw };
    let stopped = |stop| match stop {
        Stop::Error(error) => error,
        Stop::Flaw(flaw) => flawed(flaw),
    };
    let archive = read_archive(&source)?;
    let stated = changes::stated_version(&source, &archive, &name).map_err(stopped)?;
    let old = VersionText::new(&rules.version.from, stated.as_deref()).ok_or_else(|| flawed(Flaw::Version))?;
    let folders = Folders::new(&name, &output);
    let input = Input { source: &source, archive: &archive, name: &name, output: &output, rules, old: &old };
    let (changes, rows) = changes::changes(&input, &folders).map_err(stopped)?;
    let comment = zip::comment(&source, &archive)?;
    if old.is_in(&comment) {
        return Err(flawed(Flaw::Comment));
    }
    let (changed, renamed) = summary(&archive, &folders, &changes);
    let targets = search::targets(&archive, &folders, &changes, &rows);
    if let Some(missing) = rules.keep.iter().find(|kept| !targets.iter().any(|target| target.from == **kept)) {
        return Err(flawed(Flaw::MemberNotThere(missing.clone())));
    }
    let layout = layout::lay_out(&parts(&source, &archive, &folders, changes)?, &comment);
    let rules = rules.clone();
    Ok(Prepared { source, name, output, rules, old, layout, changed, renamed, targets })
}

/// The archive, if nothing is wrong with it that a project could not allow.
fn read_archive(source: &SourceFile) -> Result<Archive, ReadError> {
    let mut findings = Findings::default();
    let archive = zip::read_archive(source, &mut findings)?;
    let (errors, _) = Policy::of(Profile::Channel).split(findings.into_vec());
    let errors: Vec<_> = errors.into_iter().filter(|finding| finding.code.level() == Level::Fixed).collect();
    match archive {
        Some(archive) if errors.is_empty() => Ok(archive),
        _ => Err(ReadError::Refused { path: source.path().to_owned(), findings: errors }),
    }
}

/// What becomes of each member, in the order of the directory.
fn parts(
    source: &SourceFile,
    archive: &Archive,
    folders: &Folders,
    mut changes: BTreeMap<usize, Change>,
) -> Result<Vec<Part>, ReadError> {
    let records = raw::read_records(source, archive)?;
    let members = archive.members.iter().zip(records).enumerate();
    let mut parts = Vec::with_capacity(archive.members.len());
    for (index, (member, record)) in members {
        let renamed = folders.renamed(&member.name);
        let fate = match (changes.remove(&index), &renamed) {
            (Some(change), _) => Fate::Changed(change.after),
            (None, Some(name)) => {
                let header = source.bytes(member.header_offset, member.data_offset - member.header_offset)?;
                let local = header.and_then(|header| raw::renamed_local(&header, name));
                Fate::Renamed(local.ok_or_else(|| ReadError::Changed { path: source.path().to_owned() })?)
            }
            (None, None) => Fate::Carried,
        };
        parts.push(Part {
            record,
            name: renamed.unwrap_or_else(|| member.name.clone()),
            header_offset: member.header_offset,
            data_offset: member.data_offset,
            compressed: member.compressed,
            size: member.size,
            fate,
        });
    }
    Ok(parts)
}

/// What the record says of the members.
fn summary(
    archive: &Archive,
    folders: &Folders,
    changes: &BTreeMap<usize, Change>,
) -> (Vec<ChangedMember>, Vec<RenamedMember>) {
    let (mut changed, mut renamed) = (Vec::new(), Vec::new());
    for (index, member) in archive.members.iter().enumerate() {
        let (from, to) = (member.name.clone(), folders.name_after(&member.name));
        match changes.get(&index) {
            Some(Change { why, before, after }) => {
                changed.push(ChangedMember { from, to, why: *why, before: *before, after: content_of(after) });
            }
            None if from != to => renamed.push(RenamedMember { from, to }),
            None => {}
        }
    }
    (changed, renamed)
}

impl Prepared {
    /// The name of the output.
    pub const fn output_name(&self) -> &WheelFileName {
        &self.output
    }

    /// The length of the output in bytes.
    pub const fn size(&self) -> u64 {
        self.layout.size
    }

    /// The record of the derivation, once all its digests are known.
    fn record(&self, input: Sha256, output: Written, search: Search) -> Result<Derivation, DeriveError> {
        let file = |name: &WheelFileName, size, sha256| DerivedFile { name: name.clone(), size, sha256 };
        let record = Derivation {
            format: FORMAT,
            tool: Tool { name: "trackside".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            function: Function { id: RENAME_WHEEL.to_owned(), version: FUNCTION_VERSION },
            input: file(&self.name, self.source.size(), input),
            rules: self.rules.clone(),
            output: file(&self.output, output.size, output.sha256),
            changed: self.changed.clone(),
            renamed: self.renamed.clone(),
            search,
        };
        record.checked().map_err(DeriveError::Contradiction)
    }
}
