//! The lock of a store: one holder at a time, over all processes of all machines that mount the folder.

use std::fs::File;
use std::os::fd::AsFd;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::super::StoreError;
use super::walk::Root;

const NAME: &str = ".trackside-lock";

/// Waits for the lock and takes it. It is held until the file is dropped or the process dies. The file is
/// never removed: a lock on a removed file excludes nobody.
pub(super) fn exclusive(root: &Root<'_>) -> Result<File, StoreError> {
    let path = || root.path.join(NAME);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&root.dir, NAME, flags, Mode::from_raw_mode(root.shared_mode()))
        .map_err(|errno| StoreError::io("open", path(), errno))?;
    hold(&file).map_err(|errno| StoreError::io("lock", path(), errno))?;
    Ok(File::from(file))
}

/// Waits for the lock on an open file and takes it.
pub(super) fn hold(file: impl AsFd) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| rustix::fs::flock(&file, FlockOperation::LockExclusive))
}
