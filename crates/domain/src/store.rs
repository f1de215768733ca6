//! Object stores as values: where a store is, what an object in it may be called, and what its bytes are.

use std::path::PathBuf;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::text::checked_text;

mod anaconda;
mod url;

pub use anaconda::AnacondaUrl;

/// Where a store is: `file:///srv/state`, `s3://bucket/prefix`, `gs://...`, `az://...` or `anaconda://owner/label`. An absolute
/// path is read as a folder. Never holds a secret; written without a slash at its end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct StoreUrl(String);

/// Why a text is not the URL of a store. The text is not repeated: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the URL of a store: {0}")]
pub struct StoreUrlError(&'static str);

/// What kind of store a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// A folder of this machine (or of a network file system that it mounts).
    Folder,
    /// Amazon S3, or a server that speaks its protocol.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
    /// A label of an owner of anaconda.org, which takes conda packages and gives none away.
    Anaconda,
}

/// The parts of the URL of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// The bucket, or container.
    pub bucket: String,
    /// What stands before every key.
    pub prefix: Option<ObjectKey>,
    /// Where the server is, if it is not the well-known one; without a slash at its end.
    pub endpoint: Option<String>,
    /// The region, if the environment does not say it.
    pub region: Option<String>,
    /// The profile of the AWS configuration files whose credentials are meant.
    pub profile: Option<String>,
    /// Whether copies inside the server are made in parts, whose completion every server refuses if the key is
    /// taken (`copies=strict`).
    pub strict_copies: bool,
}

/// The name of an object, relative to the root of its store: parts separated by `/`. `+`, `%`, spaces and
/// letters of any script are legal and literal; only URLs escape them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ObjectKey(String);

/// Why a text is not the key of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not the key of an object: {reason}", text.escape_debug())]
pub struct ObjectKeyError {
    text: String,
    reason: &'static str,
}

/// What the bytes of an object are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// The length in bytes.
    pub size: u64,
    /// The digest of the whole object, computed by trackside and never taken from a server.
    pub sha256: Sha256,
}

checked_text!(StoreUrl, StoreUrlError);
checked_text!(ObjectKey, ObjectKeyError);

impl StoreUrl {
    /// What kind of store this is.
    pub fn kind(&self) -> StoreKind {
        url::kind(&self.0)
    }

    /// The folder, if this store is one. The path is absolute.
    pub fn folder(&self) -> Option<PathBuf> {
        url::folder(&self.0)
    }

    /// The store in a folder of this one, such as `test`; `parts` may have slashes in it.
    ///
    /// # Errors
    /// When the result is no store, as with `..`.
    pub fn below(&self, parts: &str) -> Result<Self, StoreUrlError> {
        url::below(&self.0, parts).map(Self).map_err(StoreUrlError)
    }

    /// The parts of the URL, if this store is a bucket of a server.
    pub fn server(&self) -> Option<ServerUrl> {
        url::server(&self.0)
    }
}

impl FromStr for StoreUrl {
    type Err = StoreUrlError;

    fn from_str(text: &str) -> Result<Self, StoreUrlError> {
        url::canonical(text).map(Self).map_err(StoreUrlError)
    }
}

impl Fingerprint {
    /// The fingerprint of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, sha256: Sha256::of(bytes) }
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha256 {} ({} bytes)", self.sha256, self.size)
    }
}

impl ObjectKey {
    /// The longest key in bytes: what S3 takes.
    pub const MAX_LENGTH: usize = 1024;
    /// The longest part in bytes: what the file systems in use take.
    pub const MAX_PART_LENGTH: usize = 255;
    /// How the names begin that the folder adapter keeps for its own files.
    pub const RESERVED: &'static str = ".trackside-";

    /// The parts between the slashes: never empty, never `.` or `..`.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The key `rest` below this one; `rest` may have several parts.
    pub fn join(&self, rest: &str) -> Result<Self, ObjectKeyError> {
        format!("{}/{rest}", self.0).parse()
    }

    /// The rest of this key below `folder`, if it is below it. Whole parts count: `2.1.10/x` is not below `2.1.1`.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        self.0.strip_prefix(&folder.0)?.strip_prefix('/')
    }
}

impl FromStr for ObjectKey {
    type Err = ObjectKeyError;

    fn from_str(text: &str) -> Result<Self, ObjectKeyError> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            // A hostile text may be of any length; its beginning is enough to know it by.
            Some(reason) => Err(ObjectKeyError { text: text.chars().take(200).collect(), reason }),
        }
    }
}

/// What is wrong with a key. Bidirectional controls are refused because pages and terminals show keys.
fn fault(text: &str) -> Option<&'static str> {
    if text.len() > ObjectKey::MAX_LENGTH {
        return Some("it is longer than 1024 bytes");
    }
    if text.starts_with('/') {
        return Some("it begins with a slash");
    }
    if text.contains('\\') {
        return Some("it contains a backslash");
    }
    if text.chars().any(|char| char.is_control() || is_bidi_control(char)) {
        return Some("it contains control characters");
    }
    text.split('/').find_map(|part| match part {
        "" => Some("a part of it is empty"),
        "." | ".." => Some("a part of it is `.` or `..`"),
        _ if part.len() > ObjectKey::MAX_PART_LENGTH => Some("a part of it is longer than 255 bytes"),
        _ if part.starts_with(ObjectKey::RESERVED) => Some("names that begin with `.trackside-` are reserved"),
        _ => None,
    })
}

fn is_bidi_control(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
