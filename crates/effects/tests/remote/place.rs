//! A server with two buckets, `one` and `two`, and the means to open stores in them. A folder is a place too.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use trackside_domain::store::{StoreKind, StoreUrl};
use trackside_effects::store::{Access, Store, Stores};
use trackside_testkit::servers::{Answer, Proxy, Server, request};

use crate::s3s::S3s;

pub(crate) struct Place {
    running: Running,
    pub(crate) stores: Stores,
}

enum Running {
    Server(Server),
    S3s(S3s),
    Folder(tempfile::TempDir),
}

impl Place {
    /// Its buckets are readable for everybody.
    pub(crate) fn moto() -> Self {
        Self::server(Server::moto().unwrap())
    }

    /// Its containers are readable for everybody.
    pub(crate) fn azurite() -> Self {
        Self::server(Server::azurite().unwrap())
    }

    fn server(server: Server) -> Self {
        server.create_public_bucket("one").unwrap();
        server.create_public_bucket("two").unwrap();
        let environment = server.credentials().into_iter().map(|(name, value)| (name.to_owned(), value));
        let stores = Stores::new(environment.collect());
        Self { running: Running::Server(server), stores }
    }

    pub(crate) fn s3s() -> Self {
        let server = S3s::start();
        server.create_bucket("one");
        server.create_bucket("two");
        Self { running: Running::S3s(server), stores: Stores::new(keys(S3s::KEY_ID, S3s::KEY)) }
    }

    pub(crate) fn folder() -> Self {
        Self { running: Running::Folder(tempfile::tempdir().unwrap()), stores: Stores::default() }
    }

    pub(crate) fn is_azure(&self) -> bool {
        self.url("one").kind() == StoreKind::Azure
    }

    pub(crate) fn is_folder(&self) -> bool {
        matches!(self.running, Running::Folder(_))
    }

    /// Where the server listens; a folder does not.
    pub(crate) fn address(&self) -> SocketAddr {
        match &self.running {
            Running::Server(server) => server.address(),
            Running::S3s(server) => server.address(),
            Running::Folder(_) => panic!("a folder has no address"),
        }
    }

    /// The URL of a store such as `one/some/prefix`.
    pub(crate) fn url(&self, place: &str) -> StoreUrl {
        match &self.running {
            Running::Server(server) => server.url(place).parse().unwrap(),
            Running::S3s(server) => s3_url(server.address(), place),
            Running::Folder(folder) => folder.path().join(place).to_str().unwrap().parse().unwrap(),
        }
    }

    pub(crate) fn store(&self, place: &str) -> Store {
        self.stores.init(&self.url(place), Access::Write).unwrap()
    }

    /// A proxy before the server.
    pub(crate) fn proxy(&self) -> Proxy {
        Proxy::before(self.address()).unwrap()
    }

    /// The same as [`Place::store`], reached through a proxy.
    pub(crate) fn through(&self, proxy: &Proxy, place: &str) -> Store {
        let url = match &self.running {
            Running::Server(server) => server.url_through(proxy.address(), place).parse().unwrap(),
            Running::S3s(_) => s3_url(proxy.address(), place),
            Running::Folder(_) => panic!("a folder is not behind a proxy"),
        };
        self.stores.open(&url, Access::Write).unwrap()
    }

    /// What somebody without credentials is told about an object; `key` as it stands in a URL.
    pub(crate) fn anonymous(&self, method: &str, key: &str) -> Answer {
        let account = if self.url("one").as_str().starts_with("az:") { "teststore/" } else { "" };
        request(self.address(), &format!("{method} /{account}{key}"), &[], b"").unwrap()
    }
}

/// The variables of an S3.
pub(crate) fn keys(id: &str, key: &str) -> BTreeMap<String, String> {
    let pairs = [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", key)];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn s3_url(address: SocketAddr, place: &str) -> StoreUrl {
    format!("s3://{place}?endpoint=http://{address}&region=us-east-1").parse().unwrap()
}
