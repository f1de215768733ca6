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
    /// All source of a repository at the tag of a release, `NAME-vVERSION.tar.gz`.
    Source,
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

    /// The kind that a file's name stands for, by its ending; a source archive is told from an sdist by
    /// the tag in its name.
    pub fn of_file_name(name: &str) -> Option<Self> {
        if Self::source_name(name).is_some() {
            return Some(Self::Source);
        }
        Self::ENDINGS.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| kind)
    }

    /// The name and the version in the name of a source archive: `pytorch` and `2.15.0` of
    /// `pytorch-v2.15.0.tar.gz`. An sdist never has such a name: its version is normalised (PEP 625).
    pub fn source_name(file: &str) -> Option<(&str, &str)> {
        let (name, version) = file.strip_suffix(".tar.gz")?.rsplit_once("-v")?;
        (!name.is_empty() && version.starts_with(|first: char| first.is_ascii_digit())).then_some((name, version))
    }

    /// How files of this kind are called.
    pub const fn naming(self) -> &'static str {
        match self {
            Self::Wheel => "its name ends with `.whl`",
            Self::Libtorch => "its name ends with `.zip`",
            Self::Sdist => "its name ends with `.tar.gz`, and has no `v` before the version",
            Self::Source => "its name ends with the tag and `.tar.gz`, as in `NAME-v{version}.tar.gz`",
            Self::Conda => "its name ends with `.conda` or `.tar.bz2`",
        }
    }

    /// The word of the configuration: `wheel`, `libtorch`, `sdist`, `source`, `conda`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Libtorch => "libtorch",
            Self::Sdist => "sdist",
            Self::Source => "source",
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
        use ArtifactKind::{Conda, Libtorch, Sdist, Source, Wheel};
        for kind in [Wheel, Libtorch, Sdist, Source, Conda] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }

    #[test]
    fn a_source_archive_has_the_tag_in_its_name() {
        for (name, kind) in [
            ("pytorch-v2.15.0.tar.gz", Some(ArtifactKind::Source)),
            ("pytorch-audio-v2.15.0.tar.gz", Some(ArtifactKind::Source)),
            ("torch-2.15.0.tar.gz", Some(ArtifactKind::Sdist)),
            ("torch-vision-1.0.tar.gz", Some(ArtifactKind::Sdist)),
            ("-v2.15.0.tar.gz", Some(ArtifactKind::Sdist)),
            ("pytorch-v2.15.0.zip", Some(ArtifactKind::Libtorch)),
            ("pytorch-v2.15.0.tar", None),
        ] {
            assert_eq!(ArtifactKind::of_file_name(name), kind, "{name}");
        }
    }
}
