//! Files of the model: announced, committed, looked at, copied.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api::{no, yes};
use super::state::{Dist, Place, Staged, State};
use crate::http_git::wire::Answer;

/// What the server says about a file.
pub(super) fn described(place: &Place, file: &Dist) -> Value {
    json!({
        "owner": place.owner,
        "version": place.version,
        "basename": place.basename,
        "full_name": place.to_string(),
        "distribution_type": "conda",
        "type": "conda",
        "size": file.size,
        "sha256": file.sha256,
        "labels": file.labels,
        "attrs": file.attrs,
    })
}

pub(super) fn look(state: &State, place: &Place) -> Answer {
    match state.files.get(place) {
        Some(file) => yes("200 OK", &described(place, file)),
        None => missing(place),
    }
}

/// Sends the reader on to the storage.
pub(super) fn download(state: &State, place: &Place) -> Answer {
    let Some(file) = state.files.get(place) else { return missing(place) };
    let mut answer = yes("302 Found", &Value::Null);
    answer.headers.push(format!("Location: {}/objects/{}?X-Amz-Signature=signed", state.storage, file.object));
    answer
}

pub(super) fn stage(state: &mut State, place: &Place, body: &Value) -> Answer {
    if !state.has_release(place) {
        return no("404 Not Found", "There is no such release");
    }
    let in_the_way = |staged: &Staged| staged.place == *place;
    if state.files.contains_key(place) || state.keeps_leftovers && state.staged.values().any(in_the_way) {
        let Place { package, version, basename, .. } = place;
        return no("409 Conflict", &format!("file {basename} already exists for package {package} version {version}"));
    }
    let labels: BTreeSet<String> = body["channels"].as_array().into_iter().flatten().filter_map(text).collect();
    let (Some(sha256), Some(_)) = (text(&body["sha256"]), text(&body["distribution_type"])) else {
        return no("400 Bad Request", "sha256 and distribution_type are needed");
    };
    if body.pointer("/attrs/subdir").and_then(Value::as_str) != place.basename.split_once('/').map(|(subdir, _)| subdir)
    {
        return no("400 Bad Request", "The subdir is not that of the file");
    }
    let id = state.id();
    // An announcement of the same file that was never committed is forgotten.
    state.staged.retain(|_, staged| staged.place != *place);
    // As the server does, a file without a label is under `main`.
    let labels = if labels.is_empty() { BTreeSet::from(["main".to_owned()]) } else { labels };
    let staged = Staged { place: place.clone(), sha256, attrs: body["attrs"].clone(), labels };
    state.staged.insert(id.clone(), staged);
    let form = json!({ "key": id, "acl": "private", "policy": "cG9saWN5", "x-amz-signature": "signed" });
    yes("200 OK", &json!({ "post_url": format!("{}/", state.storage), "form_data": form, "dist_id": id }))
}

pub(super) fn commit(state: &mut State, place: &Place, body: &Value) -> Answer {
    let id = text(&body["dist_id"]).unwrap_or_default();
    let staged = state.staged.get(&id).filter(|staged| staged.place == *place);
    let (Some(staged), Some(bytes)) = (staged, state.objects.get(&id)) else {
        return no("404 Not Found", &format!("Invalid dist_id ObjectId('{id}') does not exist"));
    };
    if super::storage::sha256(bytes) != staged.sha256 {
        return no("400 Bad Request", "The digest is not that of the file");
    }
    let (sha256, attrs, labels) = (staged.sha256.clone(), staged.attrs.clone(), staged.labels.clone());
    let dist = Dist { object: id.clone(), size: bytes.len(), sha256, attrs, labels };
    let answer = yes("200 OK", &described(place, &dist));
    state.staged.remove(&id);
    state.files.insert(place.clone(), dist);
    answer
}

/// Copies one file, or all of a version that are under a label.
pub(super) fn copy(state: &mut State, from: &Place, body: &Value) -> Answer {
    let (Some(owner), Some(source), Some(label)) =
        (text(&body["to_owner"]), text(&body["from_channel"]), text(&body["to_channel"]))
    else {
        return no("400 Bad Request", "to_owner, from_channel and to_channel are needed");
    };
    if !state.owners.contains(&owner) {
        return no("404 Not Found", "The user does not exist");
    }
    let Some(file) = state.files.get(from).filter(|file| file.labels.contains(&source)).cloned() else {
        return yes("200 OK", &json!([]));
    };
    let to = Place { owner: owner.clone(), ..from.clone() };
    if state.files.contains_key(&to) {
        return no("409 Conflict", &format!("The file {} already exists, can not copy", to.basename));
    }
    let about = state.packages.get(&(from.owner.clone(), from.package.clone())).cloned().unwrap_or_default();
    state.packages.entry((owner.clone(), from.package.clone())).or_insert(about);
    state.releases.insert((owner, from.package.clone(), from.version.clone()));
    let copied = Dist { labels: [label].into(), ..file };
    let answer = yes("200 OK", &json!([described(&to, &copied)]));
    state.files.insert(to, copied);
    answer
}

fn missing(place: &Place) -> Answer {
    no("404 Not Found", &format!("\"{}\" could not be found", place.basename))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
