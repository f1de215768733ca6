//! Where the stores of a rehearsal are: in folders beside its repositories, or on a server.

use std::fs;

use trackside_domain::config;
use trackside_domain::store::{ObjectKey, StoreUrl};
use trackside_effects::Trouble;
use trackside_effects::store::{Access, Store, Stores};
use trackside_testkit::train::Train;

use super::broken;
use crate::environment::Environment;
use crate::error::Failure;

/// The stores by their names in `trackside.toml` of a rehearsal, each with its place on a server.
const PLACES: [(&str, &str); 4] = [
    ("\"../state\"", "state"),
    ("\"../stores/test\"", "test"),
    ("\"../stores/stable\"", "stable"),
    ("\"../stores/backup\"", "backup"),
];

/// What the environment names begin with that servers need.
const CREDENTIALS: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// The stores of a train.
pub(super) struct Shelf<'a> {
    train: &'a Train,
    stores: Stores,
    server: Option<StoreUrl>,
}

impl<'a> Shelf<'a> {
    /// The stores of a train, which is told about them if they are on a server.
    ///
    /// # Errors
    /// Exit 2 when something is there already.
    pub(super) fn new(train: &'a Train, environment: &Environment, server: Option<&StoreUrl>) -> Result<Self, Failure> {
        let shelf = Self { train, stores: environment.stores(), server: server.cloned() };
        if let Some(url) = server {
            shelf.refuse_used(url)?;
            shelf.tell(url)?;
        }
        Ok(shelf)
    }

    fn refuse_used(&self, url: &StoreUrl) -> Result<(), Failure> {
        let Some(store) = self.stores.open_if_present(url).map_err(Trouble::from)? else { return Ok(()) };
        match store.list_all().map_err(Trouble::from)?.first() {
            None => Ok(()),
            Some(entry) => {
                let message = format!("{url} holds `{}`; a rehearsal never writes over anything", entry.key);
                Err(Failure::usage(message).next("name an empty prefix with --store"))
            }
        }
    }

    fn tell(&self, url: &StoreUrl) -> Result<(), Failure> {
        let file = self.train.release_repository().join(config::MAIN);
        let mut text = fs::read_to_string(&file).map_err(broken)?;
        for (folder, place) in PLACES {
            let quoted = format!("\"{}\"", url.below(place).map_err(broken)?);
            let told = text.replacen(folder, &quoted, 1);
            if told == text {
                return Err(broken(format!("its configuration does not name {folder}")));
            }
            text = told;
        }
        fs::write(&file, text).map_err(broken)
    }

    /// What children need to reach the server.
    pub(super) fn variables(&self, environment: &Environment) -> Vec<(String, String)> {
        let needed = |(name, _): &(&str, &str)| CREDENTIALS.iter().any(|prefix| name.starts_with(prefix));
        let all = environment.iter().filter(needed).map(|(name, value)| (name.to_owned(), value.to_owned()));
        if self.server.is_some() { all.collect() } else { Vec::new() }
    }

    /// An object of `test`, `stable` or `backup`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(&self, store: &str, key: &ObjectKey) -> Result<Vec<u8>, Failure> {
        const CAP: u64 = 64 << 20;
        Ok(self.open(store)?.read(key, CAP).map_err(Trouble::from)?)
    }

    fn open(&self, store: &str) -> Result<Store, Failure> {
        let url = match &self.server {
            Some(server) => server.below(store).map_err(broken)?,
            None => {
                let folder = self.train.store(store);
                let text = folder.to_str().ok_or_else(|| broken("its folder is not UTF-8"))?;
                text.parse().map_err(broken)?
            }
        };
        Ok(self.stores.open(&url, Access::Read).map_err(Trouble::from)?)
    }
}
