//! One gzip member (RFC 1952): header, deflate stream, checksum and length.

use flate2::{Decompress, FlushDecompress, Status};
use trackside_domain::finding::Code;

use super::input::Input;
use super::{Step, Stop};
use crate::limits::MAX_GZIP_HEADER;

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
/// "The name of the file follows": the only optional field that writers of sdists use.
const NAME: u8 = 1 << 3;

pub(super) struct Gzip {
    inflate: Decompress,
    crc: crc32fast::Hasher,
    length: u64,
}

impl Gzip {
    /// Reads the header.
    pub(super) fn begin(input: &mut Input<'_>) -> Result<Self, Stop> {
        let refused = |code, message: &str| Stop::Flaw(code, message.to_owned());
        let header = input.array::<10>()?.filter(|header| header.starts_with(&MAGIC) && header[2] == DEFLATE);
        let Some(header) = header else {
            return Err(refused(Code::NotGzip, "the file does not begin with a gzip header"));
        };
        match header[3] {
            0 => {}
            NAME => {
                let mut left = MAX_GZIP_HEADER;
                while input.byte()?.is_none_or(|byte| byte != 0) {
                    left -= 1;
                    if left == 0 || input.fill()?.is_empty() {
                        return Err(refused(Code::GzipHeader, "the file name in the gzip header has no end"));
                    }
                }
            }
            flags => {
                let message = format!("the gzip header has flags {flags:#04x}: more than a file name");
                return Err(Stop::Flaw(Code::GzipHeader, message));
            }
        }
        Ok(Self { inflate: Decompress::new(false), crc: crc32fast::Hasher::new(), length: 0 })
    }

    /// None if the stream is corrupt.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step> {
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, output, FlushDecompress::None).ok()?;
        let consumed = usize::try_from(self.inflate.total_in() - before_in).ok()?;
        let produced = usize::try_from(self.inflate.total_out() - before_out).ok()?;
        self.crc.update(&output[..produced]);
        self.length += produced as u64;
        Some(Step { consumed, produced, ended: status == Status::StreamEnd })
    }

    /// Reads the trailer and compares it with what came out.
    pub(super) fn finish(&self, input: &mut Input<'_>) -> Result<(), Stop> {
        let refused = |message: &str| Err(Stop::Flaw(Code::GzipChecksum, message.to_owned()));
        let (Some(crc), Some(length)) = (input.array::<4>()?, input.array::<4>()?) else {
            return refused("the file ends before the checksum of the gzip stream");
        };
        if u32::from_le_bytes(crc) != self.crc.clone().finalize() {
            return refused("the checksum of the gzip stream is another");
        }
        // The field holds the length modulo 2^32.
        if u64::from(u32::from_le_bytes(length)) != self.length & u64::from(u32::MAX) {
            return refused("the length of the gzip stream is another");
        }
        Ok(())
    }
}
