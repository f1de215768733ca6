//! A version as it stands in texts: found and replaced where it is that version and no longer one.

use regex::bytes::Regex;

/// Words that make another version of the one before them: `2.6.0.dev20250101`, `2.6.0-rc1` (PEP
/// 440, the spellings of pre-, post- and development releases).
const SUFFIXES: [&str; 12] = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "post", "rev", "r", "dev"];

/// Bytes after a match that decide whether it ends there.
pub(super) const CONTEXT: usize = 32;

/// A version to be looked for, as it is spelt in the file name.
pub(super) struct VersionText {
    pattern: Regex,
    length: usize,
}

impl VersionText {
    /// None for a text that no pattern can hold, which no version is.
    pub(super) fn new(version: &str) -> Option<Self> {
        let pattern = Regex::new(&format!("(?-u){}", regex::escape(version))).ok()?;
        Some(Self { pattern, length: version.len() })
    }

    /// The length of the version in bytes.
    pub(super) const fn len(&self) -> usize {
        self.length
    }

    /// Where the version begins in `bytes`, each time: `2.6.0` is not in `12.6.0`, `2.6.0.1`,
    /// `2.6.0+cu124` or `2.6.0rc1`, but in `v2.6.0`, `torch-2.6.0.tar.gz` and at the end of a sentence.
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let found = self.pattern.find_iter(bytes).map(|found| (found.start(), found.end()));
        found.filter(|(start, end)| begins(&bytes[..*start]) && ends(&bytes[*end..])).map(|(start, _)| start)
    }

    /// Whether the version is there.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.find(bytes).next().is_some()
    }

    /// The text with `new` in the place of the version; none if that is not there.
    pub(super) fn replace(&self, bytes: &[u8], new: &str) -> Option<Vec<u8>> {
        let mut replaced = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for start in self.find(bytes) {
            replaced.extend_from_slice(&bytes[done..start]);
            replaced.extend_from_slice(new.as_bytes());
            done = start + self.length;
        }
        if done == 0 {
            return None;
        }
        replaced.extend_from_slice(&bytes[done..]);
        Some(replaced)
    }
}

/// Whether a version can begin after these bytes.
fn begins(before: &[u8]) -> bool {
    match before {
        [.., last] if last.is_ascii_digit() => false,
        // The end of a longer release number, an epoch, or a local part.
        [.., first, b'.' | b'!' | b'+'] => !first.is_ascii_alphanumeric(),
        _ => true,
    }
}

/// Whether a version can end before these bytes.
fn ends(after: &[u8]) -> bool {
    match after {
        [first, ..] if first.is_ascii_alphanumeric() => false,
        [b'+', second, ..] => !second.is_ascii_alphanumeric(),
        [b'.', rest @ ..] => {
            let word = word(rest);
            // `2.6.0.dist-info` and `2.6.0.tar` end there, `2.6.0.1` and `2.6.0+cu124.d2025` do not.
            !word.iter().any(u8::is_ascii_digit) && !is_suffix(word)
        }
        [b'-' | b'_', rest @ ..] => {
            let word = word(rest);
            let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let numbered = word[letters..].iter().all(u8::is_ascii_digit);
            !(numbered && is_suffix(&word[..letters]))
        }
        _ => true,
    }
}

/// The letters and digits in front, as far as they matter.
fn word(bytes: &[u8]) -> &[u8] {
    let near = &bytes[..bytes.len().min(CONTEXT - 1)];
    &near[..near.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()]
}

fn is_suffix(word: &[u8]) -> bool {
    SUFFIXES.iter().any(|suffix| word.eq_ignore_ascii_case(suffix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_where_it_is_that_version() {
        for (version, text, expected) in [
            ("2.6.0+cu124", "__version__ = '2.6.0+cu124'", true),
            ("2.6.0+cu124", "2.6.0+cu1241", false),
            ("2.6.0+cu124", "12.6.0+cu124", false),
            ("2.6.0+cu124", "1.2.6.0+cu124", false),
            ("2.6.0+cu124", "1!2.6.0+cu124", false),
            ("2.6.0+cu124", "v2.6.0+cu124", true),
            ("2.6.0+cu124", "torch-2.6.0+cu124.dist-info/RECORD", true),
            ("2.6.0+cu124", "2.6.0+cu124.d20250101", false),
            ("2.6.0+cu124", "2.6.0+cu124-cp311", true),
            ("2.6.0+cu124", "2.6.0%2Bcu124", false),
            ("2.6.0", "2.6.0", true),
            ("2.6.0", "This is 2.6.0.", true),
            ("2.6.0", "This is 2.6.0. And", true),
            ("2.6.0", "2.6.0+cu124", false),
            ("2.6.0", "2.6.0 + 1", true),
            ("2.6.0", "2.6.0+", true),
            ("2.6.0", "2.6.0.1", false),
            ("2.6.0", "2.6.0rc1", false),
            ("2.6.0", "2.6.0-rc1", false),
            ("2.6.0", "2.6.0-rc1x", true),
            ("2.6.0", "2.6.0-1-cp311", true),
            ("2.6.0", "2.6.0.dev", false),
            ("2.6.0", "2.6.0.POST1", false),
            ("2.6.0", "2.6.0.tar.gz", true),
            ("2.6.0", "2x6x0", false),
            ("1.1.1", "1.1.1.1", false),
            ("1.1", "1.1.1 1.1", true),
        ] {
            let found = VersionText::new(version).unwrap().is_in(text.as_bytes());
            assert_eq!(found, expected, "{version} in {text}");
        }
    }

    #[test]
    fn only_that_version_is_replaced() {
        let version = VersionText::new("2.6.0+cu124").unwrap();
        let replaced = version.replace(b"a 2.6.0+cu124 \xff12.6.0+cu124,2.6.0+cu124", "2.6.0").unwrap();
        assert_eq!(replaced, b"a 2.6.0 \xff12.6.0+cu124,2.6.0");
        assert_eq!(version.replace(b"2.6.0", "3"), None);
    }
}
