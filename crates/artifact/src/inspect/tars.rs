//! Source distributions, source archives and conda packages at first sight. A compressed tar has to be read to its end
//! before it says how much it holds.

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Code;

use super::{About, Entry, Said};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::report::{Contents, Read};
use crate::{conda, sdist, source as archive};

/// Looks at a source distribution. None, with findings, if it says nothing.
pub(super) fn sdist(source: &SourceFile, name: &str, findings: &mut Findings) -> Result<Option<Said>, ReadError> {
    let mut all = Findings::default();
    let read = sdist::read(source, name, &mut all)?;
    let Some(Contents::Sdist(sdist)) = &read.contents else {
        findings.append(all);
        return Ok(None);
    };
    let about = About::read(&sdist.metadata_bytes);
    let about = about.map_err(|reason| findings.archive(Code::MetadataMalformed, format!("PKG-INFO: {reason}")));
    Ok(Some(Said {
        name: Some(sdist.file_name.name().to_owned()),
        version: Some(sdist.file_name.version_text().to_owned()),
        metadata: about.ok(),
        ..counted(&read)
    }))
}

/// Looks at a source archive, which says nothing but its name: `pytorch-v2.15.0.tar.gz`.
pub(super) fn source(source: &SourceFile, name: &str, findings: &mut Findings) -> Result<Option<Said>, ReadError> {
    let mut all = Findings::default();
    let read = archive::read(source, name, &mut all)?;
    if read.contents.is_none() {
        findings.append(all);
        return Ok(None);
    }
    let named = ArtifactKind::source_name(name);
    let (name, version) = named.map(|(name, version)| (name.to_owned(), version.to_owned())).unzip();
    Ok(Some(Said { name, version, ..counted(&read) }))
}

/// Looks at a conda package. None, with findings, if it says nothing.
pub(super) fn conda(source: &SourceFile, name: &str, findings: &mut Findings) -> Result<Option<Said>, ReadError> {
    let mut all = Findings::default();
    let read = conda::read(source, name, &mut all)?;
    let Some(Contents::Conda(conda)) = &read.contents else {
        findings.append(all);
        return Ok(None);
    };
    let file = &conda.file_name;
    let about = About {
        name: Some(file.name.clone()),
        version: Some(file.version.clone()),
        requires_dist: conda.record.depends.clone(),
        license: conda.record.about.license.clone(),
        ..About::default()
    };
    Ok(Some(Said {
        name: Some(file.name.clone()),
        version: Some(file.version.clone()),
        build: Some(file.build.clone()),
        tags: vec![conda.record.subdir.clone()],
        metadata: Some(about),
        ..counted(&read)
    }))
}

fn counted(read: &Read) -> Said {
    let (members, unpacked_size) =
        read.entries.as_ref().map_or((0, 0), |entries| (entries.members, entries.unpacked_size));
    let list = read.entries.iter().flat_map(|entries| &entries.list);
    let entry = |(name, size): &(String, u64)| Entry { name: name.clone(), size: *size, compressed: None };
    Said { members, entries: list.map(entry).collect(), unpacked_size, ..Said::default() }
}
