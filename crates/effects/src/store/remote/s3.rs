//! What the S3 protocol can do and the client library does not: uploads in parts that are completed only if the
//! key is free (`If-None-Match: *` on `CompleteMultipartUpload`), copies inside the server by one request or in
//! such parts, with the attributes restated, deletion of exactly one version of an object, and listings that
//! hide nothing.
//!
//! Which way of copying is taken when, and what it costs: docs/decisions/007.

mod answer;
mod list;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderName, Method};
use object_store::aws::{AmazonS3, AwsAuthorizer};
use object_store::client::{HttpClient, HttpConnector as _, HttpRequest, HttpRequestBody, HttpResponse};
use object_store::multipart::MultipartStore as _;
use object_store::path::Path;
use object_store::{Attributes, ClientOptions, MultipartId, PutMultipartOptions};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use trackside_domain::digest::Sha256;
use trackside_domain::storage_key::percent_encoded;

use self::answer::{Unexpected, body, generic, late, not_implemented, parsed, refused};
pub(super) use self::list::{Listed, Page};
use super::connection::Connector;

/// The longest piece that one request copies: S3 takes 5 GiB.
const COPY_PART: u64 = 4 << 30;
const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");
const CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("x-amz-checksum-algorithm");
const CHECKSUM_MODE: HeaderName = HeaderName::from_static("x-amz-checksum-mode");
const METADATA_DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-metadata-directive");
const R2_IF_NONE_MATCH: HeaderName = HeaderName::from_static("cf-copy-destination-if-none-match");
const COPY_SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
const COPY_SOURCE_IF_MATCH: HeaderName = HeaderName::from_static("x-amz-copy-source-if-match");
const COPY_SOURCE_RANGE: HeaderName = HeaderName::from_static("x-amz-copy-source-range");

/// One bucket of a server that speaks the S3 protocol.
#[derive(Debug)]
pub(super) struct S3 {
    store: Arc<AmazonS3>,
    http: HttpClient,
    endpoint: String,
    bucket: String,
    region: String,
    /// Whether requests carry no signature.
    unsigned: bool,
    /// Whether the server has refused to compute digests of copies.
    without_digests: AtomicBool,
}

/// An object that is to be copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct CopySource<'a> {
    pub(super) bucket: &'a str,
    pub(super) path: &'a Path,
    pub(super) etag: Option<&'a str>,
    pub(super) size: u64,
}

impl CopySource<'_> {
    fn headers(&self) -> Vec<(HeaderName, String)> {
        let source = percent_encoded(&format!("{}/{}", self.bucket, self.path));
        let etag = self.etag.map(|etag| (COPY_SOURCE_IF_MATCH, etag.to_owned()));
        [(COPY_SOURCE, source)].into_iter().chain(etag).collect()
    }
}

#[derive(Deserialize)]
struct CopyObjectResult {
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(rename = "ChecksumSHA256")]
    checksum: Option<String>,
}

