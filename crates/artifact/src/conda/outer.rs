//! The outer archive of a `.conda`: a zip with one small file and two compressed tars, all stored.

use std::thread;

use serde::Deserialize;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;

use super::{json, unpack};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::limits::MAX_CONDA_INDEX;
use crate::tar::Tree;
use crate::unpack::Form;
use crate::zip::{self, Archive, Member, Method, Sums};

const METADATA: &str = "metadata.json";

#[derive(Deserialize)]
struct Format {
    conda_pkg_format_version: u64,
}

/// The three members that there must be.
struct Parts<'a> {
    info: &'a Member,
    package: &'a Member,
}

/// Reads the framing, and both inner archives as one tree; the checksums of the outer members and the
/// digest of the file are computed beside. No tree, with findings, if a framing is refused.
pub(super) fn read(source: &SourceFile, findings: &mut Findings) -> Result<(Sha256, Option<Tree>), ReadError> {
    let Some(archive) = zip::read_archive(source, findings)? else {
        return Ok((source.sha256()?, None));
    };
    check_format(source, &archive, findings)?;
    let mut outer = Findings::default();
    let (verified, tree) = thread::scope(|scope| {
        let verified = scope.spawn(|| zip::verify(source, &archive, Sums::Checksum, &mut outer));
        let tree = match parts(&archive, source, findings) {
            Ok(Some(parts)) => inner(source, &parts, findings),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        (verified.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), tree)
    });
    findings.append(outer);
    Ok((verified?.whole, tree?))
}

fn check_format(source: &SourceFile, archive: &Archive, findings: &mut Findings) -> Result<(), ReadError> {
    const VERSION: u64 = 2;
    let Some(member) = archive.members.iter().find(|member| member.name == METADATA) else {
        findings.member(Code::CondaFormat, METADATA, "it is missing");
        return Ok(());
    };
    let bytes = zip::read_member(source, member, MAX_CONDA_INDEX)?.unwrap_or_default();
    match json::read::<Format>(&bytes) {
        Ok(Format { conda_pkg_format_version: VERSION }) => {}
        Ok(_) => findings.member(Code::CondaFormat, METADATA, "it states a version of the format other than 2"),
        Err(reason) => findings.member(Code::CondaFormat, METADATA, reason),
    }
    Ok(())
}

/// The inner archives; none if one is missing or not stored. Other members are strangers.
fn parts<'a>(
    archive: &'a Archive,
    source: &SourceFile,
    findings: &mut Findings,
) -> Result<Option<Parts<'a>>, ReadError> {
    let stem = source.name()?.trim_end_matches(".conda");
    let (info, package) = (format!("info-{stem}.tar.zst"), format!("pkg-{stem}.tar.zst"));
    for member in &archive.members {
        if ![METADATA, &info, &package].contains(&member.name.as_str()) {
            findings.member(Code::CondaLayout, &member.name, "it is none of the three members of a conda package");
        }
        if member.method != Method::Stored {
            findings.member(Code::CondaLayout, &member.name, "it is compressed, it must be stored");
        }
    }
    let mut find = |name: &str| {
        let found = archive.members.iter().find(|member| member.name == name);
        if found.is_none() {
            findings.member(Code::CondaLayout, name, "it is missing");
        }
        found.filter(|member| member.method == Method::Stored)
    };
    let (info, package) = (find(&info), find(&package));
    Ok(info.zip(package).map(|(info, package)| Parts { info, package }))
}

/// Both trees as one, since they are unpacked into one folder.
fn inner(source: &SourceFile, parts: &Parts<'_>, findings: &mut Findings) -> Result<Option<Tree>, ReadError> {
    let mut read =
        |member: &Member, label| unpack((source, member.data_offset, member.size), (Form::Zstd, label), findings);
    let (info, package) = (read(parts.info, "the archive of `info`: ")?, read(parts.package, "the package: ")?);
    let (Some(mut info), Some(package)) = (info, package) else {
        return Ok(None);
    };
    for (tree, in_info) in [(&info, true), (&package, false)] {
        let misplaced = tree.members.iter().filter(|member| is_info(&member.name) != in_info);
        for member in misplaced {
            findings.member(Code::CondaLayout, &member.name, "it stands in the wrong one of the two inner archives");
        }
    }
    info.members.extend(package.members);
    Ok(Some(info))
}

fn is_info(name: &str) -> bool {
    name == "info" || name.starts_with("info/")
}
