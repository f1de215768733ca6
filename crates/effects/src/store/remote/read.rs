//! An object as a stream that survives broken connections: it goes on where it broke off, with the very
//! object that it began with or not at all.

use std::io::{self, Read};
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore as _};

use super::answer::{Effect, RefusalKind, ask};
use super::client::Client;
use super::runtime::wait;
use crate::store::error::ServerFault;

/// How often a stream may break without a byte in between.
const BREAKS: u32 = 5;

/// The stream.
pub(in crate::store) struct RemoteReader {
    client: Arc<Client>,
    path: Path,
    etag: Option<String>,
    size: u64,
    done: u64,
    breaks: u32,
    stream: BoxStream<'static, object_store::Result<bytes::Bytes>>,
    piece: bytes::Bytes,
}

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
#[error("the object broke off after {done} of {size} bytes")]
pub(super) struct Broken {
    done: u64,
    size: u64,
    pub(super) fault: ServerFault,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl std::fmt::Debug for RemoteReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteReader").field("path", &self.path).field("done", &self.done).finish_non_exhaustive()
    }
}

impl RemoteReader {
    pub(super) fn new(client: Arc<Client>, path: Path, result: GetResult) -> Self {
        let (etag, size) = (result.meta.e_tag.clone(), result.meta.size);
        let (stream, piece) = (result.into_stream(), bytes::Bytes::new());
        Self { client, path, etag, size, done: 0, breaks: 0, stream, piece }
    }

    /// The length of the object when it was opened, in bytes.
    pub(in crate::store) fn size(&self) -> u64 {
        self.size
    }

    /// The tag of what is being read.
    pub(super) fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// The next piece; none at the end.
    fn next(&mut self) -> io::Result<Option<bytes::Bytes>> {
        loop {
            let source = match wait(self.stream.next()) {
                Some(Ok(piece)) if piece.is_empty() => continue,
                Some(Ok(piece)) => {
                    self.breaks = 0;
                    return Ok(Some(piece));
                }
                None | Some(Err(_)) if self.done == self.size => return Ok(None),
                None => None,
                Some(Err(error)) => Some(error.into()),
            };
            self.breaks += 1;
            if self.breaks == BREAKS || self.etag.is_none() {
                return Err(self.broken(ServerFault::Transient, source));
            }
            self.go_on()?;
        }
    }

    /// Asks for the rest of the same object.
    fn go_on(&mut self) -> io::Result<()> {
        let (client, path) = (Arc::clone(&self.client), self.path.clone());
        let options = GetOptions {
            if_match: self.etag.clone(),
            range: Some(GetRange::Bounded(self.done..self.size)),
            ..GetOptions::default()
        };
        match wait(ask(&client.pace, Effect::Read, || client.objects.get_opts(&path, options.clone()))) {
            Ok(result) => {
                self.stream = result.into_stream();
                Ok(())
            }
            Err(refusal) => {
                // Replaced or removed meanwhile: whoever reads it must begin anew.
                let fault = match refusal.kind {
                    RefusalKind::Fault(fault) => fault,
                    RefusalKind::NotFound | RefusalKind::Condition { .. } => ServerFault::Transient,
                };
                Err(self.broken(fault, Some(refusal.source)))
            }
        }
    }

    fn broken(&self, fault: ServerFault, source: Option<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
        io::Error::other(Broken { done: self.done, size: self.size, fault, source })
    }
}

impl Read for RemoteReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            match self.next()? {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = self.piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        self.done += length as u64;
        Ok(length)
    }
}
