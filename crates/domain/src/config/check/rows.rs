//! The rows of a matrix, and what their names must not clash with.

use crate::config::raw::{RawExclude, RawRow};
use crate::matrix::{Exclude, Expected, Row};
use crate::name::PackageName;

/// A row as the matrix knows it: the word `none` is no value.
pub(super) fn row(raw: &RawRow) -> Row {
    let pattern = |text: &Option<String>| text.clone().filter(|text| text != "none");
    Row {
        kind: raw.kind,
        python: raw.python.clone().unwrap_or_default(),
        // Here `none` is a value: the ABI tag of a wheel that has no ABI.
        abi: raw.abi.clone(),
        platforms: raw.platforms.clone().unwrap_or_default(),
        accelerators: raw.accelerators.clone().unwrap_or_default(),
        local: pattern(&raw.local),
        folder: pattern(&raw.folder),
        name: raw.name.clone(),
        excludes: raw.excludes.iter().flatten().map(exclude).collect(),
    }
}

pub(super) fn exclude(raw: &RawExclude) -> Exclude {
    Exclude {
        kind: raw.kind,
        python: raw.python.clone().unwrap_or_default(),
        platforms: raw.platforms.clone().unwrap_or_default(),
        accelerators: raw.accelerators.clone().unwrap_or_default(),
    }
}

/// A package whose page would lie where the page of a folder lies: `whl/cpu/` cannot be both.
pub(super) fn package_like_folder<'a>(
    packages: impl IntoIterator<Item = &'a PackageName>,
    expected: &[Expected],
) -> Option<&'a PackageName> {
    let folders = || expected.iter().filter_map(|expected| expected.folder.as_ref());
    packages.into_iter().find(|name| folders().any(|folder| folder.as_str().eq_ignore_ascii_case(name.as_str())))
}
