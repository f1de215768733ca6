//! What is needed: Requires-Dist, Requires-Python, and the extras and distributions beside them.

use std::collections::BTreeSet;

use trackside_domain::finding::Code;
use trackside_domain::name::PackageName;
use trackside_domain::requirement::{Requirement, Wanted, range};

use super::{Metadata, shown, unfolded};
use crate::finding::Findings;

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    for text in metadata.all("Requires-Dist").filter(|text| text.contains('\n')) {
        let message = format!("Requires-Dist {} is folded, which pip and PyPI do not read", shown(text));
        findings.archive(Code::RequiresDistFolded, message);
    }
    for text in &metadata.requires_dist {
        match text.parse::<Requirement>() {
            Ok(_) if text.split(';').next().is_some_and(is_comma_only) => {
                let message = format!("Requires-Dist {}: a comma stands there without a version", shown(text));
                findings.archive(Code::RequiresDistMalformed, message);
            }
            Ok(requirement) => {
                check_marker(text, &requirement, findings);
                check_for_pypi(&requirement, findings);
            }
            Err(reason) => {
                findings.archive(Code::RequiresDistMalformed, format!("Requires-Dist {}: {reason}", shown(text)));
            }
        }
    }
    for field in ["Provides-Dist", "Obsoletes-Dist"] {
        for text in metadata.all(field).map(unfolded) {
            match text.parse::<Requirement>() {
                Ok(Requirement { wanted: Wanted::Versions(_), .. }) => {}
                Ok(_) => {
                    findings.archive(Code::ProvidesDistMalformed, format!("{field} {} is an address", shown(&text)));
                }
                Err(reason) => {
                    findings.archive(Code::ProvidesDistMalformed, format!("{field} {}: {reason}", shown(&text)));
                }
            }
        }
    }
    check_python(metadata, findings);
    check_extras(metadata, findings);
}

/// Whether nothing but commas follows the name: the list of versions is empty, yet there is one.
fn is_comma_only(text: &str) -> bool {
    let text = text.trim_end_matches([' ', '\t', ')']);
    text.ends_with(',') && !text.contains(['<', '>', '=', '!', '~', '@'])
}

/// Variables for the lock files of PEP 751, which metadata cannot use.
const OF_LOCK_FILES: [&str; 2] = ["extras", "dependency_groups"];

fn check_marker(text: &str, requirement: &Requirement, findings: &mut Findings) {
    let Some(marker) = requirement.marker.as_ref().map(ToString::to_string) else {
        return;
    };
    // The normal form has one blank between its words.
    let mut words = marker.split(' ');
    if let Some(word) = words.clone().find(|word| OF_LOCK_FILES.contains(word)) {
        let message = format!("Requires-Dist {}: installers do not know `{word}`", shown(text));
        findings.archive(Code::RequiresDistMarker, message);
    }
    if words.any(|word| word == "===") {
        let message = format!("Requires-Dist {}: not every installer compares with `===` in a marker", shown(text));
        findings.archive(Code::RequiresDistArbitrary, message);
    }
}

fn check_for_pypi(requirement: &Requirement, findings: &mut Findings) {
    if let Wanted::Address(address) = &requirement.wanted {
        let message = format!("`{}` is required from {}", requirement.package, shown(address));
        findings.archive(Code::RequiresDirectUrl, message);
    }
    if let Some(clause) = requirement.local_clause() {
        let message =
            format!("`{}` is required as {}, which PyPI never has", requirement.package, shown(clause.as_str()));
        findings.archive(Code::RequiresLocalVersion, message);
    }
}

fn check_python(metadata: &Metadata, findings: &mut Findings) {
    let Some(text) = &metadata.requires_python else {
        return;
    };
    if let Err(reason) = range(text) {
        findings.archive(Code::RequiresPythonMalformed, format!("Requires-Python {}: {reason}", shown(text)));
    }
}

fn check_extras(metadata: &Metadata, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for text in metadata.all("Provides-Extra") {
        match text.parse::<PackageName>() {
            Ok(extra) => {
                if !seen.insert(extra) {
                    findings.archive(Code::ProvidesExtraTwice, format!("the extra {} stands there twice", shown(text)));
                }
            }
            Err(_) => {
                findings.archive(Code::ProvidesExtraMalformed, format!("Provides-Extra {} is no name", shown(text)));
            }
        }
    }
}
