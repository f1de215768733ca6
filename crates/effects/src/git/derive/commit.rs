//! A commit that sets and deletes whole files.

use std::collections::BTreeMap;

use trackside_domain::git::{ObjectId, Signature};

use super::object::{CommitParts, TempIndex};
use super::path::check_path;
use super::{Changes, DeriveError, Derived, signature};
use crate::git::cache::Cache;
use crate::git::history::{TreeEntry, TreeKind};

impl Cache {
    /// Makes a commit on `base` in which the files have the given contents. Modes of existing files are
    /// kept, new files are ordinary ones; author and committer are `who`.
    ///
    /// # Errors
    /// [`DeriveError::NothingChanged`], [`DeriveError::BadPath`], or [`DeriveError::UnsupportedChange`] for a
    /// link, a submodule, a folder in the way or a deletion of what is not there.
    pub fn commit_tree_with(
        &self,
        base: &ObjectId,
        changes: &Changes,
        message: &str,
        who: &Signature,
    ) -> Result<Derived, DeriveError> {
        let message = signature::message(message)?;
        let author = signature::line(who)?;
        let entries = self.list_paths(base)?;
        let present: BTreeMap<&str, &TreeEntry> = entries.iter().map(|entry| (entry.path.as_str(), entry)).collect();
        let index = TempIndex::of(self, base)?;
        let mut info = Vec::new();
        for (path, content) in changes {
            check_path(path)?;
            if let Some(reason) = in_the_way(path, &present) {
                return Err(DeriveError::UnsupportedChange { path: path.clone(), reason });
            }
            let mode = mode(path, present.get(path.as_str()).map(|entry| entry.kind), content.is_some())?;
            let blob = match content {
                Some(content) => self.write_object("blob", content.clone())?.to_string(),
                None => "0".repeat(base.as_str().len()),
            };
            info.extend_from_slice(format!("{mode} {blob}\t{path}\0").as_bytes());
        }
        if !info.is_empty() {
            index.call(self, "update-index").args(["-z", "--index-info"]).input(info).output()?;
        }
        let tree = index.write_tree(self)?;
        if tree == self.tree_of(base)? {
            return Err(DeriveError::NothingChanged { base: base.clone() });
        }
        let parts =
            CommitParts { tree: &tree, parent: base, author: author.as_bytes(), encoding: None, message: &message };
        let commit = self.write_commit(&parts, who)?;
        let diff = self.diff(base, &commit)?;
        Ok(Derived { commit, diff })
    }
}

/// Why a path cannot be a file: one of its folders is a file, or it is a folder itself.
fn in_the_way(path: &str, present: &BTreeMap<&str, &TreeEntry>) -> Option<&'static str> {
    let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
    if folders.any(|folder| present.contains_key(folder)) {
        return Some("one of its folders is a file");
    }
    let below = format!("{path}/");
    let next = present.range(below.as_str()..).next();
    next.filter(|(other, _)| other.starts_with(&below)).map(|_| "it is a folder")
}

/// The mode that a path gets: that of the file as it is, `0` to delete it.
fn mode(path: &str, present: Option<TreeKind>, wanted: bool) -> Result<&'static str, DeriveError> {
    let refuse = |reason| Err(DeriveError::UnsupportedChange { path: path.to_owned(), reason });
    match (present, wanted) {
        (None, false) => refuse("it is to be deleted but is not there"),
        (Some(TreeKind::Symlink), _) => refuse("it is a symbolic link"),
        (Some(TreeKind::Submodule), _) => refuse("it is a submodule"),
        (Some(TreeKind::File | TreeKind::Executable), false) => Ok("0"),
        (None | Some(TreeKind::File), true) => Ok("100644"),
        (Some(TreeKind::Executable), true) => Ok("100755"),
    }
}
