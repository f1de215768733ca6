//! A version as it stands in texts: found and replaced where it is that version and no longer one.

use std::ops::Range;

use pep440_rs::Version;
use regex::bytes::Regex;

/// Words that make another version of the one before them: `2.6.0.dev20250101`, `2.6.0-rc1` (PEP
/// 440, the spellings of pre-, post- and development releases).
const SUFFIXES: [&str; 12] = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "post", "rev", "r", "dev"];

/// Bytes after a match that decide whether it ends there.
const CONTEXT: usize = 32;

/// Characters before a match that decide whether it begins there.
const BEFORE: usize = 2;

/// The same in bytes, at most.
pub(super) const BYTES_BEFORE: usize = 2 * BEFORE;

/// A version to be looked for, in every spelling that the files of its wheel can have.
pub(super) struct VersionText {
    /// In texts of one byte to a character.
    plain: Regex,
    /// In UTF-16 of either order, from the first character's own byte to the last one's.
    wide: Regex,
    /// The longest spelling in bytes.
    length: usize,
}

impl VersionText {
    /// Some version as the file name spells it, as METADATA does, and in the normal form; letters of
    /// any case, and any separators in the local part (PEP 440). None for a text that no pattern can
    /// hold, which no version is.
    pub(super) fn new(in_name: &str, in_metadata: Option<&str>) -> Option<Self> {
        let normal = in_name.parse::<Version>().ok().map(|version| version.to_string());
        let mut spellings: Vec<&str> = [Some(in_name), in_metadata, normal.as_deref()].into_iter().flatten().collect();
        // The first alternative that fits counts, so a longer one comes before its beginning.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        let pattern = |between: &str| {
            let one = |spelling: &&str| characters(spelling).collect::<Vec<_>>().join(between);
            Regex::new(&format!("(?i-u){}", spellings.iter().map(one).collect::<Vec<_>>().join("|"))).ok()
        };
        Some(Self { plain: pattern("")?, wide: pattern("\\x00")?, length: spellings.first()?.len() })
    }

    /// How many bytes behind the beginning of a version decide whether it is there.
    pub(super) const fn reach(&self) -> usize {
        2 * (self.length + CONTEXT)
    }

    /// Where the version stands in `bytes`, each time: `2.6.0` is not in `12.6.0`, `2.6.0.1`,
    /// `2.6.0+cu124` or `2.6.0rc1`, but in `v2.6.0`, `torch-2.6.0.tar.gz` and at the end of a sentence.
    fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.plain.find_iter(bytes).map(|found| found.range());
        found.filter(|range| begins(&bytes[..range.start]) && ends(&bytes[range.end..]))
    }

    /// The same in UTF-16.
    fn find_wide<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.wide.find_iter(bytes).map(|found| found.range());
        found.filter(|Range { start, end }| {
            let mut before: Vec<u8> = narrow(bytes[..*start].iter().rev().copied()).take(BEFORE).collect();
            before.reverse();
            let after: Vec<u8> = narrow(bytes[*end..].iter().copied()).take(CONTEXT).collect();
            begins(&before) && ends(&after)
        })
    }

    /// Where the version begins, in either form.
    pub(super) fn starts<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.find(bytes).chain(self.find_wide(bytes)).map(|range| range.start)
    }

    /// Whether the version is there, in either form.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.starts(bytes).next().is_some()
    }

    /// The text with `new` in the place of the version; none if that is not there.
    pub(super) fn replace(&self, bytes: &[u8], new: &str) -> Option<Vec<u8>> {
        let mut replaced = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for Range { start, end } in self.find(bytes) {
            replaced.extend_from_slice(&bytes[done..start]);
            replaced.extend_from_slice(new.as_bytes());
            done = end;
        }
        if done == 0 {
            return None;
        }
        replaced.extend_from_slice(&bytes[done..]);
        Some(replaced)
    }
}

/// A pattern for each character of a spelling.
fn characters(spelling: &str) -> impl Iterator<Item = String> + '_ {
    let local = spelling.find('+').unwrap_or(spelling.len());
    spelling.char_indices().map(move |(at, char)| match char {
        '-' | '_' | '.' if at > local => "[-_.]".to_owned(),
        _ => regex::escape(char.encode_utf8(&mut [0; 4])),
    })
}

/// The characters of UTF-16 that follow a character's own byte, as far as they are ASCII.
fn narrow(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    let mut bytes = bytes;
    std::iter::from_fn(move || (bytes.next()? == 0).then(|| bytes.next()).flatten())
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
            let found = VersionText::new(version, None).unwrap().is_in(text.as_bytes());
            assert_eq!(found, expected, "{version} in {text}");
        }
    }

    #[test]
    fn only_that_version_is_replaced() {
        let version = VersionText::new("2.6.0+cu124", None).unwrap();
        let replaced = version.replace(b"a 2.6.0+cu124 \xff12.6.0+cu124,2.6.0+cu124", "2.6.0").unwrap();
        assert_eq!(replaced, b"a 2.6.0 \xff12.6.0+cu124,2.6.0");
        assert_eq!(version.replace(b"2.6.0", "3"), None);
    }

    #[test]
    fn every_spelling_that_files_can_have_is_found() {
        let name = VersionText::new("1.0+cu_124", None).unwrap();
        for text in ["1.0+cu.124", "1.0+CU-124", "1.0+cu_124"] {
            assert_eq!(name.replace(format!("v = '{text}'").as_bytes(), "1.0").unwrap(), b"v = '1.0'", "{text}");
        }
        let name = VersionText::new("1.0RC1+Cpu", Some("1.0.rc-1+cpu")).unwrap();
        for text in ["1.0rc1+cpu", "1.0RC1+CPU", "1.0.rc-1+cpu"] {
            assert!(name.is_in(text.as_bytes()), "{text}");
        }
        for text in ["1.0rc1", "1.0rc1+cpu.1", "1.0rc11+cpu", "1-0rc1+cpu"] {
            assert!(!name.is_in(text.as_bytes()), "{text}");
        }
        let longer = VersionText::new("1.0", Some("1.0.0")).unwrap();
        assert_eq!(longer.replace(b"1.0.0, 1.0, 1.0.1", "2").unwrap(), b"2, 2, 1.0.1");
    }

    #[test]
    fn utf_16_of_both_orders_is_searched_by_the_same_rules() {
        let version = VersionText::new("1.0+cpu", None).unwrap();
        for (text, expected) in [
            ("v = '1.0+cpu'", true),
            ("11.0+cpu", false),
            ("1.0+cpu5", false),
            ("1.0+cpu.d2", false),
            ("1.0+CPU.", true),
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!([version.is_in(&little), version.is_in(&big)], [expected; 2], "{text}");
            assert_eq!(version.replace(&little, "1.0"), None, "only plain texts are edited");
        }
    }
}
