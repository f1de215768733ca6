//! What `promote` looks at: the candidate, the stable channel, and what lies where the release goes.

use std::collections::BTreeMap;

use trackside_domain::action::Location;
use trackside_domain::digest::Sha256;
use trackside_domain::git::{ObjectId, RefName, RemoteUrl};
use trackside_domain::manifest::{CandidatePackage, Channel, ChannelMap, Manifest, Spread};
use trackside_domain::name::PackageName;
use trackside_domain::plan::candidate::tag_message;
use trackside_domain::plan::everywhere::differing;
use trackside_domain::plan::promote::{Request, chosen, places};
use trackside_domain::project::Project;
use trackside_domain::storage_key::StorageKey;
use trackside_domain::store::{Fingerprint, ObjectKey, StoreUrl};
use trackside_domain::world::{
    AnacondaWorld, CandidateFacts, DerivedTag, Found, MirrorWorld, Observed, PromoteWorld, Unseen,
};

use super::Interest;
use super::candidate::derived_tag;
use crate::git::{Caches, RefPattern, ls_remote};
use crate::perform::present::{AT_ONCE, present};
use crate::store::{Store, Stores};
use crate::{Performer, Trouble, all_together};

/// Looks at everything that the promotion of a release depends on.
///
/// # Errors
/// When a store cannot be read. A repository that cannot be read is part of the answer.
pub fn promote(project: &Project, performer: &Performer, request: &Request) -> Result<PromoteWorld, Trouble> {
    let Performer { caches, stores, .. } = performer;
    let facts = super::facts(stores, &project.test, request.release.line)?;
    let mut coming = coming(request, &facts);
    coming.extend(behind(project, stores)?);
    let stable = super::channel(stores, project, Channel::Stable, Interest::Coming(&coming))?;
    let mut world = PromoteWorld {
        facts,
        stable,
        objects: BTreeMap::new(),
        promoted: false,
        tags: BTreeMap::new(),
        anaconda: AnacondaWorld::new(),
    };
    let Ok(candidate) = chosen(request, &world.facts) else { return Ok(world) };
    let packages = world.facts.records[&candidate].packages.clone();
    let manifests: Vec<&Manifest> =
        packages.iter().filter_map(|(package, entry)| manifest(&world.facts, package, entry)).collect();
    let mut objects = BTreeMap::new();
    let mirrors = std::iter::once(None).chain(world.stable.mirrors.iter().map(Some));
    for ((_, url), mirror) in project.released_stores().zip(mirrors) {
        let places = places(manifests.iter().copied(), (&world.stable, mirror), request.reading);
        if let Some(store) = stores.open_if_present(url)? {
            let found = found(&store, &places)?;
            objects.extend(found.into_iter().map(|(key, found)| (Location { store: url.clone(), key }, found)));
        }
    }
    world.objects = objects;
    let keys = super::anaconda::of_manifests(manifests.iter().copied());
    world.anaconda = super::anaconda::hosted((stores, project), &[Channel::Test, Channel::Stable], &keys)?;
    if let Some(store) = stores.open_if_present(&project.stable)? {
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

/// What is there of these objects. Only what is there, and is to be read, is read.
pub(super) fn found(store: &Store, places: &BTreeMap<ObjectKey, bool>) -> Result<BTreeMap<ObjectKey, Found>, Trouble> {
    let keys: Vec<ObjectKey> = places.keys().cloned().collect();
    let there: Vec<(ObjectKey, u64)> = present(store, &keys)?.into_iter().collect();
    let found = all_together(AT_ONCE, &there, |(key, size)| {
        let read = places.get(key).copied().unwrap_or(true);
        let fingerprint = if read { store.fingerprint(key, &mut |_| {})? } else { None };
        let found = match fingerprint {
            Some(Fingerprint { size, sha256 }) => Found { size, sha256: Some(sha256) },
            None => Found { size: *size, sha256: None },
        };
        Ok::<_, Trouble>((key.clone(), found))
    })?;
    Ok(found.into_iter().collect())
}

/// The packages of which a mirror shows something else than the channel, and the folders of that.
fn behind(project: &Project, stores: &Stores) -> Result<BTreeMap<PackageName, Spread>, Trouble> {
    let mut behind = BTreeMap::new();
    if project.mirrors.is_empty() {
        return Ok(behind);
    }
    let map = |url: &StoreUrl| -> Result<Option<(Sha256, ChannelMap)>, Trouble> {
        let Some(store) = stores.open_if_present(url)? else { return Ok(None) };
        Ok(super::channel::map(&store, Channel::Stable)?.map(|(found, map)| (found.sha256, map)))
    };
    let Some((_, stable)) = map(&project.stable)? else { return Ok(behind) };
    for mirror in &project.mirrors {
        let seen = MirrorWorld { map: map(&mirror.store)?, ..MirrorWorld::default() };
        let differing = differing(&seen, &stable).into_iter();
        behind.extend(differing.map(|package| (package.clone(), stable.spread(package).unwrap_or_default())));
    }
    Ok(behind)
}

/// The packages of the release, and the folders that they go to.
fn coming(request: &Request, facts: &CandidateFacts) -> BTreeMap<PackageName, Spread> {
    let Ok(candidate) = chosen(request, facts) else { return BTreeMap::new() };
    let packages = facts.records[&candidate].packages.iter();
    let spread =
        |manifest: Option<&Manifest>| manifest.map_or_else(Spread::default, |manifest| Spread::of(&manifest.artifacts));
    packages.map(|(package, entry)| (package.clone(), spread(manifest(facts, package, entry)))).collect()
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
