//! What `pick land` looks at: each commit on top of the one before it, in the cache.

use trackside_domain::git::ObjectId;
use trackside_domain::name::RepositoryName;
use trackside_domain::plan::pick::Request;
use trackside_domain::project::Project;
use trackside_domain::world::{Observed, PickWorld, Picked};

use crate::Trouble;
use crate::git::{Cache, Caches, DeriveError, Pick, RefPattern, ls_remote};

/// Tries the picks of a request.
///
/// # Errors
/// When the repository cannot be read.
pub fn pick(project: &Project, caches: &Caches, request: &Request) -> Result<PickWorld, Trouble> {
    let unknown = |why: &str| Trouble::Failed(format!("{}: {why}", request.repository));
    let repository = project.repositories.get(&request.repository).ok_or_else(|| unknown("it is not declared"))?;
    let line = project.line_of(&request.repository, request.line);
    let branch = repository.release_branch.of(line).map_err(|error| unknown(&error.to_string()))?.to_ref();
    let default = repository.default_branch.to_ref();
    let wanted = [branch.clone(), default.clone()];
    let remote = ls_remote(caches.git(), &repository.url, &wanted.clone().map(RefPattern::Exact))?;
    let Some(tip) = remote.refs.get(&branch).map(|found| found.commit().clone()) else {
        return Ok(PickWorld { tip: Observed::Absent, picks: Vec::new() });
    };
    let Some(main) = remote.refs.get(&default).map(|found| found.commit().clone()) else {
        return Err(unknown(&format!("the default branch `{}` does not exist", default.short())));
    };
    let cache = caches.open(&repository.url)?;
    cache.fetch(&wanted)?;
    let mut onto = tip.clone();
    let mut picks = Vec::new();
    let mut failed = false;
    for commit in &request.commits {
        let picked = if failed { Picked::NotTried } else { one(project, &cache, &main, (commit, &onto))? };
        match &picked {
            Picked::Clean { id, .. } => onto = id.clone(),
            Picked::Already { .. } => {}
            Picked::Conflict(_) | Picked::Refused(_) | Picked::NotTried => failed = true,
        }
        picks.push((commit.clone(), picked));
    }
    Ok(PickWorld { tip: Observed::Known(tip), picks })
}

fn one(
    project: &Project,
    cache: &Cache,
    main: &ObjectId,
    (commit, onto): (&ObjectId, &ObjectId),
) -> Result<Picked, Trouble> {
    // What was never merged has not been reviewed, and a fork's commits can be fetched by their ids.
    if !cache.has(commit)? || !cache.is_ancestor(commit, main)? {
        return Ok(Picked::Refused("it is not on the default branch".to_owned()));
    }
    // Dated like the later of the two, so that the branch's dates do not go back.
    let seconds = cache.commit_date(commit)?.max(cache.commit_date(onto)?);
    match cache.cherry_pick(commit, onto, &project.identity.signature(seconds)) {
        Ok(Pick::Picked { commit: id }) => {
            let subject = cache.log(&id, &[onto])?.first().map(|made| made.subject().to_owned()).unwrap_or_default();
            Ok(Picked::Clean { id, onto: onto.clone(), seconds, subject })
        }
        Ok(Pick::Already { commit: by, .. }) => Ok(Picked::Already { by }),
        Ok(Pick::Empty) => {
            Ok(Picked::Refused("the branch has its change already, so nothing would be left of it".to_owned()))
        }
        Ok(Pick::Conflict { files }) => Ok(Picked::Conflict(files)),
        Err(DeriveError::Git(error)) => Err(error.into()),
        Err(refused) => Ok(Picked::Refused(refused.to_string())),
    }
}

/// The repositories whose default branch has all these commits.
///
/// # Errors
/// When a repository cannot be read: then it is not known whether it is one of them.
pub fn repositories_with(
    project: &Project,
    caches: &Caches,
    commits: &[ObjectId],
) -> Result<Vec<RepositoryName>, Trouble> {
    let mut found = Vec::new();
    for (name, repository) in &project.repositories {
        let default = repository.default_branch.to_ref();
        let remote = ls_remote(caches.git(), &repository.url, &[RefPattern::Exact(default.clone())])?;
        let Some(tip) = remote.refs.get(&default) else { continue };
        let cache = caches.open(&repository.url)?;
        cache.fetch(&[default])?;
        let mut has_all = true;
        for commit in commits {
            has_all = has_all && cache.has(commit)? && cache.is_ancestor(commit, tip.commit())?;
        }
        if has_all {
            found.push(name.clone());
        }
    }
    Ok(found)
}
