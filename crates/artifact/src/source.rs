//! Source archives: all source of a repository at a tag, submodules included, as a gzipped tar.

use trackside_domain::finding::Code;

use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::report::{Contents, Entries, Read};
use crate::tar;

/// Reads an archive to its end. Nothing in it says which version it is; only its framing, the names in
/// it and its top folder can be judged. Links may stand in it, as they do in repositories.
pub(crate) fn read(source: &SourceFile, file_name: &str, findings: &mut Findings) -> Result<Read, ReadError> {
    let (sha256, tree) = tar::read_gzipped(source, &|_| None, findings)?;
    let Some(tree) = tree else {
        return Ok(Read { sha256, entries: None, contents: None });
    };
    tar::check_names(&tree, findings);
    if tree.members.is_empty() {
        findings.archive(Code::Empty, "it has no members");
    }
    let folder = file_name.strip_suffix(".tar.gz").unwrap_or(file_name);
    let is_inside = |name: &str| name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if let Some(stray) = tree.members.iter().find(|member| !is_inside(&member.name)) {
        let message = format!("it lies outside of the folder `{folder}`, which is named like the file");
        findings.member(Code::SourceTopFolder, &stray.name, message);
    }
    Ok(Read { sha256, entries: Some(Entries::of_tar(&tree)), contents: Some(Contents::Source) })
}
