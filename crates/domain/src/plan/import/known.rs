//! What old pages say of files that the channel has already: of those that came with an earlier import, and of those
//! that trackside released.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::Claim;
use super::{ImportWorld, Request, disagree};
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::manifest::{Artifact, ChannelMap, Imported, ImportedFile};
use crate::name::PackageName;
use crate::plan::{Stop, StopKind};
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::ObjectKey;
use crate::version::Release;
use crate::world::ChannelWorld;

/// What follows from it.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) stops: Vec<Stop>,
    /// Each with a code.
    pub(super) notes: Vec<(&'static str, String)>,
    /// Files that are yanked from now on.
    pub(super) yanks: Vec<Yank>,
    /// Files that do not belong to the channel any more.
    pub(super) dropped: BTreeSet<ObjectKey>,
}

/// A yank that is taken over.
pub(super) struct Yank {
    package: PackageName,
    /// The release that has the file; `None` is an import.
    release: Option<Release>,
    file: FileName,
    reason: String,
}

/// A file as the channel has it.
struct Known<'a> {
    package: &'a PackageName,
    release: Option<Release>,
    artifact: &'a Artifact,
    yanked: Option<&'a str>,
}

impl Yank {
    /// Takes it over.
    pub(super) fn apply(&self, map: &mut ChannelMap) {
        let yanked = match &self.release {
            Some(release) => {
                let entry = map.releases.get_mut(&self.package).and_then(|all| all.get_mut(release));
                entry.map(|entry| &mut entry.yanked)
            }
            None => map.imported.get_mut(&self.package).map(|imported| &mut imported.yanked),
        };
        if let Some(yanked) = yanked {
            yanked.files.insert(self.file.clone(), self.reason.clone());
        }
    }
}

/// Judges what pages say of files that the channel has.
pub(super) fn judged(request: &Request, world: &ImportWorld) -> Judged {
    let known = all(&world.channel);
    let mut judged = Judged::default();
    for (key, claim) in &world.claims.files {
        if let Some(known) = known.get(key) {
            judged.stops.extend(disagree::on_record(request, (key, known.artifact.sha256), claim));
            judged.stops.extend(metadata(key, known, claim));
            judged.yank(request, (key, known), claim);
        }
    }
    let gone = |key: &&ObjectKey| !world.claims.files.contains_key(*key);
    let gone: Vec<&ObjectKey> = world.claims.expected.iter().filter(gone).collect();
    judged.gone(request, &known, gone);
    judged
}

impl Judged {
    /// Whether some file of an import does not belong to the channel any more.
    pub(super) fn drops(&self, channel: &ChannelWorld, imported: &Imported) -> bool {
        let files = channel.imported.get(&imported.record).into_iter().flat_map(|record| &record.files);
        let mut keys = files.map(|file| StorageKey::stable(&file.artifact).key());
        !self.dropped.is_empty() && keys.any(|key| self.dropped.contains(&key))
    }

