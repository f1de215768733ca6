//! Dynamic: the fields that a source distribution leaves to the build (PEP 643).

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// The fields that may be left open, in lower case. PyPI keeps a list of its own: everything but
/// name, version and the format's version.
const ALLOWED: [&str; 28] = [
    "author",
    "author-email",
    "classifier",
    "description",
    "description-content-type",
    "download-url",
    "home-page",
    "import-name",
    "import-namespace",
    "keywords",
    "license",
    "license-expression",
    "license-file",
    "maintainer",
    "maintainer-email",
    "obsoletes",
    "obsoletes-dist",
    "platform",
    "project-url",
    "provides",
    "provides-dist",
    "provides-extra",
    "requires",
    "requires-dist",
    "requires-external",
    "requires-python",
    "summary",
    "supported-platform",
];

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    for field in metadata.all("Dynamic") {
        if !ALLOWED.contains(&field.to_ascii_lowercase().as_str()) {
            findings.archive(Code::DynamicMalformed, format!("Dynamic names {}, which cannot be", shown(field)));
        }
    }
}
