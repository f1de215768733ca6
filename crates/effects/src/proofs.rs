//! What is known of objects that were read before: a cache that can be thrown away.
//!
//! A server gives another content another tag, so an object whose size and tag are those that it had
//! when it was read in full still has the digest that was computed then. An object without a tag, in a
//! folder, proves nothing and is read again.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trackside_domain::digest::Sha256;
use trackside_domain::store::{ObjectKey, StoreUrl};

use crate::Trouble;
use crate::store::Entry;

/// The proofs of one store, in a file of the cache folder.
#[derive(Debug)]
pub struct Proofs {
    path: PathBuf,
    known: BTreeMap<ObjectKey, Proof>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Proof {
    size: u64,
    etag: String,
    sha256: Sha256,
}

impl Proofs {
    /// The proofs of a store. A file that cannot be read proves nothing, and is written anew.
    pub fn of(cache: &Path, store: &StoreUrl) -> Self {
        let name = Sha256::of(store.as_str().as_bytes()).to_string();
        let path = cache.join("proofs").join(format!("{name}.json"));
        let known = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, known: known.unwrap_or_default() }
    }

    /// The digest of an object of a listing, if it is proved.
    pub fn digest(&self, entry: &Entry) -> Option<Sha256> {
        let proof = self.known.get(&entry.key)?;
        let same = proof.size == entry.size && entry.etag.as_deref() == Some(proof.etag.as_str());
        same.then_some(proof.sha256)
    }

    /// Remembers what was read of an object that had this entry before and after.
    pub fn learn(&mut self, entry: &Entry, sha256: Sha256) {
        if let Some(etag) = &entry.etag {
            self.known.insert(entry.key.clone(), Proof { size: entry.size, etag: etag.clone(), sha256 });
        }
    }

    /// Writes the proofs.
    ///
    /// # Errors
    /// When the cache folder cannot be written.
    pub fn keep(&self) -> Result<(), Trouble> {
        let failed = |error: std::io::Error| Trouble::Failed(format!("{}: {error}", self.path.display()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let bytes = serde_json::to_vec(&self.known).map_err(|error| Trouble::Failed(error.to_string()))?;
        file.write_all(&bytes).map_err(failed)?;
        file.persist(&self.path).map(drop).map_err(|error| failed(error.error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_size_and_tag_prove_an_object() {
        let cache = tempfile::tempdir().unwrap();
        let store: StoreUrl = "s3://bucket".parse().unwrap();
        let entry = |size, etag: Option<&str>| Entry {
            key: "whl/a.whl".parse().unwrap(),
            size,
            etag: etag.map(str::to_owned),
            modified: 0,
        };
        let mut proofs = Proofs::of(cache.path(), &store);
        assert_eq!(proofs.digest(&entry(3, Some("x"))), None);
        proofs.learn(&entry(3, Some("x")), Sha256::of(b"abc"));
        proofs.keep().unwrap();
        let proofs = Proofs::of(cache.path(), &store);
        assert_eq!(proofs.digest(&entry(3, Some("x"))), Some(Sha256::of(b"abc")));
        for other in [entry(4, Some("x")), entry(3, Some("y")), entry(3, None)] {
            assert_eq!(proofs.digest(&other), None, "{other:?}");
        }
        assert_eq!(Proofs::of(cache.path(), &"s3://other".parse().unwrap()).digest(&entry(3, Some("x"))), None);
        std::fs::write(&proofs.path, "damaged").unwrap();
        assert_eq!(Proofs::of(cache.path(), &store).digest(&entry(3, Some("x"))), None);
    }
}
