//! What is known of one file, from its bytes, from the metadata beside it and from the old pages; all of it must
//! agree.

use super::claims::Claim;
use super::files::NewFile;
use super::{Evidence, Request, Stated, disagree};
use crate::artifact_kind::ArtifactKind;
use crate::digest::Sha256;
use crate::manifest::{Artifact, ImportedFile, MetadataFile, Proof};
use crate::plan::{Stop, StopKind};

/// A file as it is taken in.
pub(super) struct Taken {
    pub(super) file: ImportedFile,
    /// Why it is yanked, if it is.
    pub(super) yanked: Option<String>,
    /// What is odd about it, but no reason to refuse it, each with a code.
    pub(super) notes: Vec<(&'static str, String)>,
}

/// Brings together what is known of a file; or everything that contradicts.
pub(super) fn taken(request: &Request, file: &NewFile, (seen, claim): (&Evidence, &Claim)) -> Result<Taken, Vec<Stop>> {
    let mut stops: Vec<Stop> = disagree::on_yank(request, (&file.key, true), claim).into_iter().collect();
    let stop = |code, message| Stop::new(StopKind::Conflict, code, file.key.to_string(), message);
    let or_left_out = |way_on: &str| format!("{way_on}, or --leave-out {}", file.key);
    if let Some(trouble) = &seen.trouble {
        let message = format!("it cannot be read as what its name says: {trouble}");
        stops.push(stop("bad-artifact", message).hint(or_left_out("bring it back")));
    }
    let digest = seen.sha256.map(|sha256| (sha256, Proof::Read)).or(claim.digest().map(|said| (said, Proof::Page)));
    let Some((sha256, proof)) = digest else {
        stops.push(stop("unseen", "neither was it read, nor do the old pages say its digest".to_owned()));
        return Err(stops);
    };
    let beside = seen.beside.as_ref().map(|(stated, _)| stated);
    if let (Some(inside), Some(beside)) = (&seen.inside, beside)
        && inside.sha256 != beside.sha256
    {
        let message = "the `.metadata` object beside it is not its METADATA".to_owned();
        stops.push(stop("metadata-differs", message).hint(or_left_out("put its METADATA there")));
    }
    let said = claim.metadata.iter().find(|said| beside.is_some_and(|beside| beside.sha256 != **said));
    if let Some(said) = said {
        let message = format!(
            "{} says sha256 {} of the `.metadata` object beside it, which has another",
            claim.page,
            said.short()
        );
        stops.push(stop("page-metadata", message).hint(or_left_out("mend the page or the object")));
    }
    stops.extend(disagree::on_bytes(request, (&file.key, sha256), claim));
    if !stops.is_empty() {
        return Err(stops);
    }
    let stated = seen.inside.as_ref().or(beside);
    let artifact = artifact(file, sha256, (seen, stated, claim));
    let notes = notes(file, &artifact, (stated, claim));
    let yanked = claim.yank().flatten().map(str::to_owned);
    let uploaded = claim.uploaded.first().copied();
    Ok(Taken { file: ImportedFile { artifact, uploaded, proof }, yanked, notes })
}

fn artifact(file: &NewFile, sha256: Sha256, (seen, stated, claim): (&Evidence, Option<&Stated>, &Claim)) -> Artifact {
    let said = || claim.requires_python.first().cloned();
    Artifact {
        name: file.name.clone(),
        kind: file.kind,
        folder: file.folder.clone(),
        size: file.size,
        sha256,
        metadata: seen.beside.as_ref().map(|(stated, size)| MetadataFile { sha256: stated.sha256, size: *size }),
        requires_python: stated.map_or_else(said, |stated| stated.requires_python.clone()),
        derivation: None,
        conda: None,
    }
}

/// What an operator should know. The file itself is right where a page is not.
fn notes(
    file: &NewFile,
    artifact: &Artifact,
    (stated, claim): (Option<&Stated>, &Claim),
) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    let mut add = |code, message: String| notes.push((code, format!("{}: {message}", file.key)));
    if claim.page.is_empty() {
        add("unlinked", "no old page links to it, the new ones will".to_owned());
    }
    if file.kind == ArtifactKind::Wheel && artifact.metadata.is_none() {
        let linked = if claim.metadata.is_empty() { "" } else { ", although an old page says so" };
        add("no-metadata", format!("no `.metadata` object lies beside it{linked}: its links will not name one"));
    }
    let said = claim.requires_python.iter().find(|said| Some(*said) != artifact.requires_python.as_ref());
    if let (Some(said), Some(stated)) = (said, stated) {
        let own = stated.requires_python.as_deref().unwrap_or("nothing");
        add("requires-python-differs", format!("its METADATA requires {own}, {} says {said}", claim.page));
    }
    if claim.uploaded.len() > 1 {
        add("upload-time-differs", "the old pages say several times; the first is taken".to_owned());
    }
    notes
}
