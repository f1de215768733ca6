//! A store in a temporary folder, filled with pages as a promotion would.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trackside::serve::{self, Running};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::digest::Sha256;
use trackside_domain::index::{IndexRoot, Listed, render};
use trackside_domain::manifest::{Artifact, MetadataFile};
use trackside_domain::name::PackageName;
use trackside_domain::storage_key::StorageKey;

/// Port 0: the system chooses one.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A file of a package, with its bytes and the bytes of its metadata file.
pub(crate) struct File {
    package: PackageName,
    artifact: Artifact,
    bytes: Vec<u8>,
    metadata: Option<Vec<u8>>,
}

impl File {
    pub(crate) fn new(package: &str, folder: Option<&str>, name: &str, bytes: &[u8]) -> Self {
        let kind = if name.ends_with(".zip") { ArtifactKind::Libtorch } else { ArtifactKind::Wheel };
        let artifact = Artifact {
            name: name.parse().unwrap(),
            kind,
            folder: folder.map(|folder| folder.parse().unwrap()),
            size: bytes.len() as u64,
            sha256: Sha256::of(bytes),
            metadata: None,
            requires_python: None,
            derivation: None,
            conda: None,
        };
        Self { package: package.parse().unwrap(), artifact, bytes: bytes.to_vec(), metadata: None }
    }

    pub(crate) fn with_metadata(mut self, text: &[u8], requires_python: Option<&str>) -> Self {
        self.artifact.metadata = Some(MetadataFile { sha256: Sha256::of(text), size: text.len() as u64 });
        self.artifact.requires_python = requires_python.map(str::to_owned);
        self.metadata = Some(text.to_vec());
        self
    }

    pub(crate) fn sha256(&self) -> String {
        self.artifact.sha256.to_string()
    }
}

/// The folder, and the server that shows it.
pub(crate) struct Store {
    folder: TempDir,
    pub(crate) server: Running,
}

impl Store {
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let server = serve::spawn(folder.path().to_owned(), ANY_PORT).unwrap();
        Self { folder, server }
    }

    /// A store whose stable channel holds `files`.
    pub(crate) fn publishing(files: &[File]) -> Self {
        Self::empty().publish(IndexRoot::Stable, files)
    }

    /// Adds files and the pages of `root` that list them, and only them.
    pub(crate) fn publish(self, root: IndexRoot, files: &[File]) -> Self {
        let location = |file: &File| match root {
            IndexRoot::Stable => StorageKey::stable(&file.artifact),
            IndexRoot::Test | IndexRoot::Candidate(_) => {
                StorageKey::staged(&file.package, "1.0.0-rc1".parse().unwrap(), &file.artifact)
            }
        };
        let listed = files.iter().map(|file| Listed {
            package: &file.package,
            artifact: &file.artifact,
            location: location(file),
            uploaded: None,
            yanked: None,
        });
        let listed: Vec<Listed<'_>> = listed.collect();
        for (file, entry) in files.iter().zip(&listed) {
            self.write(&entry.location.path(), &file.bytes);
            if let Some(metadata) = &file.metadata {
                self.write(&entry.location.metadata().unwrap().path(), metadata);
            }
        }
        for page in render(root, &listed).unwrap() {
            self.write(&page.key.path(), page.content.as_bytes());
        }
        self
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root().join(below)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, below: &str, bytes: &[u8]) {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
