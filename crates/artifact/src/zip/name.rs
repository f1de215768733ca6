//! The names of a zip's members: the rules for all archives, and how a zip encodes them.

use super::central::Entry;
use super::policy::UTF8;
use crate::finding::Findings;
use crate::names::{self, Flaw, Node, Place};
use trackside_domain::finding::Code;

/// Checks each name, and all of them against each other.
pub(super) fn check(entries: &[Entry], findings: &mut Findings) {
    for entry in entries {
        if let Some((code, message)) = encoding(entry).or_else(|| names::text_flaw(&entry.name)) {
            findings.member(code, &entry.name, message);
        }
    }
    // Names that are too long or no text are refused already; comparing them would only cost time.
    let comparable = entries.iter().filter(|entry| names::bytes_flaw(&entry.raw_name).is_none());
    let node = |entry: &Entry| if entry.name.ends_with('/') { Node::Folder } else { Node::File };
    names::check_collisions(comparable.map(|entry| Place { name: &entry.name, node: node(entry) }), findings);
}

fn encoding(entry: &Entry) -> Option<Flaw> {
    if let Some(flaw) = names::bytes_flaw(&entry.raw_name) {
        return Some(flaw);
    }
    let marked = entry.raw_name.is_ascii() || entry.header.flags & UTF8 != 0;
    (!marked).then_some((Code::NameEncoding, "its name is not ASCII and not marked as UTF-8"))
}
