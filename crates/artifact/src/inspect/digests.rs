//! The two digests of a whole file, in one pass: SHA-256, which everything here goes by, and
//! BLAKE2b-256, which PyPI shows beside it.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use serde::{Serialize, Serializer};
use sha2::Digest as _;
use trackside_domain::digest::Sha256;

use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};

/// Pieces that wait for the slower hasher.
const PIECES_IN_FLIGHT: usize = 4;

/// A BLAKE2b digest of 32 bytes (RFC 7693), printed as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blake2b256([u8; 32]);

/// Both digests of one file.
pub(super) struct Digests {
    pub(super) sha256: Sha256,
    pub(super) blake2b_256: Blake2b256,
}

/// Reads the file once and hashes it twice, side by side: each piece goes to a second thread while
/// this one hashes it too.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn read(source: &SourceFile) -> Result<Digests, ReadError> {
    let (pieces, arriving) = sync_channel::<Arc<Vec<u8>>>(PIECES_IN_FLIGHT);
    thread::scope(|scope| {
        let sha256 = scope.spawn(move || {
            let mut hasher = sha2::Sha256::new();
            arriving.iter().for_each(|piece| hasher.update(piece.as_slice()));
            Sha256::from_bytes(hasher.finalize().into())
        });
        let mut hasher = blake2b_simd::Params::new().hash_length(32).to_state();
        let mut listening = true;
        let read = each_piece(source, |piece| {
            // A hasher that listens no more has panicked; the join tells.
            listening = listening && pieces.send(Arc::clone(&piece)).is_ok();
            hasher.update(&piece);
        });
        drop(pieces);
        let sha256 = sha256.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.map(|()| Digests { sha256, blake2b_256: Blake2b256::of(&hasher) })
    })
}

fn each_piece(source: &SourceFile, mut each: impl FnMut(Arc<Vec<u8>>)) -> Result<(), ReadError> {
    let mut offset = 0;
    while offset < source.size() {
        let length = usize::try_from(source.size() - offset).unwrap_or(CHUNK).min(CHUNK);
        let mut piece = vec![0; length];
        source.read_at(&mut piece, offset)?;
        offset += length as u64;
        each(Arc::new(piece));
    }
    Ok(())
}

impl Blake2b256 {
    fn of(hasher: &blake2b_simd::State) -> Self {
        let mut bytes = [0; 32];
        // The hasher was made for exactly so many.
        bytes.copy_from_slice(hasher.finalize().as_bytes());
        Self(bytes)
    }
}

impl fmt::Display for Blake2b256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Blake2b256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `sha256sum` and `b2sum -l 256` print.
    #[test]
    fn both_digests_are_those_of_the_whole_file() {
        for (content, sha256, blake2b_256) in [
            (
                Vec::new(),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
            ),
            (
                b"abc".to_vec(),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
            ),
            (
                vec![b'a'; 1_000_000],
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
                "0741850f36cba4259628355d1073e24ddb9ca0e1bfac36fd39ae5dc2101e23a4",
            ),
        ] {
            let folder = tempfile::TempDir::new().unwrap();
            let path = folder.path().join("file");
            std::fs::write(&path, content).unwrap();
            let digests = read(&SourceFile::open(&path).unwrap()).unwrap();
            assert_eq!(
                (digests.sha256.to_string().as_str(), digests.blake2b_256.to_string().as_str()),
                (sha256, blake2b_256)
            );
        }
    }
}
