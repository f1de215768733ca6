//! A file of anaconda.org as a stream that survives broken connections. The server sends readers on to its
//! storage, which never sees the token.

use std::io::{self, Read};
use std::sync::Arc;

use http::StatusCode;
use http::header::RANGE;
use reqwest::Response;

use super::client::{Client, Refusal, is_lost, is_slow, location};
use crate::store::error::ServerFault;
use crate::store::remote::answer::{TRIES, rest};
use crate::store::remote::runtime::wait;

/// How often a stream may break without a byte in between.
const BREAKS: u32 = 5;

/// The stream.
pub(in crate::store) struct AnacondaReader {
    client: Arc<Client>,
    path: String,
    response: Response,
    piece: bytes::Bytes,
    size: u64,
    done: u64,
    breaks: u32,
}

impl std::fmt::Debug for AnacondaReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnacondaReader").field("path", &self.path).field("done", &self.done).finish_non_exhaustive()
    }
}

impl AnacondaReader {
    /// Begins to read; `None` if there is no such file.
    pub(super) fn open(client: Arc<Client>, path: String) -> Result<Option<Self>, Refusal> {
        let Some(response) = wait(download(&client, &path, 0))? else { return Ok(None) };
        let Some(size) = response.content_length() else {
            let source = "the storage does not say how long the file is".into();
            return Err(Refusal { fault: ServerFault::Refused, source });
        };
        Ok(Some(Self { client, path, response, piece: bytes::Bytes::new(), size, done: 0, breaks: 0 }))
    }

    pub(in crate::store) fn size(&self) -> u64 {
        self.size
    }

    fn next(&mut self) -> io::Result<Option<bytes::Bytes>> {
        loop {
            let source = match wait(self.response.chunk()) {
                Ok(Some(piece)) if piece.is_empty() => continue,
                Ok(Some(piece)) => {
                    self.breaks = 0;
                    return Ok(Some(piece));
                }
                _ if self.done >= self.size => return Ok(None),
                Ok(None) => None,
                Err(error) => Some(error.without_url()),
            };
            self.breaks += 1;
            if self.breaks == BREAKS {
                let why = source.map(|error| error.to_string()).unwrap_or_default();
                return Err(io::Error::other(format!(
                    "it broke off after {} of {} bytes: {why}",
                    self.done, self.size
                )));
            }
            // A file is never replaced by another, and what is read is compared with what it must be.
            let again = wait(download(&self.client, &self.path, self.done))
                .map_err(|refusal| io::Error::other(refusal.source))?;
            self.response = again.ok_or_else(|| io::Error::other("the file is gone"))?;
        }
    }
}

impl Read for AnacondaReader {
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

/// The rest of a file from a byte on.
async fn download(client: &Client, path: &str, from: u64) -> Result<Option<Response>, Refusal> {
    for tries in 1.. {
        let fault = match once(client, path, from).await {
            Ok(response) => match response.status() {
                StatusCode::OK if from == 0 => return Ok(Some(response)),
                StatusCode::PARTIAL_CONTENT if from > 0 => return Ok(Some(response)),
                StatusCode::NOT_FOUND => return Ok(None),
                status if is_slow(status) || is_lost(status) => status.to_string(),
                status => {
                    let denied = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
                    let fault = if denied { ServerFault::Denied } else { ServerFault::Refused };
                    return Err(Refusal { fault, source: status.to_string().into() });
                }
            },
            Err(error) => error.without_url().to_string(),
        };
        if tries == TRIES {
            return Err(Refusal { fault: ServerFault::Transient, source: fault.into() });
        }
        rest(tries).await;
    }
    unreachable!("the last try returns")
}

async fn once(client: &Client, path: &str, from: u64) -> reqwest::Result<Response> {
    let range = |request: reqwest::RequestBuilder| match from {
        0 => request,
        from => request.header(RANGE, format!("bytes={from}-")),
    };
    let response = range(client.signed(client.http.get(client.url(path)))).send().await?;
    match location(&response) {
        Some(storage) => range(client.http.get(storage)).send().await,
        None => Ok(response),
    }
}
