//! Opening stores: folders anew each time, buckets once for all clones.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use trackside_domain::store::{ObjectKey, StoreKind, StoreUrl};

use super::anaconda::Anaconda;
use super::folder::Folder;
use super::remote::Remote;
use super::{Access, Adapter, ServerFault, Store, StoreError};

/// Opens stores. Clones share their connections.
#[derive(Debug, Clone, Default)]
pub struct Stores(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// What users set for their servers, such as `AWS_ACCESS_KEY_ID`.
    environment: BTreeMap<String, String>,
    /// The buckets that were opened; connections to them are kept.
    open: Mutex<BTreeMap<StoreUrl, Remote>>,
    /// The same with labels of anaconda.org.
    labels: Mutex<BTreeMap<StoreUrl, Anaconda>>,
}

impl Stores {
    /// Stores of servers are opened with the settings and credentials of this environment.
    pub fn new(environment: BTreeMap<String, String>) -> Self {
        Self(Arc::new(Shared { environment, open: Mutex::default(), labels: Mutex::default() }))
    }

    /// Opens the store at `url`, which must exist.
    pub fn open(&self, url: &StoreUrl, access: Access) -> Result<Store, StoreError> {
        let adapter = match url.kind() {
            StoreKind::Folder => Adapter::Folder(Folder::open(url, access)?),
            StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure => Adapter::Remote(self.remote(url, access)?),
            StoreKind::Anaconda => Adapter::Anaconda(self.label(url, access)?),
        };
        Ok(Store { url: url.clone(), adapter })
    }

    fn remote(&self, url: &StoreUrl, access: Access) -> Result<Remote, StoreError> {
        let seen = self.0.open.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        let remote = match seen {
            Some(remote) => remote,
            None => {
                let remote = Remote::open(url, access, &self.0.environment)?;
                let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
                open.entry(url.clone()).or_insert(remote).clone()
            }
        };
        Ok(remote.with_access(access))
    }

    fn label(&self, url: &StoreUrl, access: Access) -> Result<Anaconda, StoreError> {
        let seen = self.0.labels.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        let label = match seen {
            Some(label) => label,
            None => {
                let label = Anaconda::open(url, &self.0.environment)?;
                let mut labels = self.0.labels.lock().unwrap_or_else(PoisonError::into_inner);
                labels.entry(url.clone()).or_insert(label).clone()
            }
        };
        label.with_access(access)
    }

    /// Opens the store at `url` for reading; `None` if it certainly does not exist yet, because the first
    /// effect makes it. A store that cannot be looked at is an error and never an empty one.
    pub fn open_if_present(&self, url: &StoreUrl) -> Result<Option<Store>, StoreError> {
        match self.open(url, Access::Read) {
            Ok(store) => Ok(Some(store)),
            Err(StoreError::Unreachable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody without credentials can read an object. A folder is read by whom the system lets,
    /// anaconda.org by everybody.
    pub fn is_public(&self, url: &StoreUrl, key: &ObjectKey) -> Result<bool, StoreError> {
        match url.kind() {
            StoreKind::Folder => return Ok(false),
            StoreKind::Anaconda => return Ok(true),
            StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure => {}
        }
        // By reading: a policy may allow that and no look.
        match Remote::without_credentials(url, &self.0.environment)?.open_read(key) {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound(_)) => Ok(false),
            // Some servers answer "no such bucket" to whom they do not know.
            Err(StoreError::Server {
                fault: ServerFault::Denied | ServerFault::Refused | ServerFault::NoStore,
                ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes the folder of the store if it is missing, and opens the store. Buckets are not made.
    pub fn init(&self, url: &StoreUrl, access: Access) -> Result<Store, StoreError> {
        match url.kind() {
            StoreKind::Folder => Folder::make_root(url, access)?,
            StoreKind::S3 | StoreKind::Gcs | StoreKind::Azure | StoreKind::Anaconda => {}
        }
        self.open(url, access)
    }
}

impl std::fmt::Debug for Shared {
    /// Without the environment, which holds secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
