//! Bytes on their way: read once, hashed and written as they pass.

use std::io::{self, Read, Write};

use sha2::Digest as _;
use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;

use super::{Origin, Progress, StoreError};

/// The most that is read at once, in bytes.
const PIECE: u64 = 1 << 20;

/// Why an object was not created, before it is known whose bytes they were.
#[derive(Debug)]
pub(super) enum CreateFailure {
    /// The store that is written to, or opening the source.
    Store(StoreError),
    /// The source broke while it was read.
    Broken(io::Error),
    /// The source holds something else.
    WrongBytes { found: Fingerprint, wanted: Fingerprint },
}

/// Which side of a transfer failed.
#[derive(Debug)]
pub(super) enum TransferError {
    Read(io::Error),
    Write(io::Error),
}

/// Copies all of `from` and says what it was. At most one byte more than `size` is copied, so that a
/// source without an end cannot fill the disk. `progress` hears of each piece; there are at least two,
/// if there are two bytes.
pub(super) fn transfer(
    from: impl Read,
    mut to: impl Write,
    size: u64,
    progress: Progress<'_>,
) -> Result<Fingerprint, TransferError> {
    let mut from = from.take(size.saturating_add(1));
    let mut hasher = sha2::Sha256::new();
    let mut done = 0;
    let piece = size.div_ceil(2).clamp(1, PIECE);
    let mut buffer = vec![0; usize::try_from(piece).unwrap_or(usize::MAX)];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(TransferError::Read(error)),
        };
        hasher.update(&buffer[..length]);
        to.write_all(&buffer[..length]).map_err(TransferError::Write)?;
        done += length as u64;
        progress(done);
    }
    if done == 0 {
        progress(0);
    }
    Ok(Fingerprint { size: done, sha256: Sha256::from_bytes(hasher.finalize().into()) })
}

/// Reads all of `from` and says what it is.
pub(super) fn fingerprint(from: impl Read, progress: Progress<'_>) -> io::Result<Fingerprint> {
    match transfer(from, io::sink(), u64::MAX, progress) {
        Ok(found) => Ok(found),
        Err(TransferError::Read(error) | TransferError::Write(error)) => Err(error),
    }
}

impl From<StoreError> for CreateFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl CreateFailure {
    /// The failure, if the bytes were in memory, which can neither break nor change.
    pub(super) fn of_bytes(self) -> StoreError {
        self.of_file("(memory)".as_ref())
    }

    /// The failure, if the bytes were those of a file.
    pub(super) fn of_file(self, path: &std::path::Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Self::Store(error) => error,
            Self::Broken(source) => StoreError::SourceUnreadable { path, source },
            Self::WrongBytes { found, wanted } => {
                StoreError::SourceChanged { path, found: Box::new(found), wanted: Box::new(wanted) }
            }
        }
    }

    /// The failure, if the bytes were those of an object.
    pub(super) fn of_object(self, origin: &Origin<'_>) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Broken(source) => origin.store.unreadable(origin.key, source),
            Self::WrongBytes { found, wanted } => {
                let at = Box::new(Location { store: origin.store.url().clone(), key: origin.key.clone() });
                StoreError::Corrupt { at, found: Box::new(found), wanted: Box::new(wanted) }
            }
        }
    }
}
