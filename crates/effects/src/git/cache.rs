//! Bare caches, one per remote: where history is read and derived objects are made. Everything in
//! them can be lost at the cost of time only; no user's repository is ever touched.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use trackside_domain::digest::Sha256;
use trackside_domain::git::{ObjectId, RefName, RemoteUrl};

use super::command::{Call, Git};
use super::error::GitError;

/// Where our copies of a remote's refs live. A `/` of the name becomes `%` (which no name of ours
/// holds), so that `release` and `release/2.15` of different days can stand side by side.
const KEPT: &str = "refs/trackside/";

/// The folder of all caches.
#[derive(Debug, Clone)]
pub struct Caches {
    git: Git,
    root: PathBuf,
}

/// The cache of one remote.
#[derive(Debug, Clone)]
pub struct Cache {
    pub(super) git: Git,
    pub(super) dir: PathBuf,
    pub(super) remote: RemoteUrl,
}

impl Caches {
    /// Caches below `root`, which is created when it is needed.
    pub fn new(git: Git, root: PathBuf) -> Self {
        Self { git, root }
    }

    /// The program that all of them use.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The cache of a remote, created if it is absent and replaced if it is no repository. The remote
    /// itself is not asked.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(&self, remote: &RemoteUrl) -> Result<Cache, GitError> {
        let cache = Cache { git: self.git.clone(), dir: self.root.join(folder_name(remote)), remote: remote.clone() };
        fs::create_dir_all(&self.root).map_err(GitError::io("create", &self.root))?;
        let lock = cache.lock()?;
        if !cache.looks_sound() {
            cache.create(&lock)?;
        }
        Ok(cache)
    }
}

