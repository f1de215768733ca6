//! A folder with remotes on one side and any number of machines with their caches on the other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trackside_domain::action::RefUpdate;
use trackside_domain::git::{ObjectId, RefName, RemoteUrl, Signature};
use trackside_effects::git::{Cache, Caches, Credentials, Git, GitSettings, PushOutcome, RefOutcome};
use trackside_testkit::git::Repo;

pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn remotes(&self) -> PathBuf {
        self.path("remotes")
    }

    /// An empty remote.
    pub(crate) fn repo(&self, name: &str) -> Repo {
        Repo::create(self.remotes().join(name)).expect("a repository")
    }

    /// A remote with one commit of two files.
    pub(crate) fn core(&self) -> Repo {
        let repo = self.repo("core.git");
        let files = [("version.txt", "2.15.0a0\n"), ("src/a.py", "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\n")];
        repo.commit("main", "Start", &files).expect("a commit");
        repo
    }

    /// The cache of a remote on a machine.
    pub(crate) fn cache(&self, machine: &str, repo: &Repo) -> Cache {
        self.cache_of(machine, &repo.url(), Credentials::none())
    }

    pub(crate) fn cache_of(&self, machine: &str, url: &str, credentials: Credentials) -> Cache {
        let caches = Caches::new(git(credentials), self.path(machine).join("cache"));
        caches.open(&remote(url)).expect("a cache")
    }

    /// An executable shell script.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{text}")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable script");
        path
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests stand in for the app, which reads the environment")]
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").expect("a PATH")
}

pub(crate) fn settings(program: &Path, credentials: Credentials) -> GitSettings {
    let environment = BTreeMap::from([("PATH".into(), search_path())]);
    GitSettings { program: program.to_owned(), environment, credentials }
}

pub(crate) fn git(credentials: Credentials) -> Git {
    Git::find(settings(Path::new("git"), credentials)).expect("a git that is new enough")
}

pub(crate) fn remote(url: &str) -> RemoteUrl {
    url.parse().expect("a remote url")
}

pub(crate) fn id(text: &str) -> ObjectId {
    text.parse().expect("an object id")
}

pub(crate) fn name(text: &str) -> RefName {
    text.parse().expect("a ref")
}

pub(crate) fn bot() -> Signature {
    Signature { name: "Release Bot".into(), email: "release@example.org".into(), seconds: 1_767_700_000 }
}

/// The tip of a branch of the remote, fetched into the cache.
pub(crate) fn fetch(cache: &Cache, branch: &str) -> ObjectId {
    let branch = name(&format!("refs/heads/{branch}"));
    cache.fetch(std::slice::from_ref(&branch)).expect("a fetch").remove(&branch).expect("the branch")
}

pub(crate) fn changes(files: &[(&str, &str)]) -> trackside_effects::git::Changes {
    files.iter().map(|(path, text)| ((*path).to_owned(), Some(text.as_bytes().to_vec()))).collect()
}

pub(crate) fn update(full_ref: &str, expect: Option<&ObjectId>, new: &ObjectId) -> RefUpdate {
    RefUpdate { name: name(full_ref), expect: expect.cloned(), new: new.clone() }
}

/// The outcomes of a push that the server answered, as `ref: outcome` lines.
pub(crate) fn answered(outcome: &PushOutcome) -> Vec<String> {
    let PushOutcome::Answered { refs, .. } = outcome else { return vec![format!("{outcome:?}")] };
    refs.iter()
        .map(|(name, outcome)| match outcome {
            RefOutcome::Refused(why) => format!("{name}: refused, {why:?}"),
            other => format!("{name}: {other:?}"),
        })
        .collect()
}
