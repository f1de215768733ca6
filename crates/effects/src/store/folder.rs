//! A folder as a store: create-only by renaming without overwriting, compare-and-swap under a lock, and
//! nothing is reported as done before it is on the disk.
//!
//! Objects are plain files. Everything that is not yet an object lies in `.trackside-tmp`, where listings do
//! not look. Attributes are ignored: whoever serves the folder derives them from the key.

use std::fs::File;
use std::path::PathBuf;

use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};

use super::transfer::{CreateFailure, TransferError, fingerprint, transfer};
use super::{Access, Created, Entry, Opener, Progress, StoreError, Target};
use temporary::{Published, Temporary};
use walk::{Root, Way};

mod list;
mod lock;
mod temporary;
mod walk;

/// A folder as a store. Holds no file open: the folder is found anew for every operation, so that one that
/// was unmounted is missing and not empty.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    url: StoreUrl,
    path: PathBuf,
    access: Access,
}

impl Folder {
    /// Opens the folder, which must exist, and removes what killed processes left unfinished.
    pub(super) fn open(url: &StoreUrl, access: Access) -> Result<Self, StoreError> {
        let path = url.folder().ok_or_else(|| StoreError::NotSupported(url.clone()))?;
        let folder = Self { url: url.clone(), path, access };
        let root = folder.root()?;
        if access != Access::Read {
            temporary::sweep(&root)?;
        }
        Ok(folder)
    }

    /// Makes the folder and those above it, where they are missing.
    pub(super) fn make_root(url: &StoreUrl, access: Access) -> Result<(), StoreError> {
        let path = url.folder().ok_or_else(|| StoreError::NotSupported(url.clone()))?;
        walk::make_root(&path, access)
    }

    /// The path of an object, for messages and nothing else.
    pub(super) fn path_of(&self, key: &ObjectKey) -> PathBuf {
        self.path.join(key.as_str())
    }

    /// The open object and its size in bytes; `None` if it certainly does not exist.
    pub(super) fn open_object(&self, key: &ObjectKey) -> Result<Option<(File, u64)>, StoreError> {
        match self.root()?.way_to(key)? {
            Some(way) => way.open_object(),
            None => Ok(None),
        }
    }

    /// All objects below `folder`, sorted.
    pub(super) fn list(&self, folder: Option<&ObjectKey>) -> Result<Vec<Entry>, StoreError> {
        list::list(&self.root()?, folder)
    }

    /// Creates an object with the bytes of `source`, which must be `wanted`.
    pub(super) fn create(
        &self,
        target: Target<'_>,
        wanted: Fingerprint,
        source: Opener<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, CreateFailure> {
        let root = self.root_for_writing()?;
        if let Some(way) = root.way_to(target.key)?
            && let Some((file, _)) = way.open_object()?
        {
            return Ok(self.settle(&way, &file, wanted)?);
        }
        let mut temporary = Temporary::new(&root)?;
        let found = match transfer(source()?, temporary.file(), wanted.size, progress) {
            Ok(found) => found,
            Err(TransferError::Read(error)) => return Err(CreateFailure::Broken(error)),
            Err(TransferError::Write(error)) => {
                return Err(StoreError::io("write", self.path_of(target.key), error).into());
            }
        };
        if found != wanted {
            return Err(CreateFailure::WrongBytes { found, wanted });
        }
        temporary.sync()?;
        let way = root.make_way_to(target.key)?;
        match temporary.publish_new(&way)? {
            Published::Done => way.sync().map(|()| Created::New).map_err(CreateFailure::Store),
            Published::Exists => match way.open_object()? {
                Some((file, _)) => Ok(self.settle(&way, &file, wanted)?),
                None => Err(StoreError::NotFound(self.locate(target.key)).into()),
            },
        }
    }

    /// Puts `bytes` in the place of the object whose digest is `expected`.
    pub(super) fn replace_if(
        &self,
        target: Target<'_>,
        expected: Option<Sha256>,
        bytes: &[u8],
        progress: Progress<'_>,
    ) -> Result<(), StoreError> {
        let root = self.root_for_writing()?;
        // Looked at twice: here so that a hopeless replacement writes nothing, below to be sure.
        self.compare(&root, target.key, expected)?;
        let mut temporary = Temporary::new(&root)?;
        transfer(bytes, temporary.file(), bytes.len() as u64, progress).map_err(|error| match error {
            TransferError::Read(error) | TransferError::Write(error) => {
                StoreError::io("write", self.path_of(target.key), error)
            }
        })?;
        temporary.sync()?;
        let way = root.make_way_to(target.key)?;
        // Without this lock two writers both find what they expect, and the first one's object is lost. The
        // lock binds the writers of this program; nothing else may write into the folder of a store.
        let lock = lock::exclusive(&root)?;
        self.compare(&root, target.key, expected)?;
        match expected {
            Some(_) => temporary.publish_over(&way)?,
            None => match temporary.publish_new(&way)? {
                Published::Done => {}
                // A create, which takes no lock, came first.
                Published::Exists => {
                    self.compare(&root, target.key, expected)?;
                    return Err(StoreError::NotFound(self.locate(target.key)));
                }
            },
        }
        way.sync()?;
        drop(lock);
        Ok(())
    }

    /// Removes the object whose digest is `expected`.
    pub(super) fn remove_if(&self, key: &ObjectKey, expected: Sha256) -> Result<(), StoreError> {
        let root = self.root_for_writing()?;
        let lock = lock::exclusive(&root)?;
        self.compare(&root, key, Some(expected))?;
        if let Some(way) = root.way_to(key)? {
            way.remove()?;
            way.sync()?;
        }
        drop(lock);
        Ok(())
    }

    /// Whether an object that exists is the wanted one. If so it is brought to the disk: whoever made it
    /// may have died before that.
    fn settle(&self, way: &Way<'_>, file: &File, wanted: Fingerprint) -> Result<Created, StoreError> {
        let path = || way.path();
        let found = fingerprint(file, &mut |_| {}).map_err(|source| StoreError::io("read", path(), source))?;
        if found != wanted {
            let at = Box::new(Location { store: self.url.clone(), key: way.key().clone() });
            return Err(StoreError::Conflict { at, found: Box::new(found), wanted: Box::new(wanted) });
        }
        file.sync_all().map_err(|source| StoreError::io("sync", path(), source))?;
        way.sync()?;
        Ok(Created::SameBytes)
    }

    fn compare(&self, root: &Root<'_>, key: &ObjectKey, expected: Option<Sha256>) -> Result<(), StoreError> {
        let object = match root.way_to(key)? {
            Some(way) => way.open_object()?,
            None => None,
        };
        let found = match object {
            Some((file, _)) => Some(
                fingerprint(file, &mut |_| {})
                    .map_err(|source| StoreError::io("read", self.path_of(key), source))?
                    .sha256,
            ),
            None => None,
        };
        if found == expected {
            return Ok(());
        }
        let at = self.locate(key);
        Err(StoreError::Changed { at, expected: expected.map(Box::new), found: found.map(Box::new) })
    }

    fn root(&self) -> Result<Root<'_>, StoreError> {
        Root::open(&self.url, &self.path, self.access)
    }

    fn root_for_writing(&self) -> Result<Root<'_>, StoreError> {
        match self.access {
            Access::Read => Err(StoreError::OpenedForReading(self.url.clone())),
            Access::Write | Access::WritePrivate => self.root(),
        }
    }

    fn locate(&self, key: &ObjectKey) -> Box<Location> {
        Box::new(Location { store: self.url.clone(), key: key.clone() })
    }
}

#[cfg(test)]
mod tests;
