//! Listing the objects of a folder.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;
use trackside_domain::store::ObjectKey;

use super::super::{Entry, StoreError};
use super::walk::{Root, irregular};

/// All objects below `folder` (`None`: of the store), sorted by key. A folder that does not exist holds none.
pub(super) fn list(root: &Root<'_>, folder: Option<&ObjectKey>) -> Result<Vec<Entry>, StoreError> {
    let mut listing = Listing { root, entries: Vec::new() };
    let dir = root.dir.try_clone().map_err(|source| StoreError::io("open", root.path.into(), source))?;
    let mut found = Some((dir, String::new()));
    for part in folder.into_iter().flat_map(ObjectKey::parts) {
        let Some((dir, name)) = found else { break };
        let name = child(&name, part);
        found = root.open_folder(&dir, part.as_ref(), &root.path.join(&name))?.map(|dir| (dir, name));
    }
    if let Some((dir, name)) = found {
        listing.read(&dir, &name)?;
    }
    listing.entries.sort();
    Ok(listing.entries)
}

struct Listing<'a> {
    root: &'a Root<'a>,
    entries: Vec<Entry>,
}

impl Listing<'_> {
    /// Reads a folder, then those in it: only those on the way to the root are open at a time.
    fn read(&mut self, dir: &File, folder: &str) -> Result<(), StoreError> {
        for (name, key) in self.read_one(dir, folder)? {
            let path = self.root.path.join(key.as_str());
            if let Some(dir) = self.root.open_folder(dir, &name, &path)? {
                self.read(&dir, key.as_str())?;
            }
        }
        Ok(())
    }

    /// Takes the objects of a folder and returns the folders in it.
    fn read_one(&mut self, dir: &File, folder: &str) -> Result<Vec<(OsString, ObjectKey)>, StoreError> {
        let path = self.root.path.join(folder);
        let failed = |errno: Errno| StoreError::io("list", path.clone(), errno);
        let mut folders = Vec::new();
        for entry in Dir::read_from(dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let bytes = entry.file_name().to_bytes();
            if matches!(bytes, b"." | b"..") || bytes.starts_with(ObjectKey::RESERVED.as_bytes()) {
                continue;
            }
            let name = OsStr::from_bytes(bytes);
            let path = path.join(name);
            let Some(key) = key_of(folder, bytes) else { return Err(strange_name(&path)) };
            let stat = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
                .map_err(|errno| StoreError::io("look at", path.clone(), errno))?;
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => {
                    let (size, modified) = (stat.st_size.unsigned_abs(), stat.st_mtime);
                    self.entries.push(Entry { key, size, etag: None, modified });
                }
                FileType::Directory => folders.push((name.to_owned(), key)),
                _ => return Err(irregular(dir, name, &path)),
            }
        }
        Ok(folders)
    }
}

fn key_of(folder: &str, name: &[u8]) -> Option<ObjectKey> {
    child(folder, std::str::from_utf8(name).ok()?).parse().ok()
}

fn child(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn strange_name(path: &Path) -> StoreError {
    StoreError::Irregular { path: path.into(), what: "something whose name is not that of an object" }
}
