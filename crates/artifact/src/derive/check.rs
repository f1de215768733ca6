//! The proof of a record: two wheels, looked at with the reader alone, differ in what the record
//! names and in nothing else; and the function, run again, gives the same output.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;

use trackside_domain::derivation::{ChangedMember, Derivation, DerivedFile, RENAME_WHEEL, Why};

use super::changes::content_of;
use super::error::DeriveError;
use super::folders::Folders;
use super::mismatch::{Mismatch, Side};
use super::pair::{Pair, pairs};
use super::search::{self, Job};
use super::{FUNCTION_VERSION, metadata_diff, prepare, read_archive};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::limits::MAX_RECORD;
use crate::zip::{self, Archive, Member, Method, join};

/// What was compared, when nothing was wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Members with the same name, headers and stored bytes in both.
    pub carried: u64,
    /// Members that moved with their folder and are the same otherwise.
    pub renamed: u64,
    /// Members whose contents in both are those of the record.
    pub changed: u64,
}

/// Proves that `output` was made from `input` as the record says.
///
/// # Errors
/// When a file cannot be read, or with the first thing that is not as the record says.
pub fn check(record: &Derivation, input: &Path, output: &Path) -> Result<Checked, Mismatch> {
    if (record.function.id.as_str(), record.function.version) != (RENAME_WHEEL, FUNCTION_VERSION) {
        let (id, version) = (record.function.id.clone(), record.function.version);
        return Err(Mismatch::Function { id, version });
    }
    let (input, output) = (open(input, &record.input, Side::Input)?, open(output, &record.output, Side::Output)?);
    let compared = thread::scope(|scope| {
        let digests = [(&input, &record.input, Side::Input), (&output, &record.output, Side::Output)];
        let digests = digests.map(|(file, wanted, side)| scope.spawn(move || check_digest(file, wanted, side)));
        let again = scope.spawn(|| run_again(record, &input));
        let compared = compare(record, &input, &output);
        // A wrong digest explains what differs inside.
        digests.into_iter().map(join).collect::<Result<Vec<()>, _>>()?;
        let compared = compared?;
        join(again)?;
        Ok(compared)
    });
    input.check_unchanged()?;
    output.check_unchanged()?;
    compared
}

fn open(path: &Path, wanted: &DerivedFile, side: Side) -> Result<SourceFile, Mismatch> {
    let file = SourceFile::open(path)?;
    if file.name()? != wanted.name.as_str() || file.size() != wanted.size {
        return Err(Mismatch::File { side, name: wanted.name.to_string() });
    }
    Ok(file)
}

fn check_digest(file: &SourceFile, wanted: &DerivedFile, side: Side) -> Result<(), Mismatch> {
    if file.sha256()? == wanted.sha256 { Ok(()) } else { Err(Mismatch::File { side, name: wanted.name.to_string() }) }
}

/// The function and the search once more.
fn run_again(record: &Derivation, input: &SourceFile) -> Result<(), Mismatch> {
    let again = prepare(input.path(), &record.rules).map_err(|error| Mismatch::Rules(Box::new(error)))?;
    let written = again.stream(&mut std::io::sink()).map_err(|error| Mismatch::Rules(Box::new(error)))?;
    if (written.size, written.sha256) != (record.output.size, record.output.sha256) {
        return Err(Mismatch::NotReproduced { found: written.sha256 });
    }
    if again.changed != record.changed || again.renamed != record.renamed {
        return Err(Mismatch::Lists);
    }
    let job = Job {
        source: &again.source,
        targets: &again.targets,
        rules: &again.rules,
        old: &again.old,
        scope: record.search.scope,
    };
    let found = job.run(1, &AtomicBool::new(false)).map_err(|stop| match stop {
        search::Stop::Read(error) => Mismatch::Read(error),
        search::Stop::Flaw(flaw) => {
            Mismatch::Rules(Box::new(DeriveError::Flaw { path: input.path().to_owned(), flaw }))
        }
    })?;
    if found.search == record.search && found.left.is_empty() { Ok(()) } else { Err(Mismatch::Search) }
}

/// Pairs the members and compares each pair.
fn compare(record: &Derivation, input: &SourceFile, output: &SourceFile) -> Result<Checked, Mismatch> {
    let (before, after) = (archive(input)?, archive(output)?);
    let folders = Folders::new(&record.input.name, &record.output.name);
    let changed: BTreeMap<&str, &ChangedMember> =
        record.changed.iter().map(|member| (member.from.as_str(), member)).collect();
    let mut checked = Checked::default();
    for pair in pairs((input, &before), (output, &after))? {
        let (from, to) = (&pair.before.member.name, &pair.after.member.name);
        if folders.name_after(from) != *to {
            return Err(Mismatch::Name { from: from.clone(), to: to.clone() });
        }
        match changed.get(from.as_str()) {
            Some(listed) => {
                check_changed(record, listed, &pair)?;
                checked.changed += 1;
            }
            None => {
                pair.check_carried()?;
                if from == to { checked.carried += 1 } else { checked.renamed += 1 }
            }
        }
    }
    let renamed = record.renamed.len() as u64;
    let listed = record.changed.len() as u64;
    if (checked.changed, checked.renamed) != (listed, renamed) {
        return Err(Mismatch::Lists);
    }
    Ok(checked)
}

fn archive(source: &SourceFile) -> Result<Archive, Mismatch> {
    Ok(read_archive(source)?)
}

/// A changed member has the contents of the record on both sides; METADATA differs in the lines of
/// the rules alone.
fn check_changed(record: &Derivation, listed: &ChangedMember, pair: &Pair<'_>) -> Result<(), Mismatch> {
    let differs = |side| Mismatch::Content { side, member: listed.from.clone() };
    let before = content(pair.before.source, pair.before.member)?.ok_or_else(|| differs(Side::Input))?;
    let after = content(pair.after.source, pair.after.member)?.ok_or_else(|| differs(Side::Output))?;
    if content_of(&before) != listed.before {
        return Err(differs(Side::Input));
    }
    if content_of(&after) != listed.after || pair.after.member.method != Method::Stored {
        return Err(differs(Side::Output));
    }
    if listed.why == Why::Metadata {
        let line = metadata_diff::first_strange_line(&before, &after, &record.rules);
        return line.map_or(Ok(()), |line| Err(Mismatch::Metadata { line }));
    }
    Ok(())
}

fn content(source: &SourceFile, member: &Member) -> Result<Option<Vec<u8>>, ReadError> {
    zip::read_member(source, member, MAX_RECORD)
}

impl From<ReadError> for Mismatch {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
