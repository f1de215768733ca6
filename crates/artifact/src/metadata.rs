//! METADATA: what a wheel says about itself, and what installers resolve by.

use pep440_rs::{Version, VersionSpecifiers};
use trackside_domain::name::PackageName;
use trackside_domain::wheel::WheelFileName;

use crate::finding::Findings;
use crate::headers::Headers;
use trackside_domain::finding::Code;

/// The core metadata versions that exist (packaging.python.org, "Core metadata specifications").
const KNOWN_VERSIONS: [&str; 9] = ["1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5"];

/// Fields that may stand once and that something here relies on.
const SINGLE: [&str; 4] = ["Metadata-Version", "Name", "Version", "Requires-Python"];

/// The core metadata of a wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The version of the format, `2.1`.
    pub metadata_version: String,
    /// The package's name as written.
    pub name: String,
    /// The version as written.
    pub version: String,
    /// The Python versions that it supports, as written.
    pub requires_python: Option<String>,
    /// The dependencies, as written.
    pub requires_dist: Vec<String>,
    /// Every field with its value, in the order of the file; the description's body is not there.
    pub fields: Vec<(String, String)>,
}

/// Reads METADATA and checks that it is that of the file. None, with findings, if it is refused.
pub(crate) fn read(bytes: &[u8], file: &WheelFileName, findings: &mut Findings) -> Option<Metadata> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.archive(Code::MetadataNotUtf8, "METADATA is not UTF-8");
        return None;
    };
    let headers = Headers::parse(text)
        .map_err(|reason| findings.archive(Code::MetadataMalformed, format!("METADATA: {reason}")))
        .ok()?;
    for field in SINGLE.iter().filter(|field| headers.all(field).nth(1).is_some()) {
        findings.archive(Code::MetadataDuplicateField, format!("METADATA has `{field}` more than once"));
    }
    let mut required = |field: &str| {
        let value = headers.first(field).filter(|value| !value.is_empty());
        if value.is_none() {
            findings.archive(Code::MetadataFieldMissing, format!("METADATA has no `{field}`"));
        }
        value.map(str::to_owned)
    };
    let (metadata_version, name, version) = (required("Metadata-Version"), required("Name"), required("Version"));
    let metadata = Metadata {
        metadata_version: metadata_version?,
        name: name?,
        version: version?,
        requires_python: headers.first("Requires-Python").map(str::to_owned),
        requires_dist: headers.all("Requires-Dist").map(unfolded).collect(),
        fields: headers.0,
    };
    check(&metadata, file, findings);
    Some(metadata)
}

fn check(metadata: &Metadata, file: &WheelFileName, findings: &mut Findings) {
    let Metadata { metadata_version, name, version, requires_python, .. } = metadata;
    if !KNOWN_VERSIONS.contains(&metadata_version.as_str()) {
        let message = format!("Metadata-Version `{}` is not known", metadata_version.escape_debug());
        findings.archive(Code::MetadataVersionUnknown, message);
    }
    if name.parse::<PackageName>().as_ref() != Ok(file.package()) {
        let message = format!("METADATA names `{}`, the file `{}`", name.escape_debug(), file.name());
        findings.archive(Code::MetadataNameDiffers, message);
    }
    if version.parse::<Version>().as_ref() != Ok(file.version()) {
        let message = format!("METADATA has version `{}`, the file `{}`", version.escape_debug(), file.version_text());
        findings.archive(Code::MetadataVersionDiffers, message);
    }
    if let Some(range) = requires_python.as_ref().filter(|range| range.parse::<VersionSpecifiers>().is_err()) {
        let message = format!("Requires-Python `{}` cannot be read", range.escape_debug());
        findings.archive(Code::RequiresPythonMalformed, message);
    }
}

/// A value of several lines as one.
fn unfolded(value: &str) -> String {
    value.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
