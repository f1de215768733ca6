//! Moves refs of one repository, all or none, after making the objects that they need.

use trackside_domain::action::{Receipt, Recipe, RefUpdate};
use trackside_domain::git::{ObjectId, RefName, RemoteUrl};

use crate::Trouble;
use crate::git::{Cache, Caches, Pick, PushOutcome, PushProgress, RefOutcome, RefPattern, Refusal, ls_remote};
use crate::store::Progress;

pub(super) fn perform(
    caches: &Caches,
    url: &RemoteUrl,
    recipes: &[Recipe],
    updates: &[RefUpdate],
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let cache = caches.open(url)?;
    recipes.iter().try_for_each(|recipe| make(&cache, recipe))?;
    let made = |id: &ObjectId| recipes.iter().any(|recipe| recipe.id() == id);
    let fetched: Vec<ObjectId> = updates.iter().map(|update| update.new.clone()).filter(|id| !made(id)).collect();
    cache.fetch_objects(&fetched)?;
    let already = |outcome: &PushOutcome| match outcome {
        PushOutcome::Answered { refs, .. } => refs.values().all(|outcome| *outcome == RefOutcome::UpToDate),
        PushOutcome::Unknown { .. } => false,
    };
    let outcome = push(&cache, updates, !recipes.is_empty(), progress)?;
    Ok(Receipt::Pushed { already: already(&outcome) })
}

/// Pushes and turns what the server said into trouble, unless every ref is where it should be.
/// `sends` says whether objects travel: then progress begins with the first of them.
pub(super) fn push(
    cache: &Cache,
    updates: &[RefUpdate],
    sends: bool,
    progress: Progress<'_>,
) -> Result<PushOutcome, Trouble> {
    let progress = std::cell::RefCell::new(progress);
    let report = |done: PushProgress| {
        if !sends || done.objects > 0 {
            (progress.borrow_mut())(done.bytes);
        }
    };
    let outcome = cache.push(updates, &report)?;
    match &outcome {
        _ if outcome.is_done() => Ok(outcome),
        PushOutcome::Unknown { detail } => {
            Err(Trouble::Unknown(format!("the answer to the push to {} was lost: {detail}", cache.remote())))
        }
        PushOutcome::Answered { refs, said } => {
            let mut reasons = Vec::new();
            let mut stale = false;
            for (name, outcome) in refs {
                match outcome {
                    RefOutcome::Refused(Refusal::Stale) => {
                        stale = true;
                        reasons.push(format!("{name} was moved by somebody else"));
                    }
                    RefOutcome::Refused(Refusal::Server(why)) => {
                        reasons.push(format!("the server refused {name}: {why}"));
                    }
                    RefOutcome::Refused(Refusal::Together) | RefOutcome::Done | RefOutcome::UpToDate => {}
                }
            }
            let said = if stale || said.is_empty() { String::new() } else { format!(" ({said})") };
            let text = format!("no ref of {} was moved: {}{said}", cache.remote(), reasons.join("; "));
            Err(if stale { Trouble::Conflict(text) } else { Trouble::Failed(text) })
        }
    }
}

/// Makes one object, unless the cache has it. The id must be the planned one.
fn make(cache: &Cache, recipe: &Recipe) -> Result<(), Trouble> {
    if cache.has(recipe.id())? {
        return Ok(());
    }
    let made = match recipe {
        Recipe::Commit { parent, diff, message, by, .. } => {
            cache.fetch_objects(std::slice::from_ref(parent))?;
            cache.apply_diff(parent, diff.as_bytes(), message, by)?
        }
        Recipe::Pick { commit, onto, by, .. } => {
            cache.fetch_objects(std::slice::from_ref(commit))?;
            // The commit below may be a pick of the same plan, which no server has yet.
            if !cache.has(onto)? {
                cache.fetch_objects(std::slice::from_ref(onto))?;
            }
            match cache.cherry_pick(commit, onto, by)? {
                Pick::Picked { commit } => commit,
                other => {
                    return Err(Trouble::Conflict(format!("{} can no longer be picked: {other:?}", commit.short())));
                }
            }
        }
        Recipe::Tag { target, name, message, by, .. } => {
            cache.fetch_objects(std::slice::from_ref(target))?;
            cache.annotated_tag(target, name, message, by)?
        }
    };
    if made == *recipe.id() {
        Ok(())
    } else {
        Err(Trouble::Failed(format!(
            "{} was planned, but {made} came out: this is a bug or another version of git",
            recipe.id()
        )))
    }
}

/// All refs have their new values: done. None has moved: not done. Anything else is a conflict.
pub(super) fn probe(caches: &Caches, url: &RemoteUrl, updates: &[RefUpdate]) -> Result<Option<Receipt>, Trouble> {
    let patterns: Vec<RefPattern> = updates.iter().map(|update| RefPattern::Exact(update.name.clone())).collect();
    let remote = ls_remote(caches.git(), url, &patterns)?;
    let mut done = 0;
    for RefUpdate { name, expect, new } in updates {
        let found = remote.refs.get(name).map(|found| &found.id);
        if found == Some(new) {
            done += 1;
        } else if found == expect.as_ref() {
            continue;
        } else if has_moved_on(caches, url, (name, new), found)? {
            done += 1;
        } else {
            let found = found.map_or("nothing", |id| id.short());
            return Err(Trouble::Conflict(format!(
                "{name} of {url} is at {found}, neither where it was nor where it should be"
            )));
        }
    }
    // The push is atomic; should somebody else have moved some of them to the same place, the push
    // takes those for done and moves the rest.
    Ok((done == updates.len()).then_some(Receipt::Pushed { already: true }))
}

/// Whether a branch that we have moved has gone forward from there since: then ours is on it.
fn has_moved_on(
    caches: &Caches,
    url: &RemoteUrl,
    (name, new): (&RefName, &ObjectId),
    found: Option<&ObjectId>,
) -> Result<bool, Trouble> {
    let (Some(found), true) = (found, name.as_str().starts_with("refs/heads/")) else { return Ok(false) };
    let cache = caches.open(url)?;
    cache.fetch(std::slice::from_ref(name))?;
    Ok(cache.has(new)? && cache.is_ancestor(new, found)?)
}
