//! What anaconda.org has.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Sha256;
use crate::manifest::Channel;
use crate::store::ObjectKey;

/// A file of anaconda.org, as the server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosted {
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// The labels that it is under.
    pub labels: BTreeSet<String>,
}

/// The files that a candidate's conda packages are at anaconda.org, for each channel that has a label there.
/// Where nothing was found, nothing is.
pub type AnacondaWorld = BTreeMap<Channel, BTreeMap<ObjectKey, Hosted>>;
