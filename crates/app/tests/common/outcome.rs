//! What a story leaves behind: the refs of every repository, the listing of every store, the journals.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use trackside_testkit::git::Repo;

use super::World;

impl World {
    /// The refs of every repository, each with the subject of its commit; a tag names its kind.
    pub(crate) fn refs(&self) -> String {
        self.repos.iter().map(|name| format!("{name}\n{}", refs(&self.repo(name)))).collect()
    }

    /// The keys of a store in a folder below the root.
    pub(crate) fn listing(&self, store: &str) -> String {
        let mut text = String::new();
        walk(&self.path(store), &mut |path| {
            let key = path.strip_prefix(self.path(store)).unwrap();
            text.push_str(&format!("{}\n", key.display()));
        });
        text
    }

    /// Refs with their ids and the content of all stores: what two ways must have in common.
    pub(crate) fn refs_and_stores(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all: BTreeMap<String, Vec<u8>> = self
            .photograph()
            .into_iter()
            .filter(|(path, _)| path.starts_with("store/") || path.starts_with("backup/"))
            .collect();
        for name in &self.repos {
            all.extend(
                self.repo(name)
                    .refs()
                    .unwrap()
                    .into_iter()
                    .map(|(full, id)| (format!("{name} {full}"), id.into_bytes())),
            );
        }
        all
    }

    /// The part of a photograph that shows the refs of the repositories.
    pub(crate) fn repo_refs<'a>(&self, photograph: &'a BTreeMap<String, Vec<u8>>) -> BTreeMap<&'a str, &'a [u8]> {
        let refs = photograph.iter().filter(|(path, _)| path.starts_with("git/") && path.contains("/refs/"));
        refs.map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
    }

    /// The keys of the stable channel and its records.
    pub(crate) fn stable(&self) -> String {
        let listing = self.listing("store");
        let stable = |line: &&str| {
            ["channels/", "promotions/", "whl/"].iter().any(|tree| line.starts_with(tree))
                && !line.starts_with("whl/test/")
        };
        listing.lines().filter(stable).map(|line| format!("{line}\n")).collect()
    }

    /// The effects of the plan that a command makes, as the beginnings of crash points.
    pub(crate) fn effects(&self, arguments: &str) -> Vec<String> {
        let output = self.command(arguments.split_whitespace()).args(["--format", "json"]).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let steps = answer["plan"]["plan"]["steps"].as_array().unwrap_or_else(|| panic!("no plan: {answer:#}"));
        let of_step = |step: &serde_json::Value| {
            let id = step["id"].as_str().unwrap().to_owned();
            (0..step["actions"].as_array().unwrap().len()).map(move |index| format!("{id}/{index}"))
        };
        steps.iter().flat_map(of_step).collect()
    }

    /// Calls `each` for every file below a folder.
    pub(crate) fn each_file(&self, below: &str, each: &mut dyn FnMut(&Path)) {
        walk(&self.path(below), each);
    }

    /// The same world once more, elsewhere and without its plans, runs and caches.
    pub(crate) fn copy(&self) -> Self {
        let mut copy = Self::empty();
        copy.repos.clone_from(&self.repos);
        for (path, bytes) in self.photograph() {
            let to = copy.path(&path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, bytes).unwrap();
        }
        for name in &self.repos {
            for folder in ["objects", "refs/heads", "refs/tags", "hooks"] {
                fs::create_dir_all(copy.path(&format!("git/{name}.git/{folder}"))).unwrap();
            }
        }
        copy
    }

    /// A file below the root, made the same on every machine.
    pub(crate) fn shown(&self, below: &str) -> String {
        super::normal(&self.read(below), self.root())
    }

    /// One line for each run: its command and its events, in the order in which it was opened.
    pub(crate) fn journal(&self) -> String {
        self.journal_in("state/trackside/projects/Train")
    }

    /// The same for a state store elsewhere below the root.
    pub(crate) fn journal_in(&self, state: &str) -> String {
        let mut runs: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
        walk(&self.path(state).join("runs"), &mut |path| {
            let digest = path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
            let record: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            let at = record["body"]["at"].as_str().unwrap().to_owned();
            runs.entry(digest).or_insert_with(|| (at, Vec::new())).1.push(word(&record["body"]["what"]));
        });
        let mut lines: Vec<(String, String)> = Vec::new();
        for (digest, (at, words)) in runs {
            let plan = fs::read(self.path(state).join("plans").join(format!("{digest}.json"))).unwrap();
            let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
            lines.push((at, format!("{}: {}\n", plan["command"]["verb"].as_str().unwrap(), words.join(", "))));
        }
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

fn word(what: &serde_json::Value) -> String {
    let event = what["event"].as_str().unwrap();
    match what["step"].as_str() {
        Some(step) => format!("{event} {step}"),
        None => event.to_owned(),
    }
}

fn refs(repo: &Repo) -> String {
    let refs = repo.refs().unwrap();
    let line = |name: &String| {
        let subject = repo.log(name).unwrap().into_iter().next().unwrap_or_default();
        let kind = if repo.git(&["cat-file", "-t", name]).unwrap().trim() == "tag" { "annotated, " } else { "" };
        format!("  {}: {kind}{subject}\n", name.trim_start_matches("refs/"))
    };
    refs.keys().map(line).collect()
}

/// Calls `each` for every file below a folder, in the order of the paths.
pub(crate) fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            walk(&path, each);
        } else if path.is_file() {
            // Pipes of a gate are no content.
            each(&path);
        }
    }
}
