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
/// What PyPI refuses when a file is uploaded.
pub(super) const PYPI_UPLOAD: &str = "PyPI: the upload's checks (warehouse, forklift)";
/// What PyPI shows of a release is what the file says that was uploaded first.
pub(super) const PYPI_FIRST: &str = "PyPI: a release shows the metadata of its first file";
/// The list of classifiers.
pub(super) const CLASSIFIERS: &str = "PyPI: pypi.org/classifiers";
/// Versions.
pub(super) const PEP440: &str = "PEP 440";
/// Requirements.
pub(super) const PEP508: &str = "PEP 508";
/// Licences.
pub(super) const PEP639: &str = "PEP 639";
/// What installers leave behind.
pub(super) const PEP376: &str = "PEP 376";
/// What a platform tag means.
pub(super) const PLATFORM: &str = "PyPA: platform compatibility tags";
/// Which glibc a manylinux tag means.
pub(super) const MANYLINUX: &str = "PEP 600: manylinux";
/// Which C library a musllinux tag means.
pub(super) const MUSLLINUX: &str = "PEP 656: musllinux";
/// Entry points.
pub(super) const ENTRY_POINTS: &str = "PyPA: entry points specification";
/// The gzip format.
pub(super) const RFC1952: &str = "RFC 1952";
/// The Zstandard format.
pub(super) const RFC8878: &str = "RFC 8878";
/// The bzip2 format, which its program defines.
pub(super) const BZIP2: &str = "bzip2 1.0";
/// The tar format: ustar headers and pax extensions.
pub(super) const POSIX_PAX: &str = "POSIX: pax, ustar interchange format";
/// What PyPI refuses in a tar archive.
pub(super) const PYPI_TAR: &str = "PyPI: the upload's checks (warehouse, tar archives)";
/// The file name and the top folder of a source distribution.
pub(super) const PEP625: &str = "PEP 625";
/// Which links and modes an extractor takes from a source distribution.
pub(super) const PEP721: &str = "PEP 721";
/// The layout of conda packages and the files in `info/`.
pub(super) const CONDA: &str = "conda: package specification";
/// How a dependency of a conda package is written.
pub(super) const MATCH_SPEC: &str = "conda: package match specifications";
