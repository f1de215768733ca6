//! The bytes of one member, streamed: inflated, counted and summed as they come.

use std::io;
use std::ops::Range;
use std::sync::OnceLock;

use flate2::{Decompress, FlushDecompress, Status};

use super::{Member, Method};
use crate::error::ReadError;
use crate::file::{CHUNK, SourceFile};
use crate::inflate::{self, Packed, Tuning, inflate};
use trackside_domain::finding::Code;

/// Why a member's content is refused.
pub(super) type Flaw = (Code, &'static str);

const CORRUPT: Flaw = (Code::DeflateCorrupt, "its deflate stream is corrupt");
const CUT_SHORT: Flaw = (Code::DeflateCorrupt, "its deflate stream is cut short");
const TOO_LONG: Flaw = (Code::ContentSize, "it unpacks to more than its declared size");
const TOO_SHORT: Flaw = (Code::ContentSize, "it unpacks to less than its declared size");
const TRAILING: Flaw = (Code::DeflateTrailingData, "bytes follow its deflate stream");
const WRONG_CRC: Flaw = (Code::ContentCrc, "its checksum is not the declared one");

/// Why the work on one member stopped: the machine's fault or the archive's.
pub(super) enum Stop {
    Read(ReadError),
    Flaw(Flaw),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// The whole content of a small member; none if its declared size is beyond `cap` or if it has a
/// flaw, which the verification of all members reports.
pub(crate) fn read_member(source: &SourceFile, member: &Member, cap: u64) -> Result<Option<Vec<u8>>, ReadError> {
    if member.size > cap {
        return Ok(None);
    }
    let mut content = Vec::new();
    match stream(source, member, |bytes| content.extend_from_slice(bytes)) {
        Ok(()) => Ok(Some(content)),
        Err(Stop::Flaw(_)) => Ok(None),
        Err(Stop::Read(error)) => Err(error),
    }
}

/// A part of the content of a member that was verified before. Inflates up to its end and no further,
/// and holds nothing but the part, which the caller has bounded; shorter if the content is.
pub(super) fn read_range(source: &SourceFile, member: &Member, range: &Range<u64>) -> Result<Vec<u8>, ReadError> {
    let (mut part, mut position) = (Vec::new(), 0_u64);
    let mut take = |bytes: &[u8]| {
        let [from, to] = [range.start, range.end].map(|at| in_memory(at.saturating_sub(position)).min(bytes.len()));
        part.extend_from_slice(&bytes[from..to]);
        position = position.saturating_add(bytes.len() as u64);
        // Any flaw stops the stream, which has none of its own.
        if position < range.end { Ok(()) } else { Err(TOO_LONG) }
    };
    match contents(source, member, &mut take) {
        Ok(()) | Err(Stop::Flaw(_)) => Ok(part),
        Err(Stop::Read(error)) => Err(error),
    }
}

/// Hands the content to `sink` piece by piece and checks size and checksum. Never hands out more
/// than the declared size, so a bomb stops where its header said it would end.
pub(super) fn stream(source: &SourceFile, member: &Member, mut sink: impl FnMut(&[u8])) -> Result<(), Stop> {
    let mut tally = Tally { crc: crc32fast::Hasher::new(), left: member.size };
    let mut take = |bytes: &[u8]| {
        tally.count(bytes)?;
        sink(bytes);
        Ok(())
    };
    contents(source, member, &mut take)?;
    tally.finish(member.crc).map_err(Stop::Flaw)
}

fn contents(source: &SourceFile, member: &Member, take: &mut Take<'_>) -> Result<(), Stop> {
    match member.method {
        Method::Stored => stored(source, member, take),
        Method::Deflated => inflated(source, member, take),
    }
}

/// [`stream`], with the inflating shared by several threads. Worth their while for a member of many
/// megabytes only.
pub(super) fn stream_on(
    threads: usize,
    source: &SourceFile,
    member: &Member,
    mut sink: impl FnMut(&[u8]),
) -> Result<(), Stop> {
    if member.method == Method::Stored {
        return stream(source, member, sink);
    }
    let mut crc = crc32fast::Hasher::new();
    let failed = OnceLock::new();
    let read_at = |buffer: &mut [u8], offset: u64| {
        source.read_at(buffer, member.data_offset + offset).map_err(|error| {
            drop(failed.set(error));
            io::Error::other("the file cannot be read")
        })
    };
    let packed = Packed { read_at: &read_at, compressed: member.compressed, size: member.size };
    let inflated = inflate(&packed, threads, Tuning::default(), &mut |bytes| {
        crc.update(bytes);
        sink(bytes);
    });
    // A worker that could not read only guesses less: the calling thread met the same fault, or none.
    match (inflated, failed.into_inner()) {
        (Err(inflate::Flaw::Io(_)), Some(error)) => Err(Stop::Read(error)),
        (Err(flaw), _) => Err(Stop::Flaw(flaw_of(&flaw))),
        (Ok(_), _) if crc.finalize() == member.crc => Ok(()),
        (Ok(_), _) => Err(Stop::Flaw(WRONG_CRC)),
    }
}

const fn flaw_of(flaw: &inflate::Flaw) -> Flaw {
    match flaw {
        // Without an error of ours to tell, the bytes did not make sense.
        inflate::Flaw::Io(_) | inflate::Flaw::Corrupt => CORRUPT,
        inflate::Flaw::Truncated => CUT_SHORT,
        inflate::Flaw::Trailing(_) => TRAILING,
        inflate::Flaw::TooLong => TOO_LONG,
        inflate::Flaw::TooShort(_) => TOO_SHORT,
    }
}

/// What has been seen of a member.
struct Tally {
    crc: crc32fast::Hasher,
    left: u64,
}

impl Tally {
    fn count(&mut self, bytes: &[u8]) -> Result<(), Flaw> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(TOO_LONG)?;
        self.crc.update(bytes);
        Ok(())
    }

    fn finish(self, crc: u32) -> Result<(), Flaw> {
        if self.left > 0 {
            return Err(TOO_SHORT);
        }
        if self.crc.finalize() == crc { Ok(()) } else { Err(WRONG_CRC) }
    }
}

/// Receives the content; its error stops the stream.
type Take<'a> = dyn FnMut(&[u8]) -> Result<(), Flaw> + 'a;

fn stored(source: &SourceFile, member: &Member, take: &mut Take<'_>) -> Result<(), Stop> {
    raw_chunks(source, member, |bytes, _| take(bytes).map_err(Stop::Flaw))
}

fn inflated(source: &SourceFile, member: &Member, take: &mut Take<'_>) -> Result<(), Stop> {
    let mut inflate = Decompress::new(false);
    // One byte more than is declared, for the byte too many to show; a full buffer for each of a
    // hundred thousand small members would cost more than their content.
    let mut output = vec![0; in_memory(member.size.saturating_add(1).min(CHUNK as u64))];
    let mut ended = false;
    raw_chunks(source, member, |mut input, last| {
        while !ended {
            let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
            let status = inflate.decompress(input, &mut output, FlushDecompress::None);
            let status = status.map_err(|_| Stop::Flaw(CORRUPT))?;
            let consumed = in_memory(inflate.total_in() - before_in);
            let produced = in_memory(inflate.total_out() - before_out);
            take(&output[..produced]).map_err(Stop::Flaw)?;
            input = &input[consumed..];
            ended = status == Status::StreamEnd;
            if !ended && consumed == 0 && produced == 0 {
                // No progress without more input.
                return if last { Err(Stop::Flaw(CUT_SHORT)) } else { Ok(()) };
            }
        }
        if last && input.is_empty() { Ok(()) } else { Err(Stop::Flaw(TRAILING)) }
    })?;
    if ended { Ok(()) } else { Err(Stop::Flaw(CUT_SHORT)) }
}

/// Hands out the member's stored bytes, and with each piece whether it is the last one.
fn raw_chunks(
    source: &SourceFile,
    member: &Member,
    mut each: impl FnMut(&[u8], bool) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut buffer = vec![0; in_memory(member.compressed.min(CHUNK as u64))];
    let mut done = 0;
    while done < member.compressed {
        let length = in_memory((member.compressed - done).min(CHUNK as u64));
        source.read_at(&mut buffer[..length], member.data_offset + done)?;
        done += length as u64;
        each(&buffer[..length], done == member.compressed)?;
    }
    Ok(())
}

/// Lengths of pieces are bounded by the buffers, so they fit.
fn in_memory(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
