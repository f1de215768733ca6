//! One row of a matrix, and the combinations of its lists.

use serde::{Deserialize, Serialize};

use super::template::{TemplateError, fill};
use crate::artifact_kind::ArtifactKind;
use crate::file_name::{FileName, FileNameError};
use crate::name::{FolderName, NameError, PackageName};
use crate::version::Release;

/// One row of a package's matrix: the product of its lists, less its excludes.
///
/// A list that is empty does not take part. Patterns may hold `{package}`, `{version}`, `{python}`,
/// `{platform}` and `{accelerator}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What the artifacts are.
    pub kind: ArtifactKind,
    /// Python tags such as `cp310`, `cp314t` (free-threaded, its tag in names is `cp314`) or `py3`.
    pub python: Vec<String>,
    /// The ABI tag of wheels: a literal such as `none` or `abi3`, or `{python}`.
    pub abi: Option<String>,
    /// Platform tags such as `manylinux_2_28_x86_64`.
    pub platforms: Vec<String>,
    /// Accelerators such as `cpu`, `cu130` or `rocm7.2`.
    pub accelerators: Vec<String>,
    /// The local version of wheels, such as `{accelerator}`; `None` is no local version.
    pub local: Option<String>,
    /// The folder of the channel, such as `{accelerator}`; `None` is the channel's root.
    pub folder: Option<String>,
    /// The file name of what is no wheel, such as `libtorch-shared-with-deps-{version}+{accelerator}.zip`.
    pub name: Option<String>,
    /// The combinations that are left out.
    pub excludes: Vec<Exclude>,
}

