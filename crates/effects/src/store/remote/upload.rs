//! Objects that are too long for one request: sent in parts, of which a few are under way at the same time
//! and nothing is visible until all are there and are what they should be.

use std::hash::{BuildHasher as _, RandomState};
use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{CopyMode, CopyOptions, MultipartId, ObjectStore as _, ObjectStoreExt as _, PutMultipartOptions};
use sha2::Digest as _;
use tokio::task::JoinSet;
use trackside_domain::digest::Sha256;
use trackside_domain::store::Fingerprint;

use super::answer::{Effect, Refusal, RefusalKind, ask};
use super::client::{Client, Service};
use super::runtime::wait;
use super::s3::{Part, S3};
use super::{Remote, attributes, parsed};
use crate::store::error::ServerFault;
use crate::store::transfer::CreateFailure;
use crate::store::{Created, Opener, Progress, StoreError, Target};

/// The length of a part in bytes: S3 takes from 5 MiB to 5 GiB, and 10,000 of them, so this is enough for
/// an object of 160 GiB.
const PART: usize = 16 << 20;
/// The parts of one object that are held in memory at the same time.
const PARTS_AT_ONCE: usize = 4;

/// What went wrong with the parts.
enum Broken {
    Source(std::io::Error),
    WrongBytes(Fingerprint),
    Refused(Refusal),
}

