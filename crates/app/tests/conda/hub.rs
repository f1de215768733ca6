//! The train with conda packages whose channels have labels of a model of anaconda.org, behind a proxy.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use trackside_effects::store::{Access, Source, Store, Stores, Target};
use trackside_testkit::servers::{Anaconda, Proxy};

use crate::common::{Ran, World};
use crate::tools::Package;
use crate::train::{build, cut};

/// The token of the server, which nothing may ever show.
pub(crate) const TOKEN: &str = "an-0b5e55ed-canary";

/// A world and the server that it releases to.
pub(crate) struct Hub {
    pub(crate) world: World,
    pub(crate) server: Anaconda,
    pub(crate) proxy: Proxy,
    _storage: Proxy,
}

impl Hub {
    /// A server with two owners, and nothing on it.
    pub(crate) fn open() -> (Anaconda, Proxy, Proxy) {
        let server = Anaconda::start(TOKEN, &["train-test", "train"]).unwrap();
        let proxy = Proxy::before(server.address()).unwrap();
        let storage = Proxy::before(server.storage_address()).unwrap();
        server.storage_is_at(storage.address());
        (server, proxy, storage)
    }

    /// A candidate that is tagged and built.
    pub(crate) fn built() -> Self {
        let (server, proxy, storage) = Self::open();
        let world = cut();
        let label = |owner: &str| format!("anaconda = \"{}\"\n", url(&proxy, owner, "main"));
        for (channel, owner) in [("test", "train-test"), ("stable", "train")] {
            world.mend(&format!("[channels.{channel}]\n"), &format!("[channels.{channel}]\n{}", label(owner)));
        }
        world.ok("candidate 2.15.0 --apply");
        world.build_all("2.15.0", "0.30.0");
        build(&world, "2.15.0", "0.30.0", "2.15.0-rc1");
        Self { world, server, proxy, _storage: storage }
    }

    /// A candidate that is staged and verified.
    pub(crate) fn verified() -> Self {
        let hub = Self::built();
        hub.ok("stage 2.15.0-rc1 --from ../dist --apply");
        hub.world.verify("2.15.0-rc1");
        hub
    }

    /// The program, which may write to the server.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.world.command(arguments.split_whitespace());
        command.env("ANACONDA_API_TOKEN", TOKEN).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.world.finish(&mut self.command(arguments))
    }

    pub(crate) fn ok(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "trackside {arguments}\n{ran}");
        ran
    }

    /// Every file with its labels, a line for each.
    pub(crate) fn shown(&self) -> String {
        let line = |(path, (_, labels)): (String, (String, Vec<String>))| format!("{path}: {}\n", labels.join(", "));
        self.server.files().into_iter().map(line).collect()
    }

    /// What changed something on the server.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.server
            .requests()
            .into_iter()
            .filter(|line| !line.starts_with("GET") && !line.starts_with("HEAD"))
            .collect()
    }
}

/// The URL of a label, through a proxy.
pub(crate) fn url(proxy: &Proxy, owner: &str, label: &str) -> String {
    format!("anaconda://{owner}/{label}?endpoint=http://{}", proxy.address())
}

/// The store at a URL.
pub(crate) fn store(url: &str, token: &str) -> Store {
    let environment = BTreeMap::from([("ANACONDA_API_TOKEN".to_owned(), token.to_owned())]);
    Stores::new(environment).open(&url.parse().unwrap(), Access::Write).unwrap()
}

/// The bytes of a package of torch, and its key there.
pub(crate) fn package(word: &str) -> (String, Vec<u8>) {
    let package =
        Package { name: "torch", version: "2.15.0", build: "cpu_0", subdir: "linux-64", depends: &["python"] };
    ("torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda".to_owned(), package.builder(word).zip().bytes())
}

/// Creates a file there.
pub(crate) fn put(store: &Store, key: &str, bytes: &[u8]) -> Result<String, String> {
    let key = key.parse().unwrap();
    let created = store.create(Target::new(&key), Source::Bytes(bytes), &mut |_| {});
    created.map(|created| format!("{created:?}")).map_err(|error| with_causes(&error))
}

pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
