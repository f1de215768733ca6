//! The file below an archive: positioned reads, its digest, and the proof that it held still.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use trackside_domain::conda::Md5;
use trackside_domain::digest::Sha256;

use crate::error::ReadError;

/// Bytes read at once when a file or member is streamed.
pub(crate) const CHUNK: usize = 256 << 10;

/// An open regular file of known size.
pub(crate) struct SourceFile {
    file: File,
    path: PathBuf,
    size: u64,
    stamp: Stamp,
}

/// Opens a regular file for reading. Whatever else stands there, such as a pipe that somebody put in
/// its place, is refused without waiting for it.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] if it is no regular file; otherwise what the system says.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
    }
}

/// What changes when somebody writes to a file: size and modification time. Not the change time:
/// another process may link the file while it is read.
type Stamp = (u64, i64, i64);

impl SourceFile {
    /// Opens the file at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let refused = |source| ReadError::Open { path: path.to_owned(), source };
        let file = match open_regular(path) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Err(ReadError::NotAFile { path: path.to_owned() });
            }
            other => other.map_err(refused)?,
        };
        Self::of(file, path)
    }

    /// A file that is open already; `path` is for messages, and its last part is the file's name.
    pub(crate) fn of(file: File, path: &Path) -> Result<Self, ReadError> {
        let metadata = file.metadata().map_err(|source| ReadError::Open { path: path.to_owned(), source })?;
        Ok(Self { file, path: path.to_owned(), size: metadata.len(), stamp: stamp(&metadata) })
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Where it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The open file, for system calls that copy from it.
    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// The name of the file without its folder.
    pub(crate) fn name(&self) -> Result<&str, ReadError> {
        let text = self.path.file_name().and_then(|name| name.to_str());
        text.ok_or_else(|| ReadError::NameNotText { path: self.path.clone() })
    }

    /// Fills `buffer` from `offset` on.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), ReadError> {
        self.file.read_exact_at(buffer, offset).map_err(|source| self.failed(source))
    }

    /// The `length` bytes from `offset` on, which the caller has bounded; none where the file has
    /// fewer.
    pub(crate) fn bytes(&self, offset: u64, length: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let fits = offset.checked_add(length).is_some_and(|end| end <= self.size);
        let (true, Ok(length)) = (fits, usize::try_from(length)) else {
            return Ok(None);
        };
        let mut buffer = vec![0; length];
        self.read_at(&mut buffer, offset)?;
        Ok(Some(buffer))
    }

    /// The SHA-256 of the whole file.
    pub(crate) fn sha256(&self) -> Result<Sha256, ReadError> {
        Ok(Sha256::from_bytes(self.hashed::<sha2::Sha256>()?.into()))
    }

    /// The MD5 of the whole file, which conda's channel data has too.
    pub(crate) fn md5(&self) -> Result<Md5, ReadError> {
        Ok(Md5::from_bytes(self.hashed::<md5::Md5>()?.into()))
    }

    fn hashed<D: sha2::Digest>(&self) -> Result<sha2::digest::Output<D>, ReadError> {
        let mut hasher = D::new();
        let mut buffer = vec![0; CHUNK];
        let mut offset = 0;
        while offset < self.size {
            let length = usize::try_from(self.size - offset).unwrap_or(CHUNK).min(CHUNK);
            self.read_at(&mut buffer[..length], offset)?;
            hasher.update(&buffer[..length]);
            offset += length as u64;
        }
        Ok(hasher.finalize())
    }

    /// Checks that nobody wrote to the file since it was opened: digest and members were read in
    /// separate passes, and must speak of the same bytes.
    pub(crate) fn check_unchanged(&self) -> Result<(), ReadError> {
        let metadata = self.file.metadata().map_err(|source| self.failed(source))?;
        if stamp(&metadata) == self.stamp { Ok(()) } else { Err(ReadError::Changed { path: self.path.clone() }) }
    }

    fn failed(&self, source: io::Error) -> ReadError {
        match source.kind() {
            // The size was known: a file that ends earlier was cut in the meantime.
            io::ErrorKind::UnexpectedEof => ReadError::Changed { path: self.path.clone() },
            _ => ReadError::Read { path: self.path.clone(), source },
        }
    }
}

fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An open file of three bytes, then written to.
    fn written_after_opening(content: &[u8]) -> (tempfile::TempDir, SourceFile) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a.zip");
        std::fs::write(&path, b"abc").unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        let source = SourceFile::open(&path).unwrap();
        assert!(source.check_unchanged().is_ok());
        std::fs::write(&path, content).unwrap();
        (folder, source)
    }

    #[test]
    fn a_file_that_is_written_to_while_it_is_read_is_noticed() {
        for content in ["abd", "abcd", "a"] {
            let (_folder, source) = written_after_opening(content.as_bytes());
            assert!(matches!(source.check_unchanged(), Err(ReadError::Changed { .. })), "{content}");
        }
    }

    #[test]
    fn digests_are_those_of_the_whole_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a.conda");
        std::fs::write(&path, b"abc").unwrap();
        // RFC 1321, A.5.
        let source = SourceFile::open(&path).unwrap();
        assert_eq!(source.md5().unwrap().to_string(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(source.sha256().unwrap(), Sha256::of(b"abc"));
    }

    #[test]
    fn a_file_that_is_cut_while_it_is_read_is_no_failure_of_the_disk() {
        let (_folder, source) = written_after_opening(b"a");
        assert!(matches!(source.sha256(), Err(ReadError::Changed { .. })));
    }
}
