//! A tar in a gzip stream: sdists and source archives.

use std::thread;

use trackside_domain::digest::Sha256;

use super::{Tree, Wanted};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::unpack::{Form, Stop, Unpacked};

/// Reads a file of one top folder, and computes the digest of the file beside. `keep` is as in [`Wanted`].
pub(crate) fn read_gzipped(
    source: &SourceFile,
    keep: &dyn Fn(&str) -> Option<u64>,
    findings: &mut Findings,
) -> Result<(Sha256, Option<Tree>), ReadError> {
    let (sha256, tree) = thread::scope(|scope| {
        let whole = scope.spawn(|| source.sha256());
        let tree = unpack(source, keep, findings);
        (whole.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), tree)
    });
    Ok((sha256?, tree?))
}

/// The members; None, with findings, if the framing is refused.
fn unpack(
    source: &SourceFile,
    keep: &dyn Fn(&str) -> Option<u64>,
    findings: &mut Findings,
) -> Result<Option<Tree>, ReadError> {
    let input = match Unpacked::file(source, Form::Gzip) {
        Ok(input) => input,
        Err(Stop::Read(error)) => return Err(error),
        Err(Stop::Flaw(code, message)) => {
            findings.archive(code, message);
            return Ok(None);
        }
    };
    super::read(input, &Wanted { label: "", keep, digests: false, root: 1 }, findings)
}
