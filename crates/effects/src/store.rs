//! The one way to objects: stores by URL. Every write is create-only or replaces exactly what was read.
//!
//! A store answers in three ways: the thing itself, its certain absence, or an error. An error is never
//! absence: a store that cannot be reached has not lost its objects.

use std::io::{self, Read};
use std::path::Path;

use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::storage_key::Attributes;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreKind, StoreUrl};

mod error;
mod folder;
mod transfer;

pub use error::StoreError;
use folder::Folder;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub size: u64,
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub key: ObjectKey,
    /// Its length in bytes.
    pub size: u64,
}

/// Called during a transfer with the number of bytes done; at least once, and always before the object
/// becomes visible.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// The bytes of an object as a stream.
#[derive(Debug)]
pub struct ObjectReader {
    file: std::fs::File,
    size: u64,
}

impl Store {
    /// Opens the store at `url`, which must exist.
    pub fn open(url: &StoreUrl, access: Access) -> Result<Self, StoreError> {
        let adapter = match url.kind() {
            StoreKind::Folder => Adapter::Folder(Folder::open(url, access)?),
            StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure => return Err(StoreError::NotSupported(url.clone())),
        };
        Ok(Self { url: url.clone(), adapter })
    }

    /// Opens the store at `url` for reading; `None` if it certainly does not exist yet, because the first
    /// effect makes it. A store that cannot be looked at is an error and never an empty one.
    pub fn open_if_present(url: &StoreUrl) -> Result<Option<Self>, StoreError> {
        match Self::open(url, Access::Read) {
            Ok(store) => Ok(Some(store)),
            Err(StoreError::Unreachable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the folder of the store if it is missing, and opens the store.
    pub fn init(url: &StoreUrl, access: Access) -> Result<Self, StoreError> {
        match url.kind() {
            StoreKind::Folder => Folder::make_root(url, access)?,
            StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure => {}
        }
        Self::open(url, access)
    }

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
        let Adapter::Folder(folder) = &self.adapter;
        match source {
            Source::Bytes(bytes) => folder
                .create(target, Fingerprint::of(bytes), &mut || Ok(Box::new(bytes)), progress)
                .map_err(CreateFailure::of_bytes),
            Source::File { path, content } => {
                let mut open = || match trackside_artifact::open_regular(path) {
                    Ok(file) => Ok(Box::new(file) as Box<dyn Read>),
                    Err(source) => Err(StoreError::SourceUnreadable { path: path.to_owned(), source }),
                };
                folder.create(target, content, &mut open, progress).map_err(|failure| failure.of_file(path))
            }
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
        let Adapter::Folder(folder) = &self.adapter;
        folder.replace_if(target, expected, bytes, progress)
    }

    /// Copies an object of this or another store, create-only like [`Store::create`]. What is read is
    /// checked on the way; a damaged origin is [`StoreError::Corrupt`] and nothing becomes visible.
    pub fn copy_create(
        &self,
        origin: Origin<'_>,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, StoreError> {
        let Adapter::Folder(folder) = &self.adapter;
        let mut open = || origin.store.open_read(origin.key).map(|reader| Box::new(reader) as Box<dyn Read>);
        folder.create(target, origin.content, &mut open, progress).map_err(|failure| failure.of_object(&origin))
    }

    /// The whole object, if it has at most `cap` bytes.
    pub fn read(&self, key: &ObjectKey, cap: u64) -> Result<Vec<u8>, StoreError> {
        let reader = self.open_read(key)?;
        let too_large = |size| StoreError::TooLarge { at: self.locate(key), size, cap };
        if reader.size > cap {
            return Err(too_large(reader.size));
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
        let Adapter::Folder(folder) = &self.adapter;
        let (file, size) = folder.open_object(key)?.ok_or_else(|| StoreError::NotFound(self.locate(key)))?;
        Ok(ObjectReader { file, size })
    }

    /// The object as an open file of this machine, with a path for messages, for readers that jump about
    /// in it; `None` if it certainly does not exist. Only a folder has files: another kind of store will
    /// have to fetch the object first, or be content with [`Store::fingerprint`].
    pub fn open_file(&self, key: &ObjectKey) -> Result<Option<(std::fs::File, std::path::PathBuf)>, StoreError> {
        let Adapter::Folder(folder) = &self.adapter;
        Ok(folder.open_object(key)?.map(|(file, _)| (file, folder.path_of(key))))
    }

    /// What is known about an object without reading it; `None` if it certainly does not exist.
    pub fn head(&self, key: &ObjectKey) -> Result<Option<Head>, StoreError> {
        let Adapter::Folder(folder) = &self.adapter;
        Ok(folder.open_object(key)?.map(|(_, size)| Head { size }))
    }

    /// Whether the object exists.
    pub fn exists(&self, key: &ObjectKey) -> Result<bool, StoreError> {
        self.head(key).map(|head| head.is_some())
    }

    /// Reads the whole object and says what it is; `None` if it certainly does not exist.
    pub fn fingerprint(&self, key: &ObjectKey, progress: Progress<'_>) -> Result<Option<Fingerprint>, StoreError> {
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

    /// All objects below `folder`, sorted by key. Whole parts count: `torch/2.1.1` does not list `torch/2.1.10`.
    pub fn list(&self, folder: &ObjectKey) -> Result<Vec<Entry>, StoreError> {
        let Adapter::Folder(adapter) = &self.adapter;
        adapter.list(Some(folder))
    }

    /// All objects of the store, sorted by key.
    pub fn list_all(&self) -> Result<Vec<Entry>, StoreError> {
        let Adapter::Folder(adapter) = &self.adapter;
        adapter.list(None)
    }

    fn locate(&self, key: &ObjectKey) -> Box<Location> {
        Box::new(Location { store: self.url.clone(), key: key.clone() })
    }

    fn unreadable(&self, key: &ObjectKey, source: io::Error) -> StoreError {
        let Adapter::Folder(folder) = &self.adapter;
        StoreError::io("read", folder.path_of(key), source)
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

impl ObjectReader {
    /// The length of the object when it was opened, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}
