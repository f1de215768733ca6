//! The fields that exist: since when, and how often each may stand.

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// How often a field may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Often {
    Once,
    /// Once, and everything else hangs on it.
    OnceVital,
    Many,
}

use Often::{Many, Once, OnceVital};

/// Each field with the first version of the format that has it (packaging.python.org, "Core
/// metadata specifications").
const FIELDS: [(&str, &str, Often); 33] = [
    ("Metadata-Version", "1.0", OnceVital),
    ("Name", "1.0", OnceVital),
    ("Version", "1.0", OnceVital),
    ("Requires-Python", "1.2", OnceVital),
    ("Dynamic", "2.2", Many),
    ("Platform", "1.0", Many),
    ("Supported-Platform", "1.1", Many),
    ("Summary", "1.0", Once),
    ("Description", "1.0", Once),
    ("Description-Content-Type", "2.1", Once),
    ("Keywords", "1.0", Once),
    ("Home-page", "1.0", Once),
    ("Download-URL", "1.1", Once),
    ("Author", "1.0", Once),
    ("Author-email", "1.0", Once),
    ("Maintainer", "1.2", Once),
    ("Maintainer-email", "1.2", Once),
    ("License", "1.0", Once),
    ("License-Expression", "2.4", Once),
    ("License-File", "2.4", Many),
    ("Classifier", "1.1", Many),
    ("Requires-Dist", "1.2", Many),
    ("Requires-External", "1.2", Many),
    ("Project-URL", "1.2", Many),
    ("Provides-Extra", "2.1", Many),
    ("Provides-Dist", "1.2", Many),
    ("Obsoletes-Dist", "1.2", Many),
    ("Import-Name", "2.5", Many),
    ("Import-Namespace", "2.5", Many),
    ("Requires", "1.1", Many),
    ("Provides", "1.1", Many),
    ("Obsoletes", "1.1", Many),
    // Of PEP 426, which was withdrawn; old wheels have it.
    ("Private-Version", "2.0", Once),
];

/// The versions of the format that installers read. 2.0 was never finished, yet widely written.
const KNOWN_VERSIONS: [&str; 9] = ["1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5"];

/// The one among them that PyPI takes no more.
const RETIRED_VERSION: &str = "2.0";

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    check_version(&metadata.metadata_version, findings);
    for (name, since, often) in FIELDS {
        let count = metadata.all(name).count();
        if count > 1 && often == OnceVital {
            findings.archive(Code::MetadataDuplicateField, format!("`{name}` stands {count} times"));
        } else if count > 1 && often == Once {
            findings.archive(Code::MetadataFieldTwice, format!("`{name}` stands {count} times"));
        }
        // What says nothing is not sent to PyPI.
        if metadata.all(name).any(|value| value != "UNKNOWN") {
            check_since(name, since, metadata, findings);
        }
    }
    let known = |field: &str| FIELDS.iter().any(|(name, ..)| name.eq_ignore_ascii_case(field));
    for (field, _) in metadata.fields.iter().filter(|(field, _)| !known(field)) {
        findings.archive(Code::MetadataFieldUnknown, format!("{} is no field of core metadata", shown(field)));
    }
}

fn check_version(version: &str, findings: &mut Findings) {
    if !KNOWN_VERSIONS.contains(&version) {
        findings.archive(Code::MetadataVersionUnknown, format!("Metadata-Version {} is not known", shown(version)));
    } else if version == RETIRED_VERSION {
        findings.archive(Code::MetadataVersionRetired, format!("PyPI takes Metadata-Version {version} no more"));
    }
}

/// Not asked of a retired format, which had fields of later ones. License-File is not sent to PyPI
/// by any client before 2.4, because setuptools wrote it years before it was specified.
fn check_since(name: &str, since: &str, metadata: &Metadata, findings: &mut Findings) {
    let position = |version: &str| KNOWN_VERSIONS.iter().position(|known| *known == version);
    let stated = metadata.metadata_version.as_str();
    if stated != RETIRED_VERSION
        && name != "License-File"
        && position(stated).is_some_and(|at| Some(at) < position(since))
    {
        let message = format!("`{name}` came with Metadata-Version {since}, this is {stated}");
        findings.archive(Code::MetadataFieldTooNew, message);
    }
}
