//! Conditional writes without a look of our own, as trials need them: only the store can refuse.

use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;

use super::{Adapter, Store, StoreError, Target};

/// What is to be replaced.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    digest: Sha256,
    /// How the server calls it; a folder compares the bytes.
    etag: Option<String>,
}

/// How a swap ended.
#[derive(Debug)]
pub(crate) enum Swap {
    /// This is there now.
    Done(Version),
    /// Something else was there.
    Refused,
}

impl Store {
    /// Puts `bytes` where this version is, or where nothing is.
    pub(crate) fn swap(&self, target: Target<'_>, seen: Option<&Version>, bytes: &[u8]) -> Result<Swap, StoreError> {
        let version = |etag| Swap::Done(Version { digest: Sha256::of(bytes), etag });
        match &self.adapter {
            Adapter::Remote(remote) => {
                let replaced = remote.replace_tagged(target, seen.and_then(|seen| seen.etag.as_deref()), bytes)?;
                Ok(replaced.map_or(Swap::Refused, version))
            }
            Adapter::Folder(_) | Adapter::Anaconda(_) => {
                match self.replace_if(target, seen.map(|seen| seen.digest), bytes, &mut |_| {}) {
                    Ok(()) => Ok(version(None)),
                    Err(StoreError::Changed { .. }) => Ok(Swap::Refused),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Removes an object of a trial, whatever it is: nobody else knows its name.
    pub(crate) fn discard(&self, key: &ObjectKey) -> Result<(), StoreError> {
        if let Adapter::Remote(remote) = &self.adapter {
            return remote.discard(key);
        }
        self.digest(key)?.map_or(Ok(()), |digest| self.remove_if(key, digest))
    }

    /// It was seen to refuse what it must refuse: from now on a look at an object before its replacement is spared
    /// where this process has seen it, since the condition alone is enough.
    pub(crate) fn note_heeds(&self) {
        if let Adapter::Remote(remote) = &self.adapter {
            remote.note_heeds();
        }
    }
}
