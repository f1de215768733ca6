//! Reading history in a cache: ancestry, messages with trailers, files, lists of files, dates.

use trackside_domain::git::ObjectId;

use super::cache::Cache;
use super::error::GitError;

/// One commit of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The commit.
    pub id: ObjectId,
    /// Its parents, the first one first.
    pub parents: Vec<ObjectId>,
    /// When it was committed, in Unix seconds.
    pub committed: i64,
    /// The whole message; bytes that are not UTF-8 are replaced.
    pub message: String,
    /// The trailers of the message, in order: key and value.
    pub trailers: Vec<(String, String)>,
}

impl LogEntry {
    /// The first line of the message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// An ordinary file.
    File,
    /// A file with the executable bit.
    Executable,
    /// A symbolic link.
    Symlink,
    /// A submodule; its id is a commit of another repository.
    Submodule,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// The path from the root, with `/`. Bytes that are not UTF-8 are replaced.
    pub path: String,
    /// What it is.
    pub kind: TreeKind,
    /// Its blob, or the commit of a submodule.
    pub id: ObjectId,
}

impl Cache {
    /// Whether `ancestor` is in the history of `descendant` (a commit is its own ancestor).
    ///
    /// # Errors
    /// When one of them is not in the cache.
    pub fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, GitError> {
        let call = self.local("merge-base").args(["--is-ancestor", "--end-of-options"]);
        let finished = call.arg(ancestor.as_str()).arg(descendant.as_str()).finish()?;
        match finished.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(GitError::Missing {
                what: format!("{ancestor} or {descendant} ({})", self.git.presentable(&finished.stderr)),
            }),
        }
    }

    /// The commits of `tip` that are not in the history of any of `without`, newest first.
    ///
    /// # Errors
    /// When a commit is not in the cache.
    pub fn log(&self, tip: &ObjectId, without: &[&ObjectId]) -> Result<Vec<LogEntry>, GitError> {
        let format = "--format=tformat:%H%x00%P%x00%ct%x00%B%x00%(trailers:only,unfold)";
        let output = self
            .local("log")
            .args(["-z", "--no-color", "--no-decorate", "--no-notes", "--no-show-signature", "--no-mailmap"])
            .args(["--topo-order", format, "--end-of-options"])
            .arg(tip.as_str())
            .args(without.iter().map(|id| format!("^{id}")))
            .output()?;
        let text = String::from_utf8_lossy(&output);
        let fields: Vec<&str> = text.split_terminator('\0').collect();
        if !fields.len().is_multiple_of(5) {
            return Err(GitError::unexpected("log", "a record without its five fields"));
        }
        fields.chunks_exact(5).map(entry).collect()
    }

    /// Seconds since 1970 when a commit was committed.
    ///
    /// # Errors
    /// When the commit is not in the cache.
    pub fn commit_date(&self, commit: &ObjectId) -> Result<i64, GitError> {
        let call = self.local("log").args(["-1", "--no-show-signature", "--format=%ct", "--end-of-options"]);
        let text = call.arg(commit.as_str()).text()?;
        text.trim().parse().map_err(|_| GitError::unexpected("log", &text))
    }

    /// The content of a file in a commit; none if there is no such file.
    ///
    /// # Errors
    /// [`GitError::Unsupported`] for a symbolic link, a folder or a submodule.
    pub fn read_file(&self, commit: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let output = self.ls_tree(commit, &["--", path])?;
        match parse_tree(&output)?.into_iter().find(|entry| entry.path == path) {
            Some(TreeEntry { kind: TreeKind::File | TreeKind::Executable, id, .. }) => self.blob(&id).map(Some),
            Some(_) => Err(not_a_file(commit, path, "it is a symbolic link or a submodule")),
            None if output.is_empty() => Ok(None),
            None => Err(not_a_file(commit, path, "it is a folder")),
        }
    }

    /// Every file of a commit, in the order of paths.
    ///
    /// # Errors
    /// When the commit is not in the cache.
    pub fn list_paths(&self, commit: &ObjectId) -> Result<Vec<TreeEntry>, GitError> {
        parse_tree(&self.ls_tree(commit, &["-r"])?)
    }

    /// The bytes of a blob.
    pub(super) fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, GitError> {
        self.local("cat-file").args(["blob", id.as_str()]).output()
    }

    fn ls_tree(&self, commit: &ObjectId, more: &[&str]) -> Result<Vec<u8>, GitError> {
        // The commit is 40 digits by its type, so it cannot be taken for an option.
        let (options, paths): (Vec<_>, Vec<_>) =
            if more.first() == Some(&"--") { (Vec::new(), more.to_vec()) } else { (more.to_vec(), Vec::new()) };
        self.local("ls-tree").args(["-z", "--full-tree"]).args(options).arg(commit.as_str()).args(paths).output()
    }
}

fn not_a_file(commit: &ObjectId, path: &str, reason: &str) -> GitError {
    GitError::Unsupported { what: format!("{path} in {}", commit.short()), detail: reason.to_owned() }
}

fn entry(fields: &[&str]) -> Result<LogEntry, GitError> {
    let unexpected = || GitError::unexpected("log", &fields.join(" "));
    let &[id, parents, committed, message, trailers] = fields else { return Err(unexpected()) };
    let trailers = trailers.lines().filter_map(|line| line.split_once(": "));
    Ok(LogEntry {
        id: id.parse().map_err(|_| unexpected())?,
        parents: parents.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| unexpected())?,
        committed: committed.parse().map_err(|_| unexpected())?,
        message: message.to_owned(),
        trailers: trailers.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
    })
}

fn parse_tree(output: &[u8]) -> Result<Vec<TreeEntry>, GitError> {
    let text = String::from_utf8_lossy(output);
    text.split_terminator('\0').filter_map(|line| parse_tree_line(line).transpose()).collect()
}

/// One line `<mode> <type> <id>\t<path>`; nothing for a folder.
fn parse_tree_line(line: &str) -> Result<Option<TreeEntry>, GitError> {
    let unexpected = || GitError::unexpected("ls-tree", line);
    let (meta, path) = line.split_once('\t').ok_or_else(unexpected)?;
    let [mode, _, id] = meta.split(' ').collect::<Vec<_>>()[..] else { return Err(unexpected()) };
    let kind = match mode {
        "040000" => return Ok(None),
        "100755" => TreeKind::Executable,
        "120000" => TreeKind::Symlink,
        "160000" => TreeKind::Submodule,
        // Very old commits have 100664.
        mode if mode.starts_with("100") => TreeKind::File,
        _ => return Err(unexpected()),
    };
    Ok(Some(TreeEntry { path: path.to_owned(), kind, id: id.parse().map_err(|_| unexpected())? }))
}
