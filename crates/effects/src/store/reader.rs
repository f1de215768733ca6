//! The bytes of an object as a stream, wherever it is.

use std::io::{self, Read};

use super::anaconda::read::AnacondaReader;
use super::remote::read::RemoteReader;

/// The bytes of an object as a stream.
#[derive(Debug)]
pub struct ObjectReader(pub(super) Stream);

#[derive(Debug)]
pub(super) enum Stream {
    File { file: std::fs::File, size: u64 },
    Remote(Box<RemoteReader>),
    Anaconda(Box<AnacondaReader>),
}

impl ObjectReader {
    /// The length of the object when it was opened, in bytes.
    pub fn size(&self) -> u64 {
        match &self.0 {
            Stream::File { size, .. } => *size,
            Stream::Remote(reader) => reader.size(),
            Stream::Anaconda(reader) => reader.size(),
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Stream::File { file, .. } => file.read(buffer),
            Stream::Remote(reader) => reader.read(buffer),
            Stream::Anaconda(reader) => reader.read(buffer),
        }
    }
}
