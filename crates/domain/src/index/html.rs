//! The pages as HTML: PEP 503 with the attributes of PEP 503, 592, 658 and 714, and the upload time.

use super::Entry;
use crate::name::PackageName;
use crate::storage_key::PageKey;

/// A page, and what links to files of its store begin with if they are not relative.
type At<'a> = (&'a PageKey, Option<&'a url::Url>);

/// The page of one package.
pub(super) fn package(at: At<'_>, package: &PackageName, entries: &[&Entry<'_>]) -> String {
    let mut named: Vec<(&str, &Entry<'_>)> = entries.iter().map(|entry| (entry.name.as_str(), *entry)).collect();
    // One name with one digest may lie in several folders; one link to it is enough.
    named.dedup_by_key(|(name, _)| *name);
    let links = named.into_iter().map(|(name, entry)| file_link(at, name, entry));
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

/// The flat list of a tree's archives, each with its folder.
pub(super) fn archives(at: At<'_>, entries: &[&Entry<'_>]) -> String {
    let links = entries.iter().map(|entry| {
        let text = match (entry.folder(), &at.0.folder) {
            (Some(folder), None) => format!("{folder}/{}", entry.name),
            _ => entry.name.to_string(),
        };
        file_link(at, &text, entry)
    });
    document(&format!("Links for {}", at.0.tree.as_str()), links)
}

fn file_link(at: At<'_>, text: &str, entry: &Entry<'_>) -> String {
    let mut link = format!("<a href=\"{}#sha256={}\"", escaped(&entry.url(at)), entry.sha256);
    if let Some(requires) = entry.requires_python {
        link.push_str(&format!(" data-requires-python=\"{}\"", escaped(requires)));
    }
    if let Some(digest) = entry.metadata {
        // The first is PEP 658's name, which installers older than PEP 714 look for.
        link.push_str(&format!(" data-dist-info-metadata=\"sha256={digest}\" data-core-metadata=\"sha256={digest}\""));
    }
    if let Some(uploaded) = entry.uploaded {
        link.push_str(&format!(" data-upload-time=\"{uploaded}\""));
    }
    if let Some(reason) = entry.yanked {
        link.push_str(&format!(" data-yanked=\"{}\"", escaped(reason)));
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
