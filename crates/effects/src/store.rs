//! The one way to objects: stores by URL. Every write is create-only or replaces exactly what was read.
//!
//! A store answers in three ways: the thing itself, its certain absence, or an error. An error is never
//! absence: a store that cannot be reached has not lost its objects.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::storage_key::Attributes;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};
use trackside_domain::world::Hosted;

mod anaconda;
mod error;
mod folder;
mod look;
mod open;
mod reader;
mod remote;
mod swap;
mod transfer;

use anaconda::Anaconda;
pub use error::{ServerFault, StoreError};
use folder::Folder;
pub use open::Stores;
pub use reader::ObjectReader;
use reader::Stream;
use remote::Remote;
pub(crate) use swap::Swap;
use transfer::CreateFailure;

/// What a store is opened for, and who may read what is written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only: every write is refused before it touches anything.
    Read,
    /// Writing objects that everyone on the machine may read (a channel, a backup).
    Write,
    /// Writing objects that only this user may read (the state store).
    WritePrivate,
}

/// An open store. Cheap to clone and to share between threads; it holds no connection or file open.
#[derive(Debug, Clone)]
pub struct Store {
    url: StoreUrl,
    adapter: Adapter,
}

#[derive(Debug, Clone)]
enum Adapter {
    Folder(Folder),
    Remote(Remote),
    Anaconda(Anaconda),
}

/// Where a write goes.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The name of the object.
    pub key: &'a ObjectKey,
    /// What a server shall say about it.
    pub attributes: Attributes,
}

/// Where the bytes of a new object come from. Whoever gives a file has read it before and says what it
/// held: if it holds something else by now, nothing becomes visible.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// A file of this machine, outside any store.
    File {
        /// Where it is.
        path: &'a Path,
        /// What it must hold.
        content: Fingerprint,
    },
}

/// An object that is to be copied, and what it must be.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The store that has it.
    pub store: &'a Store,
    /// Its name there.
    pub key: &'a ObjectKey,
    /// What it must hold.
    pub content: Fingerprint,
}

/// How a create ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a receipt says whether the object is new"]
pub enum Created {
    /// The object did not exist, and now it does.
    New,
    /// The object existed and has exactly the wanted bytes.
    SameBytes,
}

/// What is known about an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub size: u64,
    /// What the server calls this content of it: another content has another tag. Folders have none.
    pub etag: Option<String>,
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub key: ObjectKey,
    /// Its length in bytes.
    pub size: u64,
    /// As in [`Head`].
    pub etag: Option<String>,
    /// When it was written, in seconds since 1970, by the clock of the server or of the disk.
    pub modified: i64,
}

/// Opens the bytes of a new object. Called only if they are needed.
type Opener<'a> = &'a mut dyn FnMut() -> Result<Box<dyn Read + 'a>, StoreError>;

/// Called during a transfer with the number of bytes done; at least once, and always before the object
/// becomes visible.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

