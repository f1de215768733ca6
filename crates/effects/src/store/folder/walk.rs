//! The way from the root of a store to an object: folder by folder, following no symbolic link.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use trackside_domain::store::{ObjectKey, StoreUrl};

use super::super::{Access, StoreError};

/// The open root folder of a store.
#[derive(Debug)]
pub(super) struct Root<'a> {
    pub(super) dir: File,
    pub(super) path: &'a Path,
    pub(super) access: Access,
    url: &'a StoreUrl,
    mode: u32,
}

/// The open folders from below the root to where an object is or will be.
#[derive(Debug)]
pub(super) struct Way<'a> {
    root: &'a Root<'a>,
    key: &'a ObjectKey,
    dirs: Vec<File>,
}

/// Makes the root folder of a store and those above it. Only new folders get the mode of `access`.
pub(super) fn make_root(path: &Path, access: Access) -> Result<(), StoreError> {
    let mode = if access == Access::WritePrivate { 0o700 } else { 0o755 };
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(|error| StoreError::io("make", path.into(), error))
}

impl<'a> Root<'a> {
    pub(super) fn open(url: &'a StoreUrl, path: &'a Path, access: Access) -> Result<Self, StoreError> {
        let unreachable = |source| StoreError::Unreachable { store: url.clone(), source };
        let dir = match rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) {
            Ok(dir) => File::from(dir),
            Err(errno @ (Errno::ACCESS | Errno::PERM)) => return Err(StoreError::io("open", path.into(), errno)),
            Err(errno) => return Err(unreachable(errno.into())),
        };
        let mode = dir.metadata().map_err(unreachable)?.mode();
        Ok(Self { dir, path, access, url, mode })
    }

    /// The mode of a new folder: private, or that of the root, by which the owner of a shared store decides
    /// whether a group may write.
    pub(super) fn folder_mode(&self) -> u32 {
        if self.access == Access::WritePrivate { 0o700 } else { self.mode & 0o2777 }
    }

    /// The mode of a new object.
    pub(super) fn object_mode(&self) -> u32 {
        if self.access == Access::WritePrivate { 0o600 } else { 0o644 }
    }

    /// The mode of a file that every writer of the store must be able to open.
    pub(super) fn shared_mode(&self) -> u32 {
        if self.access == Access::WritePrivate { 0o600 } else { self.mode & 0o666 }
    }

    /// The way to an object, or `None` if a folder on it does not exist.
    pub(super) fn way_to(&'a self, key: &'a ObjectKey) -> Result<Option<Way<'a>>, StoreError> {
        self.walk(key, false)
    }

    /// The way to an object; folders that are missing are made.
    pub(super) fn make_way_to(&'a self, key: &'a ObjectKey) -> Result<Way<'a>, StoreError> {
        self.walk(key, true)?.ok_or_else(|| self.gone())
    }

    fn walk(&'a self, key: &'a ObjectKey, make: bool) -> Result<Option<Way<'a>>, StoreError> {
        let mut way = Way { root: self, key, dirs: Vec::new() };
        let mut path = self.path.to_owned();
        let mut parts = key.parts();
        let _file_name = parts.next_back();
        for part in parts {
            path.push(part);
            let parent = way.dirs.last().unwrap_or(&self.dir);
            if make {
                self.make_folder(parent, part, &path)?;
            }
            match self.open_folder(parent, part.as_ref(), &path)? {
                Some(dir) => way.dirs.push(dir),
                None => return Ok(None),
            }
        }
        Ok(Some(way))
    }

    /// The folder `name` in `parent`, or `None` if it certainly does not exist.
    pub(super) fn open_folder(&self, parent: &File, name: &OsStr, path: &Path) -> Result<Option<File>, StoreError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(parent, name, flags, Mode::empty()) {
            Ok(dir) => Ok(Some(File::from(dir))),
            Err(Errno::NOENT) => self.alive().map(|()| None),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(irregular(parent, name, path)),
            Err(errno) => Err(StoreError::io("open", path.into(), errno)),
        }
    }

    /// Makes the folder `name` in `parent`, unless it is there.
    pub(super) fn make_folder(&self, parent: &File, name: &str, path: &Path) -> Result<(), StoreError> {
        match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o700)) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Ok(()),
            Err(errno) => return Err(StoreError::io("make", path.into(), errno)),
        }
        // The mode is set afterwards, so that the umask of one operator does not lock out the others.
        match self.open_folder(parent, name.as_ref(), path)? {
            Some(dir) => rustix::fs::fchmod(&dir, Mode::from_raw_mode(self.folder_mode()))
                .map_err(|errno| StoreError::io("set the mode of", path.into(), errno)),
            None => Err(self.gone()),
        }
    }

    /// An answer of "no such file" below a root that was removed meanwhile says nothing about the object.
    fn alive(&self) -> Result<(), StoreError> {
        match self.dir.metadata() {
            Ok(metadata) if metadata.nlink() > 0 => Ok(()),
            Ok(_) => Err(self.gone()),
            Err(source) => Err(StoreError::Unreachable { store: self.url.clone(), source }),
        }
    }

    fn gone(&self) -> StoreError {
        StoreError::Unreachable { store: self.url.clone(), source: Errno::NOENT.into() }
    }
}

impl Way<'_> {
    pub(super) fn key(&self) -> &ObjectKey {
        self.key
    }

    /// The path of the object, for messages.
    pub(super) fn path(&self) -> PathBuf {
        self.root.path.join(self.key.as_str())
    }

    /// The folder that holds the object.
    pub(super) fn folder(&self) -> &File {
        self.dirs.last().unwrap_or(&self.root.dir)
    }

    /// The object and its size in bytes; `None` if it certainly does not exist.
    pub(super) fn open_object(&self) -> Result<Option<(File, u64)>, StoreError> {
        let name = self.key.file_name();
        // A pipe that someone put there would block the opening for ever, but for `NONBLOCK`.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(self.folder(), name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return self.root.alive().map(|()| None),
            Err(Errno::LOOP | Errno::NXIO) => return Err(irregular(self.folder(), name.as_ref(), &self.path())),
            Err(errno) => return Err(StoreError::io("open", self.path(), errno)),
        };
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(Some((file, metadata.len()))),
            Ok(_) => Err(irregular(self.folder(), name.as_ref(), &self.path())),
            Err(source) => Err(StoreError::io("look at", self.path(), source)),
        }
    }

    /// Removes the name of the object; folders stay.
    pub(super) fn remove(&self) -> Result<(), StoreError> {
        match rustix::fs::unlinkat(self.folder(), self.key.file_name(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(StoreError::io("remove", self.path(), errno)),
        }
    }

    /// Brings the names of all folders on the way, and that of the object, to the disk. Also those that
    /// others made: they may have died before they did this.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        let folders = self.dirs.iter().rev().chain([&self.root.dir]);
        for folder in folders {
            folder.sync_all().map_err(|source| StoreError::io("sync the folder of", self.path(), source))?;
        }
        Ok(())
    }
}

/// What stands in the way at `path`, if it is not a plain file or not a folder.
pub(super) fn irregular(parent: &File, name: &OsStr, path: &Path) -> StoreError {
    let what = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => "a symbolic link",
            FileType::Directory => "a folder where an object should be",
            FileType::RegularFile => "an object where a folder should be",
            _ => "a device, a pipe or a socket",
        },
        Err(errno) => return StoreError::io("look at", path.into(), errno),
    };
    StoreError::Irregular { path: path.into(), what }
}
