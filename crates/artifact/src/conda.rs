//! Conda packages, `.conda` and `.tar.bz2`: what `info/` says is what the package is.

mod file_name;
mod index;
mod json;
mod machine;
mod outer;
mod paths;
mod run_exports;
mod spec;

use std::thread;

use trackside_domain::conda::{CondaRecord, Md5};
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;

pub use self::file_name::CondaFileName;
use self::index::Index;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::{MAX_CONDA_INDEX, MAX_CONDA_PATHS};
use crate::report::{Contents, Entries, Read};
use crate::tar::{self, Tree, Wanted};
use crate::unpack::{Form, Stop, Unpacked};

/// What a conda package says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conda {
    /// The name of the file, which `info/index.json` repeats.
    pub file_name: CondaFileName,
    /// What a channel says about it.
    pub record: CondaRecord,
}

const INDEX: &str = "info/index.json";
const PATHS: &str = "info/paths.json";
const FILES: &str = "info/files";
const RUN_EXPORTS: &str = "info/run_exports.json";

/// Reads and verifies a conda package. One whose file name says nothing is still read as an archive.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let parsed: Result<CondaFileName, _> = file_name.parse();
    if let Err(reason) = &parsed {
        findings.archive(Code::CondaFileName, *reason);
    }
    let (md5, read) = thread::scope(|scope| {
        let md5 = scope.spawn(|| source.md5());
        let read = if file_name.ends_with(".conda") { outer::read(source, findings) } else { older(source, findings) };
        (md5.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), read)
    });
    let (md5, (sha256, tree)) = (md5?, read?);
    let Some(tree) = tree else {
        return Ok(Read { sha256, entries: None, contents: None });
    };
    tar::check_names(&tree, findings);
    let entries = Entries::of_tar(&tree);
    let contents = inside(&tree, parsed.ok(), md5, findings);
    Ok(Read { sha256, entries: Some(entries), contents })
}

/// The one archive of a `.tar.bz2`.
fn older(source: &SourceFile, findings: &mut Findings) -> Result<(Sha256, Option<Tree>), ReadError> {
    thread::scope(|scope| {
        let whole = scope.spawn(|| source.sha256());
        let tree = unpack((source, 0, source.size()), (Form::Bzip2, ""), findings);
        let whole = whole.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((whole?, tree?))
    })
}

/// A part of a file: where it begins and how long it is.
type Section<'a> = (&'a SourceFile, u64, u64);

/// The members of one compressed tar, with the digest of each. None, with findings, if its framing is
/// refused.
fn unpack(
    (source, offset, length): Section<'_>,
    (form, label): (Form, &str),
    findings: &mut Findings,
) -> Result<Option<Tree>, ReadError> {
    let input = match Unpacked::section(source, (offset, length), form) {
        Ok(input) => input,
        Err(Stop::Read(error)) => return Err(error),
        Err(Stop::Flaw(code, message)) => {
            findings.archive(code, format!("{label}{message}"));
            return Ok(None);
        }
    };
    let keep = |name: &str| match name {
        INDEX | RUN_EXPORTS => Some(MAX_CONDA_INDEX),
        PATHS | FILES => Some(MAX_CONDA_PATHS),
        _ => None,
    };
    tar::read(input, &Wanted { label, keep: &keep, digests: true, root: 0 }, findings)
}

/// What `info/` says, against the file's name and the members.
fn inside(tree: &Tree, file_name: Option<CondaFileName>, md5: Md5, findings: &mut Findings) -> Option<Contents> {
    paths::check(tree, findings);
    let bytes = wanted(tree, INDEX, (Code::CondaIndexMissing, Code::CondaIndexMalformed), findings)?;
    let index: Index = match json::read(bytes) {
        Ok(index) => index,
        Err(reason) => {
            findings.member(Code::CondaIndexMalformed, INDEX, reason);
            return None;
        }
    };
    let file_name = file_name?;
    index::check(&index, &file_name, findings);
    if let Some(subdir) = &index.subdir {
        machine::check(tree, subdir, findings);
    }
    let run_exports = run_exports::read(tree, findings);
    let record = index.record(md5, run_exports)?;
    Some(Contents::Conda(Box::new(Conda { file_name, record })))
}

/// The content of a file in `info/`; none, with a finding, if it is missing or too large.
fn wanted<'a>(
    tree: &'a Tree,
    name: &str,
    (missing, too_large): (Code, Code),
    findings: &mut Findings,
) -> Option<&'a Vec<u8>> {
    let kept = tree.kept.get(name);
    if kept.is_none() {
        match tree.members.iter().find(|member| member.name == name && member.size > 0) {
            Some(large) => findings.member(too_large, name, format!("it has {} bytes, too many", large.size)),
            None => findings.member(missing, name, "it is missing"),
        }
    }
    kept
}