/// Combinations that a row leaves out: those whose value is in each list that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Exclude {
    /// The kind; `None` is every kind.
    pub kind: Option<ArtifactKind>,
    /// Python tags as the row writes them.
    pub python: Vec<String>,
    /// Platforms.
    pub platforms: Vec<String>,
    /// Accelerators.
    pub accelerators: Vec<String>,
}

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A kind needs a field that is not there.
    #[error("a {kind} row needs `{field}`")]
    Missing {
        /// The kind of the row.
        kind: ArtifactKind,
        /// The field.
        field: &'static str,
    },
    /// A field has no meaning for this kind.
    #[error("a {kind} row has no `{field}`")]
    Unexpected {
        /// The kind of the row.
        kind: ArtifactKind,
        /// The field.
        field: &'static str,
    },
    /// A value cannot stand in a file name.
    #[error("`{}` is not a {expected}", text.escape_debug())]
    Value {
        /// What was written.
        text: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A value stands twice in one list.
    #[error("`{text}` stands twice in `{field}`")]
    Twice {
        /// The value.
        text: String,
        /// The list.
        field: &'static str,
    },
    /// An exclude leaves nothing out.
    #[error("exclude {number} leaves nothing out")]
    IdleExclude {
        /// Which one, counted from 1.
        number: usize,
    },
    /// Nothing is left of the row.
    #[error("its excludes leave nothing of it")]
    Nothing,
    /// The name is one of another kind.
    #[error("`{}` is not what a {kind} is called: {}", name.escape_debug(), kind.naming())]
    Kind {
        /// The kind of the row.
        kind: ArtifactKind,
        /// The name that the pattern makes.
        name: String,
    },
    /// A pattern cannot be filled.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The folder is one that channels have for themselves.
    #[error("`{folder}` cannot be a folder of the matrix: the channel has it for itself")]
    Reserved {
        /// The folder.
        folder: FolderName,
    },
    /// The folder pattern makes no folder name.
    #[error(transparent)]
    Folder(#[from] NameError),
    /// The name pattern makes no file name.
    #[error(transparent)]
    FileName(#[from] FileNameError),
}

/// One combination of a row's lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Combination<'a> {
    pub(super) python: Option<&'a str>,
    pub(super) platform: Option<&'a str>,
    pub(super) accelerator: Option<&'a str>,
}

impl Exclude {
    fn matches(&self, kind: ArtifactKind, combination: Combination<'_>) -> bool {
        let among = |list: &[String], value: Option<&str>| {
            list.is_empty() || value.is_some_and(|value| list.iter().any(|one| one == value))
        };
        self.kind.is_none_or(|only| only == kind)
            && among(&self.python, combination.python)
            && among(&self.platforms, combination.platform)
            && among(&self.accelerators, combination.accelerator)
    }

    /// Whether this exclude leaves out anything of a row, whatever the row's other excludes do.
    pub fn touches(&self, row: &Row) -> bool {
        row.all_combinations().any(|combination| self.matches(row.kind, combination))
    }
}

fn choices(list: &[String]) -> impl Iterator<Item = Option<&str>> + Clone {
    let none = list.is_empty().then_some(None);
    list.iter().map(|one| Some(one.as_str())).chain(none)
}

impl Row {
    fn all_combinations(&self) -> impl Iterator<Item = Combination<'_>> {
        choices(&self.platforms).flat_map(move |platform| {
            choices(&self.accelerators).flat_map(move |accelerator| {
                choices(&self.python).map(move |python| Combination { python, platform, accelerator })
            })
        })
    }

    /// Whether its excludes leave nothing of it.
    pub fn is_empty(&self) -> bool {
        self.all_combinations().all(|one| self.excludes.iter().any(|exclude| exclude.matches(self.kind, one)))
    }

    /// The combinations that its excludes leave, in the order in which they are written.
    pub(super) fn combinations(&self) -> Result<Vec<Combination<'_>>, RowError> {
        self.check()?;
        if let Some(idle) = self.excludes.iter().position(|exclude| !exclude.touches(self)) {
            return Err(RowError::IdleExclude { number: idle + 1 });
        }
        let kept = |one: &Combination<'_>| !self.excludes.iter().any(|exclude| exclude.matches(self.kind, *one));
        let left: Vec<_> = self.all_combinations().filter(kept).collect();
        if left.is_empty() { Err(RowError::Nothing) } else { Ok(left) }
    }

    fn check(&self) -> Result<(), RowError> {
        let kind = self.kind;
        let missing = |field| Err(RowError::Missing { kind, field });
        let unexpected = |field| Err(RowError::Unexpected { kind, field });
        match kind {
            ArtifactKind::Wheel if self.python.is_empty() => return missing("python"),
            ArtifactKind::Wheel if self.abi.is_none() => return missing("abi"),
            ArtifactKind::Wheel if self.platforms.is_empty() => return missing("platforms"),
            ArtifactKind::Wheel if self.name.is_some() => return unexpected("name"),
            ArtifactKind::Libtorch | ArtifactKind::Source | ArtifactKind::Conda if self.name.is_none() => {
                return missing("name");
            }
            // The subdir: nobody finds a conda package that lies in none.
            ArtifactKind::Conda if self.folder.is_none() => return missing("folder"),
            ArtifactKind::Wheel => {}
            ArtifactKind::Libtorch | ArtifactKind::Sdist | ArtifactKind::Source | ArtifactKind::Conda => {
                if self.abi.is_some() {
                    return unexpected("abi");
                }
                if self.local.is_some() {
                    return unexpected("local");
                }
            }
        }
        let lists = [("python", &self.python), ("platforms", &self.platforms), ("accelerators", &self.accelerators)];
        for (field, list) in lists {
            check_list(field, list, kind)?;
        }
        Ok(())
    }

    /// The folder of one combination.
    pub(super) fn folder_of(
        &self,
        package: &PackageName,
        version: Release,
        one: Combination<'_>,
    ) -> Result<Option<FolderName>, RowError> {
        let Some(pattern) = &self.folder else { return Ok(None) };
        let folder: FolderName = fill(pattern, |name| one.value(name, package, version))?.parse()?;
        let lower = folder.as_str().to_ascii_lowercase();
        if lower == "test" || lower.starts_with("index.") {
            return Err(RowError::Reserved { folder });
        }
        Ok(Some(folder))
    }

    /// The file name of one combination.
    pub(super) fn file_name_of(
        &self,
        package: &PackageName,
        version: Release,
        one: Combination<'_>,
    ) -> Result<FileName, RowError> {
        let value = |name: &str| one.value(name, package, version);
        let stem = package.in_file_names();
        let name = match (self.kind, &self.name) {
            (ArtifactKind::Wheel, _) => {
                let local = self.local.as_deref().map(|pattern| fill(pattern, value)).transpose()?;
                let local = local.map(|local| check_local(&local).map(|()| format!("+{local}"))).transpose()?;
                let abi = fill(self.abi.as_deref().unwrap_or("none"), |name| match name {
                    // The ABI of a free-threaded Python is its whole name, `cp314t`.
                    "python" => one.python.map(str::to_owned),
                    other => value(other),
                })?;
                let abi = check_value(&abi, "ABI tag such as `cp310`, `abi3` or `none`", TAG).map(|()| abi)?;
                let python = value("python").unwrap_or_default();
                let platform = one.platform.unwrap_or_default();
                format!("{stem}-{version}{}-{python}-{abi}-{platform}.whl", local.unwrap_or_default())
            }
            (_, Some(pattern)) => fill(pattern, value)?,
            (_, None) => format!("{stem}-{version}.tar.gz"),
        };
        // By its name every program that finds the file knows by which rules to read it.
        if ArtifactKind::of_file_name(&name) != Some(self.kind) {
            return Err(RowError::Kind { kind: self.kind, name });
        }
        Ok(name.parse()?)
    }
}

