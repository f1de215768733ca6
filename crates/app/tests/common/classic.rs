//! A channel as it was before trackside: its files, and its pages in the format of the generator in use.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use trackside_domain::digest::Sha256;

use super::{World, wheel};

/// When the generator says that every file came.
const UPLOADED: &str = "2025-06-01T08:30:00Z";

/// The page of a package that others publish.
pub(crate) const NUMPY: &str = "<!DOCTYPE html>\n<html>\n  <body>\n    <h1>Links for numpy</h1>\n    \
    <a href=\"https://files.example.org/numpy-2.1.0-py3-none-any.whl#sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" \
    data-requires-python=\"&gt;=3.10\">numpy-2.1.0-py3-none-any.whl</a><br/>\n  </body>\n</html>\n<!--TIMESTAMP 1748765400-->";

impl World {
    /// Puts a channel with its pages into the store, and allows what it holds.
    pub(crate) fn classic(&self) {
        self.mend("[channels.test]", "[channels]\nallow = [\"filelock\", \"jinja2\", \"libtorch\"]\n\n[channels.test]");
        for accelerator in ["cpu", "cu126"] {
            self.shelve(accelerator, "torch", &format!("2.14.0+{accelerator}"), true);
        }
        self.shelve("cpu", "torchvision", "0.29.0+cpu", false);
        self.shelve("", "filelock", "3.20.0", true);
        // Old files spell their names as they like.
        let old = wheel("Jinja2", "3.1.2").bytes();
        fs::write(self.path("store/whl/Jinja2-3.1.2-py3-none-any.whl"), old).unwrap();
        self.write("store/libtorch/cpu/libtorch-shared-with-deps-2.14.0+cpu.zip", "an archive");
        self.write("store/libtorch/libtorch-macos-2.14.0.zip", "another archive");
        self.paginate();
    }

    /// Puts a wheel where scripts upload it to.
    pub(crate) fn shelve(&self, folder: &str, name: &str, version: &str, metadata: bool) {
        let built = wheel(name, version).requires_python(">=3.9");
        let into = self.path("store/whl").join(folder);
        fs::create_dir_all(&into).unwrap();
        let path = built.write_to(&into).unwrap();
        if metadata {
            fs::write(format!("{}.metadata", path.display()), built.metadata()).unwrap();
        }
    }

    /// Writes every page as the generator in use does.
    pub(crate) fn paginate(&self) {
        let files = files(&self.path("store/whl"), "whl/");
        let folders: BTreeSet<&str> = files.keys().filter_map(|key| key.split('/').rev().nth(1)).collect();
        for folder in folders.into_iter().filter(|folder| *folder != "whl").chain([""]) {
            let root = if folder.is_empty() { "whl".to_owned() } else { format!("whl/{folder}") };
            let mut packages: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for key in files.keys() {
                let shown = key.starts_with(&format!("{root}/")) || key.split('/').count() == 2;
                let name = key.rsplit('/').next().unwrap().split('-').next().unwrap();
                if shown {
                    packages.entry(name.to_lowercase()).or_default().push(key);
                }
            }
            let list: String =
                packages.keys().map(|name| format!("    <a href=\"{name}/\">{name}</a><br/>\n")).collect();
            self.write(&format!("store/{root}/index.html"), &document(&list));
            for (name, keys) in packages {
                let links: String = keys.into_iter().map(|key| link(key, &files)).collect();
                let page = document(&format!("    <h1>Links for {name}</h1>\n{links}"));
                self.write(&format!("store/{root}/{name}/index.html"), &page);
            }
        }
        let archives = files_of_libtorch(&self.path("store/libtorch"));
        if !archives.is_empty() {
            let line = |key: &String| format!("<a href=\"/{}\">{}</a><br/>", key.replace('+', "%2B"), &key[9..]);
            self.write("store/libtorch/index.html", &archives.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
    }
}

fn link(key: &str, files: &BTreeMap<String, Vec<u8>>) -> String {
    let digest = Sha256::of(&files[key]);
    let path = key.replace('+', "%2B");
    let name = key.rsplit('/').next().unwrap();
    let metadata = files.get(&format!("{key}.metadata")).map(|bytes| Sha256::of(bytes));
    let metadata =
        metadata.map(|it| format!(" data-dist-info-metadata=\"sha256={it}\" data-core-metadata=\"sha256={it}\""));
    if name.ends_with(".metadata") {
        return String::new();
    }
    format!(
        "    <a href=\"/{path}#sha256={digest}\"{} data-upload-time=\"{UPLOADED}\">{name}</a><br/>\n",
        metadata.unwrap_or_default()
    )
}

fn document(body: &str) -> String {
    format!("<!DOCTYPE html>\n<html>\n  <body>\n{body}  </body>\n</html>\n<!--TIMESTAMP 1748765400-->")
}

fn files_of_libtorch(folder: &Path) -> Vec<String> {
    files(folder, "libtorch/").into_keys().collect()
}

/// The artifacts below a folder and the metadata beside them, by their keys; not those of other indexes there.
fn files(folder: &Path, root: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    if folder.is_dir() {
        super::outcome::walk(folder, &mut |path| {
            let below = path.strip_prefix(folder).unwrap().display().to_string();
            let other = ["test/", "nightly/"].iter().any(|other| below.starts_with(other));
            if !other && [".whl", ".metadata", ".zip"].iter().any(|end| below.ends_with(end)) {
                found.insert(format!("{root}{below}"), fs::read(path).unwrap());
            }
        });
    }
    found
}
