//! Opens objects of a store in a folder, without following any symbolic link below its root.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags, open, openat};
use rustix::io::Errno;
use trackside_domain::store::ObjectKey;

/// An object that is open for reading: what is said about it and what is read are one file, also
/// when its name is given to another one meanwhile.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) file: File,
    /// In bytes.
    pub(super) size: u64,
    pub(super) modified: SystemTime,
    /// Tells this file from every other that had its name: it changes with each replacement.
    pub(super) inode: u64,
}

/// The object at `key` of the store in `root`; `None` if there is none, or something else than a
/// plain file. That only says "absent": every other obstacle is an error.
pub(super) fn object(root: &Path, key: &ObjectKey) -> io::Result<Option<Object>> {
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
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    Ok(Some(Object { size: metadata.len(), modified: metadata.modified()?, inode, file }))
}
