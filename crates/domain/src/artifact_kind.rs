//! The kinds of artifact that a release ships.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an artifact is, and so by which rules it is read. A closed set: a new kind must be learnt
/// by the reader, the matrix and the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// A Python wheel (binary distribution format).
    Wheel,
    /// A zip with the C++ library.
    Libtorch,
    /// A Python source distribution, `.tar.gz`.
    Sdist,
    /// A conda package, `.conda` or `.tar.bz2`.
    Conda,
}

impl ArtifactKind {
    /// The endings of file names, each with the kind that it stands for.
    pub const ENDINGS: [(&'static str, Self); 5] = [
        (".whl", Self::Wheel),
        (".zip", Self::Libtorch),
        (".tar.gz", Self::Sdist),
        (".conda", Self::Conda),
        (".tar.bz2", Self::Conda),
    ];

    /// The kind that a file's name stands for, by its ending.
    pub fn of_file_name(name: &str) -> Option<Self> {
        Self::ENDINGS.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| kind)
    }

    /// The word of the configuration: `wheel`, `libtorch`, `sdist`, `conda`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Libtorch => "libtorch",
            Self::Sdist => "sdist",
            Self::Conda => "conda",
        }
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_the_configuration_is_the_printed_one() {
        use ArtifactKind::{Conda, Libtorch, Sdist, Wheel};
        for kind in [Wheel, Libtorch, Sdist, Conda] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
