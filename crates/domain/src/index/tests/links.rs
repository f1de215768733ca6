//! Properties of the links: each leads to its own file, from HTML and JSON alike.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use url::Url;

use super::{Sample, listed, sample};
use crate::index::{Index, IndexRoot, Page, PageOf, render};
use crate::storage_key::{StorageKey, Tree, Twin};

/// The file of a link: its path below the store's root, its digest, and its metadata's digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    path: String,
    sha256: String,
    metadata: Option<String>,
    requires_python: Option<String>,
}

fn resolve(page: &StorageKey, href: &str) -> (String, Option<String>) {
    // Installers see the folder, not the file in it; and stores lie below any prefix.
    let root = Url::parse("https://host.example/some/prefix/").unwrap();
    let path = page.url_path();
    let seen = root.join(path.rsplit_once('/').unwrap().0).unwrap();
    let target = Url::parse(&format!("{seen}/")).unwrap().join(href).unwrap();
    let below = target.path().strip_prefix("/some/prefix/").expect("a link left the store").to_owned();
    assert!(!below.contains('+'), "{below} holds a literal +");
    (crate::storage_key::percent_decoded(&below).unwrap().into_owned(), target.fragment().map(str::to_owned))
}

fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escape, char)| text.replace(escape, char))
}

fn attribute(anchor: &str, name: &str) -> Option<String> {
    let value = anchor.split_once(&format!(" {name}=\""))?.1;
    Some(unescaped(value.split_once('"').unwrap().0))
}

fn html_links(page: &Page) -> Vec<Link> {
    let anchors = page.content.lines().filter_map(|line| line.trim().strip_prefix("<a"));
    anchors
        .map(|anchor| {
            let (path, fragment) = resolve(&page.key, &attribute(anchor, "href").unwrap());
            let metadata = attribute(anchor, "data-core-metadata");
            assert_eq!(metadata, attribute(anchor, "data-dist-info-metadata"));
            Link {
                path,
                sha256: fragment.unwrap().strip_prefix("sha256=").unwrap().to_owned(),
                metadata: metadata.map(|value| value.strip_prefix("sha256=").unwrap().to_owned()),
                requires_python: attribute(anchor, "data-requires-python"),
            }
        })
        .collect()
}

fn json_links(page: &Page) -> Vec<Link> {
    let json: serde_json::Value = serde_json::from_str(&page.content).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let link = |file: &serde_json::Value| {
        let (path, fragment) = resolve(&page.key, file["url"].as_str().unwrap());
        assert_eq!(fragment, None);
        assert_eq!(path.rsplit('/').next(), file["filename"].as_str());
        assert_eq!(file["core-metadata"], file["dist-info-metadata"]);
        Link {
            path,
            sha256: text(&file["hashes"]["sha256"]).unwrap(),
            metadata: text(&file["core-metadata"]["sha256"]),
            requires_python: text(&file["requires-python"]),
        }
    };
    json["files"].as_array().unwrap().iter().map(link).collect()
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let folder = prop::option::of(prop::sample::select(vec!["a.b", "cpu", "cu126", "rocm7.2", "xpu"]));
    let package = prop::sample::select(vec!["torch", "torchvision", "fbgemm-gpu", "x"]);
    let local = prop::option::of("[a-z]{1,3}[0-9]{0,2}");
    let build = prop::option::of("[1-9]");
    let requires = prop::option::of("[<>=!~&\"' 0-9.,a-z]{0,12}");
    let one = (package, folder, 0..3_u8, local, build, requires, any::<bool>());
    let one = one.prop_map(|(package, folder, minor, local, build, requires, wheel)| {
        let local = local.map(|local| format!("+{local}")).unwrap_or_default();
        let build = build.map(|build| format!("-{build}")).unwrap_or_default();
        let folder_path = folder.map(|folder| format!("{folder}/")).unwrap_or_default();
        let name = if wheel {
            format!("{}-2.{minor}.0{local}{build}-py3-none-any.whl", package.replace('-', "_"))
        } else {
            format!("libtorch-{package}-2.{minor}.0{local}.zip")
        };
        let mut sample = sample(package, &format!("{folder_path}{name}"));
        // One name, one file: what differs would be refused.
        sample.artifact.sha256 = crate::digest::Sha256::of(name.as_bytes());
        sample.artifact.requires_python = requires;
        sample
    });
    prop::collection::vec(one, 0..12).prop_map(|samples| {
        let by_name =
            samples.into_iter().map(|sample| ((sample.artifact.folder.clone(), sample.artifact.name.clone()), sample));
        by_name.collect::<BTreeMap<_, _>>().into_values().collect()
    })
}