/// What a server says of the copy that it made.
#[derive(Debug, Clone)]
pub(super) struct Copied {
    /// What it calls the content.
    pub(super) etag: String,
    /// The digest of the whole object, if it has computed one.
    pub(super) sha256: Option<Sha256>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CopyPartResult {
    #[serde(rename = "ETag")]
    e_tag: String,
    #[serde(rename = "ChecksumSHA256")]
    checksum: Option<String>,
}

#[derive(Serialize)]
#[serde(rename = "CompleteMultipartUpload")]
struct Complete {
    #[serde(rename = "Part")]
    parts: Vec<CompletePart>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CompletePart {
    part_number: usize,
    #[serde(rename = "ETag")]
    e_tag: String,
    #[serde(rename = "ChecksumSHA256", skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

/// A part that the server has.
#[derive(Debug, Clone)]
pub(super) struct Part {
    etag: String,
    checksum: Option<String>,
}

impl S3 {
    pub(super) fn new(
        store: Arc<AmazonS3>,
        endpoint: &str,
        bucket: &str,
        (region, unsigned): (String, bool),
        options: &ClientOptions,
    ) -> object_store::Result<Self> {
        let http = Connector.connect(options)?;
        let (endpoint, bucket) = (endpoint.trim_end_matches('/').to_owned(), bucket.to_owned());
        Ok(Self { store, http, endpoint, bucket, region, unsigned, without_digests: AtomicBool::new(false) })
    }

    /// Whether the server can copy from `other` by itself.
    pub(super) fn can_copy_from(&self, other: &Self) -> bool {
        (&self.endpoint, &self.region) == (&other.endpoint, &other.region)
    }

    pub(super) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Begins an upload in parts.
    pub(super) async fn begin(&self, path: &Path, attributes: Attributes) -> object_store::Result<MultipartId> {
        self.store.create_multipart_opts(path, PutMultipartOptions { attributes, ..Default::default() }).await
    }

    /// Uploads part number `index` (the first is 0).
    pub(super) async fn part(
        &self,
        (path, id): (&Path, &MultipartId),
        index: usize,
        bytes: Bytes,
    ) -> object_store::Result<Part> {
        let checksum = BASE64_STANDARD.encode(sha2::Sha256::digest(&bytes));
        let headers = [(CHECKSUM, checksum.clone())];
        let response = self.send(Method::PUT, path, &part_query(index, id), &headers, bytes).await?;
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.ok_or_else(|| {
            generic(Unexpected { status: response.status(), text: "a part was stored without an entity tag".into() })
        })?;
        Ok(Part { etag: etag.to_owned(), checksum: Some(checksum) })
    }

    /// The pieces in which an object of this size is copied: each a range of bytes, `None` for the whole.
    pub(super) fn pieces(size: u64) -> Vec<Option<(u64, u64)>> {
        if size <= COPY_PART {
            return vec![None];
        }
        (0..size.div_ceil(COPY_PART))
            .map(|index| Some((index * COPY_PART, ((index + 1) * COPY_PART).min(size) - 1)))
            .collect()
    }

    /// Whether an object of this length can be copied by one request.
    pub(super) fn fits_one_copy(size: u64) -> bool {
        size <= COPY_PART
    }

    /// Copies an object of this server by one request, which says that the key must be free: AWS and R2 heed
    /// it, each by its own header; others do not, so the caller looks before.
    pub(super) async fn copy(
        &self,
        path: &Path,
        from: CopySource<'_>,
        attributes: (&str, &str),
    ) -> object_store::Result<Copied> {
        let (content_type, cache_control) = attributes;
        let mut headers = from.headers();
        headers.extend([
            (IF_NONE_MATCH, "*".to_owned()),
            (R2_IF_NONE_MATCH, "*".to_owned()),
            (METADATA_DIRECTIVE, "REPLACE".to_owned()),
            (CONTENT_TYPE, content_type.to_owned()),
            (CACHE_CONTROL, cache_control.to_owned()),
        ]);
        if !self.without_digests.load(Ordering::Relaxed) {
            headers.push((CHECKSUM_ALGORITHM, "SHA256".to_owned()));
        }
        let mut answer = self.send(Method::PUT, path, &[], &headers, Bytes::new()).await;
        // Some servers (R2) do not know every header, and then do nothing.
        if matches!(&answer, Err(error) if not_implemented(error)) && headers.pop_if(is_algorithm).is_some() {
            self.without_digests.store(true, Ordering::Relaxed);
            answer = self.send(Method::PUT, path, &[], &headers, Bytes::new()).await;
        }
        // The server begins its answer before it knows the end of the work, so an error may come with a 200.
        let result: CopyObjectResult = parsed(path, answer?).await?;
        Ok(Copied { etag: result.etag, sha256: result.checksum.and_then(|text| whole(&text)) })
    }

    /// The digest of the whole object that the server keeps, if it keeps one.
    pub(super) async fn digest_kept(&self, path: &Path) -> object_store::Result<Option<Sha256>> {
        let headers = [(CHECKSUM_MODE, "ENABLED".to_owned())];
        let response = self.send(Method::HEAD, path, &[], &headers, Bytes::new()).await?;
        Ok(response.headers().get(CHECKSUM).and_then(|value| whole(value.to_str().ok()?)))
    }

    /// Copies a piece of an object of this server as part number `index`.
    pub(super) async fn copy_part(
        &self,
        (path, id): (&Path, &MultipartId),
        index: usize,
        from: CopySource<'_>,
        range: Option<(u64, u64)>,
    ) -> object_store::Result<Part> {
        let mut headers = from.headers();
        headers.extend(range.map(|(first, last)| (COPY_SOURCE_RANGE, format!("bytes={first}-{last}"))));
        let response = self.send(Method::PUT, path, &part_query(index, id), &headers, Bytes::new()).await?;
        let result: CopyPartResult = parsed(path, response).await?;
        Ok(Part { etag: result.e_tag, checksum: result.checksum })
    }

    /// Makes the object out of its parts, if the key is free.
    pub(super) async fn complete(&self, path: &Path, id: &MultipartId, parts: &[Part]) -> object_store::Result<()> {
        let part = |(index, part): (usize, &Part)| CompletePart {
            part_number: index + 1,
            e_tag: part.etag.clone(),
            checksum: part.checksum.clone(),
        };
        let parts = Complete { parts: parts.iter().enumerate().map(part).collect() };
        let xml = quick_xml::se::to_string(&parts).map_err(generic)?;
        let headers = [(IF_NONE_MATCH, "*".to_owned())];
        let response = self.send(Method::POST, path, &[("uploadId", id.clone())], &headers, xml.into()).await?;
        // The server begins its answer before it knows the end of the work, so an error may come with a 200.
        let status = response.status();
        let text = body(response).await?;
        if text.contains("<CompleteMultipartUploadResult") {
            return Ok(());
        }
        Err(late(path, status, text))
    }

    /// Throws the parts away. What is left after a failure is for the bucket's lifecycle rules.
    pub(super) async fn abort(&self, path: &Path, id: &MultipartId) {
        drop(self.store.abort_multipart(path, id).await);
    }

    /// Deletes an object if it still has this entity tag; without one, whatever it is.
    pub(super) async fn delete(&self, path: &Path, etag: Option<&str>) -> object_store::Result<()> {
        let condition: Vec<_> = etag.map(|etag| (IF_MATCH, etag.to_owned())).into_iter().collect();
        self.send(Method::DELETE, path, &[], &condition, Bytes::new()).await.map(drop)
    }

    async fn send(
        &self,
        method: Method,
        path: &Path,
        query: &[(&str, String)],
        headers: &[(HeaderName, String)],
        body: Bytes,
    ) -> object_store::Result<HttpResponse> {
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", percent_encoded(value).replace('/', "%2F")))
            .collect();
        let below = if path.is_root() { String::new() } else { format!("/{}", percent_encoded(path.as_ref())) };
        let uri = format!("{}/{}{below}", self.endpoint, self.bucket);
        let uri = if query.is_empty() { uri } else { format!("{uri}?{}", query.join("&")) };
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request: HttpRequest = request.body(HttpRequestBody::from(body)).map_err(generic)?;
        if !self.unsigned {
            let credential = self.store.credentials().get_credential().await?;
            AwsAuthorizer::new(&credential, "s3", &self.region).try_authorize(&mut request, None)?;
        }
        let response = self.http.execute(request).await.map_err(generic)?;
        if response.status().is_success() { Ok(response) } else { Err(refused(path, response).await) }
    }
}

fn is_algorithm((name, _): &mut (HeaderName, String)) -> bool {
    *name == CHECKSUM_ALGORITHM
}

/// A digest as servers write it. That of an object in parts is one of digests, with their number behind it, and
/// says nothing that can be compared.
fn whole(text: &str) -> Option<Sha256> {
    let bytes: [u8; 32] = BASE64_STANDARD.decode(text).ok()?.try_into().ok()?;
    Some(Sha256::from_bytes(bytes))
}

fn part_query(index: usize, id: &MultipartId) -> [(&'static str, String); 2] {
    [("partNumber", (index + 1).to_string()), ("uploadId", id.clone())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_digest_of_a_whole_object_can_be_compared() {
        let text = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        assert_eq!(whole(text), Some(Sha256::of(b"abc")));
        for other in [&format!("{text}-2"), "", "ungWv48Bz+pBQUDe", "no base64"] {
            assert_eq!(whole(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_too_long_for_one_request_is_copied_in_pieces_without_a_gap() {
        assert_eq!(S3::pieces(0), [None]);
        assert_eq!(S3::pieces(COPY_PART), [None]);
        assert_eq!(
            S3::pieces(2 * COPY_PART + 1),
            [Some((0, COPY_PART - 1)), Some((COPY_PART, 2 * COPY_PART - 1)), Some((2 * COPY_PART, 2 * COPY_PART)),]
        );
    }
}
