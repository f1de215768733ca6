//! What `candidate` looks at in each repository, with the next tag made in its cache.

use std::collections::BTreeMap;

use trackside_domain::git::{ObjectId, RemoteUrl, TagName};
use trackside_domain::name::RepositoryName;
use trackside_domain::plan::candidate::{next_candidate, tag_message};
use trackside_domain::project::{Project, Repository};
use trackside_domain::version::Release;
use trackside_domain::world::{CandidateWorld, DerivedTag, Observed, Unseen};

use super::cut::versions;
use crate::Trouble;
use crate::git::{Caches, RefPattern, ls_remote};

/// Looks at every repository that has a package in the release.
pub fn candidate(project: &Project, caches: &Caches, release: Release) -> BTreeMap<RepositoryName, CandidateWorld> {
    let mut world = BTreeMap::new();
    for (package, &version) in project.versions(release).into_iter().flatten() {
        let repository = project.packages.get(package).map(|package| &package.repository);
        let declared = repository.and_then(|name| Some((name, project.repositories.get(name)?)));
        let Some((name, repository)) = declared.filter(|(name, _)| !world.contains_key(*name)) else { continue };
        let line = project.line_of(name, release.line);
        let branch = repository.release_branch.of(line).map_err(|error| Trouble::Failed(error.to_string()));
        let seen = branch.and_then(|branch| look(project, caches, (name, repository), &branch.to_ref(), version));
        world.insert(name.clone(), seen.unwrap_or_else(|why| unknown(&why)));
    }
    world
}

fn unknown(why: &Trouble) -> CandidateWorld {
    let why = Unseen::from(why);
    CandidateWorld {
        tip: Observed::Unknown(why.clone()),
        tags: Observed::Unknown(why),
        versions: Vec::new(),
        next_tag: Observed::Absent,
    }
}

fn look(
    project: &Project,
    caches: &Caches,
    (name, repository): (&RepositoryName, &Repository),
    branch: &trackside_domain::git::RefName,
    version: Release,
) -> Result<CandidateWorld, Trouble> {
    let patterns = [RefPattern::Exact(branch.clone()), RefPattern::Prefix("refs/tags/v".to_owned())];
    let remote = ls_remote(caches.git(), &repository.url, &patterns)?;
    let tags = remote.tags();
    let Some(tip) = remote.refs.get(branch).map(|found| found.commit().clone()) else {
        return Ok(CandidateWorld {
            tip: Observed::Absent,
            tags: Observed::Known(tags),
            versions: Vec::new(),
            next_tag: Observed::Absent,
        });
    };
    let cache = caches.open(&repository.url)?;
    cache.fetch(std::slice::from_ref(branch))?;
    let versions = versions(&cache, &repository.versions, &tip);
    let next = next_candidate(&tags, version);
    let made = next
        .tag()
        .map_err(|error| Trouble::Failed(error.to_string()))
        .and_then(|tag| derived_tag(project, caches, &repository.url, (&tip, tag, tag_message(name, next))));
    let next_tag = made.map_or_else(|why| Observed::Unknown((&why).into()), Observed::Known);
    Ok(CandidateWorld { tip: Observed::Known(tip), tags: Observed::Known(tags), versions, next_tag })
}

/// Makes an annotated tag in the cache, dated like its commit.
pub(super) fn derived_tag(
    project: &Project,
    caches: &Caches,
    url: &RemoteUrl,
    (target, name, message): (&ObjectId, TagName, String),
) -> Result<DerivedTag, Trouble> {
    let cache = caches.open(url)?;
    cache.fetch_objects(std::slice::from_ref(target))?;
    let seconds = cache.commit_date(target)?;
    let id = cache.annotated_tag(target, &name, &message, &project.identity.signature(seconds))?;
    Ok(DerivedTag { id, target: target.clone(), name, message, seconds })
}
