//! Name and version in the metadata against those in the file's name.

use pep440_rs::Version;
use trackside_domain::finding::Code;
use trackside_domain::name::PackageName;

use super::{Expected, Metadata, shown};
use crate::finding::Findings;

pub(super) fn check(metadata: &Metadata, expected: &Expected<'_>, findings: &mut Findings) {
    let Expected { document, package, name_text, version, version_text } = expected;
    let Metadata { name, version: stated, .. } = metadata;
    if name.parse::<PackageName>().as_ref() != Ok(package) {
        let message = format!("{document} names {}, the file `{name_text}`", shown(name));
        findings.archive(Code::MetadataNameDiffers, message);
    }
    match stated.parse::<Version>() {
        Ok(read) if read == **version => {
            if read.to_string() != version.to_string() {
                let message = format!("{document} has version {}, the file `{version_text}`", shown(stated));
                findings.archive(Code::MetadataVersionSpelling, message);
            }
        }
        _ => {
            let message = format!("{document} has version {}, the file `{version_text}`", shown(stated));
            findings.archive(Code::MetadataVersionDiffers, message);
        }
    }
    if version.to_string() != *version_text {
        let message = format!("the file's name has version `{version_text}`, its normal form is `{version}`");
        findings.archive(Code::VersionNotNormalised, message);
    }
    if version.is_local() {
        findings.archive(Code::LocalVersion, format!("`{version}` has a local part, which PyPI refuses"));
    }
}
