//! Built files as they arrive: the place that the matrix gives each, and the objects that it becomes.

use crate::action::{Action, Content, Location};
use crate::conda::{CondaError, check_subdir};
use crate::derivation::{Derivation, DerivedFile};
use crate::digest::Sha256;
use crate::manifest::{Artifact, Manifest, MetadataFile};
use crate::matrix::Expected;
use crate::name::PackageName;
use crate::plan::{Precondition, Stop, StopKind};
use crate::storage_key::StorageKey;
use crate::store::StoreUrl;
use crate::world::{Built, BuiltArtifact, Origin};

/// A built file with the place that the matrix gives it.
pub(super) struct Arrival<'a> {
    pub(super) artifact: Artifact,
    pub(super) built: &'a Built,
    pub(super) content: &'a BuiltArtifact,
}

/// The place that the matrix gives a built file.
pub(super) fn place<'a>(
    built: &'a Built,
    expected: &[(&'a PackageName, Expected)],
) -> Result<(&'a PackageName, Arrival<'a>), Stop> {
    let refused = |code, message: String| Stop::new(StopKind::Failed, code, printable(&built.path), message);
    let content = built.content.as_ref().map_err(|why| refused("bad-artifact", why.clone()))?;
    let by_name: Vec<_> = expected.iter().filter(|(_, expected)| expected.file_name == *built.name.as_str()).collect();
    let in_folder = by_name.iter().find(|(_, expected)| expected.folder == built.folder);
    let (package, expected) = match (by_name.as_slice(), in_folder) {
        ([], _) => {
            return Err(refused("unexpected", "the matrix of this candidate has no such artifact".into())
                .hint("trackside check --matrix lists what is expected"));
        }
        ([one], _) | (_, Some(one)) => *one,
        (_, None) => {
            return Err(refused(
                "ambiguous",
                "several channel folders expect this name; put it in a folder of that name".into(),
            ));
        }
    };
    if content.kind != expected.kind {
        return Err(refused("wrong-kind", format!("it is a {}, the matrix expects a {}", content.kind, expected.kind)));
    }
    let BuiltArtifact { kind, size, sha256, metadata, requires_python, conda, .. } = content;
    let derivation = derived(built, content).map_err(|(code, message)| refused(code, message))?;
    let artifact = Artifact {
        name: expected.file_name.clone(),
        kind: *kind,
        folder: expected.folder.clone(),
        size: *size,
        sha256: *sha256,
        metadata: metadata
            .as_ref()
            .map(|text| MetadataFile { sha256: Sha256::of(text.as_bytes()), size: text.len() as u64 }),
        requires_python: requires_python.clone(),
        derivation: derivation.cloned(),
        conda: conda.clone(),
    };
    if let Some(record) = conda {
        let elsewhere = |error: CondaError| refused("conda-subdir", error.to_string());
        check_subdir(&artifact, record).map_err(elsewhere)?;
    }
    Ok((package, Arrival { artifact, built, content }))
}

/// The derivation record beside the file, which must be about exactly these bytes.
fn derived<'a>(built: &'a Built, content: &BuiltArtifact) -> Result<Option<&'a Derivation>, (&'static str, String)> {
    let Some(record) = &built.derivation else { return Ok(None) };
    let record = record.as_ref().map_err(|why| ("bad-derivation", why.clone()))?;
    let DerivedFile { name, size, sha256 } = &record.output;
    if name.as_str() != built.name {
        return Err(("other-derivation", format!("the derivation record beside it is that of {name}")));
    }
    if (*size, *sha256) != (content.size, content.sha256) {
        let message = format!(
            "the derivation record beside it is about other bytes: sha256 {}, it has {}",
            sha256.short(),
            content.sha256.short()
        );
        return Err(("other-derivation", message));
    }
    Ok(Some(record))
}

/// What proves that the copy of an object which somebody else may change is what was read.
pub(super) fn proof(action: &Action) -> Option<Action> {
    match action {
        Action::CopyObject { to, size, sha256, .. } => {
            Some(Action::ReadBack { at: to.clone(), size: *size, sha256: *sha256 })
        }
        _ => None,
    }
}

/// The same objects once more, from where they are staged by now: the place they came from may change.
pub(super) fn again(action: Action, staged: &StoreUrl) -> Action {
    match action {
        Action::CopyObject { to, size, sha256, .. } => {
            let from = Location { store: staged.clone(), key: to.key.clone() };
            Action::CopyObject { from, to, size, sha256 }
        }
        other => other,
    }
}

/// What must still hold of the places that artifacts are copied from.
pub(super) fn unchanged(built: &Built) -> Option<Precondition> {
    let Origin { store, key, etag } = built.origin.as_ref()?;
    let size = built.content.as_ref().ok()?.size;
    let at = Location { store: store.clone(), key: key.clone() };
    Some(Precondition::ObjectUnchanged { at, size, etag: etag.clone() })
}

/// The objects of one artifact: the file, and the metadata of a wheel beside it.
pub(super) fn create(store: &StoreUrl, manifest: &Manifest, arrival: &Arrival<'_>) -> Vec<Action> {
    let Artifact { size, sha256, .. } = arrival.artifact;
    let file = StorageKey::staged(&manifest.package, manifest.candidate, &arrival.artifact);
    let at = |key| Location { store: store.clone(), key };
    let to = at(file.key());
    let mut actions = vec![match &arrival.built.origin {
        None => {
            let content = Content::File { path: arrival.built.path.clone(), size, sha256 };
            Action::CreateObject { to, content }
        }
        Some(Origin { store, key, .. }) => {
            Action::CopyObject { from: Location { store: store.clone(), key: key.clone() }, to, size, sha256 }
        }
    }];
    if let (Some(metadata), Some(text)) = (file.metadata(), &arrival.content.metadata) {
        actions.push(Action::CreateObject { to: at(metadata.key()), content: Content::Text(text.clone()) });
    }
    actions
}

/// A path that somebody else has named, without what a terminal would obey.
pub(super) fn printable(path: &str) -> String {
    let escaped = |char: char| if char.is_control() { char.escape_debug().collect() } else { char.to_string() };
    path.chars().map(escaped).collect()
}
