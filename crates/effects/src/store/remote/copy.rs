//! Copies inside a server: the bytes never travel to this machine, and the key must be free.

use std::sync::atomic::{AtomicBool, Ordering};

use object_store::path::Path;
use object_store::{CopyMode, CopyOptions, ObjectStore as _, ObjectStoreExt as _};
use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey};

use super::answer::{Effect, Refusal, RefusalKind, ask};
use super::client::Service;
use super::runtime::wait;
use super::s3::{Copied, CopySource, S3};
use super::{Remote, attributes};
use crate::store::{Created, Head, Progress, StoreError, Target};

impl Remote {
    /// Whether the server of this bucket can copy from `origin` by itself.
    pub(in crate::store) fn copies_itself(&self, origin: &Self) -> bool {
        match (&self.client.service, &origin.client.service) {
            (Service::S3(to), Service::S3(from)) => to.can_copy_from(from),
            (Service::Other, Service::Other) => {
                let place = |remote: &Self| remote.url.server().map(|server| (server.bucket, server.endpoint));
                self.url.kind() == origin.url.kind() && place(self) == place(origin)
            }
            (Service::S3(_), Service::Other) | (Service::Other, Service::S3(_)) => false,
        }
    }

    /// Copies an object of the same server. Its length is checked before; its content is what it was
    /// proved to be when it was stored, and a read-back proves the copy.
    pub(in crate::store) fn copy_create(
        &self,
        (origin, key): (&Self, &ObjectKey),
        wanted: Fingerprint,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, StoreError> {
        self.for_writing()?;
        let (from, to) = (origin.path(key)?, self.path(target.key)?);
        let (meta, taken) = wait(async { tokio::join!(origin.look_at(&from), self.look_at(&to)) });
        let meta = meta.map_err(|refusal| origin.failed("look at", key, refusal))?;
        let meta = meta.ok_or_else(|| StoreError::NotFound(origin.locate(key)))?;
        if meta.size != wanted.size {
            let found =
                origin.fingerprint(key, &mut |_| {})?.ok_or_else(|| StoreError::NotFound(origin.locate(key)))?;
            let at = origin.locate(key);
            return Err(StoreError::Corrupt { at, found: Box::new(found), wanted: Box::new(wanted) });
        }
        if wanted.size == 0 {
            return self.put_new(target, Vec::new(), wanted);
        }
        if taken.map_err(|refusal| self.failed("look at", target.key, refusal))?.is_some() {
            return self.settle(target.key, wanted, false);
        }
        progress(0);
        let done = match (&self.client.service, &origin.client.service) {
            (Service::S3(s3), Service::S3(other)) => {
                let source =
                    CopySource { bucket: other.bucket(), path: &from, etag: meta.e_tag.as_deref(), size: meta.size };
                if self.copies_at_once(meta.size) {
                    match self.copy_at_once(s3, source, &to, target) {
                        Ok(copied) => Ok(self.judge(&to, (target.key, wanted), copied)?),
                        Err(refusal) => Err(refusal),
                    }
                } else {
                    self.copy_in_parts(s3, source, &to, target, progress)
                }
            }
            _ => {
                let options = CopyOptions::new().with_mode(CopyMode::Create);
                let client = &self.client;
                wait(ask(&client.pace, Effect::Write, || client.objects.copy_opts(&from, &to, options.clone())))
            }
        };
        match done {
            Ok(()) => {
                progress(wanted.size);
                Ok(Created::New)
            }
            Err(refusal) => self.after_refusal(target, wanted, refusal, "copy"),
        }
    }

    /// Copies an object of the same server that was `seen` a moment ago, when the key was free, by one request.
    /// `None` if that is not possible, or no longer so: then it must be looked at again.
    pub(in crate::store) fn copy_seen(
        &self,
        (origin, key, seen): (&Self, &ObjectKey, &Head),
        wanted: Fingerprint,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<Option<Created>, StoreError> {
        let (Service::S3(s3), Service::S3(other)) = (&self.client.service, &origin.client.service) else {
            return Ok(None);
        };
        if seen.size != wanted.size || wanted.size == 0 || !self.copies_at_once(wanted.size) {
            return Ok(None);
        }
        self.for_writing()?;
        let (from, to) = (origin.path(key)?, self.path(target.key)?);
        let source = CopySource { bucket: other.bucket(), path: &from, etag: seen.etag.as_deref(), size: seen.size };
        progress(0);
        match self.copy_at_once(s3, source, &to, target) {
            Ok(copied) => {
                self.judge(&to, (target.key, wanted), copied)?;
                progress(wanted.size);
                Ok(Some(Created::New))
            }
            Err(Refusal { kind: RefusalKind::NotFound | RefusalKind::Condition { doubtful: false }, .. }) => Ok(None),
            Err(refusal) => self.after_refusal(target, wanted, refusal, "copy").map(Some),
        }
    }

    /// The digest of an object as the server says it, without sending its bytes: what it computed when it copied
    /// this very content, or what it keeps. `None` if it says nothing.
    pub(in crate::store) fn said(&self, key: &ObjectKey, head: &Head) -> Result<Option<Sha256>, StoreError> {
        let Service::S3(s3) = &self.client.service else { return Ok(None) };
        let path = self.path(key)?;
        let proof = self.client.learned.proof(&path);
        if let Some((_, digest)) = proof.filter(|(etag, _)| head.etag.as_deref().is_some_and(|now| same(now, etag))) {
            return Ok(Some(digest));
        }
        let kept = wait(ask(&self.client.pace, Effect::Read, || s3.digest_kept(&path)));
        match kept {
            Err(Refusal { kind: RefusalKind::NotFound, .. }) => Err(StoreError::NotFound(self.locate(key))),
            kept => kept.map_err(|refusal| self.failed("look at", key, refusal)),
        }
    }

    fn copies_at_once(&self, size: u64) -> bool {
        !self.client.strict_copies && S3::fits_one_copy(size)
    }

    /// Compares what the server says of its copy with what was wanted, and remembers it.
    fn judge(&self, path: &Path, (key, wanted): (&ObjectKey, Fingerprint), copied: Copied) -> Result<(), StoreError> {
        let Some(sha256) = copied.sha256 else { return Ok(()) };
        if sha256 != wanted.sha256 {
            let found = Box::new(Fingerprint { sha256, ..wanted });
            return Err(StoreError::Conflict { at: self.locate(key), found, wanted: Box::new(wanted) });
        }
        self.client.learned.note_proof(path, copied.etag, sha256);
        Ok(())
    }

    /// One request, after a look whether the key is free: not every server heeds the condition. What a lost
    /// answer has done is seen by another look before the next try, so nothing is written twice.
    fn copy_at_once(&self, s3: &S3, from: CopySource<'_>, to: &Path, target: Target<'_>) -> Result<Copied, Refusal> {
        let attributes = (target.attributes.content_type, target.attributes.cache_control);
        let objects = &self.client.objects;
        let tried = AtomicBool::new(false);
        wait(ask(&self.client.pace, Effect::Write, || async {
            if !tried.swap(true, Ordering::Relaxed) {
                return s3.copy(to, from, attributes).await;
            }
            match objects.head(to).await {
                Err(object_store::Error::NotFound { .. }) => s3.copy(to, from, attributes).await,
                Err(error) => Err(error),
                Ok(_) => Err(object_store::Error::AlreadyExists {
                    path: to.to_string(),
                    source: "it was there before it was copied again".into(),
                }),
            }
        }))
    }

    /// In parts, which every server refuses to complete if the key is taken.
    fn copy_in_parts(
        &self,
        s3: &S3,
        from: CopySource<'_>,
        to: &Path,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<(), Refusal> {
        let pace = &self.client.pace;
        let headers = attributes(target.attributes);
        // Done twice it leaves an empty upload behind, which nobody sees.
        let id = wait(ask(pace, Effect::Read, || s3.begin(to, headers.clone())))?;
        let mut parts = Vec::new();
        let mut copied = Ok(());
        for (index, range) in S3::pieces(from.size).into_iter().enumerate() {
            match wait(ask(pace, Effect::Read, || s3.copy_part((to, &id), index, from, range))) {
                Ok(part) => parts.push(part),
                Err(refusal) => {
                    copied = Err(refusal);
                    break;
                }
            }
            progress(range.map_or(from.size, |(_, last)| last + 1));
        }
        let done = copied.and_then(|()| wait(ask(pace, Effect::Write, || s3.complete(to, &id, &parts))));
        if done.is_err() {
            wait(s3.abort(to, &id));
        }
        done
    }
}

/// Whether two tags are the same; some answers leave the quotes out.
fn same(one: &str, other: &str) -> bool {
    one.trim_matches('"') == other.trim_matches('"')
}
