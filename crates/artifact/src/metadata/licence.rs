//! Licences: License-Expression, License-File, and what may not stand beside them (PEP 639).

mod expression;

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// A file with a licence that the metadata name, and whether the archive must have it.
pub(crate) enum LicenceFile<'a> {
    /// Of Metadata-Version 2.4 or later: below `licenses/` in a wheel, below the top folder in a
    /// source distribution; PyPI looks there.
    Specified(&'a str),
    /// Of an earlier one, in which some builds wrote the field before it had a meaning.
    Early(&'a str),
}

/// The files that the metadata name; a path that no archive can have is a finding of its own and
/// is not there.
pub(crate) fn licence_files(metadata: &Metadata) -> impl Iterator<Item = LicenceFile<'_>> {
    let specified = is_specified(metadata);
    let paths = metadata.all("License-File").filter(|path| !path.is_empty() && path_error(path).is_none());
    paths.map(move |path| if specified { LicenceFile::Specified(path) } else { LicenceFile::Early(path) })
}

/// Whether the format has the fields of PEP 639.
fn is_specified(metadata: &Metadata) -> bool {
    let numbers = metadata.metadata_version.split_once('.');
    numbers
        .and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)))
        .is_some_and(|version| version >= (2, 4))
}

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    if metadata.all("License-Expression").any(str::is_empty) {
        findings.archive(Code::LicenseExpressionMalformed, "License-Expression is empty, which PyPI refuses");
    }
    if let Some(expression) = metadata.stated("License-Expression") {
        if let Err(reason) = expression::check(expression) {
            let message = format!("License-Expression {}: {reason}", shown(expression));
            findings.archive(Code::LicenseExpressionMalformed, message);
        }
        if metadata.stated("License").is_some() {
            findings.archive(Code::LicenseTwice, "License and License-Expression stand side by side");
        }
        if let Some(classifier) = metadata.all("Classifier").find(|text| text.starts_with("License ::")) {
            let message = format!("the classifier {} stands beside License-Expression", shown(classifier));
            findings.archive(Code::LicenseClassifier, message);
        }
    }
    for path in metadata.all("License-File").filter(|_| is_specified(metadata)) {
        if let Some(reason) = path_error(path) {
            findings.archive(Code::LicenseFilePath, format!("License-File {} {reason}", shown(path)));
        }
    }
}

/// Why a path cannot be that of a file in the archive.
fn path_error(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.contains("..") {
        Some("leads out")
    } else if path.contains('*') {
        Some("is a pattern")
    } else if path.starts_with(['/', '\\']) || drive {
        Some("is absolute")
    } else if path.contains('\\') {
        Some("has a backslash")
    } else if path.is_empty() || path.split('/').any(|part| part.is_empty() || part == ".") {
        Some("has an empty part")
    } else {
        None
    }
}
