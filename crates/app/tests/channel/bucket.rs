//! A verified candidate whose channels are below a prefix of an S3 server, and what is to be seen there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;

use trackside_domain::digest::Sha256;
use trackside_domain::store::StoreUrl;
use trackside_effects::store::{Access, Source, Store, Stores, Target};
use trackside_testkit::servers::{Proxy, Server};

use crate::common::{Ran, World};
use crate::s3s::S3s;

/// The bucket that everything is in.
const BUCKET: &str = "release";

/// A server with worlds on it, each below a prefix of its own.
pub(crate) struct Shop {
    pub(crate) server: Host,
    world: World,
}

/// A server, in a process of its own or in this one.
pub(crate) enum Host {
    Apart(Server),
    Here(S3s),
}

impl Host {
    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Apart(server) => server.address(),
            Self::Here(server) => server.address(),
        }
    }

    pub(crate) fn url(&self, place: &str) -> String {
        self.url_through(self.address(), place)
    }

    pub(crate) fn url_through(&self, address: SocketAddr, place: &str) -> String {
        match self {
            Self::Apart(server) => server.url_through(address, place),
            Self::Here(_) => format!("s3://{place}?endpoint=http://{address}&region=us-east-1"),
        }
    }

    pub(crate) fn credentials(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Apart(server) => server.credentials(),
            Self::Here(_) => {
                vec![("AWS_ACCESS_KEY_ID", S3s::KEY_ID.into()), ("AWS_SECRET_ACCESS_KEY", S3s::KEY.into())]
            }
        }
    }
}

/// One world: its repositories and state in a folder, its channels on the server, reached through a proxy.
pub(crate) struct Stall<'a> {
    shop: &'a Shop,
    pub(crate) world: World,
    pub(crate) proxy: Proxy,
    pub(crate) prefix: String,
}

impl Shop {
    /// A server and a verified candidate.
    pub(crate) fn open(world: World) -> Self {
        let server = Server::moto().unwrap();
        server.create_bucket(BUCKET).unwrap();
        Self { server: Host::Apart(server), world }
    }

    /// Everybody may read what is on this server.
    pub(crate) fn open_to_all(server: Server, world: World) -> Self {
        server.create_public_bucket(BUCKET).unwrap();
        Self { server: Host::Apart(server), world }
    }

    /// A server that checks signatures and checksums and keeps what it has on disk.
    pub(crate) fn on_disk(world: World) -> Self {
        let server = S3s::start();
        server.create_bucket(BUCKET);
        Self { server: Host::Here(server), world }
    }

    /// A bucket of its own, that everybody may read.
    pub(crate) fn create_public_bucket(&self, name: &str) {
        match &self.server {
            Host::Apart(server) => server.create_public_bucket(name).unwrap(),
            Host::Here(_) => panic!("it knows no policies"),
        }
    }

    /// Another server with the same candidate.
    pub(crate) fn branch(&self) -> Self {
        Self::open(self.world.copied())
    }

    /// A copy of the verified candidate below a prefix.
    pub(crate) fn stall(&self, prefix: &str) -> Stall<'_> {
        let proxy = Proxy::before(self.server.address()).unwrap();
        let stall = Stall { shop: self, world: self.world.copied(), proxy, prefix: prefix.to_owned() };
        for place in ["store", "backup"] {
            stall.upload(place);
            let url = self.server.url_through(stall.proxy.address(), &format!("{BUCKET}/{prefix}/{place}"));
            stall.world.mend(&format!("\"../{place}\""), &format!("\"{url}\""));
        }
        stall
    }
}

impl Stall<'_> {
    /// The address of the server itself, for readers.
    pub(crate) fn address(&self) -> SocketAddr {
        self.shop.server.address()
    }

    /// The path that everything in a store has before its key.
    pub(crate) fn path(&self, place: &str) -> String {
        format!("/{BUCKET}/{}/{place}/", self.prefix)
    }

    /// A store, past the proxy.
    pub(crate) fn store(&self, place: &str) -> Store {
        let environment = self.shop.server.credentials().into_iter().map(|(name, value)| (name.to_owned(), value));
        let url: StoreUrl = self.shop.server.url(&format!("{BUCKET}/{}/{place}", self.prefix)).parse().unwrap();
        Stores::new(environment.collect()).open(&url, Access::Write).unwrap()
    }

    fn upload(&self, place: &str) {
        let folder = self.world.path(place);
        let url = folder.to_str().unwrap().parse().unwrap();
        let Some(from) = Stores::default().open_if_present(&url).unwrap() else { return };
        let to = self.store(place);
        for entry in from.list_all().unwrap() {
            let bytes = from.read(&entry.key, u64::MAX).unwrap();
            assert!(to.create(Target::new(&entry.key), Source::Bytes(&bytes), &mut |_| {}).is_ok());
        }
    }

    /// The program, which may write to the server.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.world.command(arguments.split_whitespace());
        command.envs(self.shop.server.credentials());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn plan(&self, arguments: &str) -> String {
        let output = self.command(&format!("{arguments} --format json")).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["plan"]["digest"].as_str().unwrap_or_else(|| panic!("no plan: {answer:#}")).to_owned()
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.world.finish(&mut self.command(arguments))
    }

    /// Every object with the digest of its content; what names a time is compared without it.
    pub(crate) fn photograph(&self) -> BTreeMap<String, String> {
        self.photograph_of("store")
    }

    /// The same of another store.
    pub(crate) fn photograph_of(&self, place: &str) -> BTreeMap<String, String> {
        let store = self.store(place);
        let content = |key: &str, bytes: Vec<u8>| {
            let is_text = ["html", "json"].iter().any(|ending| key.ends_with(ending));
            if is_text {
                crate::common::normal(&String::from_utf8_lossy(&bytes), self.world.root())
            } else {
                Sha256::of(&bytes).to_string()
            }
        };
        let entries = store.list_all().unwrap();
        entries
            .into_iter()
            .map(|entry| {
                (entry.key.to_string(), content(entry.key.as_str(), store.read(&entry.key, u64::MAX).unwrap()))
            })
            .collect()
    }
}
