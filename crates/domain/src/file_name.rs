//! The name of an artifact's file, checked so that it can stand in a key, a URL and a page.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::checked_text;

/// The name of an artifact's file: one path part of printable ASCII, such as
/// `torch-2.15.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct FileName(String);

/// Why a text is not the name of an artifact's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a file name of an artifact: {reason}", text.escape_debug())]
pub struct FileNameError {
    text: String,
    reason: &'static str,
}

checked_text!(FileName, FileNameError);

/// What an artifact's file name may hold beside letters and digits. Wheels, sdists, libtorch zips
/// and conda packages need no more; `!` is for the epoch of a version.
const PUNCTUATION: &str = "-_.+!";

/// In bytes: file systems hold names of 255, and `.metadata` comes behind this one.
const MAX_LENGTH: usize = 255 - ".metadata".len();

impl FromStr for FileName {
    type Err = FileNameError;

    fn from_str(text: &str) -> Result<Self, FileNameError> {
        let refused = |reason| FileNameError { text: text.to_owned(), reason };
        if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return Err(refused("it must begin with a letter or a digit"));
        }
        if !text.chars().all(|char| char.is_ascii_alphanumeric() || PUNCTUATION.contains(char)) {
            return Err(refused("only letters, digits and `-_.+!` are allowed"));
        }
        if text.len() > MAX_LENGTH {
            return Err(refused("it is longer than 246 bytes"));
        }
        if !text.contains('.') || text.ends_with('.') {
            return Err(refused("it has no extension"));
        }
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("index.") || lower.ends_with(".metadata") || lower.ends_with(".json") {
            return Err(refused("trackside gives such names to its own files"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl PartialEq<str> for FileName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_real_files_are_taken() {
        for text in [
            "torch-2.15.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl",
            "libtorch-win-shared-with-deps-debug-2.15.0+cu126.zip",
            "torchvision-0.30.0.tar.gz",
            "x-1!2.0-py3-none-any.whl",
        ] {
            assert_eq!(text.parse::<FileName>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn names_that_could_leave_their_folder_or_shadow_a_page_are_refused() {
        for text in [
            "",
            ".",
            "..",
            "../a.whl",
            "a/b.whl",
            "a\\b.whl",
            "-a.whl",
            ".trackside-tmp-1.whl",
            "a",
            "a.",
            "index.html",
            "INDEX.v1_json",
            "a.whl.metadata",
            "candidate.json",
            "a\".whl",
            "a<b>.whl",
            "a&b.whl",
            "a b.whl",
            "a%2Bb.whl",
            "a#b.whl",
            "a?b.whl",
            "é.whl",
            "a\n.whl",
            &format!("{}.whl", "a".repeat(243)),
        ] {
            assert!(text.parse::<FileName>().is_err(), "{text:?}");
        }
    }
}
