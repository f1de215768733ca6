//! Object stores that others wrote, started for a test on a port of the loopback interface that was free:
//! moto (S3), Azurite (Azure), and a proxy before them that loses answers or conditions. anaconda.org cannot be
//! had; a model of it is judged by its own client. Each is ready when
//! its constructor returns, and gone when its value is.

mod anaconda;
mod azurite;
mod faults;
mod http;
mod moto;
mod process;
mod tools;

use std::io;
use std::net::SocketAddr;

pub use anaconda::Anaconda;
pub use faults::{Fault, Proxy, Rule, Seen};
pub use http::{Answer, request};
use process::Process;

/// A running server.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    process: Process,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Moto,
    Azurite,
}

impl Server {
    /// moto: an S3 that honours conditions, also those of racing writers. It believes every signature.
    ///
    /// # Errors
    /// When it is not installed (then `ci/tools` is to be run), or does not start.
    pub fn moto() -> io::Result<Self> {
        Ok(Self { kind: Kind::Moto, process: moto::start()? })
    }

    /// Azurite: Microsoft's own emulator of Azure Blob Storage. It checks signatures and conditions.
    ///
    /// # Errors
    /// When it is not installed (then `ci/tools` is to be run), or does not start.
    pub fn azurite() -> io::Result<Self> {
        Ok(Self { kind: Kind::Azurite, process: azurite::start()? })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.process.address
    }

    /// Makes a bucket (a container).
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub fn create_bucket(&self, name: &str) -> io::Result<()> {
        match self.kind {
            Kind::Moto => moto::create_bucket(self.address(), name),
            Kind::Azurite => azurite::create_container(self.address(), name, azurite::Readers::Owner),
        }
    }

    /// Makes a bucket whose objects everybody may read without credentials.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub fn create_public_bucket(&self, name: &str) -> io::Result<()> {
        match self.kind {
            Kind::Moto => moto::create_public_bucket(self.address(), name),
            Kind::Azurite => azurite::create_container(self.address(), name, azurite::Readers::Everybody),
        }
    }

    /// The URL of a store in it, of a bucket or `bucket/prefix`.
    pub fn url(&self, place: &str) -> String {
        self.url_through(self.address(), place)
    }

    /// The same store, reached through a proxy at `address`.
    pub fn url_through(&self, address: SocketAddr, place: &str) -> String {
        match self.kind {
            Kind::Moto => format!("s3://{place}?endpoint=http://{address}&region=us-east-1"),
            Kind::Azurite => format!("az://{place}?endpoint=http://{address}/{}", azurite::ACCOUNT),
        }
    }

    /// The variables of the environment that give the right to write.
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        let pairs = match self.kind {
            Kind::Moto => [("AWS_ACCESS_KEY_ID", "test-key-id"), ("AWS_SECRET_ACCESS_KEY", "test-key")],
            Kind::Azurite => {
                [("AZURE_STORAGE_ACCOUNT_NAME", azurite::ACCOUNT), ("AZURE_STORAGE_ACCOUNT_KEY", azurite::KEY)]
            }
        };
        pairs.map(|(name, value)| (name, value.to_owned())).into()
    }
}
