//! The form by which the bytes of a staged file go to the storage of anaconda.org.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};

/// The most that is read at once, in bytes.
const PIECE: usize = 1 << 20;

/// A form with one file at its end.
pub(super) struct Form {
    boundary: String,
    head: Vec<u8>,
    tail: Vec<u8>,
    size: u64,
}

impl Form {
    /// A form of these fields and a file. `boundary` must be in none of them: 64 digits of a digest are not.
    pub(super) fn new(boundary: String, fields: &[(String, String)], file: (&str, u64)) -> Self {
        let mut head = String::new();
        for (name, value) in fields {
            head.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n",
                quoted(name)
            ));
        }
        let (name, size) = file;
        head.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            quoted(name)
        ));
        let tail = format!("\r\n--{boundary}--\r\n").into_bytes();
        Self { boundary, head: head.into_bytes(), tail, size }
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The length of the whole form in bytes. Storage takes no form without it.
    pub(super) fn length(&self) -> u64 {
        self.head.len() as u64 + self.size + self.tail.len() as u64
    }

    /// The bytes of the form, with those of `file`. An earlier body of the same file may still be under way, so
    /// none moves the place where another reads.
    pub(super) fn body(&self, file: &File) -> std::io::Result<impl Stream<Item = std::io::Result<Bytes>> + use<>> {
        let pieces = stream::unfold(Some((file.try_clone()?, 0)), |state| async move {
            let (file, done) = state?;
            let mut piece = vec![0; PIECE];
            // The file was written just now, so it is in memory.
            match file.read_at(&mut piece, done) {
                Ok(0) => None,
                Ok(length) => {
                    piece.truncate(length);
                    Some((Ok(Bytes::from(piece)), Some((file, done + length as u64))))
                }
                Err(error) => Some((Err(error), None)),
            }
        });
        let whole = |bytes: &[u8]| stream::iter([Ok(Bytes::copy_from_slice(bytes))]);
        Ok(whole(&self.head).chain(pieces).chain(whole(&self.tail)))
    }
}

/// As browsers do it.
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use futures_util::TryStreamExt as _;

    use super::*;

    #[test]
    fn it_is_as_long_as_it_says_and_can_be_sent_twice() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"bytes").unwrap();
        let form = Form::new("xyz".into(), &[("key".into(), "a\"b".into())], ("a\"b.conda", 5));
        for _ in 0..2 {
            let pieces: Vec<Bytes> =
                futures_util::FutureExt::now_or_never(form.body(&file).unwrap().try_collect()).unwrap().unwrap();
            let sent = String::from_utf8(pieces.concat()).unwrap();
            assert_eq!(sent.len() as u64, form.length());
            assert_eq!(
                sent,
                "--xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\"b\r\n--xyz\r\nContent-Disposition: \
                 form-data; name=\"file\"; filename=\"a%22b.conda\"\r\nContent-Type: application/octet-stream\r\n\r\n\
                 bytes\r\n--xyz--\r\n"
            );
        }
    }
}
