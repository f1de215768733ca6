//! The output as a file: written under a temporary name, brought to the disk, then linked under its
//! own name if nothing has that.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::DeriveError;

/// How temporary names begin. The lock that their writer holds dies with its process: an unlocked
/// one is a leftover.
const PREFIX: &str = ".trackside-derive-";

/// Tells the temporary files of one process apart; the process's id does the rest.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file that is not yet the output. Removed when dropped: the output is another link to it.
pub(super) struct Temporary {
    file: File,
    path: PathBuf,
}

/// How linking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    /// The file has its name.
    New,
    /// Another file has it.
    Exists,
}

/// Removes what killed processes left in the folder.
pub(super) fn sweep(folder: &Path) -> Result<(), DeriveError> {
    let failed = |source| DeriveError::Write { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            remove_if_left(&entry.path());
        }
    }
    Ok(())
}

/// What cannot be opened, locked or removed is somebody else's, and in nobody's way.
fn remove_if_left(path: &Path) {
    let Ok(file) = crate::file::open_regular(path) else { return };
    match file.try_lock() {
        Ok(()) => drop(std::fs::remove_file(path)),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
    }
}

impl Temporary {
    /// Makes an empty file in the folder.
    pub(super) fn new(folder: &Path) -> Result<Self, DeriveError> {
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{PREFIX}{}-{number}.part", std::process::id()));
            let failed = |source| DeriveError::Write { path: folder.to_owned(), source };
            let file = match File::options().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => file,
                // Of a dead process that had our id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(failed(error)),
            };
            let temporary = Self { file, path };
            temporary.file.lock().map_err(failed)?;
            // Between making and locking, a sweep may have taken the file for a leftover.
            if temporary.path.try_exists().map_err(failed)? {
                return Ok(temporary);
            }
        }
    }

    /// Where the bytes go.
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// Where it lies, to be read back.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file this name too, and never takes it from another.
    pub(super) fn link(&self, path: &Path) -> Result<Linked, DeriveError> {
        match std::fs::hard_link(&self.path, path) {
            Ok(()) => Ok(Linked::New),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Linked::Exists),
            Err(source) => Err(DeriveError::Write { path: path.to_owned(), source }),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed now is a leftover once the lock is gone; the next run removes it.
        drop(std::fs::remove_file(&self.path));
    }
}
