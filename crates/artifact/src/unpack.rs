//! Compressed streams, unpacked piece by piece: one stream, whole, with nothing behind it, and never
//! more out of it than the caps allow.

mod gzip;
mod input;
mod zstd;

use std::fmt;
use std::io::{self, Read};

use trackside_domain::finding::Code;

use self::gzip::Gzip;
use self::input::Input;
use self::zstd::Zstd;
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::limits::{MAX_TAR_RATIO, MAX_UNPACKED, RATIO_FREE};

/// Why a stream ended before its end: the machine's fault or the archive's.
#[derive(Debug)]
pub(crate) enum Stop {
    Read(ReadError),
    Flaw(Code, String),
}

/// The form of a compressed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Gzip,
    Bzip2,
    Zstd,
}

/// The unpacked bytes of the compressed stream that fills a part of a file.
pub(crate) struct Unpacked<'a> {
    input: Input<'a>,
    codec: Codec,
    /// Bytes that may still come out.
    left: u64,
    compressed: u64,
    ended: bool,
}

enum Codec {
    Gzip(Gzip),
    Bzip2(bzip2::Decompress),
    Zstd(Zstd),
}

/// What one call of a decoder has done.
struct Step {
    consumed: usize,
    produced: usize,
    ended: bool,
}

impl<'a> Unpacked<'a> {
    /// The whole of a file.
    pub(crate) fn file(source: &'a SourceFile, form: Form) -> Result<Self, Stop> {
        Self::section(source, (0, source.size()), form)
    }

    /// The part of a file that begins at `offset` and has `length` bytes.
    pub(crate) fn section(source: &'a SourceFile, (offset, length): (u64, u64), form: Form) -> Result<Self, Stop> {
        let mut input = Input::new(source, offset, length);
        let codec = match form {
            Form::Gzip => Codec::Gzip(Gzip::begin(&mut input)?),
            Form::Bzip2 => Codec::Bzip2(bzip2::Decompress::new(false)),
            Form::Zstd => Codec::Zstd(Zstd::begin(&mut input)?),
        };
        let left = length.saturating_mul(MAX_TAR_RATIO).clamp(RATIO_FREE, MAX_UNPACKED);
        Ok(Self { input, codec, left, compressed: length, ended: false })
    }

    /// The next unpacked bytes; none only at the end, when all that follows the stream is checked.
    fn pull(&mut self, output: &mut [u8]) -> Result<usize, Stop> {
        while !self.ended && !output.is_empty() {
            let input = self.input.fill()?;
            let step = self.codec.step(input, output)?;
            // With room for output, a decoder stands still only for want of input.
            let stuck = step.consumed == 0 && step.produced == 0;
            self.input.skip(step.consumed);
            self.count(step.produced as u64)?;
            if step.ended {
                self.finish()?;
            } else if stuck {
                return Err(self.codec.corrupt("is cut short"));
            }
            if step.produced > 0 {
                return Ok(step.produced);
            }
        }
        Ok(0)
    }

    fn count(&mut self, produced: u64) -> Result<(), Stop> {
        match self.left.checked_sub(produced) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None if self.compressed.saturating_mul(MAX_TAR_RATIO) > MAX_UNPACKED => {
                Err(Stop::Flaw(Code::UnpackedSize, format!("it unpacks to more than {MAX_UNPACKED} bytes")))
            }
            None => {
                let message = format!("{} bytes unpack to more than {MAX_TAR_RATIO} times as much", self.compressed);
                Err(Stop::Flaw(Code::CompressionRatio, message))
            }
        }
    }

    fn finish(&mut self) -> Result<(), Stop> {
        self.ended = true;
        if let Codec::Gzip(gzip) = &mut self.codec {
            gzip.finish(&mut self.input)?;
        }
        if self.input.fill()?.is_empty() {
            return Ok(());
        }
        let code = match self.codec {
            Codec::Gzip(_) => Code::GzipTrailingData,
            Codec::Bzip2(_) => Code::Bzip2TrailingData,
            Codec::Zstd(_) => Code::ZstdTrailingData,
        };
        Err(Stop::Flaw(
            code,
            "bytes follow the compressed stream; some readers take a second stream, some do not".into(),
        ))
    }
}

impl Codec {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Stop> {
        let step = match self {
            Self::Gzip(gzip) => gzip.step(input, output),
            Self::Bzip2(bzip2) => bzip2_step(bzip2, input, output),
            Self::Zstd(zstd) => zstd.step(input, output),
        };
        step.ok_or_else(|| self.corrupt("is corrupt"))
    }

    fn corrupt(&self, how: &str) -> Stop {
        let (code, what) = match self {
            Self::Gzip(_) => (Code::DeflateCorrupt, "deflate"),
            Self::Bzip2(_) => (Code::Bzip2Corrupt, "bzip2"),
            Self::Zstd(_) => (Code::ZstdCorrupt, "Zstandard"),
        };
        Stop::Flaw(code, format!("the {what} stream {how}"))
    }
}

/// None if the stream is corrupt.
fn bzip2_step(bzip2: &mut bzip2::Decompress, input: &[u8], output: &mut [u8]) -> Option<Step> {
    let (before_in, before_out) = (bzip2.total_in(), bzip2.total_out());
    let status = bzip2.decompress(input, output).ok()?;
    let consumed = usize::try_from(bzip2.total_in() - before_in).ok()?;
    let produced = usize::try_from(bzip2.total_out() - before_out).ok()?;
    Some(Step { consumed, produced, ended: status == bzip2::Status::StreamEnd })
}

impl Read for Unpacked<'_> {
    /// The error holds a [`Stop`], which [`Stop::of`] takes out again.
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        self.pull(output).map_err(io::Error::other)
    }
}

impl Stop {
    /// The reason for a failed read of an [`Unpacked`]; another reader's error is the archive's end.
    pub(crate) fn of(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| Self::Flaw(Code::TarEnd, format!("it ends early: {error}")))
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Flaw(code, message) => write!(f, "{message} [{code}]"),
        }
    }
}

impl std::error::Error for Stop {}
