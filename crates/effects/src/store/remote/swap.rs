//! Replacing an object only if it is still what was seen.

use object_store::{ObjectStoreExt as _, PutMode, UpdateVersion};
use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;

use super::answer::{Effect, Refusal, RefusalKind, ask};
use super::client::Service;
use super::learned::Quotes;
use super::runtime::wait;
use super::{Put, Remote};
use crate::store::{Progress, StoreError, Target};

impl Remote {
    /// Puts `bytes` in the place of the object whose digest is `expected`. It is looked at just before, unless this
    /// process has seen it already and the server was seen to refuse what no longer holds.
    pub(in crate::store) fn replace_if(
        &self,
        target: Target<'_>,
        expected: Option<Sha256>,
        bytes: &[u8],
        progress: Progress<'_>,
    ) -> Result<(), StoreError> {
        self.for_writing()?;
        let learned = &self.client.learned;
        let path = self.path(target.key)?;
        let remembered = expected.filter(|_| learned.heeds()).and_then(|digest| learned.version(&path, digest));
        let mut looked = remembered.is_none();
        let (found, mut etag) = match remembered {
            Some(etag) => (expected, Some(etag)),
            None if expected.is_some() => self.digest_and_etag(target.key)?,
            // Where nothing may be, the condition alone says what a look would.
            None => (None, None),
        };
        if found != expected {
            return Err(self.changed(target.key, expected, found));
        }
        progress(0);
        progress(bytes.len() as u64);
        loop {
            let doubtful = match self.swap(target, etag.as_deref(), bytes)? {
                Put::Done { .. } => return Ok(()),
                Put::Refused { doubtful } => doubtful,
            };
            let (found, now) = self.digest_and_etag(target.key)?;
            // Our own write, whose answer was lost, makes the condition of its repetition fail.
            if doubtful && found == Some(Sha256::of(bytes)) {
                return Ok(());
            }
            // The same bytes, written again since they were seen, have another tag on some servers.
            if looked || found != expected || now == etag {
                return Err(self.changed(target.key, expected, found));
            }
            (looked, etag) = (true, now);
        }
    }

    /// The same by the tag of what is to be replaced, without a look: only the server decides. The tag of what is
    /// there now; `None` if something else was.
    pub(in crate::store) fn replace_tagged(
        &self,
        target: Target<'_>,
        etag: Option<&str>,
        bytes: &[u8],
    ) -> Result<Option<Option<String>>, StoreError> {
        self.for_writing()?;
        match self.swap(target, etag, bytes)? {
            Put::Done { etag } => Ok(Some(etag)),
            Put::Refused { doubtful: false } => Ok(None),
            Put::Refused { doubtful: true } => {
                let (found, now) = self.digest_and_etag(target.key)?;
                Ok((found == Some(Sha256::of(bytes))).then_some(now))
            }
        }
    }

    fn swap(&self, target: Target<'_>, etag: Option<&str>, bytes: &[u8]) -> Result<Put, StoreError> {
        let Some(etag) = etag else { return self.put(target, PutMode::Create, bytes.to_vec()) };
        let learned = &self.client.learned;
        let put = |tag: &str| {
            let version = UpdateVersion { e_tag: Some(tag.to_owned()), version: None };
            self.put(target, PutMode::Update(version), bytes.to_vec())
        };
        let bare = etag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let bare = bare.filter(|_| matches!(self.client.service, Service::S3(_)));
        let (quotes, Some(bare)) = (learned.quotes(), bare) else { return put(etag) };
        if quotes == Quotes::Dropped {
            return put(bare);
        }
        let first = put(etag)?;
        match (&first, quotes) {
            (Put::Done { .. }, _) => learned.note_quotes(Quotes::Kept),
            // Ceph 16 compares the tag without its quotes, and so refuses what every client sends. Without them the
            // condition may be none to another server, so it must hold.
            (Put::Refused { .. }, Quotes::Unknown) if self.digest_and_etag(target.key)?.1.as_deref() == Some(etag) => {
                let second = put(bare)?;
                if matches!(second, Put::Done { .. }) {
                    learned.note_quotes(Quotes::Dropped);
                }
                return Ok(second);
            }
            (Put::Refused { .. }, _) => {}
        }
        Ok(first)
    }

    /// Removes an object without a condition.
    pub(in crate::store) fn discard(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.for_writing()?;
        let path = self.path(key)?;
        let client = &self.client;
        let removed = wait(ask(&client.pace, Effect::Write, || async {
            match &client.service {
                Service::S3(s3) => s3.delete(&path, None).await,
                Service::Other => client.objects.delete(&path).await,
            }
        }));
        match removed {
            Ok(()) | Err(Refusal { kind: RefusalKind::NotFound, .. }) => Ok(()),
            Err(refusal) => Err(self.failed("remove", key, refusal)),
        }
    }

    /// The server was seen to refuse what it must: from now on its conditions are relied upon.
    pub(in crate::store) fn note_heeds(&self) {
        self.client.learned.note_heeds();
    }
}
