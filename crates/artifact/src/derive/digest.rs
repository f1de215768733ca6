//! The digests of input and output from one pass over the input: one thread reads, two hash.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use sha2::Digest as _;
use trackside_domain::digest::Sha256;

use super::layout::{Layout, Segment};
use super::stream::PIECE;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::zip::join;

/// Pieces that wait for a slow hasher.
const WAITING: usize = 4;

/// Buffers that are filled in turn: those that wait for the slower hasher, the one that it has, and
/// the one that is being filled, with one to spare.
const BUFFERS: usize = WAITING + 3;

/// Bytes of the input and where they begin.
#[derive(Clone, Default)]
struct Piece {
    offset: u64,
    bytes: Arc<Vec<u8>>,
}

/// The digest of the input and that of the output.
pub(super) fn digests(source: &SourceFile, layout: &Layout) -> Result<(Sha256, Sha256), ReadError> {
    thread::scope(|scope| {
        let (to_input, of_input) = sync_channel(WAITING);
        let (to_output, of_output) = sync_channel(WAITING);
        let input = scope.spawn(move || hash_input(&of_input));
        let output = scope.spawn(move || hash_output(&of_output, layout));
        let read = read(source, &[to_input, to_output]);
        let (input, (output, size)) = (join(input), join(output));
        read?;
        // Runs of the input stand in the output in the order of the input; if not, all bytes were
        // not there, and this digest must not be believed.
        if size == layout.size {
            Ok((input, output))
        } else {
            Err(ReadError::Changed { path: source.path().to_owned() })
        }
    })
}

/// Reads the input once. Takes the channels with it, so that the hashers end with it.
fn read(source: &SourceFile, hashers: &[SyncSender<Piece>; 2]) -> Result<(), ReadError> {
    let mut buffers = vec![Piece::default(); BUFFERS];
    let mut offset = 0;
    while offset < source.size() {
        let length = usize::try_from(source.size() - offset).unwrap_or(PIECE).min(PIECE);
        buffers.rotate_left(1);
        let piece = &mut buffers[0];
        // Nobody holds it any more; if somebody did, it would be copied and no byte would be wrong.
        let bytes = Arc::make_mut(&mut piece.bytes);
        bytes.resize(length, 0);
        source.read_at(bytes, offset)?;
        piece.offset = offset;
        offset += length as u64;
        // A hasher that listens no more has panicked; the join tells.
        if hashers.iter().any(|hasher| hasher.send(piece.clone()).is_err()) {
            break;
        }
    }
    Ok(())
}

fn hash_input(pieces: &Receiver<Piece>) -> Sha256 {
    let mut hasher = sha2::Sha256::new();
    for piece in pieces {
        hasher.update(&piece.bytes[..]);
    }
    Sha256::from_bytes(hasher.finalize().into())
}

/// The digest of the output, and of how many bytes it is.
fn hash_output(pieces: &Receiver<Piece>, layout: &Layout) -> (Sha256, u64) {
    let mut output = Output { hasher: sha2::Sha256::new(), size: 0, segments: &layout.segments };
    output.take_written();
    for piece in pieces {
        output.take(&piece);
    }
    (Sha256::from_bytes(output.hasher.finalize().into()), output.size)
}

/// The output as far as it was hashed.
struct Output<'a> {
    hasher: sha2::Sha256,
    size: u64,
    /// What is to come; the first one, if it is carried, may be begun.
    segments: &'a [Segment],
}

impl Output<'_> {
    /// Takes what is carried of this piece of the input.
    fn take(&mut self, piece: &Piece) {
        while let [Segment::Carried { offset, length }, rest @ ..] = self.segments {
            let end = offset + length;
            self.update(&piece.bytes[overlap(piece, *offset..end)]);
            if end > piece.offset + piece.bytes.len() as u64 {
                return;
            }
            self.segments = rest;
            self.take_written();
        }
    }

    /// Takes what is new up to the next carried run.
    fn take_written(&mut self) {
        while let [Segment::Written(bytes), rest @ ..] = self.segments {
            self.update(bytes);
            self.segments = rest;
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }
}

/// The part of a piece that is in this range of the input.
fn overlap(piece: &Piece, range: Range<u64>) -> Range<usize> {
    let within = |at: u64| {
        let at = usize::try_from(at.saturating_sub(piece.offset)).unwrap_or(usize::MAX);
        at.min(piece.bytes.len())
    };
    within(range.start)..within(range.end)
}
