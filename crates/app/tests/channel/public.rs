//! What the public sees of a store: its pages in both forms, what they link to, and whether it is there with
//! the bytes that the page names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use trackside_domain::digest::Sha256;
use trackside_testkit::servers::request;
use url::Url;

/// moto wants to see some signature, and believes every one.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=test-key-id/20260101/us-east-1/s3/aws4_request, \
                      SignedHeaders=host, Signature=0";

/// The pages of one store.
#[derive(Clone)]
pub(crate) struct Public {
    pages: Vec<Url>,
}

/// What a reader has found.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) wrong: Vec<String>,
    /// The digest of every file that a page named, by its address: once read, a file is not replaced.
    known: BTreeMap<Url, Sha256>,
    /// How often all pages were asked for.
    rounds: usize,
    /// How many pages were there in the last round.
    pub(crate) pages: usize,
}

/// A link of a page, with the digest that it promises, and that of the metadata file beside it.
struct Link {
    to: String,
    sha256: String,
    metadata: Option<String>,
}

impl Public {
    /// The store at a URL with a slash at its end, whose packages are torch and torchvision.
    pub(crate) fn at(store: &str, folders: &[&str]) -> Self {
        let base: Url = store.parse().unwrap();
        let folders = folders.iter().map(|folder| format!("{folder}/")).chain([String::new()]);
        let pages =
            folders.flat_map(|folder| ["torch/", "torchvision/", ""].map(|package| format!("whl/{folder}{package}")));
        let forms = pages.flat_map(|page| ["index.html", "index.v1_json"].map(|form| format!("{page}{form}")));
        Self { pages: forms.map(|page| base.join(&page).unwrap()).collect() }
    }

    /// How many pages it has when it is whole.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }
}

impl Seen {
    /// Reads all stores, one after another, again and again, each time in the other order.
    pub(crate) fn until(ended: &AtomicBool, mut stores: [Public; 2]) -> Self {
        let mut seen = Self::default();
        while !ended.load(Ordering::SeqCst) {
            seen.read(&stores);
            stores.reverse();
        }
        seen
    }

    /// Reads all stores once.
    pub(crate) fn once(stores: &[Public]) -> Self {
        let mut seen = Self::default();
        seen.read(stores);
        seen
    }

    /// Nothing was wrong, and what was read is worth that word: so many files at least.
    pub(crate) fn assert_whole(&self, files: usize) {
        let wrong: BTreeSet<&String> = self.wrong.iter().collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(self.known.len() >= files, "only {} files in {} rounds", self.known.len(), self.rounds);
    }

    fn read(&mut self, stores: &[Public]) {
        self.rounds += 1;
        self.pages = 0;
        for page in stores.iter().flat_map(|store| &store.pages) {
            if let Some(text) = get(page) {
                self.pages += 1;
                self.follow(page, &String::from_utf8(text).unwrap());
            }
        }
    }

    fn follow(&mut self, page: &Url, text: &str) {
        let links = if page.path().ends_with(".html") { of_html(text) } else { of_json(text) };
        for link in links {
            let to = page.join(&link.to).unwrap();
            if let Some(metadata) = link.metadata {
                self.compare(page, &format!("{to}.metadata").parse().unwrap(), &metadata);
            }
            self.compare(page, &to, &link.sha256);
        }
    }

    fn compare(&mut self, page: &Url, to: &Url, sha256: &str) {
        if !self.known.contains_key(to) {
            let Some(bytes) = get(to) else {
                return self.wrong.push(format!("{page} names {to}, which is not there"));
            };
            self.known.insert(to.clone(), Sha256::of(&bytes));
        }
        if self.known[to].to_string() != sha256 {
            self.wrong.push(format!("{page} says that {to} has sha256 {sha256}, it has {}", self.known[to]));
        }
    }
}

fn get(url: &Url) -> Option<Vec<u8>> {
    let address = url.socket_addrs(|| None).unwrap()[0];
    let answer = request(address, &format!("GET {}", url.path()), &[("Authorization", SIGNED)], b"").unwrap();
    match answer.status {
        200 => Some(answer.body),
        404 => None,
        status => panic!("{url}: {status}"),
    }
}

/// The links of a page in HTML that have a digest.
fn of_html(page: &str) -> Vec<Link> {
    let links = page.split("<a href=\"").skip(1).map(|rest| rest.split_once("</a>").unwrap().0);
    let link = |link: &str| {
        let (to, rest) = link.split_once("#sha256=")?;
        let attribute = |name: &str| Some(rest.split_once(name)?.1.split_once('"')?.0.to_owned());
        let metadata = attribute("data-core-metadata=\"sha256=");
        assert_eq!(metadata, attribute("data-dist-info-metadata=\"sha256="));
        Some(Link { to: to.to_owned(), sha256: rest.split('"').next()?.to_owned(), metadata })
    };
    links.filter_map(link).collect()
}

/// The same of a page in JSON. A list of projects has none.
fn of_json(page: &str) -> Vec<Link> {
    let page: serde_json::Value = serde_json::from_str(page).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let files = page["files"].as_array().into_iter().flatten();
    let link = |file: &serde_json::Value| Link {
        to: text(&file["url"]).unwrap(),
        sha256: text(&file["hashes"]["sha256"]).unwrap(),
        metadata: text(&file["core-metadata"]["sha256"]),
    };
    files.map(link).collect()
}