    /// A yank of the channel stays, one that only pages know is taken over.
    fn yank(&mut self, request: &Request, (key, known): (&ObjectKey, &Known<'_>), claim: &Claim) {
        let Some(kept) = known.yanked else {
            self.stops.extend(disagree::on_yank(request, (key, false), claim));
            if let Some(reason) = claim.yank().flatten() {
                let message = format!("{key}: {} says that it is yanked, and now it is: {reason}", claim.page);
                self.notes.push(("yank-taken", message));
                let (package, release) = (known.package.clone(), known.release);
                let (file, reason) = (known.artifact.name.clone(), reason.to_owned());
                self.yanks.push(Yank { package, release, file, reason });
            }
            return;
        };
        let other = claim.yanked.iter().find(|(said, _)| said.as_deref() != Some(kept));
        if let Some((said, page)) = other.and_then(|(said, pages)| Some((said, pages.first()?))) {
            let said = said.as_ref().map_or("does not say so".to_owned(), |said| format!("says `{said}`"));
            self.notes.push(("yank-kept", format!("{key}: it stays yanked: {kept}; {page} {said}")));
        }
    }

    /// Files that no old page has any more: who publishes by hand takes a release back by removing its link.
    fn gone(&mut self, request: &Request, known: &BTreeMap<ObjectKey, Known<'_>>, gone: Vec<&ObjectKey>) {
        let is_released = |key: &&ObjectKey| known.get(*key).is_some_and(|known| known.release.is_some());
        let (released, imported): (Vec<&ObjectKey>, Vec<&ObjectKey>) = gone.into_iter().partition(is_released);
        let (left, imported): (Vec<&ObjectKey>, Vec<&ObjectKey>) =
            imported.into_iter().partition(|key| request.leaves_out(key));
        for key in left {
            self.notes.push(("unlinked", format!("{key}: no old page links to it any more, and it is left out")));
            self.dropped.insert(key.clone());
        }
        if request.take_unlinked {
            let all = released.into_iter().chain(imported);
            let message = |key| format!("{key}: no old page links to it any more, the new ones will");
            self.notes.extend(all.map(|key| ("unlinked", message(key))));
            return;
        }
        let publish = Request { take_unlinked: true, ..request.clone() }.without([]);
        let drop = format!("if not: {}", request.without(imported.iter().copied()));
        let take_back = format!("if not: {}", yank(request, known, &released));
        for (keys, otherwise) in [(imported, drop), (released, take_back)] {
            if !keys.is_empty() {
                let list: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
                let list = list.join(", ");
                let message = format!("no old page links to them any more, the new ones would: {list}");
                let stop = Stop::new(StopKind::Blocked, "unlinked", count(keys.len(), "known file"), message);
                self.stops.push(stop.hint(format!("if they stay published: {publish}; {otherwise}")));
            }
        }
    }
}

/// The command that takes back one of the files that were released.
fn yank(request: &Request, known: &BTreeMap<ObjectKey, Known<'_>>, released: &[&ObjectKey]) -> String {
    let first = released.iter().find_map(|key| known.get(*key));
    let Some((known, release)) = first.and_then(|known| Some((known, known.release?))) else { return String::new() };
    let (channel, package, file) = (request.channel, known.package, &known.artifact.name);
    format!("trackside channel yank {channel} {package}=={release} --file {file} --reason withdrawn")
}

fn metadata(key: &ObjectKey, known: &Known<'_>, claim: &Claim) -> Option<Stop> {
    let own: Option<Sha256> = known.artifact.metadata.as_ref().map(|metadata| metadata.sha256);
    let said = claim.metadata.iter().find(|said| own.is_some_and(|own| own != **said))?;
    let message =
        format!("{} says sha256 {} of the `.metadata` object beside it, the channel another", claim.page, said.short());
    let stop = Stop::new(StopKind::Conflict, "page-metadata", key.as_str(), message);
    Some(stop.hint(format!("mend the page, or --leave-out {}", claim.page)))
}

fn all(world: &ChannelWorld) -> BTreeMap<ObjectKey, Known<'_>> {
    let map = world.map.as_ref().map(|(_, map)| map);
    let released = map.into_iter().flat_map(ChannelMap::entries).flat_map(|(package, release, entry)| {
        let artifacts =
            world.manifests.get(&entry.manifest.sha256).into_iter().flat_map(|manifest| &manifest.artifacts);
        artifacts.map(move |artifact| {
            let yanked = entry.yanked.reason(&artifact.name);
            Known { package, release: Some(release), artifact, yanked }
        })
    });
    let imported = map.into_iter().flat_map(|map| &map.imported).flat_map(|(package, imported)| {
        let files = world.imported.get(&imported.record).into_iter().flat_map(|record| &record.files);
        files.map(move |ImportedFile { artifact, .. }| {
            let yanked = imported.yanked.reason(&artifact.name);
            Known { package, release: None, artifact, yanked }
        })
    });
    released.chain(imported).map(|known| (StorageKey::stable(known.artifact).key(), known)).collect()
}
