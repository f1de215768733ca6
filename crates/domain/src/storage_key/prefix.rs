//! The folders of the layout that are listed, or that hold a numbered log.

use super::{IndexRoot, Tree};
use crate::digest::Sha256;
use crate::manifest::Channel;
use crate::name::PackageName;
use crate::plan::Scope;
use crate::store::ObjectKey;
use crate::version::Candidate;

/// A folder of a store. Its path has no slash at its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPrefix {
    /// `candidates`: the train's candidates.
    Candidates,
    /// `candidates/2.15.0-rc3`.
    Candidate(Candidate),
    /// `packages`: the immutable sets of all candidates.
    Packages,
    /// `packages/torchvision`: the candidates of a package.
    Package(PackageName),
    /// `packages/torchvision/0.30.0-rc1/manifest`.
    Manifests {
        /// The package.
        package: PackageName,
        /// The package's own candidate.
        candidate: Candidate,
    },
    /// `packages/torchvision/0.30.0-rc1/files`.
    Files {
        /// The package.
        package: PackageName,
        /// The package's own candidate.
        candidate: Candidate,
    },
    /// `whl`, `libtorch/test`, `candidates/2.15.0-rc3/whl`: pages, and for the stable channel
    /// artifacts; `whl` holds `whl/test` too.
    Index(IndexRoot, Tree),
    /// `channels/stable/generations`.
    Generations(Channel),
    /// `promotions`.
    Promotions,
    /// `plans`, in the state store.
    Plans,
    /// `runs`, in the state store.
    Runs,
    /// `runs/<plan digest>`: the journal of a plan's run.
    Run(Sha256),
    /// `leases/2.15`, `leases/stable`: who holds a line or a channel.
    Lease(Scope),
    /// The leases of everything.
    Leases,
}

impl KeyPrefix {
    /// The path below the root of the store.
    pub fn path(&self) -> String {
        match self {
            Self::Candidates => "candidates".to_owned(),
            Self::Candidate(candidate) => format!("candidates/{candidate}"),
            Self::Packages => "packages".to_owned(),
            Self::Package(package) => format!("packages/{package}"),
            Self::Manifests { package, candidate } => format!("packages/{package}/{candidate}/manifest"),
            Self::Files { package, candidate } => format!("packages/{package}/{candidate}/files"),
            Self::Index(root, tree) => root.path(*tree),
            Self::Generations(channel) => format!("channels/{channel}/generations"),
            Self::Promotions => "promotions".to_owned(),
            Self::Plans => "plans".to_owned(),
            Self::Runs => "runs".to_owned(),
            Self::Run(digest) => format!("runs/{digest}"),
            Self::Lease(scope) => format!("leases/{}", scope.word()),
            Self::Leases => "leases".to_owned(),
        }
    }

    /// The path as a checked key.
    pub fn key(&self) -> ObjectKey {
        // As for the keys themselves: checked names without slashes.
        self.path().parse().expect("checked names make a legal key")
    }
}
