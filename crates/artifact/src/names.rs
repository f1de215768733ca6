//! The names of members of any archive: each must mean one and the same file on every system.

mod collide;

use trackside_domain::finding::Code;
use trackside_domain::hidden::is_hidden;
use unicode_normalization::is_nfkc;

pub(crate) use self::collide::{Node, Place, check as check_collisions};
use crate::limits::{MAX_NAME, MAX_NAME_PART};

/// Why a name is refused.
pub(crate) type Flaw = (Code, &'static str);

/// What is wrong with the bytes of a name, before they are looked at as text.
pub(crate) fn bytes_flaw(raw: &[u8]) -> Option<Flaw> {
    if raw.is_empty() {
        return Some((Code::NameEmpty, "its name is empty"));
    }
    if raw.len() > MAX_NAME {
        return Some((Code::NameTooLong, "its name is longer than 1024 bytes"));
    }
    std::str::from_utf8(raw).is_err().then_some((Code::NameEncoding, "its name is not UTF-8"))
}

/// What is wrong with a name; a folder may end with a slash.
pub(crate) fn text_flaw(name: &str) -> Option<Flaw> {
    characters(name).or_else(|| parts(name))
}

fn characters(name: &str) -> Option<Flaw> {
    let listed = name.chars().find_map(|char| match char {
        '\\' => Some((Code::NameBackslash, "its name has a backslash")),
        ':' => Some((Code::NameColon, "its name has a colon")),
        _ if char.is_control() => Some((Code::NameControlCharacter, "its name has a control character")),
        _ if is_hidden(char) => Some((Code::NameInvisibleCharacter, "its name has a character that is not seen")),
        _ => None,
    });
    // A name that normalisation rewrites becomes another one on some file systems, and a look-alike
    // of another one for a person: combining marks beside ready letters, full-width forms, ligatures.
    let ambiguous = || {
        let flaw = (Code::NameAmbiguousCharacter, "its name has a character that can be written otherwise");
        (!name.is_ascii() && !is_nfkc(name)).then_some(flaw)
    };
    listed.or_else(ambiguous)
}

fn parts(name: &str) -> Option<Flaw> {
    if name.starts_with('/') {
        return Some((Code::NameAbsolute, "its name is absolute"));
    }
    name.strip_suffix('/').unwrap_or(name).split('/').find_map(|part| match part {
        ".." => Some((Code::NameTraversal, "its name has a part `..`")),
        _ if part.len() > MAX_NAME_PART => {
            Some((Code::NameTooLong, "a part of its name is longer than 255 bytes, which no file system holds"))
        }
        "" | "." => Some((Code::NameEmptyPart, "its name has a part that is empty or `.`")),
        _ if part.ends_with(['.', ' ']) => {
            Some((Code::NameTrailingDotOrSpace, "a part of its name ends with a dot or a space"))
        }
        _ if is_device(part) => Some((Code::NameDevice, "a part of its name is a device on Windows")),
        _ if part.contains(['<', '>', '|', '"', '?', '*']) || is_console(part) => {
            Some((Code::NameWindows, "a part of its name cannot be made on Windows"))
        }
        _ => None,
    })
}

/// The console's two ends, which are devices too.
fn is_console(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    ["conin$", "conout$"].iter().any(|device| stem.eq_ignore_ascii_case(device))
}

/// Device names count with any extension: `aux.py` cannot be made on Windows.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|n: &str| n.len() == 1 && matches!(n.as_bytes()[0], b'1'..=b'9'))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}
