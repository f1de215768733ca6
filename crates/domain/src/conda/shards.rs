//! Sharded repodata (CEP 16): a small index and one object per package name, so that a client reads
//! only what it solves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::render::{Packages, Row, removed, row, text};
use super::{CondaError, Package};
use crate::digest::Sha256;
use crate::encoded::{Encoded, Encoding};
use crate::file_name::FileName;
use crate::name::FolderName;

/// The sharded repodata of a subdir.
pub(super) struct Sharded {
    pub(super) index: Encoded,
    pub(super) shards: Vec<Encoded>,
}

#[derive(Serialize)]
struct Index<'a> {
    info: IndexInfo<'a>,
    shards: BTreeMap<&'a str, Sha256>,
    version: u8,
}

#[derive(Serialize)]
struct IndexInfo<'a> {
    /// Clients take a missing one for an error. Neither here nor elsewhere is there a date.
    base_url: &'a str,
    shards_base_url: &'a str,
    subdir: &'a str,
}

#[derive(Serialize)]
struct Shard<'a> {
    #[serde(flatten)]
    packages: Packages<'a, Row<'a>>,
    removed: Vec<&'a FileName>,
}

/// The shards of a subdir, one for each name of a package, and their index.
pub(super) fn sharded(
    base_url: Option<&str>,
    subdir: &FolderName,
    packages: &BTreeMap<&FileName, Package<'_>>,
) -> Result<Sharded, CondaError> {
    let mut by_name: BTreeMap<&str, BTreeMap<&FileName, Package<'_>>> = BTreeMap::new();
    for (file, package) in packages {
        by_name.entry(&package.record.name).or_default().insert(file, *package);
    }
    let mut shards = Vec::new();
    let mut digests = BTreeMap::new();
    for (name, packages) in by_name {
        let shard = Shard { packages: Packages::of(&packages, row), removed: removed(&packages) };
        let shard = Encoded::new(Encoding::MsgpackZstd, text(&shard)?)?;
        digests.insert(name, shard.sha256);
        shards.push(shard);
    }
    let info = IndexInfo { base_url: base_url.unwrap_or("./"), shards_base_url: "./shards/", subdir: subdir.as_str() };
    let index = Encoded::new(Encoding::MsgpackZstd, text(&Index { info, shards: digests, version: 1 })?)?;
    Ok(Sharded { index, shards })
}
