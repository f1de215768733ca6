//! One member read to its end: its checksum, and its digest where one is wanted.

use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use sha2::Digest as _;
use trackside_domain::digest::Sha256;

use super::Member;
use super::content::{Stop, stream, stream_on};
use super::verify::{Sums, join};
use crate::binary::Watch;
use crate::file::{CHUNK, SourceFile};

/// A member larger than this many bytes is hashed in a thread of its own.
const MAX_INLINE: u64 = 4 << 20;

/// Pieces of at most [`CHUNK`] bytes that wait to be hashed.
const PIECES_IN_FLIGHT: usize = 16;

/// Reads a member on so many threads, shows it to the `watch`, and computes what is wanted.
pub(super) fn sum(
    source: &SourceFile,
    member: &Member,
    (threads, sums): (usize, Sums),
    watch: &mut Watch,
) -> Result<Option<Sha256>, Stop> {
    match sums {
        Sums::Checksum => streamed(source, member, threads, &mut |bytes| watch.feed(bytes)).map(|()| None),
        Sums::Digest if member.size > MAX_INLINE => digest_aside(source, member, threads, watch).map(Some),
        Sums::Digest => {
            let mut hasher = sha2::Sha256::new();
            stream(source, member, |bytes| {
                watch.feed(bytes);
                hasher.update(bytes);
            })?;
            Ok(Some(Sha256::from_bytes(hasher.finalize().into())))
        }
    }
}

fn streamed(source: &SourceFile, member: &Member, threads: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), Stop> {
    match threads {
        1 => stream(source, member, take),
        threads => stream_on(threads, source, member, take),
    }
}

/// The digest, with the hashing in a thread of its own. One large member is the longest chain of work
/// that nothing else can share, so its two halves run side by side.
fn digest_aside(source: &SourceFile, member: &Member, threads: usize, watch: &mut Watch) -> Result<Sha256, Stop> {
    let (pieces, arriving) = sync_channel::<Vec<u8>>(PIECES_IN_FLIGHT);
    // Buffers come back, since fresh ones cost more than the copying.
    let (used, spare) = channel::<Vec<u8>>();
    thread::scope(|scope| {
        let hashing = scope.spawn(move || {
            let mut hasher = sha2::Sha256::new();
            for piece in arriving {
                hasher.update(&piece);
                drop(used.send(piece));
            }
            Sha256::from_bytes(hasher.finalize().into())
        });
        let mut take = |bytes: &[u8]| {
            watch.feed(bytes);
            for part in bytes.chunks(CHUNK) {
                let mut piece = spare.try_recv().unwrap_or_default();
                piece.clear();
                piece.extend_from_slice(part);
                // A hasher that listens no more has panicked; the join tells.
                drop(pieces.send(piece));
            }
        };
        let streamed = streamed(source, member, threads, &mut take);
        drop(pieces);
        let digest = join(hashing);
        streamed.map(|()| digest)
    })
}
