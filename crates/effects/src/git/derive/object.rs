//! Writing single objects into the cache's object database, byte for byte as decided here.

use std::path::{Path, PathBuf};

use trackside_domain::git::{ObjectId, Signature, TagName};

use super::{DeriveError, signature};
use crate::git::cache::Cache;
use crate::git::command::Call;
use crate::git::error::GitError;

/// What a commit object holds, apart from its committer.
pub(super) struct CommitParts<'a> {
    pub(super) tree: &'a ObjectId,
    pub(super) parent: &'a ObjectId,
    /// `Name <mail> seconds zone`, as bytes: an author of another time may have another encoding.
    pub(super) author: &'a [u8],
    /// The value of the `encoding` header, if the message is not UTF-8.
    pub(super) encoding: Option<&'a [u8]>,
    pub(super) message: &'a [u8],
}

/// An index file of our own, so that trees are built without a checkout.
pub(super) struct TempIndex {
    folder: tempfile::TempDir,
}

impl TempIndex {
    /// An index that holds the tree of `base`.
    pub(super) fn of(cache: &Cache, base: &ObjectId) -> Result<Self, GitError> {
        // Beside the cache: what a crash leaves there can be deleted like everything else.
        let root = cache.dir().parent().unwrap_or(cache.dir());
        let folder = tempfile::Builder::new()
            .prefix(".tmp-")
            .tempdir_in(root)
            .map_err(GitError::io("create a folder in", root))?;
        let index = Self { folder };
        index.call(cache, "read-tree").arg(base.as_str()).output()?;
        Ok(index)
    }

    /// A call that works on this index.
    pub(super) fn call<'a>(&self, cache: &'a Cache, verb: &'static str) -> Call<'a> {
        cache.local(verb).env("GIT_INDEX_FILE", self.path())
    }

    /// The tree that the index holds now. Contents that were left out of the cache are not needed.
    pub(super) fn write_tree(&self, cache: &Cache) -> Result<ObjectId, GitError> {
        id(&self.call(cache, "write-tree").arg("--missing-ok").text()?)
    }

    /// The folder that disappears together with the index.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("index")
    }
}

impl Cache {
    /// Makes an annotated tag object of a commit. Whether the name is free is the remote's to say.
    ///
    /// # Errors
    /// When the target is no commit of the cache, or the texts cannot stand in a tag.
    pub fn annotated_tag(
        &self,
        target: &ObjectId,
        name: &TagName,
        message: &str,
        tagger: &Signature,
    ) -> Result<ObjectId, DeriveError> {
        let kind = self.local("cat-file").args(["-t", target.as_str()]).text()?;
        if kind.trim() != "commit" {
            let detail = format!("it is a {}, not a commit", kind.trim());
            return Err(GitError::Unsupported { what: target.to_string(), detail }.into());
        }
        let tagger = signature::line(tagger)?;
        let mut object = format!("object {target}\ntype commit\ntag {name}\ntagger {tagger}\n\n").into_bytes();
        object.extend(signature::message(message)?);
        Ok(self.write_object("tag", object)?)
    }

    /// Writes a commit.
    pub(super) fn write_commit(&self, parts: &CommitParts<'_>, committer: &Signature) -> Result<ObjectId, DeriveError> {
        let CommitParts { tree, parent, author, encoding, message } = parts;
        let mut object = format!("tree {tree}\nparent {parent}\nauthor ").into_bytes();
        object.extend_from_slice(author);
        object.extend_from_slice(format!("\ncommitter {}\n", signature::line(committer)?).as_bytes());
        if let Some(encoding) = encoding {
            object.extend_from_slice(b"encoding ");
            object.extend_from_slice(encoding);
            object.push(b'\n');
        }
        object.push(b'\n');
        object.extend_from_slice(message);
        Ok(self.write_object("commit", object)?)
    }

    /// Writes an object of any type; git checks its form.
    pub(super) fn write_object(&self, kind: &str, bytes: Vec<u8>) -> Result<ObjectId, GitError> {
        id(&self.local("hash-object").args(["-t", kind, "-w", "--stdin"]).input(bytes).text()?)
    }

    /// The tree of a commit.
    pub(super) fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, GitError> {
        id(&self.local("rev-parse").args(["--verify", "--end-of-options", &format!("{commit}^{{tree}}")]).text()?)
    }

    /// The difference between two trees or commits, as everybody's git prints it.
    pub(super) fn diff(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<u8>, GitError> {
        self.local("diff-tree")
            .args(["-r", "-p", "--full-index", "--binary", "--no-renames", "--no-color", "--no-ext-diff"])
            .args(["--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3", "--inter-hunk-context=0"])
            .args(["--diff-algorithm=myers", "--no-indent-heuristic", old.as_str(), new.as_str()])
            .output()
    }
}

pub(super) fn id(text: &str) -> Result<ObjectId, GitError> {
    text.trim().parse().map_err(|_| GitError::unexpected("object", text))
}
