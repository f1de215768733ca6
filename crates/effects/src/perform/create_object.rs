//! Creates an object that must not exist, or exists with the same bytes.

use std::path::Path;

use trackside_domain::action::{Content, Location, Receipt};
use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;

use super::{digest, replace_encoded, writable};
use crate::Trouble;
use crate::store::{Created, Progress, Source, Stores, Target};

pub(super) fn perform(
    stores: &Stores,
    to: &Location,
    content: &Content,
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let encoded;
    let source = match content {
        Content::Text(text) => Source::Bytes(text.as_bytes()),
        Content::Encoded(content) => {
            encoded = content.bytes().map_err(|error| replace_encoded::refused(to, &error))?;
            Source::Bytes(&encoded)
        }
        Content::File { path, size, sha256 } => {
            Source::File { path: Path::new(path), content: Fingerprint { size: *size, sha256: *sha256 } }
        }
    };
    let created = writable(stores, to)?.create(Target::new(&to.key), source, progress)?;
    Ok(stored(content.sha256(), created))
}

pub(super) fn stored(sha256: Sha256, created: Created) -> Receipt {
    Receipt::Stored { sha256, already: created == Created::SameBytes }
}

/// Whether the object is there: with these bytes it is done, with others it never will be.
pub(super) fn probe(stores: &Stores, at: &Location, wanted: Sha256) -> Result<Option<Receipt>, Trouble> {
    match digest(stores, at)? {
        None => Ok(None),
        Some(sha256) if sha256 == wanted => Ok(Some(Receipt::Stored { sha256, already: true })),
        Some(found) => {
            Err(Trouble::Conflict(format!("{} exists with sha256 {}, not {}", at.key, found.short(), wanted.short())))
        }
    }
}
