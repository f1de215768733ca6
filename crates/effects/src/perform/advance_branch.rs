//! Puts one commit on the tip of a branch that other people push to.

use trackside_domain::action::{Action, Receipt, RefUpdate};
use trackside_domain::git::{ObjectId, RefName, RemoteUrl, Signature};

use super::push_refs::push;
use crate::Trouble;
use crate::git::{Cache, Caches, TreeEntry};
use crate::store::Progress;

/// How often a busy branch may move between our look and our push.
const ATTEMPTS: usize = 8;

/// The fields of the one action that this file performs.
struct Advance<'a> {
    url: &'a RemoteUrl,
    branch: &'a RefName,
    seen: &'a ObjectId,
    files: &'a [String],
    diff: &'a str,
    message: &'a str,
    by: &'a Signature,
}

impl<'a> Advance<'a> {
    fn of(action: &'a Action) -> Result<Self, Trouble> {
        match action {
            Action::AdvanceBranch { url, branch, seen, files, diff, message, by, .. } => {
                Ok(Self { url, branch, seen, files, diff, message, by })
            }
            other => Err(Trouble::Failed(format!("{} is no branch to advance", other.subject()))),
        }
    }

    /// The tip as it is now, with its history in the cache.
    fn tip(&self, cache: &Cache) -> Result<ObjectId, Trouble> {
        let fetched = cache.fetch(std::slice::from_ref(self.branch))?;
        cache.fetch_objects(std::slice::from_ref(self.seen))?;
        fetched
            .get(self.branch)
            .cloned()
            .ok_or_else(|| Trouble::Conflict(format!("{} of {} is gone", self.branch, self.url)))
    }

    /// The commit that carries our trailer, if the branch has it.
    fn landed(&self, cache: &Cache, tip: &ObjectId) -> Result<Option<ObjectId>, Trouble> {
        let trailer = self.message.lines().last().and_then(|line| line.split_once(": "));
        let Some((key, value)) = trailer else { return Ok(None) };
        let commits = cache.log(tip, &[self.seen])?;
        let ours = commits.into_iter().find(|commit| commit.trailers.iter().any(|(k, v)| k == key && v == value));
        Ok(ours.map(|commit| commit.id))
    }

    /// The commit that our change makes on this tip, if what it changes is still what the plan saw.
    fn commit(&self, cache: &Cache, tip: &ObjectId) -> Result<ObjectId, Trouble> {
        if !cache.is_ancestor(self.seen, tip)? {
            return Err(Trouble::Conflict(format!(
                "{} was rewritten: {} is not below {}",
                self.branch,
                self.seen.short(),
                tip.short()
            )));
        }
        let (then, now) = (self.entries(cache, self.seen)?, self.entries(cache, tip)?);
        if let Some(moved) = self.files.iter().find(|file| find(&then, file) != find(&now, file)) {
            return Err(Trouble::Conflict(format!("{moved} on {} is not what the plan saw", self.branch.short())));
        }
        Ok(cache.apply_diff(tip, self.diff.as_bytes(), self.message, self.by)?)
    }

    fn entries(&self, cache: &Cache, commit: &ObjectId) -> Result<Vec<TreeEntry>, Trouble> {
        let mut entries = cache.list_paths(commit)?;
        entries.retain(|entry| self.files.contains(&entry.path));
        Ok(entries)
    }
}

fn find<'a>(entries: &'a [TreeEntry], path: &str) -> Option<&'a TreeEntry> {
    entries.iter().find(|entry| entry.path == path)
}

pub(super) fn perform(caches: &Caches, action: &Action, progress: Progress<'_>) -> Result<Receipt, Trouble> {
    let advance = Advance::of(action)?;
    let cache = caches.open(advance.url)?;
    let mut lost = Trouble::Transient(format!("{} moved at every attempt", advance.branch));
    for _ in 0..ATTEMPTS {
        let tip = advance.tip(&cache)?;
        if let Some(commit) = advance.landed(&cache, &tip)? {
            return Ok(Receipt::Advanced { commit, already: true });
        }
        let commit = advance.commit(&cache, &tip)?;
        let update = RefUpdate { name: advance.branch.clone(), expect: Some(tip), new: commit.clone() };
        match push(&cache, &[update], true, progress) {
            Ok(_) => return Ok(Receipt::Advanced { commit, already: false }),
            // Somebody pushed between our look and our push: look again.
            Err(Trouble::Conflict(why)) => lost = Trouble::Transient(why),
            Err(other) => return Err(other),
        }
    }
    Err(lost)
}

pub(super) fn probe(caches: &Caches, action: &Action) -> Result<Option<Receipt>, Trouble> {
    let advance = Advance::of(action)?;
    let cache = caches.open(advance.url)?;
    let tip = advance.tip(&cache)?;
    Ok(advance.landed(&cache, &tip)?.map(|commit| Receipt::Advanced { commit, already: true }))
}
