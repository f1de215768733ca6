//! What was written, looked at as any other wheel: everything that needs no unpacking.

use std::path::Path;

use trackside_domain::finding::{Code, Finding, Policy};
use trackside_domain::requirement::Requirement;

use super::Prepared;
use super::error::DeriveError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::metadata::Metadata;
use crate::report::Contents;
use crate::{wheel, zip};

/// Checks framing, METADATA, WHEEL and RECORD of the file at `path`, which is to become the output.
/// What is carried was not unpacked and is not unpacked here.
pub(super) fn check_output(prepared: &Prepared, path: &Path, policy: &Policy) -> Result<(), DeriveError> {
    let source = SourceFile::open(path)?;
    let mut findings = Findings::default();
    let contents = match zip::read_archive(&source, &mut findings)? {
        Some(archive) => wheel::inside_unverified(&source, &archive, prepared.output.clone(), &mut findings)?,
        None => None,
    };
    judged(prepared, findings, contents.as_ref(), policy)
}

/// Verifies every byte of the file at `path`, what is carried included, and its binaries.
pub(super) fn verify_output(prepared: &Prepared, path: &Path, policy: &Policy) -> Result<(), DeriveError> {
    let source = SourceFile::open(path)?;
    let mut findings = Findings::default();
    let read = wheel::read(&source, prepared.output.as_str(), &mut findings)?;
    judged(prepared, findings, read.contents.as_ref(), policy)
}

fn judged(
    prepared: &Prepared,
    findings: Findings,
    contents: Option<&Contents>,
    policy: &Policy,
) -> Result<(), DeriveError> {
    let (errors, _) = policy.split(findings.into_vec());
    if errors.is_empty() {
        return Ok(());
    }
    let rules = mending(&errors, contents.and_then(Contents::metadata));
    Err(DeriveError::Output { name: prepared.output.to_string(), findings: errors, rules })
}

/// The rules that would have prevented the findings, as the command line takes them.
fn mending(errors: &[Finding], metadata: Option<&Metadata>) -> Vec<String> {
    if !errors.iter().any(|finding| finding.code == Code::RequiresLocalVersion) {
        return Vec::new();
    }
    let requirements = metadata.into_iter().flat_map(|metadata| &metadata.requires_dist);
    requirements.filter_map(|text| without_local(&text.parse().ok()?)).collect()
}

/// The rule that strips the local version of a requirement; none if it has none.
fn without_local(requirement: &Requirement) -> Option<String> {
    requirement.local_clause()?;
    let versions = |strip: bool| {
        let clauses = requirement.clauses().map(|clause| match clause.as_str().split_once('+') {
            Some((public, _)) if strip => public.to_owned(),
            _ => clause.as_str().to_owned(),
        });
        clauses.collect::<Vec<_>>().join(",")
    };
    let package = &requirement.package;
    Some(format!("--requirement '{package}{} -> {package}{}'", versions(false), versions(true)))
}
