//! What anaconda.org answers, as far as it is looked at.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A file.
#[derive(Debug, Deserialize)]
pub(super) struct Dist {
    /// `linux-64/torch-2.15.0-py310_0.conda`.
    pub(super) basename: Option<String>,
    pub(super) version: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) sha256: Option<String>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
}

/// A package with its files.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    #[serde(default)]
    pub(super) files: Vec<Dist>,
}

/// A package of a list.
#[derive(Debug, Deserialize)]
pub(super) struct PackageName {
    pub(super) name: String,
}

/// Where the bytes of a staged file go, and what is to be sent with them.
#[derive(Debug, Deserialize)]
pub(super) struct Staged {
    pub(super) post_url: String,
    pub(super) form_data: BTreeMap<String, serde_json::Value>,
    pub(super) dist_id: String,
}

/// Why something was refused.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) error: String,
}
