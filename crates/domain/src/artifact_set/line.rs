//! What the files require of each other, against the versions of the line.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::{SetFile, SetFindings, packages};
use crate::finding::Code;
use crate::name::PackageName;
use crate::requirement::Requirement;

/// Checks every requirement on a package of the set or of the line. What cannot be read is a
/// finding of the file alone.
pub(super) fn check(files: &[SetFile], expects: &BTreeMap<PackageName, Version>, findings: &mut SetFindings) {
    let ours = packages(files);
    for (index, file) in files.iter().enumerate() {
        let required = file.says.iter().flat_map(|says| &says.requires_dist);
        for requirement in required.filter_map(|text| text.parse::<Requirement>().ok()) {
            // A package may require its own extras.
            let of_another = file.says.as_ref().is_none_or(|says| says.package != requirement.package);
            let expected = expects.get(&requirement.package);
            if of_another && (expected.is_some() || ours.contains(&requirement.package)) {
                check_local(index, &requirement, findings);
            }
            if let Some(version) = expected {
                check_version(index, &requirement, version, findings);
            }
        }
    }
}

fn check_local(index: usize, requirement: &Requirement, findings: &mut SetFindings) {
    if let Some(clause) = requirement.local_clause() {
        let message =
            format!("it requires `{}{}`, a local version", requirement.package, clause.as_str().escape_debug());
        findings.file(index, Code::SetLocalRequirement, message);
    }
}

/// A requirement of a variant, `==2.15.0+cu124`, is weighed without the variant: that is the
/// matter of another code.
fn check_version(index: usize, requirement: &Requirement, expected: &Version, findings: &mut SetFindings) {
    let taken = |clause: &str| {
        let public = clause.split_once('+').map_or(clause, |(public, _)| public);
        format!("{}{public}", requirement.package).parse::<Requirement>().ok()?.takes(expected)
    };
    if let Some(clause) = requirement.clauses().find(|clause| taken(clause.as_str()) == Some(false)) {
        let (package, clause) = (&requirement.package, clause.as_str().escape_debug());
        let message = format!("it requires `{package}{clause}`, the line has {package} {expected}");
        findings.file(index, Code::SetLineVersion, message);
    }
}
