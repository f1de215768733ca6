//! METADATA and PKG-INFO: what a package says about itself, and what installers resolve by.

mod address;
mod classifier;
mod dynamic;
mod field;
mod form;
mod identity;
mod import_name;
mod licence;
mod requirement;

use pep440_rs::Version;
use trackside_domain::artifact_set::visible;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;
use trackside_domain::name::PackageName;
use trackside_domain::wheel::WheelFileName;

pub(crate) use self::licence::{LicenceFile, licence_files};
use crate::finding::Findings;
use crate::headers::{self, Headers};

/// The core metadata of a wheel or a source distribution.
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
    /// The SHA-256 of the description, be it a field or the body; none if there is none. Line ends of
    /// Windows and blank space around it are left out: they are not seen on a page.
    pub description: Option<Sha256>,
}

/// What the metadata must say, because the file's name says it.
pub(crate) struct Expected<'a> {
    /// The document, `METADATA` or `PKG-INFO`, for messages.
    pub(crate) document: &'static str,
    /// The package.
    pub(crate) package: &'a PackageName,
    /// The package as the file's name spells it.
    pub(crate) name_text: &'a str,
    /// The version.
    pub(crate) version: &'a Version,
    /// The version as the file's name spells it.
    pub(crate) version_text: &'a str,
}

impl<'a> Expected<'a> {
    /// What METADATA of a wheel must say.
    pub(crate) fn of_wheel(file: &'a WheelFileName) -> Self {
        Self {
            document: "METADATA",
            package: file.package(),
            name_text: file.name(),
            version: file.version(),
            version_text: file.version_text(),
        }
    }
}

/// Reads metadata and checks them against the file and against the rules of their format and of
/// PyPI. None, with findings, if they cannot be read.
pub(crate) fn read(bytes: &[u8], expected: &Expected<'_>, findings: &mut Findings) -> Option<Metadata> {
    let document = expected.document;
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.archive(Code::MetadataNotUtf8, format!("{document} is not UTF-8"));
        return None;
    };
    let headers = Headers::parse(text)
        .map_err(|reason| findings.archive(Code::MetadataMalformed, format!("{document}: {reason}")))
        .ok()?;
    let metadata = parse(headers, text, document, findings)?;
    field::check(&metadata, findings);
    identity::check(&metadata, expected, findings);
    form::check(&metadata, findings);
    requirement::check(&metadata, findings);
    address::check(&metadata, findings);
    licence::check(&metadata, findings);
    classifier::check(&metadata, findings);
    dynamic::check(&metadata, findings);
    import_name::check(&metadata, findings);
    Some(metadata)
}

fn parse(headers: Headers, text: &str, document: &str, findings: &mut Findings) -> Option<Metadata> {
    let mut required = |field: &str| {
        let value = headers.first(field).filter(|value| !value.is_empty());
        if value.is_none() {
            findings.archive(Code::MetadataFieldMissing, format!("{document} has no `{field}`"));
        }
        value.map(str::to_owned)
    };
    let (metadata_version, name, version) = (required("Metadata-Version"), required("Name"), required("Version"));
    let body = headers::body(text).trim().replace("\r\n", "\n");
    if !body.is_empty() && headers.first("Description").is_some() {
        let message = format!("{document} has a description in `Description` and behind the fields: readers take one");
        findings.archive(Code::MetadataFieldTwice, message);
    }
    let description = if body.is_empty() { headers.first("Description").unwrap_or_default() } else { &body };
    Some(Metadata {
        metadata_version: metadata_version?,
        name: name?,
        version: version?,
        requires_python: headers.first("Requires-Python").map(str::to_owned),
        requires_dist: headers.all("Requires-Dist").map(unfolded).collect(),
        description: (!description.is_empty()).then(|| Sha256::of(description.as_bytes())),
        fields: headers.0,
    })
}

impl Metadata {
    /// All values of a field, as written; names are compared without case, as e-mail readers do.
    pub fn all<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(field)).map(|(_, value)| value.as_str())
    }

    /// The value of a field that may stand once; none if it says nothing. PyPI takes `UNKNOWN`, which
    /// old builds wrote, for nothing.
    pub fn stated(&self, field: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(field))?;
        Some(value.as_str()).filter(|value| !value.is_empty() && *value != "UNKNOWN")
    }
}

/// A value of several lines as one.
fn unfolded(value: &str) -> String {
    value.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// A value in a message: cut if it is long, and nothing in it reaches a terminal as it is.
fn shown(value: &str) -> String {
    const SHOWN: usize = 80;
    let dots = if value.chars().nth(SHOWN).is_some() { "..." } else { "" };
    let cut: String = value.chars().take(SHOWN).collect();
    format!("`{}{dots}`", visible(&cut))
}
