//! A label of anaconda.org as a store: files are created, copied between owners by the server, and put under
//! labels; nothing is ever replaced or removed. A key is `package/version/subdir/file`, and names a file of the
//! owner whatever its labels are. Decision 008 has the requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use trackside_domain::action::Location;
use trackside_domain::storage_key::percent_encoded;
use trackside_domain::store::{AnacondaUrl, Fingerprint, ObjectKey, StoreUrl};
use trackside_domain::world::Hosted;

use super::error::ServerFault;
use super::remote::runtime::wait;
use super::transfer::fingerprint;
use super::{Access, Created, Entry, Progress, StoreError, Target};
use client::{Answer, Client, Refusal};
use read::AnacondaReader;
use wire::{Dist, Package, PackageName};

mod client;
mod form;
pub(super) mod read;
mod upload;
mod wire;

/// A label of an owner.
#[derive(Debug, Clone)]
pub(super) struct Anaconda {
    url: StoreUrl,
    parts: AnacondaUrl,
    access: Access,
    client: Arc<Client>,
}

impl Anaconda {
    /// Makes sure that there is such an owner; a label need not exist.
    pub(super) fn open(url: &StoreUrl, environment: &BTreeMap<String, String>) -> Result<Self, StoreError> {
        let parts = url.anaconda().ok_or_else(|| StoreError::NotSupported(url.clone()))?;
        let settings = |source| StoreError::Settings { store: url.clone(), source };
        let client = Client::new(&parts.endpoint, environment).map_err(settings)?;
        let label = Self { url: url.clone(), parts, access: Access::Read, client: Arc::new(client) };
        let path = format!("user/{}", label.parts.owner);
        let answer = wait(label.client.get(&path)).map_err(|refusal| label.unopened(refusal))?;
        match answer.status.as_u16() {
            200 => Ok(label),
            404 => Err(label.unopened(answer.refusal(ServerFault::NoStore))),
            _ => Err(label.unopened(answer.sorted())),
        }
    }

    /// The same label, opened for something else.
    pub(super) fn with_access(self, access: Access) -> Result<Self, StoreError> {
        if access != Access::Read && !self.client.has_token() {
            let source = "ANACONDA_API_TOKEN is not set".into();
            return Err(StoreError::Settings { store: self.url, source });
        }
        Ok(Self { access, ..self })
    }

    /// What the server says about a file, if the owner has it.
    pub(super) fn hosted(&self, key: &ObjectKey) -> Result<Option<Hosted>, StoreError> {
        let path = format!("dist/{}", self.path(key)?);
        let answer = wait(self.client.get(&path)).map_err(|refusal| self.failed("look at", key, refusal))?;
        let dist: Dist = match answer.status.as_u16() {
            200 => answer.json().map_err(|refusal| self.failed("look at", key, refusal))?,
            404 => return Ok(None),
            _ => return Err(self.failed("look at", key, answer.sorted())),
        };
        self.described(key, dist)
    }

    /// What the server says about every file of a package.
    pub(super) fn hosted_of(&self, package: &str) -> Result<BTreeMap<ObjectKey, Hosted>, StoreError> {
        let mut hosted = BTreeMap::new();
        for (key, dist) in self.files(package)? {
            if let Some(found) = self.described(&key, dist)? {
                hosted.insert(key, found);
            }
        }
        Ok(hosted)
    }

    fn described(&self, key: &ObjectKey, dist: Dist) -> Result<Option<Hosted>, StoreError> {
        // What was staged and never committed has no size.
        let Some(size) = dist.size else { return Ok(None) };
        let sha256 = match dist.sha256.and_then(|text| text.parse().ok()) {
            Some(sha256) => sha256,
            // Files of old have only an MD5 digest.
            None => self.read_all(key)?.sha256,
        };
        Ok(Some(Hosted { size, sha256, labels: dist.labels.into_iter().collect() }))
    }

    /// The files of a package; what no key of ours can name was put there by somebody else.
    fn files(&self, package: &str) -> Result<Vec<(ObjectKey, Dist)>, StoreError> {
        let path = format!("package/{}/{}", self.parts.owner, percent_encoded(package));
        let files = self.listing::<Package>(&path)?.map(|package| package.files).unwrap_or_default();
        let keyed = |dist: Dist| {
            let (version, basename) = (dist.version.as_ref()?, dist.basename.as_ref()?);
            Some((format!("{package}/{version}/{basename}").parse::<ObjectKey>().ok()?, dist))
        };
        Ok(files.into_iter().filter_map(keyed).filter(|(key, _)| key.parts().count() == 4).collect())
    }

    pub(super) fn add_label(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.for_writing()?;
        let [name, version, subdir, file] = self.four(key)?;
        let path = format!("channels/{}/{}", self.parts.owner, self.parts.label);
        let body = json!({ "package": name, "version": version, "basename": format!("{subdir}/{file}") });
        let answer = wait(self.client.post(&path, &body)).map_err(|refusal| self.failed("label", key, refusal))?;
        if answer.status.is_success() { Ok(()) } else { Err(self.failed("label", key, answer.sorted())) }
    }

    /// Whether the server copies by itself from another owner of it.
    pub(super) fn copies_itself(&self, from: &Self) -> bool {
        self.parts.endpoint == from.parts.endpoint && self.parts.owner != from.parts.owner
    }