impl Store {
    /// Where the store is.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Creates an object, or finds that it exists with exactly these bytes. Other bytes are a
    /// [`StoreError::Conflict`] and stay as they are.
    pub fn create(
        &self,
        target: Target<'_>,
        source: Source<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, StoreError> {
        match source {
            Source::Bytes(bytes) => self
                .fill(target, Fingerprint::of(bytes), &mut || Ok(Box::new(bytes)), progress)
                .map_err(CreateFailure::of_bytes),
            Source::File { path, content } => {
                let mut open = || match trackside_artifact::open_regular(path) {
                    Ok(file) => Ok(Box::new(file) as Box<dyn Read>),
                    Err(source) => Err(StoreError::SourceUnreadable { path: path.to_owned(), source }),
                };
                self.fill(target, content, &mut open, progress).map_err(|failure| failure.of_file(path))
            }
        }
    }

    fn fill(
        &self,
        target: Target<'_>,
        wanted: Fingerprint,
        source: Opener<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, CreateFailure> {
        match &self.adapter {
            Adapter::Folder(folder) => folder.create(target, wanted, source, progress),
            Adapter::Remote(remote) => remote.create(target, wanted, source, progress),
            Adapter::Anaconda(label) => label.create(target, wanted, source, progress),
        }
    }

    /// Puts `bytes` in the place of exactly the object whose digest is `expected` (`None`: where there is
    /// none). In any other case nothing happens and [`StoreError::Changed`] says what is there, also when
    /// that is `bytes` already: of two writers who want the same, only one has done it.
    pub fn replace_if(
        &self,
        target: Target<'_>,
        expected: Option<Sha256>,
        bytes: &[u8],
        progress: Progress<'_>,
    ) -> Result<(), StoreError> {
        match &self.adapter {
            Adapter::Folder(folder) => folder.replace_if(target, expected, bytes, progress),
            Adapter::Remote(remote) => remote.replace_if(target, expected, bytes, progress),
            Adapter::Anaconda(_) => Err(StoreError::NeverReplaced(self.url.clone())),
        }
    }

    /// Removes exactly the object whose digest is `expected`. In any other case nothing happens and
    /// [`StoreError::Changed`] says what is there, also when that is nothing.
    pub fn remove_if(&self, key: &ObjectKey, expected: Sha256) -> Result<(), StoreError> {
        self.remove_after(key, expected, &mut || {})
    }

    /// The same, with what is done on a server between the look and the removal: for trials.
    pub(crate) fn remove_after(
        &self,
        key: &ObjectKey,
        expected: Sha256,
        between: &mut dyn FnMut(),
    ) -> Result<(), StoreError> {
        match &self.adapter {
            Adapter::Folder(folder) => folder.remove_if(key, expected),
            Adapter::Remote(remote) => remote.remove_if(key, expected, between),
            Adapter::Anaconda(_) => Err(StoreError::NeverReplaced(self.url.clone())),
        }
    }

    /// Copies an object of this or another store, create-only like [`Store::create`]. What travels through
    /// this machine is checked on the way; a damaged origin is [`StoreError::Corrupt`] and nothing becomes
    /// visible. A server that copies by itself is told the length and the version that was looked at; its
    /// copy is proved by reading it back.
    pub fn copy_create(
        &self,
        origin: Origin<'_>,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, StoreError> {
        if let (Adapter::Remote(to), Adapter::Remote(from)) = (&self.adapter, &origin.store.adapter)
            && to.copies_itself(from)
        {
            return to.copy_create((from, origin.key), origin.content, target, progress);
        }
        if let (Adapter::Anaconda(to), Adapter::Anaconda(from)) = (&self.adapter, &origin.store.adapter)
            && to.copies_itself(from)
        {
            return to.copy_create((from, origin.key), origin.content, target, progress);
        }
        let mut open = || origin.store.open_read(origin.key).map(|reader| Box::new(reader) as Box<dyn Read>);
        self.fill(target, origin.content, &mut open, progress).map_err(|failure| failure.of_object(&origin))
    }

    /// The whole object, if it has at most `cap` bytes.
    pub fn read(&self, key: &ObjectKey, cap: u64) -> Result<Vec<u8>, StoreError> {
        let reader = self.open_read(key)?;
        let too_large = |size| StoreError::TooLarge { at: self.locate(key), size, cap };
        if reader.size() > cap {
            return Err(too_large(reader.size()));
        }
        let mut bytes = Vec::new();
        reader.take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(|source| self.unreadable(key, source))?;
        match bytes.len() as u64 {
            size if size > cap => Err(too_large(size)),
            _ => Ok(bytes),
        }
    }

    /// Like [`Store::read`], with `None` for an object that certainly does not exist.
    pub fn read_if_present(&self, key: &ObjectKey, cap: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.read(key, cap) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The object as a stream.
    pub fn open_read(&self, key: &ObjectKey) -> Result<ObjectReader, StoreError> {
        let stream = match &self.adapter {
            Adapter::Folder(folder) => {
                let (file, size) = folder.open_object(key)?.ok_or_else(|| StoreError::NotFound(self.locate(key)))?;
                Stream::File { file, size }
            }
            Adapter::Remote(remote) => Stream::Remote(Box::new(remote.open_read(key)?)),
            Adapter::Anaconda(label) => Stream::Anaconda(Box::new(label.open_read(key)?)),
        };
        Ok(ObjectReader(stream))
    }

    /// The object as an open file of this machine, with a path for messages, for readers that jump about
    /// in it; `None` if it certainly does not exist. An object of a server is fetched into a file without
    /// a name, which is gone when it is closed.
    pub fn open_file(&self, key: &ObjectKey) -> Result<Option<(std::fs::File, PathBuf)>, StoreError> {
        match &self.adapter {
            Adapter::Folder(folder) => Ok(folder.open_object(key)?.map(|(file, _)| (file, folder.path_of(key)))),
            Adapter::Remote(_) | Adapter::Anaconda(_) => {
                let mut reader = match self.open_read(key) {
                    Ok(reader) => reader,
                    Err(StoreError::NotFound(_)) => return Ok(None),
                    Err(error) => return Err(error),
                };
                let here = |source| StoreError::io("write", std::env::temp_dir(), source);
                let mut file = tempfile::tempfile().map_err(here)?;
                let unbounded = reader.size();
                match transfer::transfer(&mut reader, &mut file, unbounded, &mut |_| {}) {
                    Ok(_) => {
                        io::Seek::rewind(&mut file).map_err(here)?;
                        Ok(Some((file, PathBuf::from(key.as_str()))))
                    }
                    Err(transfer::TransferError::Read(error)) => Err(self.unreadable(key, error)),
                    Err(transfer::TransferError::Write(error)) => Err(here(error)),
                }
            }
        }
    }

    /// A URL that reads the object without credentials, for as long as `valid`; `None` if this kind of store has
    /// none. Whether the object exists is not looked at.
    pub fn signed_url(&self, key: &ObjectKey, valid: Duration) -> Result<Option<String>, StoreError> {
        match &self.adapter {
            Adapter::Folder(_) | Adapter::Anaconda(_) => Ok(None),
            Adapter::Remote(remote) => remote.signed_url(key, valid).map(Some),
        }
    }

    /// What anaconda.org says about a file, with all its labels; `None` if it certainly does not exist.
    pub fn hosted(&self, key: &ObjectKey) -> Result<Option<Hosted>, StoreError> {
        self.label()?.hosted(key)
    }

    /// What anaconda.org says about every file of a package.
    pub fn hosted_of(&self, package: &str) -> Result<BTreeMap<ObjectKey, Hosted>, StoreError> {
        self.label()?.hosted_of(package)
    }

    /// Puts a file of anaconda.org, which must exist, under the label of this store too.
    pub fn add_label(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.label()?.add_label(key)
    }

    fn label(&self) -> Result<&Anaconda, StoreError> {
        match &self.adapter {
            Adapter::Anaconda(label) => Ok(label),
            Adapter::Folder(_) | Adapter::Remote(_) => Err(StoreError::NotSupported(self.url.clone())),
        }
    }

    /// Whether the object exists.
    pub fn exists(&self, key: &ObjectKey) -> Result<bool, StoreError> {
        self.head(key).map(|head| head.is_some())
    }

    /// Reads the whole object and says what it is; `None` if it certainly does not exist.
    pub fn fingerprint(&self, key: &ObjectKey, progress: Progress<'_>) -> Result<Option<Fingerprint>, StoreError> {
        if let Adapter::Remote(remote) = &self.adapter {
            return remote.fingerprint(key, progress);
        }
        match self.open_read(key) {
            Ok(reader) => {
                let found = transfer::fingerprint(reader, progress);
                found.map(Some).map_err(|source| self.unreadable(key, source))
            }
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the whole object and computes its digest; `None` if it certainly does not exist.
    pub fn digest(&self, key: &ObjectKey) -> Result<Option<Sha256>, StoreError> {
        Ok(self.fingerprint(key, &mut |_| {})?.map(|found| found.sha256))
    }

    fn locate(&self, key: &ObjectKey) -> Box<Location> {
        Box::new(Location { store: self.url.clone(), key: key.clone() })
    }

    fn unreadable(&self, key: &ObjectKey, source: io::Error) -> StoreError {
        match &self.adapter {
            Adapter::Folder(folder) => StoreError::io("read", folder.path_of(key), source),
            Adapter::Remote(remote) => remote.unreadable(key, source),
            Adapter::Anaconda(label) => label.unreadable(key, source),
        }
    }
}

impl<'a> Target<'a> {
    /// A target with the attributes that the layout gives to its key. A folder keeps none of them:
    /// whoever serves a folder derives them from the key again.
    pub fn new(key: &'a ObjectKey) -> Self {
        let private = Attributes { content_type: "application/octet-stream", cache_control: "no-cache" };
        Self { key, attributes: Attributes::of(key.as_str()).unwrap_or(private) }
    }
}
