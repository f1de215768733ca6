//! The data of one subdir: `repodata.json`, `run_exports.json`, and their compressed twins.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::{CondaRecord, Md5, RunExports};
use super::{CondaError, Data, Package, Subdir, place, shards};
use crate::digest::Sha256;
use crate::encoded::{Encoded, Encoding};
use crate::file_name::FileName;
use crate::name::FolderName;
use crate::storage_key::{CondaFile, CondaKey, IndexRoot, StorageKey};

/// Packages by the form of their archive: `.tar.bz2` and `.conda`.
#[derive(Debug, Serialize)]
pub(super) struct Packages<'a, T> {
    /// The older form.
    pub(super) packages: BTreeMap<&'a FileName, T>,
    /// The newer form.
    #[serde(rename = "packages.conda")]
    pub(super) conda: BTreeMap<&'a FileName, T>,
}

/// A package as repodata has it. The fields are in the order of their names.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    arch: Option<&'a str>,
    build: &'a str,
    build_number: u64,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    constrains: &'a [String],
    depends: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_family: Option<&'a str>,
    md5: Md5,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    noarch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    python_site_packages_path: Option<&'a str>,
    sha256: Sha256,
    size: u64,
    subdir: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track_features: Option<&'a str>,
    version: &'a str,
}

#[derive(Serialize)]
struct Repodata<'a> {
    info: RepodataInfo<'a>,
    #[serde(flatten)]
    packages: Packages<'a, Row<'a>>,
    /// What was taken back.
    removed: Vec<&'a FileName>,
    /// 2 is the version in which there is a `base_url` (CEP 15).
    repodata_version: u8,
}

#[derive(Serialize)]
struct RepodataInfo<'a> {
    subdir: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<&'a str>,
}

#[derive(Serialize)]
struct RunExportsPage<'a> {
    info: RunExportsInfo<'a>,
    #[serde(flatten)]
    packages: Packages<'a, Exports<'a>>,
}

#[derive(Serialize)]
struct RunExportsInfo<'a> {
    subdir: &'a str,
    version: u8,
}

#[derive(Serialize)]
struct Exports<'a> {
    run_exports: &'a RunExports,
}

/// The data of a subdir with these packages.
pub(super) fn subdir(
    root: IndexRoot,
    name: &FolderName,
    packages: &BTreeMap<&FileName, Package<'_>>,
) -> Result<Subdir, CondaError> {
    let place = place::of(root, name, packages);
    let base_url = place.base_url.as_deref();
    let key = |file| StorageKey::Conda(CondaKey { root, subdir: name.clone(), file });
    let repodata = Repodata {
        info: RepodataInfo { subdir: name.as_str(), base_url },
        packages: Packages::of(packages, row),
        removed: removed(packages),
        repodata_version: if base_url.is_some() { 2 } else { 1 },
    };
    let exports = RunExportsPage {
        info: RunExportsInfo { subdir: name.as_str(), version: 1 },
        packages: Packages::of(packages, |package| Exports { run_exports: &package.record.run_exports }),
    };
    let (exports, repodata) = (text(&exports)?, text(&repodata)?);
    let sharded = shards::sharded(base_url, name, packages)?;
    let zstd = |text: &String| Encoded::new(Encoding::Zstd, text.clone()).map(Data::Encoded);
    let data = vec![
        (key(CondaFile::RunExportsZstd), zstd(&exports)?),
        (key(CondaFile::RunExports), Data::Text(exports)),
        (key(CondaFile::RepodataZstd), zstd(&repodata)?),
        (key(CondaFile::Repodata), Data::Text(repodata)),
        (key(CondaFile::Shards), Data::Encoded(sharded.index)),
    ];
    let shards = sharded.shards.into_iter().map(|shard| (key(CondaFile::Shard(shard.sha256)), shard)).collect();
    Ok(Subdir { copies: place.copies, shards, data })
}

impl<'a, T> Packages<'a, T> {
    pub(super) fn of(packages: &BTreeMap<&'a FileName, Package<'a>>, make: impl Fn(&Package<'a>) -> T) -> Self {
        let (mut older, mut newer) = (BTreeMap::new(), BTreeMap::new());
        for (name, package) in packages.iter().filter(|(_, package)| !package.yanked) {
            let form = if name.as_str().ends_with(".conda") { &mut newer } else { &mut older };
            form.insert(*name, make(package));
        }
        Self { packages: older, conda: newer }
    }
}

/// The files that are yanked.
pub(super) fn removed<'a>(packages: &BTreeMap<&'a FileName, Package<'a>>) -> Vec<&'a FileName> {
    packages.iter().filter(|(_, package)| package.yanked).map(|(name, _)| *name).collect()
}

pub(super) fn row<'a>(package: &Package<'a>) -> Row<'a> {
    let CondaRecord { name, version, build, build_number, subdir, depends, constrains, about, md5, run_exports: _ } =
        package.record;
    Row {
        arch: about.arch.as_deref(),
        build,
        build_number: *build_number,
        constrains,
        depends,
        features: about.features.as_deref(),
        license: about.license.as_deref(),
        license_family: about.license_family.as_deref(),
        md5: *md5,
        name,
        noarch: about.noarch.as_deref(),
        platform: about.platform.as_deref(),
        python_site_packages_path: about.python_site_packages_path.as_deref(),
        sha256: package.artifact.sha256,
        size: package.artifact.size,
        subdir,
        timestamp: about.timestamp,
        track_features: about.track_features.as_deref(),
        version,
    }
}

/// One line of JSON.
pub(super) fn text(value: &impl Serialize) -> Result<String, CondaError> {
    Ok(serde_json::to_string(value)? + "\n")
}
