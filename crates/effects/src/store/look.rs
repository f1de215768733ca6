//! What is done with many objects after one look at all of them.

use super::{Adapter, Created, Entry, Head, Origin, Progress, Store, StoreError, Target};
use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;

impl Store {
    /// All objects whose keys begin with these characters, sorted by key. On a server the work grows with them,
    /// not with the folder that they lie in.
    pub fn list_beginning(&self, beginning: &ObjectKey) -> Result<Vec<Entry>, StoreError> {
        let parent = beginning.as_str().rsplit_once('/').and_then(|(parent, _)| parent.parse().ok());
        let mut entries = match &self.adapter {
            Adapter::Folder(folder) => folder.list(parent.as_ref())?,
            Adapter::Anaconda(label) => label.list(parent.as_ref())?,
            Adapter::Remote(remote) => return remote.list_beginning(beginning),
        };
        entries.retain(|entry| entry.key.as_str().starts_with(beginning.as_str()));
        Ok(entries)
    }

    /// Like [`Store::copy_create`], for an origin that was `seen` a moment ago, when the key was free: a server
    /// that copies by itself is sent one request, with both as its conditions (s3s-fs lists no tags: then without
    /// that of the origin, whose length was seen, and whose digest is for the read-back in any case).
    pub fn copy_seen(
        &self,
        origin: Origin<'_>,
        seen: &Head,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, StoreError> {
        if let (Adapter::Remote(to), Adapter::Remote(from)) = (&self.adapter, &origin.store.adapter)
            && to.copies_itself(from)
            && let Some(created) = to.copy_seen((from, origin.key, seen), origin.content, target, progress)?
        {
            return Ok(created);
        }
        self.copy_create(origin, target, progress)
    }

    /// The digest of an object as its server says it, without sending the bytes; `None` if it says nothing, or is no
    /// bucket. `head` is what is known of it.
    pub fn said_digest(&self, key: &ObjectKey, head: &Head) -> Result<Option<Sha256>, StoreError> {
        match &self.adapter {
            Adapter::Folder(_) | Adapter::Anaconda(_) => Ok(None),
            Adapter::Remote(remote) => remote.said(key, head),
        }
    }
}
