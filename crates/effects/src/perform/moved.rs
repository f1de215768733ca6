//! Whether what a plan has seen still holds.

use std::collections::BTreeMap;

use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::git::{ObjectId, RefName, RemoteUrl};
use trackside_domain::plan::Precondition;
use trackside_domain::store::{ObjectKey, StoreUrl};

use super::present::{AT_ONCE, present};
use super::{Performer, digest};
use crate::Trouble;
use crate::doctor::heeds;
use crate::git::{Caches, RefPattern, ls_remote};
use crate::together::{all_together, both};

/// The sentences on all that moved, in the order of the preconditions. Stores are tried beside.
pub(super) fn moved_all(performer: &Performer, all: &[&Precondition]) -> Result<Vec<String>, Trouble> {
    let is_trial = |precondition: &&Precondition| matches!(precondition, Precondition::StoreHeeds { .. });
    let (trials, looks): (Vec<&Precondition>, Vec<&Precondition>) = all.iter().copied().partition(is_trial);
    let trials = || all_together(AT_ONCE, &trials, |trial| moved(performer, trial));
    let (tried, moved) = both(trials, || looked(performer, &looks));
    tried.and(moved)
}

/// Of many objects that must not be there, or be what is to be created, only those are read that are there.
fn looked(performer: &Performer, all: &[&Precondition]) -> Result<Vec<String>, Trouble> {
    let mut fits: BTreeMap<&StoreUrl, Vec<ObjectKey>> = BTreeMap::new();
    for at in all.iter().filter_map(|precondition| may_be_absent(precondition)) {
        fits.entry(&at.store).or_default().push(at.key.clone());
    }
    let fits: Vec<(&StoreUrl, Vec<ObjectKey>)> = fits.into_iter().collect();
    let there = all_together(AT_ONCE, &fits, |(url, keys)| {
        let found = performer.stores.open_if_present(url)?.map(|store| present(&store, keys)).transpose()?;
        Ok::<_, Trouble>((*url, found.unwrap_or_default()))
    })?;
    let there: BTreeMap<&StoreUrl, BTreeMap<ObjectKey, u64>> = there.into_iter().collect();
    let absent = |at: &Location| there.get(&at.store).is_some_and(|found| !found.contains_key(&at.key));
    let open = |precondition: &&&Precondition| !may_be_absent(precondition).is_some_and(absent);
    let open: Vec<&Precondition> = all.iter().filter(open).copied().collect();
    // Looks at repositories share a cache, so they come one at a time.
    let is_object = |precondition: &Precondition| {
        matches!(
            precondition,
            Precondition::ObjectIs { .. } | Precondition::ObjectFits { .. } | Precondition::ObjectUnchanged { .. }
        )
    };
    let objects = all_together(AT_ONCE, &open, |precondition| {
        if is_object(precondition) { moved(performer, precondition).map(Some) } else { Ok(None) }
    })?;
    let mut sentences = Vec::new();
    for (precondition, seen) in open.into_iter().zip(objects) {
        sentences.extend(seen.map_or_else(|| moved(performer, precondition), Ok)?);
    }
    Ok(sentences)
}

/// The object of a precondition that holds if there is none.
const fn may_be_absent(precondition: &Precondition) -> Option<&Location> {
    match precondition {
        Precondition::ObjectFits { at, .. } | Precondition::ObjectIs { at, value: None } => Some(at),
        _ => None,
    }
}

fn moved(performer: &Performer, precondition: &Precondition) -> Result<Option<String>, Trouble> {
    let Performer { caches, stores, .. } = performer;
    match precondition {
        Precondition::RefIs { repository, url, name, value } => {
            let found = tip(caches, url, name)?;
            let moved = found != *value;
            Ok(moved.then(|| {
                format!("{repository} {}: was {}, is {}", name.short(), id(value.as_ref()), id(found.as_ref()))
            }))
        }
        Precondition::RefContains { repository, url, name, commit } => {
            let lost = |found: &str| {
                Some(format!("{repository} {}: {} is no longer on it, it is {found}", name.short(), commit.short()))
            };
            let Some(found) = tip(caches, url, name)? else { return Ok(lost("gone")) };
            let cache = caches.open(url)?;
            cache.fetch(std::slice::from_ref(name))?;
            let contains = found == *commit || (cache.has(commit)? && cache.is_ancestor(commit, &found)?);
            Ok(if contains { None } else { lost(found.short()) })
        }
        Precondition::ObjectIs { at, value } => {
            let found = digest(stores, at)?;
            let short = |digest: Option<Sha256>| digest.map_or_else(|| "absent".to_owned(), |digest| digest.short());
            Ok((found != *value).then(|| format!("{}: was {}, is {}", at.key, short(*value), short(found))))
        }
        Precondition::ObjectUnchanged { at, size, etag } => {
            let store = stores.open_if_present(&at.store)?;
            let head = store.map(|store| store.head(&at.key)).transpose()?.flatten();
            let same = head.is_some_and(|head| (head.size, &head.etag) == (*size, etag));
            Ok((!same).then(|| format!("{} is not what was read", at.key)))
        }
        Precondition::StoreHeeds { name, store, probes } => {
            heeds(stores, (store, name), probes, &performer.trial).map(|()| None)
        }
        // The configuration is not ours to look at: whoever begins the run does.
        Precondition::Waived { .. } => Ok(None),
        Precondition::ObjectFits { at, value } => {
            let other = digest(stores, at)?.filter(|found| found != value);
            Ok(other.map(|found| format!("{}: {} is there, not {}", at.key, found.short(), value.short())))
        }
    }
}

fn tip(caches: &Caches, url: &RemoteUrl, name: &RefName) -> Result<Option<ObjectId>, Trouble> {
    let remote = ls_remote(caches.git(), url, &[RefPattern::Exact(name.clone())])?;
    Ok(remote.refs.get(name).map(|found| found.commit().clone()))
}

fn id(id: Option<&ObjectId>) -> &str {
    id.map_or("absent", ObjectId::short)
}
