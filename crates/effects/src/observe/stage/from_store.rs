//! Built artifacts that lie in a store somebody uploads to, such as a `test` channel of builds. Only names that
//! the candidate expects are read, each once; the store may change at any time.

use std::collections::BTreeSet;

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::{Policy, Profile};
use trackside_domain::matrix::{Expected, expand};
use trackside_domain::project::Project;
use trackside_domain::storage_key::percent_decoded;
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_domain::version::Candidate;
use trackside_domain::world::{Built, CandidateFacts, Origin};

use super::{accepted, refusal};
use crate::store::{Access, Entry, Store, Stores};
use crate::{Trouble, all_together};

/// Artifacts that are read at the same time: each may fill a temporary file of its size.
const READERS: usize = 8;

/// What a store holds of a candidate.
pub(super) struct Found {
    /// What is expected, as it was read.
    pub(super) built: Vec<Built>,
    /// Files of these packages and versions that the matrix does not have.
    pub(super) unexpected: Vec<String>,
}

/// Looks for everything that a candidate expects.
pub(super) fn find(
    (stores, url): (&Stores, &StoreUrl),
    project: &Project,
    candidate: Candidate,
    facts: &CandidateFacts,
) -> Result<Found, Trouble> {
    let store = stores.open(url, Access::Read)?;
    let (expected, stems) = expected(project, candidate, facts);
    let mut wanted: Vec<(Entry, String)> = Vec::new();
    let mut unexpected = Vec::new();
    for entry in store.list_all()? {
        let name = name_of(&entry.key);
        if expected.contains(&name) {
            wanted.push((entry, name));
        } else if !name.ends_with(".metadata") && stems.iter().any(|stem| name.starts_with(stem.as_str())) {
            unexpected.push(entry.key.to_string());
        }
    }
    let policy = project.artifacts.policy(Profile::Channel);
    let built = all_together(READERS, &wanted, |(entry, name)| read(&store, entry, name, &policy))?;
    Ok(Found { built, unexpected })
}

/// The expected file names, and how the names of files of these versions begin.
fn expected(project: &Project, candidate: Candidate, facts: &CandidateFacts) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut names = BTreeSet::new();
    let mut stems = BTreeSet::new();
    for (package, entry) in facts.records.get(&candidate).into_iter().flat_map(|record| &record.packages) {
        let rows = project.matrix(package, candidate.release.line);
        let release = entry.candidate.release;
        // What cannot be expanded is for the planner to refuse.
        let all: Vec<Expected> = expand(package, release, rows).unwrap_or_default();
        let all: Vec<String> = all.into_iter().map(|expected| expected.file_name.as_str().to_owned()).collect();
        let own = format!("{}-{release}", package.in_file_names());
        let begun = all.iter().filter_map(|name| begins(name, &release.to_string())).chain([own.as_str()]);
        stems.extend(begun.flat_map(|begin| ENDS.map(|end| format!("{begin}{end}"))));
        names.extend(all);
    }
    (names, stems)
}

/// What may follow a version in the name of a file.
const ENDS: [&str; 4] = ["+", "-", ".tar", ".zip"];

/// A name up to its version: archives are not called like their packages.
fn begins<'a>(name: &'a str, release: &str) -> Option<&'a str> {
    name.find(release).map(|at| &name[..at + release.len()])
}

/// The name of a file. Some uploaders write the `+` of a version as it stands in URLs.
fn name_of(key: &ObjectKey) -> String {
    percent_decoded(key.file_name()).unwrap_or(key.file_name().into()).into_owned()
}

/// Reads one object in full and judges it like a file of this machine.
fn read(store: &Store, entry: &Entry, name: &str, policy: &Policy) -> Result<Built, Trouble> {
    let key = &entry.key;
    let parent = key.as_str().rsplit_once('/').map(|(parent, _)| parent.rsplit('/').next().unwrap_or(parent));
    let listed = store.listed_version(entry)?;
    let content = match (ArtifactKind::of_file_name(name), store.open_file(key)?) {
        (None, _) => Err("no artifact has such a name".to_owned()),
        (_, None) => Err("it vanished while it was looked at".to_owned()),
        (Some(kind), Some((file, _))) => {
            let report = trackside_artifact::verify_open(file, std::path::Path::new(name), kind);
            report.map_err(|error| refusal(&error)).and_then(|report| accepted(report, policy))
        }
    };
    // What was read is what was listed only if it is still that.
    let content = if listed.is_some() && store.head(key)? == listed {
        content
    } else {
        Err("it changed while it was read".to_owned())
    };
    Ok(Built {
        path: format!("{key} in {}", store.url()),
        name: name.to_owned(),
        folder: parent.and_then(|parent| parent.parse().ok()),
        content,
        derivation: None,
        origin: Some(Origin {
            store: store.url().clone(),
            key: key.clone(),
            etag: listed.and_then(|listed| listed.etag),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_found_by_what_stands_before_their_version() {
        assert_eq!(begins("libtorch-shared-2.15.0+cpu.zip", "2.15.0"), Some("libtorch-shared-2.15.0"));
        assert_eq!(begins("pytorch-v2.15.0.tar.gz", "2.15.0"), Some("pytorch-v2.15.0"));
        assert_eq!(begins("torch-2.14.0-py3-none-any.whl", "2.15.0"), None);
    }
}
