//! The switch of a channel in every store that has it: `stable` and its mirrors. In each phase the stores
//! follow one another, so that the pages of a package change everywhere before those of the next one do.

use std::collections::{BTreeMap, BTreeSet};

use crate::conda::Source;
use crate::digest::Sha256;
use crate::index::Page;
use crate::manifest::{Channel, ChannelMap};
use crate::name::PackageName;
use crate::plan::conda::{self, CondaPages};
use crate::plan::pages::{Pages, map_step};
use crate::plan::promote::objects::{imported, objects};
use crate::plan::promote::{Promoted, Reading};
use crate::plan::{Step, Stop, StopKind};
use crate::project::Project;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::Release;
use crate::world::{ChannelWorld, MirrorWorld};

/// What a channel is to be.
pub(super) struct Everywhere<'a> {
    pub(super) project: &'a Project,
    /// The channel as it was seen, with its mirrors.
    pub(super) world: &'a ChannelWorld,
    pub(super) map: &'a ChannelMap,
    pub(super) pages: &'a [Page],
    /// The manifests of its conda data, if that may change.
    pub(super) conda: &'a [Source<'a>],
    /// The packages whose pages are made right.
    pub(super) about: &'a BTreeSet<PackageName>,
    /// The packages whose missing files the plan copies to mirrors before.
    pub(super) arriving: &'a BTreeSet<PackageName>,
}

/// One store of the channel.
struct Place<'a> {
    name: String,
    store: &'a StoreUrl,
    map: Option<&'a (Sha256, ChannelMap)>,
    pages: &'a BTreeMap<ObjectKey, Sha256>,
}

impl Everywhere<'_> {
    /// The steps of all stores.
    ///
    /// # Errors
    /// When a mirror was not looked at, or is not an older state of the channel.
    pub(super) fn steps(&self) -> Result<Vec<Step>, Stop> {
        let mut maps = Vec::new();
        let mut pages = Vec::new();
        let mut others = Vec::new();
        for place in self.places()? {
            let (name, store, seen) = (place.name.as_str(), place.store, place.pages);
            maps.extend(map_step(name, store, place.map, self.map));
            let switch = Pages { name, store, wanted: self.pages.to_vec(), seen };
            pages.push(switch.package_steps(self.project));
            others.extend(switch.list_step());
            if !self.conda.is_empty() {
                let wanted = conda::wanted(self.map.channel.into(), self.conda, seen)?;
                others.extend(CondaPages { name, store, wanted, seen }.steps());
            }
        }
        // Every store has a place for each package, in the same order.
        let longest = pages.iter().map(Vec::len).max().unwrap_or(0);
        let of_packages = (0..longest).flat_map(|index| pages.iter().filter_map(move |of| of.get(index)?.clone()));
        let mut steps: Vec<Step> = maps.into_iter().chain(of_packages).chain(others).collect();
        steps.sort_by_key(|step| step.phase);
        Ok(steps)
    }

    fn places(&self) -> Result<Vec<Place<'_>>, Stop> {
        let (channel, world) = (self.map.channel, self.world);
        let store = self.project.store_of(channel);
        let main = Place { name: channel.to_string(), store, map: world.map.as_ref(), pages: &world.pages };
        let mut places = vec![main];
        if channel == Channel::Stable {
            if world.mirrors.len() != self.project.mirrors.len() {
                return Err(Stop::new(StopKind::Failed, "unseen", "mirrors", "not all of them were looked at"));
            }
            for ((name, store), seen) in self.project.released_stores().skip(1).zip(&world.mirrors) {
                self.refuse_stranger(&name, seen)?;
                places.push(Place { name, store, map: seen.map.as_ref(), pages: &seen.pages });
            }
        }
        Ok(places)
    }

    /// A mirror is an older state of the channel, or nothing: what it has must be in the map that it gets or have been
    /// in that of an earlier generation, and what it lacks must be on its way.
    fn refuse_stranger(&self, name: &str, seen: &MirrorWorld) -> Result<(), Stop> {
        let mut lacking = missing(seen, self.map).into_iter().filter(|package| !self.arriving.contains(*package));
        if let Some(package) = lacking.find(|package| !self.is_there(seen, package)) {
            let message = format!("it lacks files of {package} that the channel has");
            return Err(Stop::new(StopKind::Blocked, "mirror-behind", name, message).hint(format!(
                "the promotion of any release, also of one that is promoted, copies what a mirror lacks; if it lacks \
                     nothing: trackside index rebuild {}",
                self.map.channel
            )));
        }
        if let Some(package) = differing(seen, self.map).into_iter().find(|package| !self.about.contains(*package)) {
            let message = format!("its pages of {package} are those of another state of the channel");
            return Err(Stop::new(StopKind::Blocked, "mirror-behind", name, message)
                .hint(format!("trackside index rebuild {}", self.map.channel)));
        }
        let strange = seen.map.as_ref().filter(|_| !seen.is_ours);
        match strange.and_then(|(_, theirs)| ahead(theirs, self.map)) {
            Some((package, release)) => {
                let message = format!("it has {package} {release}, which the channel does not have");
                Err(Stop::new(StopKind::Conflict, "mirror-ahead", name, message)
                    .hint("another run may be under way: trackside runs"))
            }
            None => Ok(()),
        }
    }

    /// Whether all files of a package lie in a mirror, whatever its map says: those of what was taken back stay.
    fn is_there(&self, seen: &MirrorWorld, package: &PackageName) -> bool {
        let releases = self.map.releases.get(package).into_iter().flat_map(BTreeMap::values);
        let manifests = releases.map(|entry| self.world.manifests.get(&entry.manifest.sha256));
        let records = self.map.imported.get(package).into_iter();
        let records = records.map(|found| self.world.imported.get(&found.record));
        let of_manifests = manifests.map(|manifest| manifest.map(|manifest| objects(manifest, Reading::All)));
        let of_records = records.map(|record| record.map(|record| imported(record, Reading::All)));
        of_manifests.chain(of_records).all(|objects| {
            let is_listed = |object: &Promoted| seen.listed.get(&object.stable) == Some(&object.size);
            objects.is_some_and(|objects| objects.iter().all(is_listed))
        })
    }
}

