//! Opens objects of the store that is served: in a folder without following any symbolic link below its root,
//! on a server by fetching what is small and by sending readers there for what is not.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{Mode, OFlags, open, openat};
use rustix::io::Errno;
use trackside_domain::store::ObjectKey;
use trackside_effects::store::Store;

/// Objects up to this length are fetched from a server and passed on, in bytes: all pages are among them.
const PASSED_ON: u64 = 8 << 20;
/// How long the URL is valid that a reader of a longer object is sent to. A transfer that has begun goes on.
const VALID: Duration = Duration::from_secs(3600);

/// What is served.
#[derive(Debug, Clone)]
pub enum Root {
    /// The store in a folder.
    Folder(PathBuf),
    /// The store of a server.
    Store(Store),
}

/// Where an object is to be had.
#[derive(Debug)]
pub(super) enum Opened {
    /// Here.
    Here(Object),
    /// At this URL.
    Elsewhere(String),
}

/// An object that is open for reading: what is said about it and what is read are one file, also
/// when its name is given to another one meanwhile.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) file: File,
    /// In bytes.
    pub(super) size: u64,
    /// The time of the last change; a server's is not passed on.
    pub(super) modified: Option<SystemTime>,
    /// Tells this content from every other that had its name, quoted as HTTP wants it.
    pub(super) etag: String,
}

impl From<PathBuf> for Root {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl From<Store> for Root {
    fn from(store: Store) -> Self {
        Self::Store(store)
    }
}

impl Root {
    /// A store, by the shortest way to its objects.
    pub fn of(store: &Store) -> Self {
        store.url().folder().map_or_else(|| Self::Store(store.clone()), Self::Folder)
    }

    /// The object at `key`; `None` if there is none. That only says "absent": every other obstacle is an error.
    pub(super) fn open(&self, key: &ObjectKey) -> io::Result<Option<Opened>> {
        match self {
            Self::Folder(folder) => Ok(in_folder(folder, key)?.map(Opened::Here)),
            Self::Store(store) => on_server(store, key),
        }
    }
}

fn on_server(store: &Store, key: &ObjectKey) -> io::Result<Option<Opened>> {
    let Some(head) = store.head(key).map_err(io::Error::other)? else { return Ok(None) };
    if head.size > PASSED_ON
        && let Some(url) = store.signed_url(key, VALID).map_err(io::Error::other)?
    {
        return Ok(Some(Opened::Elsewhere(url)));
    }
    let Some((file, _)) = store.open_file(key).map_err(io::Error::other)? else { return Ok(None) };
    let size = file.metadata()?.len();
    // It may have been replaced since it was looked at: its tag must be that of what was fetched.
    let unchanged = store.head(key).map_err(io::Error::other)?.is_some_and(|now| now == head);
    let etag = head.etag.filter(|_| unchanged).unwrap_or_else(|| "W/\"changing\"".to_owned());
    Ok(Some(Opened::Here(Object { file, size, modified: None, etag })))
}

/// The object at `key` of the store in `root`; `None` if there is none, or something else than a
/// plain file.
fn in_folder(root: &Path, key: &ObjectKey) -> io::Result<Option<Object>> {
    // The root itself may be a link, and if it is missing nothing is known about the object.
    let mut folder = open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut parts = key.parts().peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        // Without NONBLOCK, opening a named pipe would wait for its writer.
        let kind = if last { OFlags::NONBLOCK } else { OFlags::DIRECTORY };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | kind;
        folder = match openat(&folder, part, flags, Mode::empty()) {
            Ok(opened) => opened,
            // ENXIO: a socket. ELOOP, and ENOTDIR for folders: a symbolic link.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::NXIO) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
    }
    let file = File::from(folder);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let (size, modified) = (metadata.len(), metadata.modified()?);
    let since_epoch = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    // Size, time and file number: an object is never changed in place but replaced by another file, so equal
    // tags mean equal bytes without reading them.
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    let etag = format!("\"{size:x}-{:x}-{inode:x}\"", since_epoch.as_nanos());
    Ok(Some(Object { file, size, modified: Some(modified), etag }))
}
