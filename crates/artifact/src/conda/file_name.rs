//! The file name of a conda package: `name-version-build.conda`.

use std::str::FromStr;

/// The file name of a conda package, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CondaFileName {
    /// The name of the package.
    pub name: String,
    /// The version.
    pub version: String,
    /// The build string.
    pub build: String,
}

impl FromStr for CondaFileName {
    type Err = &'static str;

    /// Takes the last two hyphens: versions and builds have none (CEP 26).
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let stem = text.strip_suffix(".conda").or_else(|| text.strip_suffix(".tar.bz2"));
        let stem = stem.ok_or("the name of the file ends neither with `.conda` nor with `.tar.bz2`")?;
        let mut parts = stem.rsplitn(3, '-');
        let (Some(build), Some(version), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("the name of the file is not `name-version-build`");
        };
        let plain = |text: &str, more: &str| {
            let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
            begins && text.chars().all(|char| char.is_ascii_alphanumeric() || more.contains(char))
        };
        if !plain(name, "_-.") || !plain(version, "_.+!") || !plain(build, "_.+") {
            return Err("the name of the file has characters that names, versions and builds do not have");
        }
        Ok(Self { name: name.to_owned(), version: version.to_owned(), build: build.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_hyphens_versions_and_builds_not() {
        let file: CondaFileName = "pytorch-cuda-12.4-h3fd98bf_7.conda".parse().unwrap();
        assert_eq!((&*file.name, &*file.version, &*file.build), ("pytorch-cuda", "12.4", "h3fd98bf_7"));
        assert!("_libgcc_mutex-0.1-main.tar.bz2".parse::<CondaFileName>().is_ok());
        for text in
            ["a-1.conda", "a-1-0.zip", "a--0.conda", "a b-1-0.conda", "-1-0.conda", "a-1-.conda", "a-$x-0.conda"]
        {
            assert!(text.parse::<CondaFileName>().is_err(), "{text}");
        }
    }
}