impl Remote {
    /// Creates an object in parts.
    pub(super) fn upload(
        &self,
        target: Target<'_>,
        wanted: Fingerprint,
        source: Opener<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, CreateFailure> {
        // Looked at first, so that a second run does not send it all again.
        if self.head(target.key)?.is_some() {
            return Ok(self.settle(target.key, wanted, false)?);
        }
        let path = self.path(target.key)?;
        let source = source()?;
        let done = match &self.client.service {
            Service::S3(s3) => self.upload_s3(s3, &path, target, (wanted, source), progress),
            Service::Other => self.upload_aside(&path, target, (wanted, source), progress),
        };
        match done {
            Ok(()) => Ok(Created::New),
            Err(Broken::Source(error)) => Err(CreateFailure::Broken(error)),
            Err(Broken::WrongBytes(found)) => Err(CreateFailure::WrongBytes { found, wanted }),
            Err(Broken::Refused(refusal)) => Ok(self.after_refusal(target, wanted, refusal, "write")?),
        }
    }

    /// What a refused completion means: the key is taken, perhaps by our own lost try.
    pub(super) fn after_refusal(
        &self,
        target: Target<'_>,
        wanted: Fingerprint,
        refusal: Refusal,
        action: &'static str,
    ) -> Result<Created, StoreError> {
        match refusal.kind {
            RefusalKind::Condition { doubtful } => match self.settle(target.key, wanted, doubtful) {
                // The condition was about the origin, or what was there is gone: doing it all again may help.
                Err(StoreError::NotFound(_)) => {
                    let kind = RefusalKind::Fault(ServerFault::Transient);
                    Err(self.failed(action, target.key, Refusal { kind, ..refusal }))
                }
                settled => settled,
            },
            // The upload is gone: our own lost try has completed it, or somebody has aborted it.
            RefusalKind::NotFound if self.head(target.key)?.is_some() => self.settle(target.key, wanted, true),
            // So says s3s-fs of an upload that is complete already.
            RefusalKind::Fault(ServerFault::Denied) if self.head(target.key)?.is_some() => {
                self.settle(target.key, wanted, true)
            }
            // Nothing is there, and doing it all again may help.
            RefusalKind::NotFound => {
                let kind = RefusalKind::Fault(ServerFault::Transient);
                Err(self.failed(action, target.key, Refusal { kind, ..refusal }))
            }
            RefusalKind::Fault(_) => Err(self.failed(action, target.key, refusal)),
        }
    }

    fn upload_s3(
        &self,
        s3: &S3,
        path: &Path,
        target: Target<'_>,
        source: (Fingerprint, Box<dyn Read + '_>),
        progress: Progress<'_>,
    ) -> Result<(), Broken> {
        let pace = &self.client.pace;
        let headers = attributes(target.attributes);
        // Done twice it leaves an empty upload behind, which nobody sees.
        let id = wait(ask(pace, Effect::Read, || s3.begin(path, headers.clone()))).map_err(Broken::Refused)?;
        let completed = self.send_parts(path, &id, source, progress).and_then(|parts| {
            wait(ask(pace, Effect::Write, || s3.complete(path, &id, &parts))).map_err(Broken::Refused)
        });
        if completed.is_err() {
            wait(s3.abort(path, &id));
        }
        completed
    }

    /// Sends all parts; the last one only after the whole is known to be what it should be.
    fn send_parts(
        &self,
        path: &Path,
        id: &MultipartId,
        (wanted, mut source): (Fingerprint, Box<dyn Read + '_>),
        progress: Progress<'_>,
    ) -> Result<Vec<Part>, Broken> {
        let mut hasher = sha2::Sha256::new();
        let mut size = 0;
        let mut sending: JoinSet<Result<(usize, Part), Refusal>> = JoinSet::new();
        let mut parts: Vec<Option<Part>> = Vec::new();
        let take = |parts: &mut Vec<Option<Part>>, sent: Result<(usize, Part), Refusal>| {
            let (index, part) = sent.map_err(Broken::Refused)?;
            parts[index] = Some(part);
            Ok::<_, Broken>(())
        };
        loop {
            let mut bytes = Vec::with_capacity(PART);
            let limit = (PART as u64).min(wanted.size.saturating_add(1) - size);
            (&mut source).take(limit).read_to_end(&mut bytes).map_err(Broken::Source)?;
            hasher.update(&bytes);
            size += bytes.len() as u64;
            let last = bytes.len() < PART;
            if last || size > wanted.size {
                let found = Fingerprint { size, sha256: Sha256::from_bytes(hasher.clone().finalize().into()) };
                if found != wanted {
                    return Err(Broken::WrongBytes(found));
                }
            }
            if !bytes.is_empty() {
                while sending.len() >= PARTS_AT_ONCE {
                    if let Some(sent) = wait(sending.join_next()) {
                        take(&mut parts, joined(sent))?;
                    }
                }
                let index = parts.len();
                parts.push(None);
                let job = send_part(Arc::clone(&self.client), path.clone(), id.clone(), index, bytes.into());
                wait(async { sending.spawn(job) });
            }
            progress(size);
            if last {
                break;
            }
        }
        while let Some(sent) = wait(sending.join_next()) {
            take(&mut parts, joined(sent))?;
        }
        Ok(parts.into_iter().flatten().collect())
    }

    /// For servers whose uploads cannot be completed with a condition, but whose copies can: the object is
    /// sent under another name, copied, and the other name removed.
    fn upload_aside(
        &self,
        path: &Path,
        target: Target<'_>,
        (wanted, mut source): (Fingerprint, Box<dyn Read + '_>),
        progress: Progress<'_>,
    ) -> Result<(), Broken> {
        let objects = &self.client.objects;
        let refused = |error: object_store::Error| Broken::Refused(super::answer::refusal(&error, Effect::Read));
        let aside = parsed(&format!("{}/{:016x}", super::ASIDE, RandomState::new().hash_one(path.as_ref())));
        let aside = aside.map_err(|error| Broken::Source(std::io::Error::other(error)))?;
        let options = PutMultipartOptions { attributes: attributes(target.attributes), ..Default::default() };
        let mut upload = wait(objects.put_multipart_opts(&aside, options)).map_err(refused)?;
        let mut hasher = sha2::Sha256::new();
        let mut size = 0;
        let sent = loop {
            let mut bytes = Vec::with_capacity(PART);
            let limit = (PART as u64).min(wanted.size.saturating_add(1) - size);
            if let Err(error) = (&mut source).take(limit).read_to_end(&mut bytes) {
                break Err(Broken::Source(error));
            }
            if bytes.is_empty() {
                break Ok(());
            }
            hasher.update(&bytes);
            size += bytes.len() as u64;
            if let Err(error) = wait(upload.put_part(bytes.into())) {
                break Err(refused(error));
            }
            progress(size);
        };
        let found = Fingerprint { size, sha256: Sha256::from_bytes(hasher.finalize().into()) };
        let sent = sent.and_then(|()| if found == wanted { Ok(()) } else { Err(Broken::WrongBytes(found)) });
        if let Err(broken) = sent {
            drop(wait(upload.abort()));
            return Err(broken);
        }
        wait(upload.complete()).map_err(refused)?;
        let options = CopyOptions::new().with_mode(CopyMode::Create);
        let copied = wait(ask(&self.client.pace, Effect::Write, || objects.copy_opts(&aside, path, options.clone())));
        drop(wait(objects.delete(&aside)));
        copied.map_err(Broken::Refused)
    }
}

async fn send_part(
    client: Arc<Client>,
    path: Path,
    id: MultipartId,
    index: usize,
    bytes: Bytes,
) -> Result<(usize, Part), Refusal> {
    let Service::S3(s3) = &client.service else { unreachable!("only S3 has such parts") };
    // Sent twice, a part replaces itself.
    let part = ask(&client.pace, Effect::Read, || s3.part((&path, &id), index, bytes.clone())).await?;
    Ok((index, part))
}

fn joined<T>(sent: Result<Result<T, Refusal>, tokio::task::JoinError>) -> Result<T, Refusal> {
    sent.unwrap_or_else(|error| {
        let kind = RefusalKind::Fault(ServerFault::Transient);
        Err(Refusal { kind, source: error.into() })
    })
}