fn roots() -> impl Strategy<Value = IndexRoot> {
    let candidate = IndexRoot::Candidate("2.15.0-rc3".parse().unwrap());
    prop::sample::select(vec![IndexRoot::Stable, IndexRoot::Test, candidate])
}

/// What a page must link to.
fn expected(root: IndexRoot, samples: &[Sample], page: &Page) -> BTreeMap<String, Link> {
    let StorageKey::Page(key) = &page.key else { panic!("{:?} is no page", page.key) };
    let mut links = BTreeMap::new();
    let mut entries = listed(root, samples);
    // Of one file in two folders, the first path is the one that is linked.
    entries.sort_by_key(|listed| listed.location.path());
    for listed in entries {
        let artifact = listed.artifact;
        let of_page = Tree::of(artifact.kind) == key.tree
            && key.package.as_ref().is_none_or(|package| package == listed.package)
            && (key.folder.is_none() || artifact.folder.is_none() || artifact.folder == key.folder);
        let link = Link {
            path: listed.location.path(),
            sha256: artifact.sha256.to_string(),
            metadata: artifact.metadata.as_ref().map(|metadata| metadata.sha256.to_string()),
            requires_python: artifact.requires_python.clone(),
        };
        if of_page {
            // Archives are told apart by folder and name, wheels by name alone.
            let name = if key.tree == Tree::Whl { artifact.name.to_string() } else { link.path.clone() };
            links.entry(name).or_insert(link);
        }
    }
    links
}

proptest! {
    #[test]
    fn every_link_of_every_page_leads_to_its_own_file(root in roots(), samples in samples()) {
        for page in render(root, &listed(root, &samples)).unwrap() {
            let StorageKey::Page(key) = &page.key else { panic!("{:?} is no page", page.key) };
            if key.tree == Tree::Whl && key.package.is_none() {
                continue;
            }
            let links = match key.twin {
                Twin::Html => html_links(&page),
                Twin::Json => json_links(&page),
            };
            let expected: BTreeSet<Link> = expected(root, &samples, &page).into_values().collect();
            prop_assert!(!links.is_empty(), "{} is empty", page.key.path());
            prop_assert_eq!(links.len(), expected.len());
            prop_assert_eq!(links.into_iter().collect::<BTreeSet<_>>(), expected, "{}", page.key.path());
        }
    }

    #[test]
    fn every_package_of_a_list_has_its_page(root in roots(), samples in samples()) {
        let listed = listed(root, &samples);
        let pages = render(root, &listed).unwrap();
        let keys: BTreeSet<_> = pages.iter().map(|page| page.key.key()).collect();
        prop_assert_eq!(Index::new(root, &listed).unwrap().keys(), keys, "what is not rendered goes to the same places");
        let folders: BTreeSet<String> = pages.iter().map(|page| page.key.path()).collect();
        prop_assert_eq!(folders.len(), pages.len(), "two pages have one key");
        for page in &pages {
            let StorageKey::Page(key) = &page.key else { panic!("{:?} is no page", page.key) };
            let is_list = key.tree == Tree::Whl && key.package.is_none() && key.twin == Twin::Html;
            let anchors = page.content.lines().filter_map(|line| line.trim().strip_prefix("<a"));
            for anchor in anchors.filter(|_| is_list) {
                let (path, _) = resolve(&page.key, &attribute(anchor, "href").unwrap());
                for twin in Twin::ALL {
                    let target = format!("{path}{}", twin.file_name());
                    prop_assert!(folders.contains(&target), "{target} is missing");
                }
            }
        }
    }

    #[test]
    fn pages_outside_of_what_changed_are_the_same(
        root in roots(), before in samples(), keep in prop::collection::vec(any::<bool>(), 12),
    ) {
        let after: Vec<Sample> =
            before.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(sample, _)| sample.clone()).collect();
        let [old, new] = [&before, &after].map(|samples| listed(root, samples));
        let changed = Index::new(root, &new).unwrap().changed_since(&Index::new(root, &old).unwrap());
        let of_others = |pages: Vec<Page>| -> Vec<Page> {
            let other = |page: &Page| matches!(&page.of, PageOf::Package(package) if !changed.contains(package));
            pages.into_iter().filter(other).collect()
        };
        prop_assert_eq!(of_others(render(root, &old).unwrap()), of_others(render(root, &new).unwrap()));
    }
}
