//! Files of other indexes, and the packages that a channel may hold.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::Names;
use crate::artifact_kind::ArtifactKind;
use crate::config::raw::{RawLink, RawProject, Text};
use crate::config::read::Source;
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::index::{Link, version_of};
use crate::name::{FolderName, PackageName};

/// The links by package, each list sorted.
pub(super) fn links(
    raw: &RawProject,
    names: &Names<'_>,
    source: &mut Source<'_>,
) -> Option<BTreeMap<PackageName, Vec<Link>>> {
    let Some(tables) = &raw.channels.third_party else { return Some(BTreeMap::new()) };
    let mut links: BTreeMap<PackageName, Vec<Link>> = BTreeMap::new();
    let mut complete = tables.complete;
    for table in &tables.list {
        let Some((package, one)) = link(&table.value, names, source) else {
            complete = false;
            continue;
        };
        let of_package = links.entry(package).or_default();
        if of_package.iter().any(|other| other.file == one.file) {
            source.report(&table.value.url.span, format_args!("the file `{}` is listed twice", one.file));
        }
        of_package.push(one);
    }
    links.values_mut().for_each(|links| links.sort());
    complete.then_some(links)
}

fn link(raw: &RawLink, names: &Names<'_>, source: &mut Source<'_>) -> Option<(PackageName, Link)> {
    let package = source.parse::<PackageName>(&raw.package);
    if let Some(package) = &package
        && names.packages.iter().any(|known| known.parse().as_ref() == Ok(package))
    {
        source.report(&raw.package.span, format_args!("`{package}` is a package of the train: its files are staged"));
    }
    let url = url(&raw.url, source);
    let sha256 = source.parse::<Sha256>(&raw.sha256);
    let metadata = raw.metadata_sha256.as_ref().map(|text| source.parse::<Sha256>(text));
    let folders: Option<BTreeSet<FolderName>> =
        raw.folders.iter().flatten().map(|text| source.parse::<FolderName>(text)).collect();
    let (package, (url, file)) = (package?, url?);
    let kind = ArtifactKind::of_file_name(file.as_str()).unwrap_or(ArtifactKind::Conda);
    match version_of(&package, kind, file.as_str()) {
        Ok(Some(_)) => {}
        Ok(None) => source.report(&raw.url.span, "the pages of packages list wheels and sdists only"),
        Err(reason) => source.report(&raw.url.span, format_args!("it is no file of {package}: {reason}")),
    }
    let requires_python = raw.requires_python.as_ref().map(|text| text.value.clone());
    let metadata = match metadata {
        Some(metadata) => Some(metadata?),
        None => None,
    };
    let link = Link { file, url, sha256: sha256?, size: raw.size.0.0, requires_python, metadata, folders: folders? };
    Some((package, link))
}

/// An address that stands on public pages, and the name at its end. The text is not repeated: it may
/// hold a secret.
fn url(text: &Text, source: &mut Source<'_>) -> Option<(Url, FileName)> {
    let parsed = Url::parse(&text.value).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let plain = parsed.filter(|url| {
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none()
    });
    let Some(url) = plain else {
        source.report(&text.span, "the URL of a file must be https or http, without user, secret, query and fragment");
        return None;
    };
    let last = url.path().rsplit('/').next().unwrap_or_default();
    let file = crate::storage_key::percent_decoded(last).and_then(|name| name.parse::<FileName>().ok());
    if file.is_none() {
        source.report(&text.span, "the URL does not end with the name of a file");
    }
    Some((url.clone(), file?))
}

/// The names beside those of the train.
pub(super) fn allowed(raw: &RawProject, source: &mut Source<'_>) -> Option<BTreeSet<PackageName>> {
    raw.channels.allow.iter().flatten().map(|text| source.parse::<PackageName>(text)).collect()
}
