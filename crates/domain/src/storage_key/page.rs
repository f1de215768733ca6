//! The keys of index pages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::Channel;
use crate::name::{FolderName, PackageName};
use crate::store::ObjectKey;
use crate::version::Candidate;

/// One index page. Each exists twice: see [`Twin`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageKey {
    /// Whose page it is.
    pub root: IndexRoot,
    /// The tree.
    pub tree: Tree,
    /// The folder; `None` is the page of all folders.
    pub folder: Option<FolderName>,
    /// The package; `None` is a list page.
    pub package: Option<PackageName>,
    /// The format.
    pub twin: Twin,
}

/// A set of index pages that installers can be pointed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IndexRoot {
    /// `whl/`, `libtorch/`, `source_code/`.
    Stable,
    /// `whl/test/`, `libtorch/test/`, `source_code/test/`.
    Test,
    /// `candidates/2.15.0-rc3/whl/` and so on: one candidate of the train, alone.
    Candidate(Candidate),
}

/// The top folders of artifacts and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Wheels and sdists: `whl`.
    Whl,
    /// libtorch archives: `libtorch`.
    Libtorch,
    /// Source archives: `source_code`, as download.pytorch.org calls it.
    Source,
    /// conda packages: `conda`. They have channel data of their own and no such pages.
    Conda,
}

/// The two formats of a page, which say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Twin {
    /// `index.html` (PEP 503).
    Html,
    /// `index.v1_json` (PEP 691).
    Json,
}

impl PageKey {
    /// The folder in which the page lies: what stands in an installer's `--index-url`, for a list
    /// page of wheels. It has no slash at its end.
    pub fn folder_path(&self) -> String {
        let mut path = self.root.path(self.tree);
        for part in [self.folder.as_ref().map(FolderName::as_str), self.package.as_ref().map(PackageName::as_str)] {
            path.extend(part.map(|part| format!("/{part}")));
        }
        path
    }

    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.folder_path(), self.twin.file_name())
    }
}

impl From<Channel> for IndexRoot {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Test => Self::Test,
            Channel::Stable => Self::Stable,
        }
    }
}

impl IndexRoot {
    /// The folder of a tree's pages.
    pub fn path(self, tree: Tree) -> String {
        let tree = tree.as_str();
        match self {
            Self::Stable => tree.to_owned(),
            Self::Test => format!("{tree}/test"),
            Self::Candidate(candidate) => format!("candidates/{candidate}/{tree}"),
        }
    }
}

/// The folders of `whl`, `libtorch` and `source_code` that hold indexes of their own. `test` is the channel of that
/// name; the others belong to whoever makes nightly builds and previews, and are never looked into.
const APART: [&str; 4] = ["test", "nightly", "variant", "preview"];

impl Tree {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Whl, Self::Libtorch, Self::Source, Self::Conda];

    /// Those with one flat list of all files instead of a page for each package. No installer reads
    /// it, so it has no JSON.
    pub const FLAT: [Self; 2] = [Self::Libtorch, Self::Source];

    /// Whether a folder of this name is no folder of the stable channel.
    pub fn is_apart(name: &str) -> bool {
        APART.contains(&name)
    }

    /// Whether an object below a tree with pages belongs to an index of its own there.
    pub fn holds_apart(key: &ObjectKey) -> bool {
        let mut parts = key.parts();
        let tree = parts.next().and_then(Self::from_path_part);
        matches!(tree, Some(Self::Whl | Self::Libtorch | Self::Source))
            && parts.next().is_some_and(Self::is_apart)
            && parts.next().is_some()
    }

    /// The name of the folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whl => "whl",
            Self::Libtorch => "libtorch",
            Self::Source => "source_code",
            Self::Conda => "conda",
        }
    }

    pub(super) fn from_path_part(part: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tree| tree.as_str() == part)
    }
}

impl Twin {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Html, Self::Json];

    /// The name of the page's file; `index.v1_json` is the name that static indexes have agreed on.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Html => "index.html",
            Self::Json => "index.v1_json",
        }
    }

    /// The format of a page, by the name of its file; `None` is no page.
    pub fn of(key: &ObjectKey) -> Option<Self> {
        Self::ALL.into_iter().find(|twin| twin.file_name() == key.file_name())
    }
}
