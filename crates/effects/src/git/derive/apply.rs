//! A commit from a diff that must apply exactly: no fuzz, no offset, no path outside of the tree.

use trackside_domain::git::{ObjectId, Signature};

use super::object::{CommitParts, TempIndex};
use super::path::check_path;
use super::{DeriveError, signature};
use crate::git::cache::Cache;

impl Cache {
    /// Makes the commit that `diff` describes on `parent`. The diff that [`Cache::commit_tree_with`] gave
    /// leads to the same commit on every machine.
    ///
    /// # Errors
    /// [`DeriveError::NotADiff`], [`DeriveError::DoesNotApply`], [`DeriveError::BadPath`],
    /// [`DeriveError::NothingChanged`].
    pub fn apply_diff(
        &self,
        parent: &ObjectId,
        diff: &[u8],
        message: &str,
        who: &Signature,
    ) -> Result<ObjectId, DeriveError> {
        let message = signature::message(message)?;
        let author = signature::line(who)?;
        let index = TempIndex::of(self, parent)?;
        // Asked first, so that a text that is no diff at all is told from one for other content.
        let listed = self.local("apply").args(["--numstat", "-z", "-"]).input(diff).finish()?;
        if !listed.status.success() {
            return Err(DeriveError::NotADiff { detail: self.git.presentable(&listed.stderr) });
        }
        let call = index.call(self, "apply").args(["--cached", "--verbose", "--whitespace=nowarn", "-"]);
        let applied = call.input(diff).finish()?;
        let said = String::from_utf8_lossy(&applied.stderr);
        let detail = self.git.presentable(&applied.stderr);
        if said.contains("error: invalid path") {
            return Err(DeriveError::NotADiff { detail });
        }
        // git finds a hunk that has moved; what was approved is the exact place.
        if !applied.status.success() || said.lines().any(|line| line.contains("(offset ")) {
            return Err(DeriveError::DoesNotApply { base: parent.clone(), detail });
        }
        let tree = index.write_tree(self)?;
        if tree == self.tree_of(parent)? {
            return Err(DeriveError::NothingChanged { base: parent.clone() });
        }
        self.check_touched(parent, &tree)?;
        let parts = CommitParts { tree: &tree, parent, author: author.as_bytes(), encoding: None, message: &message };
        self.write_commit(&parts, who)
    }

    /// Judges every path that differs by our own rule, after git has judged it by its.
    fn check_touched(&self, parent: &ObjectId, tree: &ObjectId) -> Result<(), DeriveError> {
        let call = self.local("diff-tree").args(["-r", "-z", "--name-only", "--no-renames"]);
        let output = call.args([parent.as_str(), tree.as_str()]).output()?;
        String::from_utf8_lossy(&output).split_terminator('\0').try_for_each(check_path)
    }
}
