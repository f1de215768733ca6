//! The API of the model: who asks, and for what.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dist;
use super::state::{Place, State};
use crate::http_git::wire::{Answer, Request};

/// Answers one request.
pub(super) fn serve(state: &mut State, request: &Request) -> Answer {
    let path = super::storage::decoded(&request.path);
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let reads = matches!(request.method.as_str(), "GET" | "HEAD");
    let signed = request.header("authorization").map(|value| value == format!("token {}", state.token));
    match signed {
        Some(false) => return no("401 Unauthorized", "The token is not valid"),
        None if !reads => return no("401 Unauthorized", "Authentication is required"),
        _ => {}
    }
    let body: Value = match request.body.as_slice() {
        [] => Value::Null,
        body => match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(_) => return no("400 Bad Request", "The body is no JSON"),
        },
    };
    match (request.method.as_str(), parts.as_slice()) {
        ("HEAD", _) => yes("200 OK", &Value::Null),
        (_, [_, owner, ..]) if !known(state, &parts, owner) => no("404 Not Found", "The user does not exist"),
        ("GET", ["user", owner]) => yes("200 OK", &json!({ "login": owner })),
        ("GET", ["packages", owner]) => packages(state, owner),
        ("GET", ["package", owner, name]) => package(state, owner, name),
        ("POST", ["package", owner, name]) => new_package(state, owner, name, body),
        ("GET", ["release", owner, name, version]) => release(state, owner, name, version),
        ("POST", ["release", owner, name, version]) => new_release(state, owner, name, version),
        ("GET", ["channels", owner]) => labels(state, owner),
        ("GET", ["channels", owner, label]) => label_files(state, owner, label),
        ("POST", ["channels", owner, label]) => add_label(state, owner, label, &body),
        ("GET", ["dist", file @ ..]) => with(file, |place| dist::look(state, place)),
        ("GET", ["download", file @ ..]) => with(file, |place| dist::download(state, place)),
        ("POST", ["stage", file @ ..]) => with(file, |place| dist::stage(state, place, &body)),
        ("POST", ["commit", file @ ..]) => with(file, |place| dist::commit(state, place, &body)),
        ("POST", ["copy", "package", file @ ..]) => with(file, |place| dist::copy(state, place, &body)),
        _ => no("405 Method Not Allowed", "Specified method is invalid for this resource"),
    }
}

fn known(state: &State, parts: &[&str], owner: &str) -> bool {
    let owner = if parts[0] == "copy" { parts.get(2).copied().unwrap_or_default() } else { owner };
    state.owners.contains(owner)
}

/// Answers about the file that the rest of a path names.
fn with(file: &[&str], answer: impl FnOnce(&Place) -> Answer) -> Answer {
    match file {
        [owner, package, version, basename @ ..] if !basename.is_empty() => {
            let [owner, package, version] = [owner, package, version].map(|&part| part.to_owned());
            answer(&Place { owner, package, version, basename: basename.join("/") })
        }
        _ => no("404 Not Found", "There is no such file"),
    }
}

fn packages(state: &State, owner: &str) -> Answer {
    let of_owner = state.packages.keys().filter(|(other, _)| other == owner);
    yes("200 OK", &of_owner.map(|(_, name)| json!({ "name": name, "owner": owner })).collect())
}

fn package(state: &State, owner: &str, name: &str) -> Answer {
    let Some(about) = state.packages.get(&(owner.to_owned(), name.to_owned())) else {
        return no("404 Not Found", &format!("\"{name}\" could not be found"));
    };
    let files = state.files.iter().filter(|(place, _)| place.owner == owner && place.package == name);
    let files: Vec<Value> = files.map(|(place, file)| dist::described(place, file)).collect();
    let types = about.pointer("/public_attrs/package_types").cloned().unwrap_or_else(|| json!([]));
    yes("200 OK", &json!({ "name": name, "package_types": types, "files": files }))
}

fn new_package(state: &mut State, owner: &str, name: &str, about: Value) -> Answer {
    let key = (owner.to_owned(), name.to_owned());
    if state.packages.contains_key(&key) {
        return no("409 Conflict", "The package already exists");
    }
    if about.pointer("/public_attrs/summary").is_none() {
        return no("400 Bad Request", "A package needs a summary");
    }
    state.packages.insert(key, about);
    yes("200 OK", &json!({ "name": name }))
}

fn release(state: &State, owner: &str, name: &str, version: &str) -> Answer {
    if !state.releases.contains(&(owner.to_owned(), name.to_owned(), version.to_owned())) {
        return no("404 Not Found", &format!("\"{version}\" could not be found"));
    }
    let is_of = |place: &&Place| place.owner == owner && place.package == name && place.version == version;
    let files: Vec<&String> = state.files.keys().filter(is_of).map(|place| &place.basename).collect();
    yes("200 OK", &json!({ "version": version, "distributions": files }))
}

fn new_release(state: &mut State, owner: &str, name: &str, version: &str) -> Answer {
    let [owner, name, version] = [owner, name, version].map(str::to_owned);
    if !state.packages.contains_key(&(owner.clone(), name.clone())) {
        return no("404 Not Found", "There is no such package");
    }
    if !state.releases.insert((owner, name, version)) {
        return no("409 Conflict", "The release already exists");
    }
    yes("200 OK", &json!({}))
}

fn labels(state: &State, owner: &str) -> Answer {
    let of_owner = state.files.iter().filter(|(place, _)| place.owner == owner);
    let labels = of_owner.flat_map(|(_, file)| &file.labels).cloned().chain(["main".to_owned()]);
    let labels: BTreeMap<String, Value> = labels.map(|label| (label, json!({ "is_locked": false }))).collect();
    yes("200 OK", &json!(labels))
}

fn label_files(state: &State, owner: &str, label: &str) -> Answer {
    let under = state.files.iter().filter(|(place, file)| place.owner == owner && file.labels.contains(label));
    let files: Vec<Value> = under.map(|(place, file)| dist::described(place, file)).collect();
    yes("200 OK", &json!({ "name": label, "is_locked": false, "files": files }))
}

/// Puts all files of an owner, a package or a version, or one file, under a label.
fn add_label(state: &mut State, owner: &str, label: &str, body: &Value) -> Answer {
    let fits = |field: &str, value: &str| body[field].as_str().is_none_or(|wanted| wanted == value);
    let mut found = false;
    for (place, file) in &mut state.files {
        let of_package = place.owner == owner && fits("package", &place.package) && fits("version", &place.version);
        if of_package && fits("basename", &place.basename) {
            file.labels.insert(label.to_owned());
            found = true;
        }
    }
    if found { yes("201 Created", &json!({})) } else { no("404 Not Found", "There is no such file") }
}

pub(super) fn yes(status: &str, body: &Value) -> Answer {
    let headers = vec!["Content-Type: application/json".to_owned()];
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Answer { status: status.to_owned(), headers, body }
}

pub(super) fn no(status: &str, error: &str) -> Answer {
    yes(status, &json!({ "error": error }))
}
