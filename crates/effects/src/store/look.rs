//! What is known of objects without reading them, and what is done with many after one look at all of them.

use std::collections::BTreeSet;

use super::{Adapter, Created, Entry, Head, Origin, Progress, Store, StoreError, Target};
use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;

impl Store {
    /// All objects below `folder`, sorted by key. Whole parts count: `torch/2.1.1` does not list `torch/2.1.10`.
    pub fn list(&self, folder: &ObjectKey) -> Result<Vec<Entry>, StoreError> {
        match &self.adapter {
            Adapter::Folder(adapter) => adapter.list(Some(folder)),
            Adapter::Remote(remote) => remote.list(Some(folder)),
            Adapter::Anaconda(label) => label.list(Some(folder)),
        }
    }

    /// The same, where these are likely among them, sorted: a server whose listing is long is asked for parts of it at
    /// the same time. What is there or not is what the server says, whatever was known.
    pub fn list_known(&self, folder: &ObjectKey, known: &[&ObjectKey]) -> Result<Vec<Entry>, StoreError> {
        match &self.adapter {
            Adapter::Remote(remote) => remote.list_known(folder, known),
            Adapter::Folder(_) | Adapter::Anaconda(_) => self.list(folder),
        }
    }

    /// All objects of the store, sorted by key.
    pub fn list_all(&self) -> Result<Vec<Entry>, StoreError> {
        match &self.adapter {
            Adapter::Folder(adapter) => adapter.list(None),
            Adapter::Remote(remote) => remote.list(None),
            Adapter::Anaconda(label) => label.list(None),
        }
    }

    /// Which version of an object a listing has shown, to compare with a later look. Not every server tags what it
    /// lists; then it is asked now.
    pub fn listed_version(&self, entry: &Entry) -> Result<Option<Head>, StoreError> {
        match (&self.adapter, &entry.etag) {
            (Adapter::Remote(_), None) => Ok(self.head(&entry.key)?.filter(|head| head.size == entry.size)),
            (_, etag) => Ok(Some(Head { size: entry.size, etag: etag.clone() })),
        }
    }

    /// What is known about an object without reading it; `None` if it certainly does not exist.
    pub fn head(&self, key: &ObjectKey) -> Result<Option<Head>, StoreError> {
        match &self.adapter {
            Adapter::Folder(folder) => Ok(folder.open_object(key)?.map(|(_, size)| Head { size, etag: None })),
            Adapter::Remote(remote) => remote.head(key),
            Adapter::Anaconda(label) => {
                Ok(label.hosted(key)?.map(|found| Head { size: found.size, etag: Some(found.sha256.to_string()) }))
            }
        }
    }

    /// The keys of listings so far that nobody of ours can name, such as `whl//index.html`. A folder has none.
    pub fn unnamed(&self) -> BTreeSet<String> {
        match &self.adapter {
            Adapter::Remote(remote) => remote.unnamed(),
            Adapter::Folder(_) | Adapter::Anaconda(_) => BTreeSet::new(),
        }
    }

    /// How the headers of an object that was read contradict what it must be sent with, if they do. A folder sends
    /// none.
    pub fn contradiction(&self, key: &ObjectKey) -> Option<String> {
        match &self.adapter {
            Adapter::Remote(remote) => remote.contradiction(key),
            Adapter::Folder(_) | Adapter::Anaconda(_) => None,
        }
    }

    /// What the clock of a server said at the last listing, in seconds since 1970: what it calls the age of an object
    /// is by that. `None` for a folder, and where a server does not say it.
    pub fn clock(&self) -> Option<i64> {
        match &self.adapter {
            Adapter::Remote(remote) => remote.clock(),
            Adapter::Folder(_) | Adapter::Anaconda(_) => None,
        }
    }

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
