//! The file name of a source distribution: `name-version.tar.gz`, as PEP 625 spells it or older.

use std::str::FromStr;

use pep440_rs::Version;
use trackside_domain::name::PackageName;

use crate::metadata::Expected;

/// The file name of a source distribution, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdistFileName {
    stem: String,
    /// Where the version begins in the stem.
    version_at: usize,
    package: PackageName,
    version: Version,
}

impl SdistFileName {
    /// The name as it is spelt in the file name.
    pub fn name(&self) -> &str {
        &self.stem[..self.version_at - 1]
    }

    /// The version as it is spelt in the file name.
    pub fn version_text(&self) -> &str {
        &self.stem[self.version_at..]
    }

    /// The package.
    pub const fn package(&self) -> &PackageName {
        &self.package
    }

    /// The version.
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// The name without its ending, which is that of the top folder.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Whether the name is spelt as PEP 625 wants it: lowercase, with underscores.
    pub fn is_normalised(&self) -> bool {
        self.name() == self.package.in_file_names()
    }

    /// What PKG-INFO must say.
    pub(crate) fn expected(&self) -> Expected<'_> {
        Expected {
            document: "PKG-INFO",
            package: &self.package,
            name_text: self.name(),
            version: &self.version,
            version_text: self.version_text(),
        }
    }
}

impl FromStr for SdistFileName {
    type Err = &'static str;

    /// Takes the last hyphen as the one before the version, as PyPI and pip do: names of old source
    /// distributions have hyphens of their own.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let stem = text.strip_suffix(".tar.gz").ok_or("the name of the file does not end with `.tar.gz`")?;
        let (name, version) = stem.rsplit_once('-').ok_or("the name of the file has no `-` before a version")?;
        let package = name.parse().map_err(|_| "the name of the file does not begin with the name of a package")?;
        let version = version.parse().map_err(|_| "the name of the file does not end with a version")?;
        Ok(Self { stem: stem.to_owned(), version_at: name.len() + 1, package, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_spellings_are_taken_apart() {
        for (text, name, version, normalised) in [
            ("torch_geometric-2.6.0.tar.gz", "torch_geometric", "2.6.0", true),
            ("pytorch-lightning-1.0rc1.tar.gz", "pytorch-lightning", "1.0rc1", false),
            ("zope.interface-5.0.tar.gz", "zope.interface", "5.0", false),
            ("Django-1.4.2.tar.gz", "Django", "1.4.2", false),
        ] {
            let file: SdistFileName = text.parse().unwrap();
            assert_eq!((file.name(), file.version_text(), file.is_normalised()), (name, version, normalised));
        }
    }

    #[test]
    fn other_names_are_refused() {
        for text in ["a-1.0.zip", "a.tar.gz", "-1.0.tar.gz", "a-.tar.gz", "a-b.tar.gz", "a b-1.tar.gz", "é-1.tar.gz"] {
            assert!(text.parse::<SdistFileName>().is_err(), "{text}");
        }
    }
}
