//! Whether what a plan has seen still holds.

use trackside_domain::digest::Sha256;
use trackside_domain::git::{ObjectId, RefName, RemoteUrl};
use trackside_domain::plan::Precondition;

use super::digest;
use crate::Trouble;
use crate::git::{Caches, RefPattern, ls_remote};

pub(super) fn moved(caches: &Caches, precondition: &Precondition) -> Result<Option<String>, Trouble> {
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
            let found = digest(at)?;
            let short = |digest: Option<Sha256>| digest.map_or_else(|| "absent".to_owned(), |digest| digest.short());
            Ok((found != *value).then(|| format!("{}: was {}, is {}", at.key, short(*value), short(found))))
        }
        Precondition::ObjectFits { at, value } => {
            let other = digest(at)?.filter(|found| found != value);
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
