//! Zips with the C++ library: sound framing, every member's checksum, the digest of the file.

use pep440_rs::Version;
use trackside_domain::finding::Code;

use crate::binary;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::report::{Contents, Entries, Read};
use crate::zip::{self, Archive, Sums};

/// Reads a zip, which has no list of its own contents to compare with.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let Some(archive) = zip::read_archive(source, findings)? else {
        return Ok(Read { sha256: source.sha256()?, entries: None, contents: None });
    };
    let verified = zip::verify(source, &archive, Sums::Checksum, findings)?;
    if archive.members.is_empty() {
        findings.archive(Code::Empty, "it has no members");
    }
    check_version(source, &archive, file_name, findings)?;
    let found = verified.found(&archive);
    binary::check_zip(file_name, &found, findings);
    let entries = Entries::of(&archive, &found);
    Ok(Read { sha256: verified.whole, entries: Some(entries), contents: Some(Contents::Libtorch) })
}

/// The file that says which version it is, and how long it may be, in bytes.
const BUILD_VERSION: (&str, u64) = ("libtorch/build-version", 1 << 10);

/// The version in the name of a zip, its last part: `libtorch-shared-with-deps-2.15.0+cpu.zip`. None
/// if there is no version, as in `latest`.
pub(crate) fn version_in(file_name: &str) -> Option<(&str, String)> {
    let (name, version) = file_name.strip_suffix(".zip")?.rsplit_once('-')?;
    let version = version.replace("%2B", "+").replace("%2b", "+");
    version.parse::<Version>().is_ok().then_some((name, version))
}

/// A zip whose name has a version is one folder that says the same version. A name without a local
/// part says nothing about that of the build.
fn check_version(
    source: &SourceFile,
    archive: &Archive,
    file_name: &str,
    findings: &mut Findings,
) -> Result<(), ReadError> {
    let Some((_, named)) = version_in(file_name) else {
        return Ok(());
    };
    let outside = archive.members.iter().find(|member| !member.name.starts_with("libtorch/"));
    if let Some(stray) = outside {
        findings.member(Code::LibtorchLayout, &stray.name, "it lies outside of the folder `libtorch`");
    }
    let (path, cap) = BUILD_VERSION;
    let Some(member) = archive.members.iter().find(|member| member.name == path) else {
        findings.member(Code::LibtorchLayout, path, "it is missing, so nothing says which version this is");
        return Ok(());
    };
    let bytes = zip::read_member(source, member, cap)?.unwrap_or_default();
    let stated = String::from_utf8_lossy(&bytes);
    let stated = stated.trim();
    if !is_same(&named, stated) {
        let shown: String = stated.chars().take(60).flat_map(char::escape_debug).collect();
        let message = format!("it states version `{shown}`, the name of the file `{named}`");
        findings.member(Code::LibtorchVersionDiffers, path, message);
    }
    Ok(())
}

fn is_same(named: &str, stated: &str) -> bool {
    let (Ok(named), Ok(stated)) = (named.parse::<Version>(), stated.parse::<Version>()) else {
        return false;
    };
    named == stated || (!named.is_local() && named == stated.without_local())
}
