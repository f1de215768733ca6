//! Where the rules come from, as a person can look them up.

/// The ZIP file format itself.
pub(super) const APPNOTE: &str = "PKWARE APPNOTE 6.3";
/// The deflate format.
pub(super) const RFC1951: &str = "RFC 1951";
/// What PyPI refuses in the framing of an archive.
pub(super) const PYPI_ZIP: &str = "PyPI: docs.pypi.org/archives";
/// The binary distribution format.
pub(super) const WHEEL: &str = "PEP 427";
/// How the file name of a wheel is spelt.
pub(super) const WHEEL_NAME: &str = "PyPA: binary distribution format, file names";
/// The list of a wheel's files.
pub(super) const RECORD: &str = "PEP 376, PEP 427: RECORD";
/// Name, version, requirements and the rest of METADATA.
pub(super) const METADATA: &str = "PyPA: core metadata";
/// Rules of trackside where the formats leave a choice to the reader.
pub(super) const OURS: &str = "trackside";