/// A release that a mirror has and the channel has not.
fn ahead<'a>(theirs: &'a ChannelMap, map: &ChannelMap) -> Option<(&'a PackageName, Release)> {
    let known = |package: &PackageName, release: Release| {
        map.releases.get(package).is_some_and(|releases| releases.contains_key(&release))
    };
    theirs
        .entries()
        .map(|(package, release, _)| (package, release))
        .find(|(package, release)| !known(package, *release))
}

/// The packages of a map of which a mirror has not everything.
pub fn missing<'a>(seen: &MirrorWorld, map: &'a ChannelMap) -> BTreeSet<&'a PackageName> {
    let theirs = seen.map.as_ref().map(|(_, map)| map);
    let has_release = |package: &PackageName, release: Release, digest: Sha256| {
        let entry = theirs.and_then(|map| map.releases.get(package)?.get(&release));
        entry.is_some_and(|entry| entry.manifest.sha256 == digest)
    };
    let has_imported = |package: &PackageName, digest: Sha256| {
        theirs.and_then(|map| map.imported.get(package)).is_some_and(|imported| imported.record == digest)
    };
    let released =
        map.entries().filter(|(package, release, entry)| !has_release(package, *release, entry.manifest.sha256));
    let imported = map.imported.iter().filter(|(package, imported)| !has_imported(package, imported.record));
    released.map(|(package, ..)| package).chain(imported.map(|(package, _)| package)).collect()
}

/// The packages of a map of which a mirror shows something else: what it has not, what was taken back meanwhile, a yank
/// that it does not know. Those of a mirror that shows nothing are all of them.
pub fn differing<'a>(seen: &MirrorWorld, map: &'a ChannelMap) -> BTreeSet<&'a PackageName> {
    let none = ChannelMap::empty(map.channel);
    let theirs = seen.map.as_ref().map_or(&none, |(_, map)| map);
    map.packages().into_iter().filter(|package| map.differs(theirs, package)).collect()
}

/// The packages of which some mirror shows something else.
pub fn differing_somewhere(world: &ChannelWorld) -> BTreeSet<PackageName> {
    let Some((_, map)) = &world.map else { return BTreeSet::new() };
    world.mirrors.iter().flat_map(|seen| differing(seen, map)).cloned().collect()
}
