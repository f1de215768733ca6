//! What a server says about objects that are read: a page that is sent as something else is none for an installer,
//! whatever its bytes are.

use std::sync::PoisonError;

use object_store::{Attribute, Attributes};
use trackside_domain::storage_key::{Attributes as Wanted, StorageKey};
use trackside_domain::store::ObjectKey;

use super::Remote;

impl Remote {
    /// Remembers how the headers of an object contradict what it must be sent with. What is not said is no
    /// contradiction, and how long something may be cached is for whoever stands before the store.
    pub(super) fn note_headers(&self, key: &ObjectKey, sent: &Attributes) {
        let Some(wanted) = Wanted::of(key.as_str()) else { return };
        let said = |attribute| sent.get(&attribute).map(|value| value.trim().to_ascii_lowercase());
        // Installers look at the type of pages and data; files came in with whatever type their uploader gave them.
        let by_type = !matches!(StorageKey::parse(key.as_str()), Some(StorageKey::Artifact(_)));
        let wrong_type =
            said(Attribute::ContentType).filter(|said| by_type && essence(said) != essence(wanted.content_type));
        let encoded =
            said(Attribute::ContentEncoding).filter(|said| !matches!(said.as_str(), "" | "identity" | "aws-chunked"));
        let why = match (wrong_type, encoded) {
            (Some(said), _) => format!("it is sent as `{}`, not as `{}`", said.escape_debug(), wanted.content_type),
            (None, Some(said)) => {
                format!("it is sent with the encoding `{}`, which it does not have", said.escape_debug())
            }
            (None, None) => return,
        };
        self.client.contradicted.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), why);
    }

    /// How the headers of an object that was read contradict what it must be sent with.
    pub(in crate::store) fn contradiction(&self, key: &ObjectKey) -> Option<String> {
        self.client.contradicted.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

/// A content type without its parameters: `text/html` of `text/html; charset=utf-8`.
fn essence(content_type: &str) -> &str {
    content_type.split_once(';').map_or(content_type, |(essence, _)| essence).trim()
}