    /// Lets the server copy a file from another owner.
    pub(super) fn copy_create(
        &self,
        (from, from_key): (&Self, &ObjectKey),
        wanted: Fingerprint,
        target: Target<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, StoreError> {
        self.for_writing()?;
        let key = target.key;
        if from_key != key {
            // The server gives a copy no other name.
            return Err(StoreError::NotSupported(self.url.clone()));
        }
        if self.hosted(key)?.is_some() {
            return self.settle(key, wanted, false);
        }
        let origin = from.hosted(key)?.ok_or_else(|| StoreError::NotFound(from.locate(key)))?;
        let found = Fingerprint { size: origin.size, sha256: origin.sha256 };
        if found != wanted {
            return Err(StoreError::Corrupt { at: from.locate(key), found: Box::new(found), wanted: Box::new(wanted) });
        }
        progress(0);
        progress(wanted.size);
        // The server looks for the file under this label only.
        let own = origin.labels.get(&from.parts.label).or_else(|| origin.labels.first());
        let body = json!({
            "to_owner": self.parts.owner,
            "from_channel": own.unwrap_or(&from.parts.label),
            "to_channel": self.parts.label,
        });
        let answer = wait(self.client.post(&format!("copy/package/{}", from.path(key)?), &body));
        self.done("copy", key, wanted, answer)
    }

    /// How a request that creates a file has ended: whatever was answered, the file is looked at.
    fn done(
        &self,
        action: &'static str,
        key: &ObjectKey,
        wanted: Fingerprint,
        answer: Result<Answer, Refusal>,
    ) -> Result<Created, StoreError> {
        let (ours, refusal) = match answer {
            Ok(answer) if answer.status.is_success() && !answer.doubtful => {
                let found = self.hosted(key)?.map(|found| Fingerprint { size: found.size, sha256: found.sha256 });
                if found == Some(wanted) {
                    return Ok(Created::New);
                }
                (true, answer.refusal(ServerFault::Refused))
            }
            Ok(answer) => (answer.status.is_success() || answer.doubtful, answer.sorted()),
            Err(refusal) => (refusal.fault == ServerFault::Unknown, refusal),
        };
        match self.hosted(key)? {
            Some(_) => self.settle(key, wanted, ours),
            None => Err(self.failed(action, key, refusal)),
        }
    }

    /// Whether a file that exists is the wanted one.
    fn settle(&self, key: &ObjectKey, wanted: Fingerprint, ours: bool) -> Result<Created, StoreError> {
        let found = self.read_all(key)?;
        match (found == wanted, ours) {
            (true, true) => Ok(Created::New),
            (true, false) => Ok(Created::SameBytes),
            (false, _) => {
                Err(StoreError::Conflict { at: self.locate(key), found: Box::new(found), wanted: Box::new(wanted) })
            }
        }
    }

    fn read_all(&self, key: &ObjectKey) -> Result<Fingerprint, StoreError> {
        fingerprint(self.open_read(key)?, &mut |_| {}).map_err(|source| self.unreadable(key, source))
    }

    pub(super) fn open_read(&self, key: &ObjectKey) -> Result<AnacondaReader, StoreError> {
        let path = format!("download/{}", self.path(key)?);
        match AnacondaReader::open(Arc::clone(&self.client), path) {
            Ok(Some(reader)) => Ok(reader),
            Ok(None) => Err(StoreError::NotFound(self.locate(key))),
            Err(refusal) => Err(self.failed("read", key, refusal)),
        }
    }

    pub(super) fn list(&self, folder: Option<&ObjectKey>) -> Result<Vec<Entry>, StoreError> {
        let names = match folder.and_then(|folder| folder.parts().next()) {
            Some(name) => vec![name.to_owned()],
            None => {
                let packages: Vec<PackageName> =
                    self.listing(&format!("packages/{}", self.parts.owner))?.unwrap_or_default();
                packages.into_iter().map(|package| package.name).collect()
            }
        };
        let mut entries = Vec::new();
        for name in names {
            for (key, dist) in self.files(&name)? {
                let Some(size) = dist.size else { continue };
                if folder.is_none_or(|folder| key.below(folder).is_some()) {
                    // Nobody asks how old a file of anaconda.org is: none is ever removed.
                    entries.push(Entry { key, size, etag: dist.sha256, modified: 0 });
                }
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn listing<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<Option<T>, StoreError> {
        let failed = |refusal: Refusal| refusal.on("list", self.url.to_string());
        let answer = wait(self.client.get(path)).map_err(failed)?;
        match answer.status.as_u16() {
            200 => answer.json().map(Some).map_err(failed),
            404 => Ok(None),
            _ => Err(failed(answer.sorted())),
        }
    }

    /// The path of a file, as it stands in URLs.
    fn path(&self, key: &ObjectKey) -> Result<String, StoreError> {
        self.four(key)?;
        Ok(format!("{}/{}", self.parts.owner, percent_encoded(key.as_str())))
    }

    /// Name, version, subdir and file.
    fn four<'a>(&self, key: &'a ObjectKey) -> Result<[&'a str; 4], StoreError> {
        let parts: Vec<&str> = key.parts().collect();
        parts.try_into().map_err(|_| StoreError::NotSupported(self.url.clone()))
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

    fn unopened(&self, refusal: Refusal) -> StoreError {
        refusal.on("open", self.url.to_string())
    }

    fn failed(&self, action: &'static str, key: &ObjectKey, refusal: Refusal) -> StoreError {
        refusal.on(action, format!("`{key}` in {}", self.url))
    }

    /// An error in the middle of reading a file.
    pub(super) fn unreadable(&self, key: &ObjectKey, source: std::io::Error) -> StoreError {
        let (action, what) = ("read", format!("`{key}` in {}", self.url));
        StoreError::Server { action, what, fault: ServerFault::Transient, source: source.into() }
    }
}