impl Combination<'_> {
    fn value(&self, placeholder: &str, package: &PackageName, version: Release) -> Option<String> {
        match placeholder {
            "package" => Some(package.in_file_names()),
            "version" => Some(version.to_string()),
            "python" => self.python.map(|python| python_tag(python).to_owned()),
            "platform" => self.platform.map(str::to_owned),
            "accelerator" => self.accelerator.map(str::to_owned),
            _ => None,
        }
    }
}

/// The Python tag in file names: a free-threaded `cp314t` has the tag of `cp314`.
fn python_tag(python: &str) -> &str {
    let free_threaded = python.strip_suffix('t').filter(|tag| tag.ends_with(|last: char| last.is_ascii_digit()));
    free_threaded.unwrap_or(python)
}

const TAG: &str = "_.";

fn check_list(field: &'static str, list: &[String], kind: ArtifactKind) -> Result<(), RowError> {
    for (at, text) in list.iter().enumerate() {
        match field {
            "python" if !text.starts_with(|first: char| first.is_ascii_lowercase()) => {
                let expected = "Python tag such as `cp310`, `cp314t` or `py3`";
                return Err(RowError::Value { text: text.clone(), expected });
            }
            "python" => check_value(text, "Python tag such as `cp310`, `cp314t` or `py3`", TAG)?,
            "platforms" if kind == ArtifactKind::Wheel => {
                check_value(text, "platform tag such as `manylinux_2_28_x86_64`", TAG)?;
            }
            "platforms" => check_value(text, "platform such as `linux-64`", "_.-")?,
            _ => check_value(text, "accelerator such as `cpu`, `cu130` or `rocm7.2`", ".")?,
        }
        if list[..at].contains(text) {
            return Err(RowError::Twice { text: text.clone(), field });
        }
    }
    Ok(())
}

fn check_value(text: &str, expected: &'static str, punctuation: &str) -> Result<(), RowError> {
    let legal = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || punctuation.contains(char);
    let edge = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    if text.chars().all(legal) && edge(text.chars().next()) && edge(text.chars().last()) && text.len() <= 80 {
        Ok(())
    } else {
        Err(RowError::Value { text: text.to_owned(), expected })
    }
}

/// A local version in the normal form of PEP 440, as it stands in file names.
fn check_local(text: &str) -> Result<(), RowError> {
    check_value(text, "local version such as `cpu` or `rocm7.2`", ".")
}
