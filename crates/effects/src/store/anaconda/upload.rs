//! A new file of anaconda.org: announced, sent to the storage, committed. Only then is it there.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Value, json};
use trackside_artifact::{Contents, verify_open};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::conda::CondaRecord;
use trackside_domain::storage_key::percent_encoded;
use trackside_domain::store::{Fingerprint, ObjectKey};

use super::Anaconda;
use super::client::{Refusal, SILENCE};
use super::form::Form;
use super::wire::Staged;
use crate::store::error::ServerFault;
use crate::store::remote::answer::Effect;
use crate::store::remote::runtime::wait;
use crate::store::transfer::{CreateFailure, TransferError, transfer};
use crate::store::{Created, Opener, Progress, StoreError, Target};

/// The slowest that a file may be sent, in bytes per second.
const SLOWEST: u64 = 64 << 10;

/// What is known of a package before it is sent.
struct Upload<'a> {
    key: &'a ObjectKey,
    file: File,
    wanted: Fingerprint,
    record: CondaRecord,
}

impl Anaconda {
    /// Creates a file with the bytes of `source`, which must be `wanted`.
    pub(in crate::store) fn create(
        &self,
        target: Target<'_>,
        wanted: Fingerprint,
        source: Opener<'_>,
        progress: Progress<'_>,
    ) -> Result<Created, CreateFailure> {
        self.for_writing()?;
        let key = target.key;
        if self.hosted(key)?.is_some() {
            return Ok(self.settle(key, wanted, false)?);
        }
        let file = self.spool(wanted, source, progress)?;
        let record = self.record(key, &file)?;
        Ok(self.send(&Upload { key, file, wanted, record })?)
    }

    /// Keeps the bytes in a file without a name: they are read twice, and may have to be sent twice.
    fn spool(&self, wanted: Fingerprint, source: Opener<'_>, progress: Progress<'_>) -> Result<File, CreateFailure> {
        let here = |source| StoreError::io("write", std::env::temp_dir(), source);
        let mut file = tempfile::tempfile().map_err(here)?;
        match transfer(source()?, &mut file, wanted.size, progress) {
            Ok(found) if found == wanted => Ok(file),
            Ok(found) => Err(CreateFailure::WrongBytes { found, wanted }),
            Err(TransferError::Read(error)) => Err(CreateFailure::Broken(error)),
            Err(TransferError::Write(error)) => Err(CreateFailure::Store(here(error))),
        }
    }

    /// What the package says about itself: the server believes what it is told of a package.
    fn record(&self, key: &ObjectKey, file: &File) -> Result<CondaRecord, StoreError> {
        let refused =
            |why: String| self.failed("write", key, Refusal { fault: ServerFault::Refused, source: why.into() });
        let again = file.try_clone().map_err(|source| StoreError::io("read", std::env::temp_dir(), source))?;
        let report = verify_open(again, Path::new(key.file_name()), ArtifactKind::Conda);
        match report.map_err(|error| refused(error.to_string()))?.contents {
            Some(Contents::Conda(package)) => Ok(package.record),
            _ => Err(refused("it is no conda package".to_owned())),
        }
    }

    fn send(&self, upload: &Upload<'_>) -> Result<Created, StoreError> {
        let failed = |refusal| self.failed("write", upload.key, refusal);
        let [name, version, ..] = self.four(upload.key)?;
        self.make_package(name, &upload.record).and_then(|()| self.make_release(name, version)).map_err(failed)?;
        let path = self.path(upload.key)?;
        let body = json!({
            "distribution_type": "conda",
            "description": null,
            "attrs": attributes(&upload.record),
            "channels": [self.parts.label],
            "sha256": upload.wanted.sha256.to_string(),
        });
        let answer = wait(self.client.post(&format!("stage/{path}"), &body)).map_err(failed)?;
        let staged: Staged = match answer.status.as_u16() {
            200 | 201 => answer.json().map_err(failed)?,
            409 => return self.taken(upload),
            _ => return Err(failed(answer.sorted())),
        };
        wait(self.fill(upload, &staged)).map_err(failed)?;
        let answer = wait(self.client.post(&format!("commit/{path}"), &json!({ "dist_id": staged.dist_id })));
        self.done("write", upload.key, upload.wanted, answer)
    }

