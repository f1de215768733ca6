//! A train of wheels that somebody gave: its packages and its matrix are what the file names say.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Member;

/// A wheel that exists, by the parts of its file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The file.
    pub path: PathBuf,
    /// The name of the package in its normal form.
    pub package: String,
    /// The version without its local part.
    pub version: String,
    /// The local part of the version.
    pub local: Option<String>,
    /// The Python, ABI and platform tags.
    pub tag: [String; 3],
}

/// Something that real wheels need and the train does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// The name.
    pub name: String,
    /// A version that fulfils it.
    pub version: String,
}

impl Given {
    /// Reads the file name of a wheel.
    ///
    /// # Errors
    /// When it is not a wheel's name, or has a build tag, which no matrix can express.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let refused = |why: &str| io::Error::other(format!("{}: {why}", path.display()));
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| refused("its name is not UTF-8"))?;
        let stem = name.strip_suffix(".whl").ok_or_else(|| refused("it is not a wheel"))?;
        let parts: Vec<&str> = stem.split('-').collect();
        let [package, version, python, abi, platform] = parts.as_slice() else {
            return Err(refused("its name is not `name-version-python-abi-platform.whl`"));
        };
        let (version, local) =
            version.split_once('+').map_or((*version, None), |(version, local)| (version, Some(local)));
        let numbers =
            version.split('.').filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if numbers.count() != 3 || version.split('.').count() != 3 {
            return Err(refused("its version is not of the form 1.2.3"));
        }
        Ok(Self {
            path: path.to_owned(),
            package: package.to_lowercase().replace(['_', '.'], "-"),
            version: version.to_owned(),
            local: local.map(str::to_owned),
            tag: [python, abi, platform].map(|part| (*part).to_owned()),
        })
    }

    /// The folder of the channel that it goes to: its accelerator, where it names one.
    pub fn folder(&self) -> Option<&str> {
        self.local.as_deref()
    }

    /// The row of the matrix that expects exactly this wheel.
    pub(super) fn row(&self) -> String {
        let [python, abi, platform] = &self.tag;
        let local = self.local.as_deref().unwrap_or("none");
        format!(
            "\n[[packages.{}.matrix]]\nkind = \"wheel\"\npython = [\"{python}\"]\nabi = \"{abi}\"\n\
             platforms = [\"{platform}\"]\nlocal = \"{local}\"\nfolder = \"{local}\"\n",
            self.package
        )
    }
}

/// The packages, `torch` first if it is one of them, else by name.
pub(super) fn members(wheels: &[Given]) -> io::Result<Vec<Member>> {
    let mut versions: BTreeMap<&str, &str> = BTreeMap::new();
    for wheel in wheels {
        let known = *versions.entry(&wheel.package).or_insert(&wheel.version);
        if known != wheel.version {
            let Given { package, version, .. } = wheel;
            return Err(io::Error::other(format!("there are {package} {known} and {version}: give one version")));
        }
    }
    let mut members: Vec<Member> = versions
        .into_iter()
        .map(|(package, version)| Member {
            package: package.to_owned(),
            repository: package.to_owned(),
            version: version.to_owned(),
        })
        .collect();
    members.sort_by_key(|member| member.package != "torch");
    if members.is_empty() { Err(io::Error::other("there is no wheel")) } else { Ok(members) }
}

/// Puts the wheels of these packages into two folders, half of them in each.
pub(super) fn take(into: &Path, wheels: &[Given], of: &[(&Member, String)]) -> io::Result<Vec<PathBuf>> {
    let wanted: Vec<&Given> =
        wheels.iter().filter(|wheel| of.iter().any(|(member, _)| member.package == wheel.package)).collect();
    let half = if of.len() == 1 { wanted.len() } else { wanted.len().div_ceil(2) };
    let mut portions = Vec::new();
    for (name, part) in [("first", &wanted[..half]), ("second", &wanted[half..])] {
        if part.is_empty() {
            continue;
        }
        let portion = into.join(name);
        for wheel in part {
            let folder = wheel.folder().map_or_else(|| portion.clone(), |folder| portion.join(folder));
            fs::create_dir_all(&folder)?;
            let file = folder.join(wheel.path.file_name().unwrap_or_default());
            // They may be large; a link is enough, because nobody writes to them.
            fs::hard_link(&wheel.path, &file).or_else(|_| fs::copy(&wheel.path, &file).map(drop))?;
        }
        portions.push(portion);
    }
    Ok(portions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_wheel_says_what_the_matrix_must_expect() {
        let wheel = Given::of_file(Path::new("/x/torch_scatter-2.1.2+cu126-cp311-cp311-linux_x86_64.whl")).unwrap();
        assert_eq!(
            (wheel.package.as_str(), wheel.version.as_str(), wheel.folder()),
            ("torch-scatter", "2.1.2", Some("cu126"))
        );
        for wrong in ["a.zip", "a-1.0-py3-none-any.whl", "a-1.0.0-1-py3-none-any.whl", "a-1.0.0.dev1-py3-none-any.whl"]
        {
            assert!(Given::of_file(Path::new(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_versions_of_one_package_are_no_release() {
        let wheel = |version: &str| Given::of_file(Path::new(&format!("a-{version}-py3-none-any.whl"))).unwrap();
        assert!(members(&[wheel("1.0.0"), wheel("1.0.1")]).is_err());
        assert!(members(&[]).is_err());
        assert_eq!(members(&[wheel("1.0.0")]).unwrap().len(), 1);
    }
}