/// Shows that the cache is ours alone until this is dropped.
struct Locked(#[expect(dead_code, reason = "the lock is held for as long as the file is open")] File);

impl Cache {
    /// The remote that this is a cache of.
    pub fn remote(&self) -> &RemoteUrl {
        &self.remote
    }

    /// The folder, for messages.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Brings the objects of these refs here and returns what each of them names now. A damaged cache
    /// is thrown away and fetched anew, once.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the remote has no such ref, or why the remote cannot be read.
    pub fn fetch(&self, refs: &[RefName]) -> Result<BTreeMap<RefName, ObjectId>, GitError> {
        let specs: Vec<_> = refs.iter().map(|name| format!("+{name}:{}", kept(name.as_str()))).collect();
        self.fetch_specs(&specs)?;
        refs.iter().map(|name| Ok((name.clone(), self.resolve(&kept(name.as_str()))?))).collect()
    }

    /// Brings these objects here, if they are not here already.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the remote does not have one of them or does not give it.
    pub fn fetch_objects(&self, ids: &[ObjectId]) -> Result<(), GitError> {
        let mut specs = Vec::new();
        for id in ids {
            if !self.has(id)? {
                specs.push(format!("+{id}:{KEPT}id/{id}"));
            }
        }
        if specs.is_empty() { Ok(()) } else { self.fetch_specs(&specs) }
    }

    /// Whether an object is here, without asking the remote.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn has(&self, id: &ObjectId) -> Result<bool, GitError> {
        // Without this variable the question itself would fetch the object (git 2.45 and newer know it;
        // an older one answers yes and has it then).
        let call = self.local("cat-file").env("GIT_NO_LAZY_FETCH", "1").arg("-e").arg(id.as_str());
        Ok(call.finish()?.status.success())
    }

    /// A call on this cache; contents that were left out of it may be fetched on the way.
    pub(super) fn local(&self, verb: &'static str) -> Call<'_> {
        self.git.call(verb).within(&self.dir).login(&self.remote)
    }

    fn fetch_specs(&self, specs: &[String]) -> Result<(), GitError> {
        let lock = self.lock()?;
        if !self.looks_sound() {
            self.create(&lock)?;
        }
        let fetch = || {
            // Without the variable git asks a shallow remote again and again for what it does not have.
            self.local("fetch")
                .env("GIT_NO_LAZY_FETCH", "1")
                .args(["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--update-shallow"])
                .args(["--no-recurse-submodules", "--filter=blob:none", "--stdin", "--end-of-options", "origin"])
                .input(specs.join("\n") + "\n")
                .remote_output(&self.remote)
                .and_then(|_| self.check_tips(specs))
        };
        let fetched = fetch();
        if self.dir.join("shallow").exists() {
            // What is cut off here would stay cut off, also when the remote is mended.
            self.create(&lock)?;
            let detail = "it is a shallow clone, and a release needs the whole history".to_owned();
            return Err(GitError::Unsupported { what: self.remote.to_string(), detail });
        }
        match fetched {
            // It costs time only to begin again; but much of it, so not for just any failure.
            Err(error) if self.is_damage(&error) => {
                self.create(&lock)?;
                fetch()
            }
            other => other,
        }
    }

    /// Whether each fetched object and the tree of its commit can be read: a fetch itself trusts what it has.
    fn check_tips(&self, specs: &[String]) -> Result<(), GitError> {
        for (_, name) in specs.iter().filter_map(|spec| spec.split_once(':')) {
            self.local("ls-tree").args(["-z", "--full-tree", "--end-of-options", name]).output().map_err(|error| {
                match error {
                    GitError::Failed { detail, .. } => GitError::Damaged { dir: self.dir.clone(), detail },
                    other => other,
                }
            })?;
        }
        Ok(())
    }

    /// Whether a failure is the cache's fault: git says so, or cannot read the commits that were fetched.
    fn is_damage(&self, error: &GitError) -> bool {
        match error {
            GitError::Damaged { .. } => true,
            GitError::Failed { .. } => {
                let tips = self.local("for-each-ref").env("GIT_NO_LAZY_FETCH", "1").args(["--format=%(tree)", KEPT]);
                !tips.finish().is_ok_and(|read| read.status.success() && read.stderr.is_empty())
            }
            _ => false,
        }
    }

    fn resolve(&self, name: &str) -> Result<ObjectId, GitError> {
        let text = self.local("rev-parse").args(["--verify", "--end-of-options", name]).text()?;
        text.trim().parse().map_err(|_| GitError::unexpected("rev-parse", &text))
    }

    /// Cheap signs of a whole repository; what they do not show is found when it is used.
    fn looks_sound(&self) -> bool {
        self.dir.join("HEAD").is_file()
            && self
                .local("config")
                .args(["--get", "remote.origin.url"])
                .text()
                .is_ok_and(|url| url.trim_end() == self.remote.as_str())
    }

    /// Makes the cache anew beside its place and moves it there, so that a crash leaves no half cache.
    fn create(&self, _lock: &Locked) -> Result<(), GitError> {
        let root = self.dir.parent().unwrap_or(Path::new("/"));
        let fresh = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(root)
            .map_err(GitError::io("create a folder in", root))?;
        // HEAD names a branch that never exists: nothing may be taken from a default.
        let init = self.git.call("init").args(["--quiet", "--bare", "--template=", "--initial-branch=none"]);
        init.arg(fresh.path()).output()?;
        for (key, value) in [
            ("remote.origin.url", self.remote.as_str()),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
        ] {
            self.git.call("config").within(fresh.path()).args([key, value]).output()?;
        }
        if self.dir.exists() {
            let old =
                tempfile::Builder::new().prefix(".old-").tempdir_in(root).map_err(GitError::io("create", root))?;
            fs::rename(&self.dir, old.path().join("cache")).map_err(GitError::io("move away", &self.dir))?;
        }
        fs::rename(fresh.keep(), &self.dir).map_err(GitError::io("put in place", &self.dir))
    }

    /// Waits until no other process creates or fetches into this cache.
    fn lock(&self) -> Result<Locked, GitError> {
        let path = self.dir.with_extension("lock");
        let file = File::create(&path).map_err(GitError::io("create", &path))?;
        file.lock().map_err(GitError::io("lock", &path))?;
        Ok(Locked(file))
    }
}

fn kept(name: &str) -> String {
    format!("{KEPT}ref/{}", name.replace('/', "%"))
}

/// A readable tail and enough of a digest to be unique.
fn folder_name(remote: &RemoteUrl) -> String {
    let url = remote.as_str().trim_end_matches('/').trim_end_matches(".git");
    let tail = url.rsplit(['/', ':']).next().unwrap_or("remote");
    let safe: String = tail.chars().filter(|char| char.is_ascii_alphanumeric() || "-_".contains(*char)).collect();
    format!("{}-{}.git", safe.chars().take(40).collect::<String>(), Sha256::of(remote.as_str().as_bytes()).short())
}