    /// The server says that there is such a file: of another, or one that was begun and never finished.
    fn taken(&self, upload: &Upload<'_>) -> Result<Created, StoreError> {
        if self.hosted(upload.key)?.is_some() {
            return self.settle(upload.key, upload.wanted, false);
        }
        let source = "an upload of it was begun and never finished, and the server takes no other: \
                      remove what is left of it on the page of its owner";
        Err(self.failed("write", upload.key, Refusal { fault: ServerFault::Refused, source: source.into() }))
    }

    fn make_package(&self, name: &str, record: &CondaRecord) -> Result<(), Refusal> {
        let path = format!("package/{}/{}", self.parts.owner, percent_encoded(name));
        let about = json!({
            "public": true,
            "publish": false,
            "public_attrs": {
                "name": name,
                "package_types": ["conda"],
                "summary": "",
                "license": { "name": record.about.license, "url": null, "family": record.about.license_family },
            },
        });
        self.make(&path, &about)
    }

    fn make_release(&self, name: &str, version: &str) -> Result<(), Refusal> {
        let path = percent_encoded(&format!("release/{}/{name}/{version}", self.parts.owner));
        self.make(&path, &json!({ "requirements": [], "announce": null, "description": null }))
    }

    /// Makes a package or release that is missing; one that is there is left as it is.
    fn make(&self, path: &str, about: &Value) -> Result<(), Refusal> {
        let is_there = || {
            let answer = wait(self.client.get(path))?;
            match answer.status.as_u16() {
                200 => Ok(true),
                404 => Ok(false),
                _ => Err(answer.sorted()),
            }
        };
        if is_there()? {
            return Ok(());
        }
        let refusal = match wait(self.client.post(path, about)) {
            Ok(answer) if answer.status.is_success() => return Ok(()),
            Ok(answer) => answer.sorted(),
            Err(refusal) => refusal,
        };
        // Another file of the package, or our own lost try, may have made it meanwhile.
        if is_there()? { Ok(()) } else { Err(refusal) }
    }

    /// Sends the bytes to where the server said, without the token. Sent twice they are there once.
    async fn fill(&self, upload: &Upload<'_>, staged: &Staged) -> Result<(), Refusal> {
        let refused = |why: &str| Refusal { fault: ServerFault::Refused, source: why.into() };
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let mut fields = Vec::new();
        for (name, value) in &staged.form_data {
            let value = text(value).ok_or_else(|| refused("the form of the server has a field that is no text"))?;
            fields.push((name.clone(), value));
        }
        fields.push(("Content-Length".to_owned(), upload.wanted.size.to_string()));
        fields.push(("Content-MD5".to_owned(), BASE64_STANDARD.encode(upload.record.md5.as_bytes())));
        let boundary = upload.wanted.sha256.to_string();
        let form = Form::new(boundary, &fields, (upload.key.file_name(), upload.wanted.size));
        // A body is made before it is sent: one that cannot be made ends the request by itself.
        let body = || form.body(&upload.file).map_or_else(|_| reqwest::Body::from(""), reqwest::Body::wrap_stream);
        let patience = SILENCE + Duration::from_secs(upload.wanted.size / SLOWEST);
        let request = || {
            let request = self.client.sender.post(&staged.post_url).timeout(patience);
            request.header(CONTENT_TYPE, form.content_type()).header(CONTENT_LENGTH, form.length()).body(body())
        };
        let answer = self.client.ask(Effect::Read, request).await?;
        match answer.status.as_u16() {
            201 => Ok(()),
            _ => Err(answer.refusal(ServerFault::Refused)),
        }
    }
}

/// What goes into the channel data of the server: `info/index.json`, as it was read.
fn attributes(record: &CondaRecord) -> Value {
    let CondaRecord { name, version, build, build_number, subdir, depends, constrains, about, .. } = record;
    let mut attributes = json!({
        "name": name,
        "version": version,
        "build": build,
        "build_number": build_number,
        "subdir": subdir,
        "depends": depends,
    });
    if !constrains.is_empty() {
        attributes["constrains"] = json!(constrains);
    }
    if let (Value::Object(attributes), Value::Object(about)) = (&mut attributes, json!(about)) {
        attributes.extend(about);
    }
    attributes
}
