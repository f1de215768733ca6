//! The one written form of a store's URL.

use std::path::PathBuf;

use ::url::Url;

use super::{ObjectKey, ServerUrl, StoreKind};
use crate::storage_key::percent_decoded;

/// What a URL may say after `?`: things that no environment variable of the user names.
const OPTIONS: [&str; 4] = ["copies", "endpoint", "profile", "region"];

/// What kind of store a canonical URL names.
pub(super) fn kind(canonical: &str) -> StoreKind {
    match canonical.split_once("://").map(|(scheme, _)| scheme) {
        Some("s3") => StoreKind::S3,
        Some("gs") => StoreKind::Gcs,
        Some("az") => StoreKind::Azure,
        Some("anaconda") => StoreKind::Anaconda,
        _ => StoreKind::Folder,
    }
}

/// The absolute path that a canonical URL names, if it names a folder.
pub(super) fn folder(canonical: &str) -> Option<PathBuf> {
    Url::parse(canonical).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok())
}

/// The parts of a canonical URL, if it names a bucket of a server.
pub(super) fn server(canonical: &str) -> Option<ServerUrl> {
    let url = Url::parse(canonical).ok().filter(|url| !matches!(url.scheme(), "file" | "anaconda"))?;
    let option = |wanted: &str| {
        url.query_pairs().find(|(name, value)| name == wanted && !value.is_empty()).map(|(_, value)| value.into_owned())
    };
    let prefix = percent_decoded(url.path().trim_matches('/'))?;
    Some(ServerUrl {
        bucket: url.host_str()?.to_owned(),
        prefix: if prefix.is_empty() { None } else { Some(prefix.parse().ok()?) },
        endpoint: option("endpoint").map(|endpoint| endpoint.trim_end_matches('/').to_owned()),
        region: option("region"),
        profile: option("profile"),
        strict_copies: option("copies").is_some(),
    })
}

/// A canonical URL with more parts at the end of its path.
pub(super) fn below(canonical: &str, parts: &str) -> Result<String, &'static str> {
    let mut url = Url::parse(canonical).map_err(|_| "it cannot be read as a URL")?;
    url.path_segments_mut().map_err(|()| "it has no path")?.pop_if_empty().extend(parts.split('/'));
    self::canonical(url.as_str())
}

/// The one way to write the store that `text` names, or what is wrong with `text`.
pub(super) fn canonical(text: &str) -> Result<String, &'static str> {
    if text.chars().any(char::is_control) || text.contains('\\') {
        return Err("it contains control characters or a backslash");
    }
    if text.starts_with('/') {
        return folder_url(text);
    }
    // The parser would resolve `..` without a word, and a store is not to be found elsewhere than it was named.
    let (_, rest) = text.split_once("://").ok_or("give a URL such as `file:///srv/store`, or an absolute path")?;
    if rest.to_ascii_lowercase().replace("%2e", ".").split('/').any(|part| matches!(part, "." | "..")) {
        return Err("it contains `.` or `..`");
    }
    let url = Url::parse(text).map_err(|_| "it cannot be read as a URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name or a secret; give credentials in the environment");
    }
    if url.fragment().is_some() {
        return Err("it has a `#` part");
    }
    match url.scheme() {
        "file" => file(&url),
        "s3" | "gs" | "az" => bucket(&url),
        "anaconda" => super::anaconda::canonical(&url),
        _ => Err("only `file`, `s3`, `gs`, `az` and `anaconda` are known"),
    }
}

fn file(url: &Url) -> Result<String, &'static str> {
    if url.query().is_some() {
        return Err("a folder has no `?` part");
    }
    let path = url.to_file_path().map_err(|()| "a folder is on this machine: write `file:///` and an absolute path")?;
    folder_url(path.to_str().ok_or("its path is not UTF-8")?)
}

fn folder_url(path: &str) -> Result<String, &'static str> {
    let path = path.trim_end_matches('/');
    if path.is_empty() {
        return Err("the root of the file system is no store");
    }
    if path.chars().any(|char| char.is_control() || char == '\\') {
        return Err("its path contains control characters or a backslash");
    }
    if path.split('/').skip(1).any(|part| matches!(part, "" | "." | "..")) {
        return Err("its path has an empty part, `.` or `..`");
    }
    Url::from_file_path(path).map(String::from).map_err(|()| "its path is not absolute")
}

fn bucket(url: &Url) -> Result<String, &'static str> {
    if url.host_str().is_none_or(str::is_empty) || url.port().is_some() {
        return Err("a bucket is needed after `://`, and no port");
    }
    if url.query_pairs().any(|(name, _)| !OPTIONS.contains(&name.as_ref())) {
        return Err(
            "only `copies`, `endpoint`, `profile` and `region` may follow `?`; give credentials in the environment",
        );
    }
    if url.query_pairs().any(|(name, value)| name == "endpoint" && !is_plain_endpoint(&value)) {
        return Err("its `endpoint` is not a plain http or https URL");
    }
    if url.query_pairs().any(|(name, value)| name == "copies" && value != "strict") {
        return Err("`copies` can only be `strict`");
    }
    if url.path().contains("//") {
        return Err("its path has an empty part");
    }
    let path = url.path().trim_matches('/');
    if !path.is_empty() && percent_decoded(path).is_none_or(|path| path.parse::<ObjectKey>().is_err()) {
        return Err("its path is no prefix of objects");
    }
    let mut url = url.clone();
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url.into())
}

pub(super) fn is_plain_endpoint(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    })
}
