//! The keys of conda channel data.

use super::{IndexRoot, Tree};
use crate::digest::Sha256;
use crate::name::FolderName;

/// One object of the data of a subdir.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CondaKey {
    /// Whose channel it is.
    pub root: IndexRoot,
    /// The subdir, such as `linux-64`.
    pub subdir: FolderName,
    /// Which object.
    pub file: CondaFile,
}

/// The objects of a subdir's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CondaFile {
    /// `repodata.json`: every package with what a solver needs.
    Repodata,
    /// `repodata.json.zst`.
    RepodataZstd,
    /// `run_exports.json` (CEP 12).
    RunExports,
    /// `run_exports.json.zst`.
    RunExportsZstd,
    /// `repodata_shards.msgpack.zst`: the digests of the shards (CEP 16).
    Shards,
    /// `shards/<digest>.msgpack.zst`, with the digest of its bytes.
    Shard(Sha256),
}

impl CondaKey {
    pub(super) fn path(&self) -> String {
        format!("{}/{}/{}", self.root.path(Tree::Conda), self.subdir, self.file.path())
    }

    /// The key of a path below the folder of a channel.
    pub(super) fn parse(root: IndexRoot, below: &[&str]) -> Option<Self> {
        let (subdir, file) = match below {
            [subdir, "shards", file] => (subdir, CondaFile::Shard(file.strip_suffix(".msgpack.zst")?.parse().ok()?)),
            [subdir, name] => (subdir, CondaFile::NAMED.into_iter().find(|file| file.path() == *name)?),
            _ => return None,
        };
        Some(Self { root, subdir: subdir.parse().ok()?, file })
    }
}

impl CondaFile {
    /// Those with a name of their own.
    const NAMED: [Self; 5] = [Self::Repodata, Self::RepodataZstd, Self::RunExports, Self::RunExportsZstd, Self::Shards];

    /// The path below the subdir.
    fn path(self) -> String {
        match self {
            Self::Repodata => "repodata.json".to_owned(),
            Self::RepodataZstd => "repodata.json.zst".to_owned(),
            Self::RunExports => "run_exports.json".to_owned(),
            Self::RunExportsZstd => "run_exports.json.zst".to_owned(),
            Self::Shards => "repodata_shards.msgpack.zst".to_owned(),
            Self::Shard(digest) => format!("shards/{digest}.msgpack.zst"),
        }
    }
}
