//! A bucket of a server as a store: create-only and compare-and-swap by conditional requests, copies by the
//! server itself. Safe to ask again: after a lost answer the object is looked at and compared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{
    Attribute, GetOptions, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
};
use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::storage_key::Attributes;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};

use super::error::ServerFault;
use super::transfer::{CreateFailure, TransferError, transfer};
use super::{Access, Created, Head, Opener, Progress, StoreError, Target};
use answer::{Effect, Refusal, RefusalKind, ask};
use client::{Client, Service};
use read::RemoteReader;

pub(super) mod answer;
mod client;
mod connection;
mod copy;
mod headers;
mod learned;
mod list;
mod pace;
mod profile;
pub(super) mod read;
pub(super) mod runtime;
mod s3;
mod swap;
mod upload;

use runtime::wait;

/// Objects up to this length are sent in one request, in bytes.
const ONE_REQUEST: u64 = 16 << 20;

/// Where objects lie that are not yet what they will be, for servers that need it; no listing shows them.
const ASIDE: &str = ".trackside-aside";

/// A bucket, or a prefix in one.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    url: StoreUrl,
    prefix: Option<ObjectKey>,
    access: Access,
    client: Arc<Client>,
}

impl Remote {
    /// Connects to the bucket, which must exist: a missing one is not an empty one.
    pub(super) fn open(
        url: &StoreUrl,
        access: Access,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, StoreError> {
        let client = Arc::new(client::client(url, environment)?);
        let prefix = url.server().and_then(|server| server.prefix);
        let remote = Self { url: url.clone(), prefix, access, client };
        remote.look()?;
        Ok(remote)
    }

    /// The bucket as a stranger sees it. Nothing is asked yet: a stranger may read what he cannot list.
    pub(super) fn without_credentials(
        url: &StoreUrl,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, StoreError> {
        let unsigned = ["AWS", "AZURE", "GOOGLE"].map(|vendor| (format!("{vendor}_SKIP_SIGNATURE"), "true".to_owned()));
        let environment = environment.clone().into_iter().chain(unsigned).collect();
        let client = Arc::new(client::client(url, &environment)?);
        let prefix = url.server().and_then(|server| server.prefix);
        Ok(Self { url: url.clone(), prefix, access: Access::Read, client })
    }

    /// The same bucket, opened for something else.
    pub(super) fn with_access(&self, access: Access) -> Self {
        Self { access, ..self.clone() }
    }

    /// The only question whose answer tells a missing bucket from a missing object.
    fn look(&self) -> Result<(), StoreError> {
        let client = &self.client;
        let nowhere = Path::from("trackside-is-there-a-bucket");
        let first = || async { client.objects.list_with_delimiter(Some(&nowhere)).await };
        match wait(ask(&client.pace, Effect::Read, first)) {
            Ok(_) => Ok(()),
            Err(refusal) => {
                let kind = match refusal.kind {
                    RefusalKind::Fault(fault) => fault,
                    RefusalKind::NotFound | RefusalKind::Condition { .. } => ServerFault::NoStore,
                };
                Err(StoreError::Server {
                    action: "open",
                    what: self.url.to_string(),
                    fault: kind,
                    source: refusal.source,
                })
            }
        }
    }

    pub(super) fn head(&self, key: &ObjectKey) -> Result<Option<Head>, StoreError> {
        let meta = self.meta(key)?;
        Ok(meta.map(|meta| Head { size: meta.size, etag: meta.e_tag }))
    }

    fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        wait(self.look_at(&self.path(key)?)).map_err(|refusal| self.failed("look at", key, refusal))
    }

    /// What the server says about an object; `None` if it certainly does not exist.
    async fn look_at(&self, path: &Path) -> Result<Option<ObjectMeta>, Refusal> {
        match ask(&self.client.pace, Effect::Read, || self.client.objects.head(path)).await {
            Ok(meta) => Ok(Some(meta)),
            Err(Refusal { kind: RefusalKind::NotFound, .. }) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    pub(super) fn open_read(&self, key: &ObjectKey) -> Result<RemoteReader, StoreError> {
        let path = self.path(key)?;
        let client = Arc::clone(&self.client);
        match wait(ask(&client.pace, Effect::Read, || client.objects.get_opts(&path, GetOptions::default()))) {
            Ok(result) => {
                self.note_headers(key, &result.attributes);
                Ok(RemoteReader::new(Arc::clone(&self.client), path, result))
            }
            Err(Refusal { kind: RefusalKind::NotFound, .. }) => Err(StoreError::NotFound(self.locate(key))),
            Err(refusal) => Err(self.failed("read", key, refusal)),
        }
    }

    /// A URL that reads the object without credentials, for as long as `valid`.
    pub(super) fn signed_url(&self, key: &ObjectKey, valid: Duration) -> Result<String, StoreError> {
        let path = self.path(key)?;
        let signed = wait(self.client.objects.signed_url(http::Method::GET, &path, valid));
        let refused = |error| self.failed("sign a URL of", key, answer::refusal(&error, Effect::Read));
        signed.map(String::from).map_err(refused)
    }

    /// Creates an object with the bytes of `source`, which must be `wanted`.
    pub(super) fn create(
        &self,
        target: Target<'_>,
        wanted: Fingerprint,
        source: Opener<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, CreateFailure> {
        self.for_writing()?;
        if wanted.size > ONE_REQUEST {
            return self.upload(target, wanted, source, progress);
        }
        let mut bytes = Vec::new();
        let found = match transfer(source()?, &mut bytes, wanted.size, progress) {
            Ok(found) => found,
            Err(TransferError::Read(error)) => return Err(CreateFailure::Broken(error)),
            Err(TransferError::Write(error)) => return Err(CreateFailure::Broken(error)),
        };
        if found != wanted {
            return Err(CreateFailure::WrongBytes { found, wanted });
        }
        Ok(self.put_new(target, bytes, wanted)?)
    }

    /// Puts an object where none may be.
    fn put_new(&self, target: Target<'_>, bytes: Vec<u8>, wanted: Fingerprint) -> Result<Created, StoreError> {
        match self.put(target, PutMode::Create, bytes)? {
            Put::Done { .. } => Ok(Created::New),
            Put::Refused { doubtful } => self.settle(target.key, wanted, doubtful),
        }
    }

    /// Deletes the object whose digest is `expected`; `between` is done after the look at it.
    pub(super) fn remove_if(
        &self,
        key: &ObjectKey,
        expected: Sha256,
        between: &mut dyn FnMut(),
    ) -> Result<(), StoreError> {
        self.for_writing()?;
        let (found, etag) = self.digest_and_etag(key)?;
        let Some(etag) = etag.filter(|_| found == Some(expected)) else {
            return Err(self.changed(key, Some(expected), found));
        };
        between();
        let path = self.path(key)?;
        let client = &self.client;
        let removed = wait(ask(&client.pace, Effect::Write, || async {
            match &client.service {
                Service::S3(s3) => s3.delete(&path, Some(&etag)).await,
                Service::Other => client.objects.delete(&path).await,
            }
        }));
        match removed {
            Ok(()) | Err(Refusal { kind: RefusalKind::NotFound, .. }) => Ok(()),
            Err(Refusal { kind: RefusalKind::Condition { doubtful }, .. }) => {
                let (found, _) = self.digest_and_etag(key)?;
                if doubtful && found.is_none() { Ok(()) } else { Err(self.changed(key, Some(expected), found)) }
            }
            Err(refusal) => Err(self.failed("remove", key, refusal)),
        }
    }

    fn put(&self, target: Target<'_>, mode: PutMode, bytes: Vec<u8>) -> Result<Put, StoreError> {
        let path = self.path(target.key)?;
        let payload = PutPayload::from(bytes);
        let options = PutOptions { mode, attributes: attributes(target.attributes), ..PutOptions::default() };
        let client = &self.client;
        match wait(ask(&client.pace, Effect::Write, || {
            client.objects.put_opts(&path, payload.clone(), options.clone())
        })) {
            Ok(done) => Ok(Put::Done { etag: done.e_tag }),
            Err(Refusal { kind: RefusalKind::Condition { doubtful }, .. }) => Ok(Put::Refused { doubtful }),
            Err(refusal) => Err(self.failed("write", target.key, refusal)),
        }
    }

    /// Whether an object that exists is the wanted one.
    fn settle(&self, key: &ObjectKey, wanted: Fingerprint, ours: bool) -> Result<Created, StoreError> {
        let found = self.fingerprint(key, &mut |_| {})?.ok_or_else(|| StoreError::NotFound(self.locate(key)))?;
        match (found == wanted, ours) {
            (true, true) => Ok(Created::New),
            (true, false) => Ok(Created::SameBytes),
            (false, _) => {
                Err(StoreError::Conflict { at: self.locate(key), found: Box::new(found), wanted: Box::new(wanted) })
            }
        }
    }

    /// Reads the whole object; `None` if it certainly does not exist.
    pub(super) fn fingerprint(
        &self,
        key: &ObjectKey,
        progress: Progress<'_>,
    ) -> Result<Option<Fingerprint>, StoreError> {
        Ok(self.read_whole(key, progress)?.map(|(found, _)| found))
    }

    /// What an object is and the tag of exactly what was read.
    fn digest_and_etag(&self, key: &ObjectKey) -> Result<(Option<Sha256>, Option<String>), StoreError> {
        let found = self.read_whole(key, &mut |_| {})?;
        Ok(found.map_or((None, None), |(found, etag)| (Some(found.sha256), etag)))
    }

    fn read_whole(
        &self,
        key: &ObjectKey,
        progress: Progress<'_>,
    ) -> Result<Option<(Fingerprint, Option<String>)>, StoreError> {
        let reader = match self.open_read(key) {
            Ok(reader) => reader,
            Err(StoreError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let etag = reader.etag().map(str::to_owned);
        let found = super::transfer::fingerprint(reader, progress).map_err(|source| self.unreadable(key, source))?;
        self.client.learned.note_version(&self.path(key)?, found.sha256, etag.as_deref());
        Ok(Some((found, etag)))
    }

    /// An error in the middle of reading an object.
    pub(super) fn unreadable(&self, key: &ObjectKey, source: std::io::Error) -> StoreError {
        let fault = source
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<read::Broken>())
            .map_or(ServerFault::Transient, |broken| broken.fault);
        StoreError::Server { action: "read", what: self.shown(key), fault, source: source.into() }
    }

    fn changed(&self, key: &ObjectKey, expected: Option<Sha256>, found: Option<Sha256>) -> StoreError {
        StoreError::Changed { at: self.locate(key), expected: expected.map(Box::new), found: found.map(Box::new) }
    }

    fn failed(&self, action: &'static str, key: &ObjectKey, refusal: Refusal) -> StoreError {
        StoreError::Server { action, what: self.shown(key), fault: fault(refusal.kind), source: refusal.source }
    }

    fn shown(&self, key: &ObjectKey) -> String {
        format!("`{key}` in {}", self.url)
    }

    fn for_writing(&self) -> Result<(), StoreError> {
        match self.access {
            Access::Read => Err(StoreError::OpenedForReading(self.url.clone())),
            Access::Write | Access::WritePrivate => Ok(()),
        }
    }

    fn locate(&self, key: &ObjectKey) -> Box<Location> {
        Box::new(Location { store: self.url.clone(), key: key.clone() })
    }

    fn path(&self, key: &ObjectKey) -> Result<Path, StoreError> {
        match &self.prefix {
            Some(prefix) => parsed(&format!("{prefix}/{key}")),
            None => parsed(key.as_str()),
        }
    }

    fn key(&self, path: &str) -> Option<ObjectKey> {
        self.below(path)?.parse().ok()
    }

    /// A path without the prefix of this store.
    fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        match &self.prefix {
            Some(prefix) => path.strip_prefix(prefix.as_str())?.strip_prefix('/'),
            None => Some(path),
        }
    }
}

/// How a conditional write ended.
enum Put {
    /// It was done; the tag of what was written, if the server says it.
    Done { etag: Option<String> },
    /// The condition does not hold; `doubtful` if our own earlier try may be the reason.
    Refused { doubtful: bool },
}

/// The key as the library takes it: as it is, since keys are checked already.
fn parsed(key: &str) -> Result<Path, StoreError> {
    Path::parse(key).map_err(|source| StoreError::Server {
        action: "name",
        what: key.to_owned(),
        fault: ServerFault::Refused,
        source: source.into(),
    })
}

fn attributes(attributes: Attributes) -> object_store::Attributes {
    object_store::Attributes::from_iter([
        (Attribute::ContentType, attributes.content_type),
        (Attribute::CacheControl, attributes.cache_control),
    ])
}

/// A refusal that no special case has taken.
fn fault(kind: RefusalKind) -> ServerFault {
    match kind {
        RefusalKind::Fault(fault) => fault,
        RefusalKind::NotFound | RefusalKind::Condition { .. } => ServerFault::Refused,
    }
}
