//! Old pages that link to other indexes: such links are kept by the configuration, or dropped by name.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::claims::Elsewhere;
use super::{ImportWorld, Request};
use crate::name::{FolderName, PackageName};
use crate::plan::{Stop, StopKind};
use crate::project::Project;
use crate::say::count;

/// What is to be said of the links of other indexes: stops, and notes on those that are dropped.
pub(super) fn judged(
    project: &Project,
    request: &Request,
    (world, folders): (&ImportWorld, &BTreeSet<FolderName>),
) -> (Vec<Stop>, Vec<String>) {
    let (mut stops, mut notes) = (Vec::new(), Vec::new());
    for (package, links) in &world.claims.elsewhere {
        let missing: BTreeMap<&Url, &Elsewhere> =
            links.iter().filter(|(url, link)| !is_kept(project, package, url, link)).collect();
        if missing.is_empty() {
            continue;
        }
        if request.drop_links.contains(package) {
            notes.push(format!("links-dropped: {} of {package} to other indexes", count(missing.len(), "link")));
            continue;
        }
        let tables: String = missing.iter().map(|(url, link)| table(package, url, link, folders)).collect();
        let message = format!("its old pages have {} to other indexes", count(missing.len(), "link"));
        let hint = format!(
            "declare them in trackside.toml, or --drop-links {package} leaves them out; the old pages do not say sizes:\n\
             {}",
            tables.trim()
        );
        stops.push(Stop::new(StopKind::Blocked, "links-elsewhere", package.as_str(), message).hint(hint));
    }
    for package in request.drop_links.iter().filter(|package| !world.claims.elsewhere.contains_key(*package)) {
        notes.push(format!("links-dropped: no old page has links of {package} to other indexes"));
    }
    (stops, notes)
}

/// Whether the configuration has the link, on all pages that have it.
fn is_kept(project: &Project, package: &PackageName, url: &Url, seen: &Elsewhere) -> bool {
    let of_package = project.third_party.get(package);
    of_package.into_iter().flatten().any(|link| {
        let folders = seen.folders.iter().flatten();
        link.url == *url
            && seen.claim.sha256.keys().all(|sha256| *sha256 == link.sha256)
            && (link.folders.is_empty() || folders.into_iter().all(|folder| link.folders.contains(folder)))
    })
}

/// The table of the configuration that keeps a link.
fn table(package: &PackageName, url: &Url, link: &Elsewhere, folders: &BTreeSet<FolderName>) -> String {
    let text = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
    let claim = &link.claim;
    let mut table =
        format!("\n[[channels.third-party]]\npackage = {}\nurl = {}\n", text(package.as_str()), text(url.as_str()));
    let digest = claim.digest().map(|sha256| sha256.to_string()).unwrap_or_default();
    table += &format!("sha256 = {}\nsize = \"?\"\n", text(&digest));
    if let Some(requires) = claim.requires_python.first() {
        table += &format!("requires-python = {}\n", text(requires));
    }
    if let Some(metadata) = claim.metadata.first() {
        table += &format!("metadata-sha256 = {}\n", text(&metadata.to_string()));
    }
    let own: BTreeSet<&FolderName> = link.folders.iter().flatten().collect();
    if !own.is_empty() && own != folders.iter().collect::<BTreeSet<_>>() {
        let own: Vec<String> = own.into_iter().map(|folder| text(folder.as_str())).collect();
        table += &format!("folders = [{}]\n", own.join(", "));
    }
    table
}
