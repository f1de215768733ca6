//! The lines of RECORD.

use sha2::{Digest as _, Sha256};

use super::base64url;

/// The line of one file: path, digest, size.
pub fn record_line(path: &str, content: &[u8]) -> String {
    let digest = base64url::encode(&Sha256::digest(content));
    format!("{},sha256={digest},{}\n", quoted(path), content.len())
}

/// A whole RECORD that lists `files` and, last and without a digest, itself.
pub fn record_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, itself: &str) -> String {
    let mut text: String = files.into_iter().map(|(path, content)| record_line(path, content)).collect();
    text.push_str(&format!("{},,\n", quoted(itself)));
    text
}

fn quoted(path: &str) -> String {
    if path.contains([',', '"']) { format!("\"{}\"", path.replace('"', "\"\"")) } else { path.to_owned() }
}
