//! Conda packages, `.conda` and `.tar.bz2`: what `info/` says is what the package is.

mod file_name;
mod index;
mod json;
mod outer;
mod paths;
mod spec;

use std::thread;

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
    /// The number of the build, by which solvers choose between builds of one version.
    pub build_number: u64,
    /// The platform, such as `linux-64`, or `noarch`.
    pub subdir: String,
    /// The dependencies, as written.
    pub depends: Vec<String>,
    /// What other packages may not be, if they are installed, as written.
    pub constrains: Vec<String>,
    /// The licence, as written.
    pub license: Option<String>,
    /// When it was built, in milliseconds since 1970.
    pub timestamp: Option<u64>,
}

const INDEX: &str = "info/index.json";
const PATHS: &str = "info/paths.json";
const FILES: &str = "info/files";

/// Reads and verifies a conda package. One whose file name says nothing is still read as an archive.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let parsed: Result<CondaFileName, _> = file_name.parse();
    if let Err(reason) = &parsed {
        findings.archive(Code::CondaFileName, *reason);
    }
    let (sha256, tree) = if file_name.ends_with(".conda") {
        outer::read(source, findings)?
    } else {
        thread::scope(|scope| {
            let whole = scope.spawn(|| source.sha256());
            let tree = unpack((source, 0, source.size()), (Form::Bzip2, ""), findings);
            let whole = whole.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((whole?, tree?))
        })?
    };
    let Some(tree) = tree else {
        return Ok(Read { sha256, entries: None, contents: None });
    };
    tar::check_names(&tree, findings);
    let entries = Entries::of_tar(&tree);
    let contents = inside(&tree, parsed.ok(), findings);
    Ok(Read { sha256, entries: Some(entries), contents })
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
        INDEX => Some(MAX_CONDA_INDEX),
        PATHS | FILES => Some(MAX_CONDA_PATHS),
        _ => None,
    };
    tar::read(input, &Wanted { label, keep: &keep, digests: true, root: 0 }, findings)
}

/// What `info/` says, against the file's name and the members.
fn inside(tree: &Tree, file_name: Option<CondaFileName>, findings: &mut Findings) -> Option<Contents> {
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
    let Index { build_number, subdir, depends, constrains, license, timestamp, .. } = index;
    Some(Contents::Conda(Box::new(Conda {
        file_name,
        build_number,
        subdir: subdir?,
        depends: depends.unwrap_or_default(),
        constrains: constrains.unwrap_or_default(),
        license,
        timestamp: timestamp.and_then(|timestamp| timestamp.as_u64()),
    })))
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
