//! The matrix: which artifacts a package's release must have, as rows that expand to file names.
//!
//! No product of three lists can say it: one release of PyTorch mixes wheels with and without a
//! local version, with and without an ABI, libraries with one wheel per platform, and archives with
//! names of their own. So a matrix is a list of rows, and each row is a small product.

mod report;
mod row;
mod template;

use std::collections::BTreeMap;

pub use self::report::{MatrixReport, PackageReport};
pub use self::row::{Exclude, Row, RowError};
pub use self::template::{PLACEHOLDERS, TemplateError};

use crate::artifact_kind::ArtifactKind;
use crate::file_name::FileName;
use crate::name::{FolderName, PackageName};
use crate::version::Release;

/// One artifact that a release must have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The package that it belongs to.
    pub package: PackageName,
    /// What it is.
    pub kind: ArtifactKind,
    /// The folder of the channel that it goes to; `None` is the channel's root.
    pub folder: Option<FolderName>,
    /// The name of its file.
    pub file_name: FileName,
}

/// Why a matrix does not say which artifacts a release must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// A package without rows can never be complete.
    #[error("the matrix of `{package}` has no row")]
    NoRows {
        /// The package.
        package: PackageName,
    },
    /// One row is wrong.
    #[error("matrix row {number} of `{package}`: {error}")]
    Row {
        /// The package.
        package: PackageName,
        /// Which row, counted from 1.
        number: usize,
        /// What is wrong with it.
        error: RowError,
    },
    /// Two rows of one package make the same file.
    #[error("matrix rows {first} and {second} of `{package}` both make `{path}`")]
    Duplicate {
        /// The package.
        package: PackageName,
        /// The folder and the name of the file.
        path: String,
        /// The earlier row, counted from 1.
        first: usize,
        /// The later row.
        second: usize,
    },
    /// Two packages make the same file; some stores and disks do not tell case apart either.
    #[error("`{first}` and `{second}` both make `{path}`")]
    Collision {
        /// The folder and the name of the file.
        path: String,
        /// The first package.
        first: PackageName,
        /// The other package.
        second: PackageName,
    },
    /// The train has no such release.
    #[error("no line file holds the release {release}")]
    NoRelease {
        /// The release of the train.
        release: Release,
    },
}

impl Expected {
    /// The folder and the name, `cpu/torch-2.15.0+cpu-...whl`.
    pub fn path(&self) -> String {
        self.folder.as_ref().map_or_else(|| self.file_name.to_string(), |folder| format!("{folder}/{}", self.file_name))
    }
}

/// The artifacts of one package's release, sorted, each once.
///
/// # Errors
/// When a row is wrong, an exclude is idle, nothing is left, or two combinations make one file.
pub fn expand(package: &PackageName, version: Release, rows: &[Row]) -> Result<Vec<Expected>, MatrixError> {
    if rows.is_empty() {
        return Err(MatrixError::NoRows { package: package.clone() });
    }
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for (number, row) in (1..).zip(rows) {
        let wrong = |error| MatrixError::Row { package: package.clone(), number, error };
        for expected in expand_row(package, version, row).map_err(wrong)? {
            let path = expected.path();
            // Lowercase: Windows, macOS and some mirrors do not tell case apart.
            if let Some(first) = made.insert(path.to_ascii_lowercase(), number) {
                return Err(MatrixError::Duplicate { package: package.clone(), path, first, second: number });
            }
            all.push(expected);
        }
    }
    all.sort();
    Ok(all)
}

fn expand_row(package: &PackageName, version: Release, row: &Row) -> Result<Vec<Expected>, RowError> {
    let one = |combination| {
        Ok(Expected {
            package: package.clone(),
            kind: row.kind,
            folder: row.folder_of(package, version, combination)?,
            file_name: row.file_name_of(package, version, combination)?,
        })
    };
    row.combinations()?.into_iter().map(one).collect()
}

/// Refuses two artifacts, of whatever packages, that would get one folder and name.
///
/// # Errors
/// When there are two such artifacts; case is ignored.
pub fn refuse_collisions<'a>(all: impl IntoIterator<Item = &'a Expected>) -> Result<(), MatrixError> {
    let mut made: BTreeMap<String, &PackageName> = BTreeMap::new();
    for expected in all {
        let path = expected.path();
        if let Some(first) = made.insert(path.to_ascii_lowercase(), &expected.package) {
            let second = expected.package.clone();
            return Err(MatrixError::Collision { path, first: first.clone(), second });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
