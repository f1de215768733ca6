//! What the old pages of a channel say about files, page after page. The pages themselves are not kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use url::Url;

use super::OldPage;
use crate::digest::Sha256;
use crate::index::classic::{ClassicLink, files, links};
use crate::name::{FolderName, PackageName};
use crate::project::Project;
use crate::storage_key::{Tree, Twin, percent_decoded};
use crate::store::ObjectKey;

/// Stands for where the channel is read, whatever that is called.
const HERE: &str = "http://here.invalid/";

/// All that the pages say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// By the object that a link leads to.
    pub files: BTreeMap<ObjectKey, Claim>,
    /// The files that these pages would have as trackside renders them.
    pub expected: BTreeSet<ObjectKey>,
    /// The links to other indexes by package and URL.
    pub elsewhere: BTreeMap<PackageName, BTreeMap<Url, Elsewhere>>,
    /// The pages or links that cannot be understood, and why.
    pub faults: Vec<(ObjectKey, String)>,
}

/// What is said, each with the pages that say so.
pub type Said<T> = BTreeMap<T, BTreeSet<ObjectKey>>;

/// What pages say about one file. Several pages link to it, and should say the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// A page that says so.
    pub page: String,
    /// Its digest.
    pub sha256: Said<Sha256>,
    /// The digest of the metadata file beside it.
    pub metadata: BTreeSet<Sha256>,
    /// When it came there.
    pub uploaded: BTreeSet<Timestamp>,
    /// The Pythons that it requires.
    pub requires_python: BTreeSet<String>,
    /// Why it is yanked, if it is; the reason may be empty.
    pub yanked: Said<Option<String>>,
}

/// What pages say about a file of another index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// The same as of any file.
    pub claim: Claim,
    /// The folders whose pages have it; `None` is the page of all folders.
    pub folders: BTreeSet<Option<FolderName>>,
}

enum Target {
    Here(ObjectKey),
    Elsewhere(Url),
    /// Another page.
    List,
}

impl Claims {
    /// Adds what a page says, and what it does not say. `known` tells whether there is such an object: a link with a
    /// host that the configuration does not know leads into the channel if there is something under its path.
    pub fn add(&mut self, project: &Project, (old, text): (&OldPage<'_>, &str), known: &dyn Fn(&ObjectKey) -> bool) {
        let page = old.key;
        let found = match read(page, text) {
            Ok(found) => found,
            Err(why) => return self.faults.push((page.clone(), why)),
        };
        for link in found {
            match target(project, page, &link.href, known) {
                Ok(Target::Here(key)) => self.files.entry(key).or_default().add(page, link),
                Ok(Target::Elsewhere(url)) => self.add_elsewhere(page, url, link),
                Ok(Target::List) => {}
                Err(why) => self.faults.push((page.clone(), format!("`{}`: {why}", link.href.escape_debug()))),
            }
        }
        // What trackside renders can be read.
        for link in old.instead.map(|text| read(page, text).unwrap_or_default()).into_iter().flatten() {
            if let Ok(Target::Here(key)) = target(project, page, &link.href, known) {
                self.expected.insert(key);
            }
        }
    }

    fn add_elsewhere(&mut self, page: &ObjectKey, url: Url, link: ClassicLink) {
        let mut folders = page.parts().rev().skip(1);
        let package = folders.next().and_then(|name| name.parse::<PackageName>().ok());
        let folder = folders.next().filter(|name| *name != Tree::Whl.as_str());
        let folder = folder.map(str::parse::<FolderName>).transpose();
        let (Some(package), Ok(folder)) = (package, folder) else {
            return self.faults.push((page.clone(), format!("it links to {url}, and is the page of no package")));
        };
        let of_package = self.elsewhere.entry(package).or_default();
        let one = of_package.entry(url).or_default();
        one.folders.insert(folder);
        one.claim.add(page, link);
    }
}

impl Claim {
    fn add(&mut self, page: &ObjectKey, link: ClassicLink) {
        if self.page.is_empty() {
            self.page = page.to_string();
        }
        let mut said = |sha256| self.sha256.entry(sha256).or_default().insert(page.clone());
        link.sha256.into_iter().for_each(|sha256| _ = said(sha256));
        self.metadata.extend(link.metadata);
        self.uploaded.extend(link.uploaded);
        self.requires_python.extend(link.requires_python);
        self.yanked.entry(link.yanked).or_default().insert(page.clone());
    }

    /// The digest, if the pages that say one agree.
    pub fn digest(&self) -> Option<Sha256> {
        self.sha256.keys().next().copied().filter(|_| self.sha256.len() == 1)
    }

    /// Why it is yanked, if it is; `None` if the pages do not agree. A page that says no reason contradicts none.
    pub fn yank(&self) -> Option<Option<&str>> {
        let mut reasons = self.yanked.keys().flatten().map(String::as_str).filter(|reason| !reason.is_empty());
        match (reasons.next(), reasons.next(), self.yanked.contains_key(&None)) {
            (_, Some(_), _) => None,
            (Some(reason), None, false) => Some(Some(reason)),
            (None, None, false) => Some(self.yanked.keys().next().and_then(Option::as_deref)),
            (_, None, true) => Some(None).filter(|_| self.yanked.len() == 1),
        }
    }
}

fn read(page: &ObjectKey, text: &str) -> Result<Vec<ClassicLink>, String> {
    match Twin::of(page) {
        Some(Twin::Json) => files(text),
        Some(Twin::Html) | None => links(text),
    }
}

fn target(
    project: &Project,
    page: &ObjectKey,
    href: &str,
    known: &dyn Fn(&ObjectKey) -> bool,
) -> Result<Target, String> {
    let here = Url::parse(HERE).and_then(|here| here.join(page.as_str()));
    let url = here.and_then(|here| here.join(href)).map_err(|error| error.to_string())?;
    if url.path().ends_with('/') {
        return Ok(Target::List);
    }
    let bases = [&project.stable_url].into_iter().chain(project.mirrors.iter().map(|mirror| &mirror.url));
    let below = bases.flatten().find_map(|base| url.as_str().strip_prefix(base.as_str()));
    match below.or_else(|| url.as_str().strip_prefix(HERE)) {
        Some(path) => Ok(Target::Here(key(path)?)),
        None => match key(url.path().trim_start_matches('/')).ok().filter(known) {
            Some(key) => Ok(Target::Here(key)),
            None if matches!(url.scheme(), "http" | "https") => Ok(Target::Elsewhere(url)),
            None => Err("it leads nowhere".to_owned()),
        },
    }
}

fn key(path: &str) -> Result<ObjectKey, String> {
    let path = path.split('?').next().unwrap_or(path);
    let decoded = percent_decoded(path).ok_or("its escapes are malformed")?;
    decoded.parse().map_err(|error| format!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_agree_on_a_yank_or_say_none() {
        let page: ObjectKey = "whl/torch/index.html".parse().unwrap();
        for (said, yank) in [
            (&[][..], Some(None)),
            (&[None], Some(None)),
            (&[Some("")], Some(Some(""))),
            (&[Some("CVE")], Some(Some("CVE"))),
            (&[Some(""), Some("CVE")], Some(Some("CVE"))),
            (&[None, Some("")], None),
            (&[None, Some("CVE")], None),
            (&[Some("CVE"), Some("old")], None),
        ] {
            let mut claim = Claim::default();
            for yanked in said {
                let yanked = yanked.map(str::to_owned);
                claim.add(&page, ClassicLink { yanked, ..ClassicLink::default() });
            }
            assert_eq!(claim.yank(), yank, "{said:?}");
        }
    }
}
