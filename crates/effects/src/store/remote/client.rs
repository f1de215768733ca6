//! Clients of servers, made from a store's URL and the environment under the names that users know.

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::list::PaginatedListStore;
use object_store::signer::Signer;
use object_store::{ObjectStore, RetryConfig};
use trackside_domain::store::{ServerUrl, StoreKind, StoreUrl};

use super::connection::{Connector, options};
use super::learned::Learned;
use super::pace::Pace;
use super::profile;
use super::s3::S3;
use crate::store::StoreError;

/// An open connection to one bucket.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) objects: Arc<dyn Bucket>,
    pub(super) service: Service,
    pub(super) pace: Pace,
    /// Whether copies are made in parts, whatever their length.
    pub(super) strict_copies: bool,
    /// What it has said beside its answers.
    pub(super) learned: Learned,
}

/// What the client library can do with a bucket of any server: objects, URLs that anybody may read for a while,
/// and listings by how keys begin.
pub(super) trait Bucket: ObjectStore + Signer + PaginatedListStore {}

impl<T: ObjectStore + Signer + PaginatedListStore> Bucket for T {}

/// What a server can do beyond what all can.
#[derive(Debug)]
pub(super) enum Service {
    /// Uploads and copies by multipart, completed with a condition.
    S3(S3),
    /// Copies with a condition.
    Other,
}

/// Makes a client. No request is sent.
pub(super) fn client(url: &StoreUrl, environment: &BTreeMap<String, String>) -> Result<Client, StoreError> {
    let server = url.server().ok_or_else(|| StoreError::NotSupported(url.clone()))?;
    let built = match url.kind() {
        StoreKind::S3 => s3(&server, environment),
        StoreKind::Gcs => gcs(&server, environment),
        StoreKind::Azure => azure(&server, environment),
        StoreKind::Folder | StoreKind::Anaconda => return Err(StoreError::NotSupported(url.clone())),
    };
    let built = built.map_err(|source| StoreError::Settings { store: url.clone(), source })?;
    let (objects, service) = built;
    Ok(Client {
        objects,
        service,
        pace: Pace::default(),
        strict_copies: server.strict_copies,
        learned: Learned::default(),
    })
}

type Built = Result<(Arc<dyn Bucket>, Service), Box<dyn std::error::Error + Send + Sync>>;

/// Asking again is ours to do: we must know whether an earlier try may have happened.
fn no_retries() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

fn plain_http(server: &ServerUrl) -> bool {
    server.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
}

fn s3(server: &ServerUrl, environment: &BTreeMap<String, String>) -> Built {
    let mut builder = AmazonS3Builder::new();
    let profile = server.profile.as_ref().or_else(|| environment.get("AWS_PROFILE"));
    // A profile that the URL names is meant for this store; what the environment says is for the others.
    if server.profile.is_none() {
        for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("AWS_")) {
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
    }
    if let Some(profile) = profile {
        for (key, value) in profile::settings(profile, environment)? {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(unsigned) = environment.get("AWS_SKIP_SIGNATURE") {
        builder = builder.with_config(AmazonS3ConfigKey::SkipSignature, unsigned);
    }
    if let Some(region) = &server.region {
        builder = builder.with_region(region);
    }
    let region = builder.get_config_value(&AmazonS3ConfigKey::Region).unwrap_or_else(|| "us-east-1".to_owned());
    let unsigned = builder.get_config_value(&AmazonS3ConfigKey::SkipSignature).is_some_and(|value| value == "true");
    let endpoint = server.endpoint.clone().or_else(|| builder.get_config_value(&AmazonS3ConfigKey::Endpoint));
    let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
    let options = options(endpoint.starts_with("http://"));
    let store = builder
        .with_bucket_name(&server.bucket)
        .with_region(&region)
        .with_endpoint(&endpoint)
        .with_virtual_hosted_style_request(false)
        .with_allow_http(endpoint.starts_with("http://"))
        .with_checksum_algorithm(Checksum::SHA256)
        .with_retry(no_retries())
        .with_client_options(options.clone())
        .with_http_connector(Connector)
        .build()?;
    let store = Arc::new(store);
    let s3 = S3::new(Arc::clone(&store), &endpoint, &server.bucket, (region, unsigned), &options)?;
    Ok((store, Service::S3(s3)))
}

fn gcs(server: &ServerUrl, environment: &BTreeMap<String, String>) -> Built {
    let mut builder = GoogleCloudStorageBuilder::new();
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("GOOGLE_")) {
        if let Ok(key) = name.to_ascii_lowercase().parse::<GoogleConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(endpoint) = &server.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    let builder = builder.with_bucket_name(&server.bucket).with_retry(no_retries());
    let builder = builder.with_client_options(options(plain_http(server))).with_http_connector(Connector);
    Ok((Arc::new(builder.build()?), Service::Other))
}

fn azure(server: &ServerUrl, environment: &BTreeMap<String, String>) -> Built {
    let mut builder = MicrosoftAzureBuilder::new();
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("AZURE_")) {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AzureConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(endpoint) = &server.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    let builder = builder.with_container_name(&server.bucket).with_retry(no_retries());
    let builder = builder.with_allow_http(plain_http(server)).with_client_options(options(plain_http(server)));
    Ok((Arc::new(builder.with_http_connector(Connector).build()?), Service::Other))
}
