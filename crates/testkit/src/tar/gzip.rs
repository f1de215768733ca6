//! A gzip stream, with header and trailer open to be falsified.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A gzip member. A new one is honest; every field may then be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gzip {
    /// Magic number, method, flags, time, effort, system: 10 bytes.
    pub header: Vec<u8>,
    /// What stands between header and stream: the file name with its NUL, if the flags say so.
    pub fields: Vec<u8>,
    /// The deflate stream.
    pub stream: Vec<u8>,
    /// Checksum and length, 8 bytes.
    pub trailer: Vec<u8>,
    /// What follows.
    pub suffix: Vec<u8>,
}

impl Gzip {
    /// The content compressed, without a file name.
    pub fn new(content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        let stream = encoder.write_all(content).and_then(|()| encoder.finish());
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        Self {
            header: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255],
            fields: Vec::new(),
            stream: stream.expect("memory takes every byte"),
            trailer: [crc32fast::hash(content).to_le_bytes(), length.to_le_bytes()].concat(),
            suffix: Vec::new(),
        }
    }

    /// Notes a file name, as Python and gzip do.
    #[must_use]
    pub fn name(mut self, name: &[u8]) -> Self {
        self.header[3] |= 1 << 3;
        self.fields.extend(name);
        self.fields.push(0);
        self
    }

    /// Changes fields.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The stream with all around it.
    pub fn bytes(&self) -> Vec<u8> {
        [&self.header[..], &self.fields, &self.stream, &self.trailer, &self.suffix].concat()
    }
}
