//! What `promote` looks at: the candidate, the stable channel, and what lies where the release goes.

use std::collections::BTreeMap;

use trackside_domain::git::{ObjectId, RefName, RemoteUrl};
use trackside_domain::manifest::{CandidatePackage, Channel, Manifest};
use trackside_domain::name::PackageName;
use trackside_domain::plan::candidate::tag_message;
use trackside_domain::plan::promote::{Request, chosen, places};
use trackside_domain::project::Project;
use trackside_domain::storage_key::StorageKey;
use trackside_domain::world::{CandidateFacts, DerivedTag, Observed, PromoteWorld, Unseen};

use super::candidate::derived_tag;
use crate::Trouble;
use crate::git::{Caches, RefPattern, ls_remote};
use crate::store::Store;

/// Looks at everything that the promotion of a release depends on.
///
/// # Errors
/// When a store cannot be read. A repository that cannot be read is part of the answer.
pub fn promote(project: &Project, caches: &Caches, request: &Request) -> Result<PromoteWorld, Trouble> {
    let facts = super::facts(&project.test, request.release.line)?;
    let stable = super::channel(&project.stable, &project.test, Channel::Stable)?;
    let mut world = PromoteWorld { facts, stable, objects: BTreeMap::new(), promoted: false, tags: BTreeMap::new() };
    let Ok(candidate) = chosen(request, &world.facts) else { return Ok(world) };
    let packages = world.facts.records[&candidate].packages.clone();
    let manifests = packages.iter().filter_map(|(package, entry)| manifest(&world.facts, package, entry));
    if let Some(store) = Store::open_if_present(&project.stable)? {
        for key in places(manifests) {
            world.objects.extend(store.digest(&key)?.map(|digest| (key, digest)));
        }
        world.promoted = store.exists(&StorageKey::Promotion(request.release).key())?;
    }
    for (package, entry) in &packages {
        let Some(repository) = project.repositories.get(&entry.repository) else { continue };
        let seen = final_tag(caches, &repository.url, entry);
        let wanted = derived_final_tag(project, caches, &repository.url, package, entry);
        world.tags.insert(entry.repository.clone(), (seen, wanted));
    }
    Ok(world)
}

fn manifest<'a>(facts: &'a CandidateFacts, package: &PackageName, entry: &CandidatePackage) -> Option<&'a Manifest> {
    facts.manifests.get(&(package.clone(), entry.candidate)).map(|(_, manifest)| manifest)
}

/// The commit of the final tag on the remote.
fn final_tag(caches: &Caches, url: &RemoteUrl, entry: &CandidatePackage) -> Observed<ObjectId> {
    let name: RefName = match entry.candidate.release.tag() {
        Ok(tag) => tag.to_ref(),
        Err(error) => return Observed::Unknown(Unseen::lasting(error.to_string())),
    };
    match ls_remote(caches.git(), url, &[RefPattern::Exact(name.clone())]) {
        Ok(remote) => remote.at(&name),
        Err(error) => Observed::Unknown((&Trouble::from(error)).into()),
    }
}

fn derived_final_tag(
    project: &Project,
    caches: &Caches,
    url: &RemoteUrl,
    package: &PackageName,
    entry: &CandidatePackage,
) -> Observed<DerivedTag> {
    let release = entry.candidate.release;
    let message = tag_message(&entry.repository, release);
    let tag = release.tag().map_err(|error| Trouble::Failed(format!("{package}: {error}")));
    match tag.and_then(|tag| derived_tag(project, caches, url, (&entry.commit, tag, message))) {
        Ok(tag) => Observed::Known(tag),
        Err(trouble) => Observed::Unknown((&trouble).into()),
    }
}
