//! What `stage` looks at: the built files, and where the candidate and `test` stand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trackside_artifact::{Contents, ReadError, read};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Policy;
use trackside_domain::manifest::Channel;
use trackside_domain::project::Project;
use trackside_domain::storage_key::IndexRoot;
use trackside_domain::version::Candidate;
use trackside_domain::world::{Built, BuiltArtifact, StageWorld};

use super::channel::pages;
use crate::Trouble;
use crate::store::{Access, Store};
use crate::trouble::with_causes;

/// Reads the folder `from` and everything that the candidate has already.
///
/// # Errors
/// When the folder or a store cannot be read. A file that is no good artifact is part of the answer.
pub fn stage(project: &Project, candidate: Candidate, from: &Path) -> Result<StageWorld, Trouble> {
    let facts = super::facts(&project.test, candidate.release.line)?;
    let mut candidate_pages = BTreeMap::new();
    for later in facts.records.range(candidate..).map(|(later, _)| *later) {
        let store = Store::open(&project.test, Access::Read)?;
        candidate_pages.insert(later, pages(&store, IndexRoot::Candidate(later))?);
    }
    Ok(StageWorld {
        facts,
        built: files(from)?.iter().map(|path| built(path)).collect(),
        candidate_pages,
        test: super::channel(&project.test, &project.test, Channel::Test)?,
    })
}

/// All files below a folder, sorted. Symbolic links are not followed out of it.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let unreadable = |error: std::io::Error| Trouble::Failed(format!("cannot read {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_type().map_err(unreadable)?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn built(path: &Path) -> Built {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder =
        path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    // A plan may be applied from another folder.
    let (path, content) = match std::path::absolute(path) {
        Ok(absolute) => (absolute.display().to_string(), content(&absolute, &name)),
        Err(error) => (path.display().to_string(), Err(error.to_string())),
    };
    Built { path, name, folder, content }
}

fn content(path: &Path, name: &str) -> Result<BuiltArtifact, String> {
    let kind = ArtifactKind::of_file_name(name).ok_or("it is neither a wheel nor a zip")?;
    let artifact = read(path, kind, &Policy::default()).map_err(|error| refusal(&error))?;
    let (size, sha256) = (artifact.size, artifact.sha256);
    match artifact.contents {
        Contents::Libtorch => Ok(BuiltArtifact { kind, size, sha256, metadata: None, requires_python: None }),
        Contents::Wheel(wheel) => {
            let metadata = String::from_utf8(wheel.metadata_bytes).map_err(|_| "its METADATA is not UTF-8")?;
            let requires_python = wheel.metadata.requires_python;
            Ok(BuiltArtifact { kind, size, sha256, metadata: Some(metadata), requires_python })
        }
    }
}

/// Everything that is wrong with a file; the path is named by whoever shows it.
fn refusal(error: &ReadError) -> String {
    const SHOWN: usize = 8;
    let findings = error.findings();
    let more = findings.len().saturating_sub(SHOWN);
    match findings {
        [] => with_causes(error),
        findings => {
            let shown: Vec<String> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
            let more = if more == 0 { String::new() } else { format!("; and {more} more") };
            format!("refused: {}{more}", shown.join("; "))
        }
    }
}
