//! What a server says about an object: its content type and how long it may be cached.

use super::{CondaFile, CondaKey, IndexRoot, Part, StorageKey, Tree, Twin};

/// The headers that belong to an object, wherever it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The value of `Cache-Control`.
    pub cache_control: &'static str,
}

/// Objects that are created once and never replaced: a year, the most that caches honour.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Pages of the stable channel: what download.pytorch.org says today.
const TEN_MINUTES: &str = "max-age=600, public, must-revalidate";
/// Everything else that is replaced: may be kept, must be asked about each time.
const ASK_EACH_TIME: &str = "no-cache";

/// pip and uv take the page for JSON only with exactly this type (PEP 691).
const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "text/html; charset=utf-8";
/// What PyPI says about files. Installers look at the name, not at the type; a browser that saw
/// `application/zip` might unpack a wheel on its own.
const FILE: &str = "application/octet-stream";
const ZIP: &str = "application/zip";
const METADATA: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
/// Clients of conda unpack such an object themselves. It must not be sent with `Content-Encoding`:
/// then HTTP would unpack it first.
const ZSTD: &str = "application/zstd";

impl StorageKey {
    /// The headers of this object.
    pub fn attributes(&self) -> Attributes {
        match self {
            Self::CandidateRecord(_) | Self::Verdict { .. } | Self::Manifest { .. } | Self::Promotion(_) => {
                record(FOREVER)
            }
            Self::Channel(_) => record(ASK_EACH_TIME),
            Self::Plan(_) | Self::Generation { .. } | Self::Imported { .. } => record(FOREVER),
            Self::Kept(_) => Attributes { content_type: FILE, cache_control: ASK_EACH_TIME },
            Self::Artifact(key) => file(key.file.as_str(), key.part),
            // That server says what it likes.
            Self::Anaconda { .. } => Attributes { content_type: FILE, cache_control: FOREVER },
            Self::Page(key) => page(key.twin, key.root == IndexRoot::Stable),
            Self::Conda(key) => conda(key),
        }
    }
}

impl Attributes {
    /// The headers of the object at a path, or `None` if the path is none of a public object:
    /// of an artifact, a page, or a fact about a release.
    ///
    /// A path does not tell whether `whl/x/index.html` is the page of a folder or of a package,
    /// but neither do the headers.
    pub fn of(path: &str) -> Option<Self> {
        let (top, rest) = path.split_once('/')?;
        if let Some(tree) = Tree::from_path_part(top) {
            return match rest.strip_prefix("test/") {
                Some(below) if tree != Tree::Conda => of_page(below, false),
                _ => of_page(rest, true).or_else(|| of_stored(path)),
            };
        }
        match top {
            "candidates" => {
                let (_, below) = rest.split_once('/')?;
                let tree = below.split_once('/').and_then(|(tree, page)| Some((Tree::from_path_part(tree)?, page)));
                match tree {
                    Some((Tree::Conda, _)) => of_stored(path),
                    Some((_, page)) => of_page(page, false),
                    None => of_stored(path),
                }
            }
            "packages" | "channels" | "promotions" => of_stored(path),
            _ => None,
        }
    }
}

/// A page by its path below the root of its index: `index.html` with at most two folders.
fn of_page(below: &str, stable: bool) -> Option<Attributes> {
    let (folders, name) = below.rsplit_once('/').unwrap_or(("", below));
    let twin = Twin::ALL.into_iter().find(|twin| twin.file_name() == name)?;
    let depth = if folders.is_empty() { 0 } else { folders.split('/').count() };
    (depth <= 2).then(|| page(twin, stable))
}

fn of_stored(path: &str) -> Option<Attributes> {
    StorageKey::parse(path).map(|key| key.attributes())
}

const fn record(cache_control: &'static str) -> Attributes {
    Attributes { content_type: JSON, cache_control }
}

const fn page(twin: Twin, stable: bool) -> Attributes {
    let content_type = match twin {
        Twin::Html => HTML,
        Twin::Json => SIMPLE_JSON,
    };
    Attributes { content_type, cache_control: if stable { TEN_MINUTES } else { ASK_EACH_TIME } }
}

fn conda(key: &CondaKey) -> Attributes {
    let replaced = if key.root == IndexRoot::Stable { TEN_MINUTES } else { ASK_EACH_TIME };
    let (content_type, cache_control) = match key.file {
        CondaFile::Repodata | CondaFile::RunExports => (JSON, replaced),
        CondaFile::RepodataZstd | CondaFile::RunExportsZstd | CondaFile::Shards => (ZSTD, replaced),
        CondaFile::Shard(_) => (ZSTD, FOREVER),
    };
    Attributes { content_type, cache_control }
}

fn file(name: &str, part: Part) -> Attributes {
    let content_type = match part {
        Part::Metadata => METADATA,
        Part::File if name.ends_with(".zip") => ZIP,
        Part::File => FILE,
    };
    Attributes { content_type, cache_control: FOREVER }
}
