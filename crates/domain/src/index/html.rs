//! The pages as HTML: PEP 503 with the attributes of PEP 503, 658 and 714.

use super::Entry;
use crate::name::PackageName;
use crate::storage_key::{PageKey, relative_url};

/// The page of one package.
pub(super) fn package(key: &PageKey, package: &PackageName, entries: &[&Entry<'_>]) -> String {
    let mut named: Vec<(&str, &Entry<'_>)> =
        entries.iter().map(|entry| (entry.artifact.name.as_str(), *entry)).collect();
    // One name with one digest may lie in several folders; one link to it is enough.
    named.dedup_by_key(|(name, _)| *name);
    let links = named.into_iter().map(|(name, entry)| file_link(key, name, entry));
    document(&format!("Links for {package}"), links)
}

/// The list of packages.
pub(super) fn packages(packages: &[&PackageName]) -> String {
    let links = packages.iter().map(|package| {
        let package = escaped(package.as_str());
        format!("<a href=\"{package}/\">{package}</a>")
    });
    document("Simple index", links)
}

/// The flat list of libtorch archives, each with its folder.
pub(super) fn archives(key: &PageKey, entries: &[&Entry<'_>]) -> String {
    let links = entries.iter().map(|entry| {
        let text = match (entry.folder(), &key.folder) {
            (Some(folder), None) => format!("{folder}/{}", entry.artifact.name),
            _ => entry.artifact.name.to_string(),
        };
        file_link(key, &text, entry)
    });
    document("Links for libtorch", links)
}

fn file_link(key: &PageKey, text: &str, entry: &Entry<'_>) -> String {
    let artifact = entry.artifact;
    let url = relative_url(&key.path(), &entry.path);
    let mut link = format!("<a href=\"{}#sha256={}\"", escaped(&url), artifact.sha256);
    if let Some(requires) = &artifact.requires_python {
        link.push_str(&format!(" data-requires-python=\"{}\"", escaped(requires)));
    }
    if let Some(metadata) = &artifact.metadata {
        // The first is PEP 658's name, which installers older than PEP 714 look for.
        let digest = metadata.sha256;
        link.push_str(&format!(" data-dist-info-metadata=\"sha256={digest}\" data-core-metadata=\"sha256={digest}\""));
    }
    link.push_str(&format!(">{}</a>", escaped(text)));
    link
}

fn document(title: &str, links: impl Iterator<Item = String>) -> String {
    let title = escaped(title);
    let links: String = links.map(|link| format!("    {link}<br/>\n")).collect();
    format!(
        "<!DOCTYPE html>\n\
         <html>\n  \
           <head>\n    \
             <meta charset=\"utf-8\">\n    \
             <meta name=\"pypi:repository-version\" content=\"1.1\">\n    \
             <title>{title}</title>\n  \
           </head>\n  \
           <body>\n    \
             <h1>{title}</h1>\n\
         {links}  \
           </body>\n\
         </html>\n"
    )
}

/// A text that stands for itself in HTML, also within a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}
