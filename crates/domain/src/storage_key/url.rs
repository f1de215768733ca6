//! Paths in URLs: percent-encoding and relative references between keys.

use std::borrow::Cow;

/// A path as it stands in a URL: all but letters, digits, `-._~` and the slashes is encoded, so
/// `+` is `%2B`.
pub fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len() + 8);
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The path that a URL's path names; a literal `+` stays one. `None` if an escape is malformed or
/// the result is not UTF-8.
pub fn percent_decoded(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('%') {
        return Some(Cow::Borrowed(path));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The relative URL that leads from one object to another of the same store, encoded. Both are
/// paths below the store's root, so it works wherever the store is, also from a disk.
pub fn relative_url(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    // The last part of `from` is a file: what counts is the folder it lies in. The last part of
    // `to` is never common.
    let folders = &from[..from.len() - 1];
    let common = folders.iter().zip(&to[..to.len() - 1]).take_while(|(one, other)| one == other).count();
    let up = "../".repeat(folders.len() - common);
    // No part of a key holds a colon before it is encoded, so nothing here reads as a scheme.
    percent_encoded(&format!("{up}{}", to[common..].join("/")))
}
