//! Files on their way to become objects. Whoever writes one holds a lock on it, and the lock dies with its
//! process: an unlocked one is a leftover, whatever its age.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::super::StoreError;
use super::lock;
use super::walk::{Root, Way};

const FOLDER: &str = ".trackside-tmp";

/// Tells the temporary files of one process apart; the process's id does the rest.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file that is not yet an object. Removed when dropped, unless it was published.
#[derive(Debug)]
pub(super) struct Temporary {
    dir: File,
    file: File,
    name: String,
    path: PathBuf,
    published: bool,
}

/// How publishing without overwriting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Published {
    Done,
    /// There is an object of this name.
    Exists,
}

/// Removes what killed processes left.
pub(super) fn sweep(root: &Root<'_>) -> Result<(), StoreError> {
    let path = root.path.join(FOLDER);
    let Some(dir) = root.open_folder(&root.dir, FOLDER.as_ref(), &path)? else { return Ok(()) };
    let failed = |errno: Errno| StoreError::io("clean", path.clone(), errno);
    for entry in rustix::fs::Dir::read_from(&dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if matches!(entry.file_name().to_bytes(), b"." | b"..") {
            continue;
        }
        match remove_if_left(&dir, entry.file_name()) {
            // Gone meanwhile, in use, or another user's: not ours to remove.
            Ok(()) | Err(Errno::NOENT | Errno::WOULDBLOCK | Errno::ACCESS | Errno::PERM | Errno::ROFS) => {}
            Err(errno) => return Err(failed(errno)),
        }
    }
    Ok(())
}

fn remove_if_left(dir: &File, name: &std::ffi::CStr) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(dir, name, flags, Mode::empty())?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    rustix::fs::unlinkat(dir, name, AtFlags::empty())
}

impl Temporary {
    /// Makes an empty file of its own.
    pub(super) fn new(root: &Root<'_>) -> Result<Self, StoreError> {
        let folder = root.path.join(FOLDER);
        root.make_folder(&root.dir, FOLDER, &folder)?;
        let failed = |action, path: PathBuf| move |errno: Errno| StoreError::io(action, path, errno);
        loop {
            let dir = root.open_folder(&root.dir, FOLDER.as_ref(), &folder)?;
            let dir = dir.ok_or_else(|| StoreError::io("open", folder.clone(), Errno::NOENT))?;
            let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = folder.join(&name);
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let file = match rustix::fs::openat(&dir, &name, flags, Mode::from_raw_mode(0o600)) {
                Ok(file) => File::from(file),
                // Of a dead process that had our id, or of a process of another machine that has it.
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(failed("make", path)(errno)),
            };
            lock::hold(&file).map_err(failed("lock", path.clone()))?;
            // Between making and locking, a sweep may have taken the file for a leftover.
            if rustix::fs::fstat(&file).map_err(failed("look at", path.clone()))?.st_nlink == 0 {
                continue;
            }
            let temporary = Self { dir, file, name, path, published: false };
            let mode = Mode::from_raw_mode(root.object_mode());
            let set = rustix::fs::fchmod(&temporary.file, mode);
            set.map_err(failed("set the mode of", temporary.path.clone()))?;
            return Ok(temporary);
        }
    }

    /// Where the bytes go.
    pub(super) fn file(&mut self) -> &File {
        &self.file
    }

    /// Brings the bytes to the disk.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|source| StoreError::io("sync", self.path.clone(), source))
    }

    /// Gives the file the name of a new object, and never that of an existing one.
    pub(super) fn publish_new(&mut self, way: &Way<'_>) -> Result<Published, StoreError> {
        let (to, name) = (way.folder(), way.key().file_name());
        match rustix::fs::renameat_with(&self.dir, &self.name, to, name, RenameFlags::NOREPLACE) {
            Ok(()) => self.published = true,
            Err(Errno::EXIST) => return Ok(Published::Exists),
            // NFS and some others cannot do this, but can link.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => return self.link_new(way),
            Err(errno) => return Err(StoreError::io("create", way.path(), errno)),
        }
        Ok(Published::Done)
    }

    /// Gives the file the name of an object, whether or not that exists.
    pub(super) fn publish_over(&mut self, way: &Way<'_>) -> Result<(), StoreError> {
        rustix::fs::renameat(&self.dir, &self.name, way.folder(), way.key().file_name())
            .map_err(|errno| StoreError::io("replace", way.path(), errno))?;
        self.published = true;
        Ok(())
    }

    /// Links the object to the file, which goes as any unpublished one does: only its first name is removed.
    pub(super) fn link_new(&self, way: &Way<'_>) -> Result<Published, StoreError> {
        match rustix::fs::linkat(&self.dir, &self.name, way.folder(), way.key().file_name(), AtFlags::empty()) {
            Ok(()) => Ok(Published::Done),
            Err(Errno::EXIST) => Ok(Published::Exists),
            Err(errno @ (Errno::PERM | Errno::NOSYS | Errno::NOTSUP)) => {
                Err(StoreError::NoExclusiveCreate { path: way.path(), source: errno.into() })
            }
            Err(errno) => Err(StoreError::io("create", way.path(), errno)),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.published {
            match rustix::fs::unlinkat(&self.dir, &self.name, AtFlags::empty()) {
                // What cannot be removed now is a leftover once our lock is gone; the next sweep removes it.
                Ok(()) | Err(_) => {}
            }
        }
    }
}
