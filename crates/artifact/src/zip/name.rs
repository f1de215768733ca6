//! The names of members: each must mean one and the same file on every system.

use std::collections::{BTreeMap, BTreeSet};

use super::central::Entry;
use super::policy::UTF8;
use crate::finding::Findings;
use crate::limits::MAX_NAME;
use trackside_domain::finding::Code;

/// Checks each name, and all of them against each other.
pub(super) fn check(entries: &[Entry], findings: &mut Findings) {
    for entry in entries {
        if let Some((code, message)) =
            encoding(entry).or_else(|| characters(&entry.name)).or_else(|| parts(&entry.name))
        {
            findings.member(code, &entry.name, message);
        }
    }
    collisions(entries, findings);
}

fn encoding(entry: &Entry) -> Option<(Code, &'static str)> {
    if entry.raw_name.is_empty() {
        return Some((Code::NameEmpty, "its name is empty"));
    }
    if entry.raw_name.len() > MAX_NAME {
        return Some((Code::NameTooLong, "its name is longer than 1024 bytes"));
    }
    if std::str::from_utf8(&entry.raw_name).is_err() {
        return Some((Code::NameEncoding, "its name is not UTF-8"));
    }
    if !entry.raw_name.is_ascii() && entry.header.flags & UTF8 == 0 {
        return Some((Code::NameEncoding, "its name is not ASCII and not marked as UTF-8"));
    }
    None
}

fn characters(name: &str) -> Option<(Code, &'static str)> {
    name.chars().find_map(|char| match char {
        '\\' => Some((Code::NameBackslash, "its name has a backslash")),
        ':' => Some((Code::NameColon, "its name has a colon")),
        _ if char.is_control() => Some((Code::NameControlCharacter, "its name has a control character")),
        _ if is_invisible(char) => Some((Code::NameInvisibleCharacter, "its name has a character that is not seen")),
        _ if has_twin(char) => {
            Some((Code::NameAmbiguousCharacter, "its name has a character that can be written otherwise"))
        }
        _ => None,
    })
}

/// Direction marks, joiners, byte order marks, line separators: they change what a person reads.
const fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters that Unicode normalisation rewrites, so that two names become one on some file
/// systems: combining marks, conjoining Hangul, full-width forms. A cautious approximation that
/// needs no tables.
const fn has_twin(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}' | '\u{1100}'..='\u{11ff}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fb00}'..='\u{fb4f}' | '\u{fe20}'..='\u{fe2f}' | '\u{ff00}'..='\u{ffef}')
}

fn parts(name: &str) -> Option<(Code, &'static str)> {
    if name.starts_with('/') {
        return Some((Code::NameAbsolute, "its name is absolute"));
    }
    name.strip_suffix('/').unwrap_or(name).split('/').find_map(|part| match part {
        ".." => Some((Code::NameTraversal, "its name has a part `..`")),
        "" | "." => Some((Code::NameEmptyPart, "its name has a part that is empty or `.`")),
        _ if part.ends_with(['.', ' ']) => {
            Some((Code::NameTrailingDotOrSpace, "a part of its name ends with a dot or a space"))
        }
        _ if is_device(part) => Some((Code::NameDevice, "a part of its name is a device on Windows")),
        _ => None,
    })
}

/// Device names count with any extension: `aux.py` cannot be made on Windows.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|n: &str| n.len() == 1 && matches!(n.as_bytes()[0], b'1'..=b'9'))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Names that are too long are refused already; comparing them would only cost time.
fn collisions(entries: &[Entry], findings: &mut Findings) {
    let comparable = || entries.iter().filter(|entry| entry.raw_name.len() <= MAX_NAME);
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    let mut files = BTreeSet::new();
    for entry in comparable() {
        let folded = folded(&entry.name);
        if let Some(other) = names.insert(folded.clone(), &entry.name) {
            collide(&entry.name, other, findings);
        }
        if !entry.name.ends_with('/') {
            files.insert(folded);
        }
    }
    for entry in comparable() {
        let folded = folded(&entry.name);
        if folded.match_indices('/').any(|(end, _)| files.contains(&folded[..end])) {
            findings.member(Code::FileAndDirectory, &entry.name, "a folder on its path is a file");
        }
    }
}

/// The path as a file system that ignores case sees it.
fn folded(name: &str) -> String {
    name.trim_end_matches('/').to_lowercase()
}

fn collide(name: &str, other: &str, findings: &mut Findings) {
    if name == other {
        findings.member(Code::DuplicateMember, name, "a member of this name stands there twice");
    } else if name.trim_end_matches('/') == other.trim_end_matches('/') {
        findings.member(Code::FileAndDirectory, name, "the name is used for a file and for a folder");
    } else {
        let message = format!("it differs from `{}` in case only", other.escape_debug());
        findings.member(Code::CaseCollision, name, message);
    }
}
