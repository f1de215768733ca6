//! Whether a channel can be taken in as it is, and what it is then: every reason against it at once.

use std::collections::{BTreeMap, BTreeSet};

use super::elsewhere;
use super::evidence::{Taken, taken};
use super::files::{NewFile, Sorted, sorted};
use super::known::{self, Judged};
use super::{Evidence, ImportWorld, Request, disagree, stop};
use crate::manifest::{Artifact, Channel, ChannelMap, FORMAT, ImportRecord, Imported, ImportedFile, Proof, Spread};
use crate::name::{FolderName, PackageName};
use crate::plan::{Stop, StopKind, rebuild};
use crate::project::Project;
use crate::say::{bytes, count};
use crate::storage_key::{StorageKey, Tree};
use crate::store::{Fingerprint, ObjectKey};
use crate::world::ChannelWorld;

/// The channel with everything that was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What it points to.
    pub map: ChannelMap,
    /// The records that it needs and has not.
    pub records: BTreeMap<PackageName, ImportRecord>,
    /// The files that are new in it.
    pub files: BTreeMap<ObjectKey, Fingerprint>,
    /// What a reader of the plan should know.
    pub notes: Vec<String>,
}

impl Import {
    /// Takes in what was found.
    ///
    /// # Errors
    /// Every reason why it cannot be taken in.
    pub fn of(project: &Project, request: &Request, world: &ImportWorld) -> Result<Self, Vec<Stop>> {
        if request.channel == Channel::Test {
            let message = "only the stable channel is taken in";
            let stop = stop(StopKind::Failed, "not-importable", "test", message);
            return Err(vec![stop.hint("stage CANDIDATE --from URL takes the builds of a candidate from any store")]);
        }
        let sorted = sorted(project, request, world);
        let mut stops = refusals(project, request, world, &sorted);
        let mut found = Vec::new();
        for file in &sorted.new {
            let claim = world.claims.files.get(&file.key).cloned().unwrap_or_default();
            let none = Evidence::default();
            match taken(request, file, (world.evidence.get(&file.key).unwrap_or(&none), &claim)) {
                Ok(taken) => found.push((file, taken)),
                Err(more) => stops.extend(more),
            }
        }
        let (of_links, links) = elsewhere::judged(project, request, (world, &folders(&world.channel, &sorted)));
        stops.extend(of_links);
        let mut known = known::judged(request, world);
        stops.append(&mut known.stops);
        stops.extend(collisions((&world.channel, &known.dropped), &found));
        stops.extend(unlinked(request, &found));
        stops.extend(pages_of_mirrors(project, request, world));
        if !stops.is_empty() {
            return Err(stops);
        }
        let odd = found.iter().flat_map(|(_, taken)| &taken.notes).chain(&known.notes);
        let notes = [summary(&found), told(world, &sorted, odd), not_read(request, world), links].concat();
        Ok(Self { notes, ..Self::made(project, world, (found, known)) })
    }

    fn made(project: &Project, world: &ImportWorld, (found, judged): (Vec<(&NewFile, Taken)>, Judged)) -> Self {
        let mut map = rebuild::wanted(project, Channel::Stable, &world.channel);
        let read = |(file, taken): &(&NewFile, Taken)| {
            (file.key.clone(), Fingerprint { size: file.size, sha256: taken.file.artifact.sha256 })
        };
        let all = found.iter().map(read).collect();
        let mut by_package: BTreeMap<PackageName, Vec<Taken>> = BTreeMap::new();
        for package in map.imported.iter().filter(|(_, before)| judged.drops(&world.channel, before)) {
            by_package.entry(package.0.clone()).or_default();
        }
        found.into_iter().for_each(|(file, taken)| by_package.entry(file.package.clone()).or_default().push(taken));
        judged.yanks.iter().for_each(|yank| yank.apply(&mut map));
        let mut records = BTreeMap::new();
        for (package, new) in by_package {
            let before = map.imported.get(&package);
            let mut yanked = before.map(|before| before.yanked.clone()).unwrap_or_default();
            let record = before.and_then(|before| world.channel.imported.get(&before.record));
            let mut files = record.map(|record| record.files.clone()).unwrap_or_default();
            files.retain(|file| !judged.dropped.contains(&StorageKey::stable(&file.artifact).key()));
            yanked.files.retain(|name, _| files.iter().any(|file| file.artifact.name == *name));
            for Taken { file, yanked: reason, .. } in new {
                yanked.files.extend(reason.map(|reason| (file.artifact.name.clone(), reason)));
                files.push(file);
            }
            if files.is_empty() {
                map.imported.remove(&package);
                continue;
            }
            files.sort_by(|one, other| one.artifact.place().cmp(&other.artifact.place()));
            let spread = Spread::of(files.iter().map(|file| &file.artifact));
            let record = ImportRecord { format: FORMAT, channel: Channel::Stable, package: package.clone(), files };
            map.imported.insert(package.clone(), Imported { record: record.digest(), spread, yanked });
            records.insert(package, record);
        }
        Self { map, records, files: all, notes: Vec::new() }
    }

    /// The channel as it was seen, with the new records.
    pub(super) fn seen(&self, channel: &ChannelWorld) -> ChannelWorld {
        let mut seen = channel.clone();
        seen.imported.extend(self.records.values().map(|record| (record.digest(), record.clone())));
        seen
    }

    /// The channel as it will be, for what a mirror lacks of it.
    pub(super) fn after(&self, channel: &ChannelWorld) -> ChannelWorld {
        ChannelWorld {
            map: Some((crate::digest::Sha256::of(&self.map.to_bytes()), self.map.clone())),
            ..self.seen(channel)
        }
    }
}

/// What is wrong with what lies there and with what pages lead to.
fn refusals(project: &Project, request: &Request, world: &ImportWorld, sorted: &Sorted) -> Vec<Stop> {
    let mut stops = Vec::new();
    let found = sorted.new.len() + sorted.known.len() + world.claims.elsewhere.len();
    if found == 0 {
        let message =
            "there is no file in `whl`, `libtorch` or `source_code`, and no page with links: zero is an error";
        stops.push(stop(StopKind::Failed, "nothing-found", request.channel.as_str(), message));
    }
    let faults = world.claims.faults.iter();
    stops.extend(faults.map(|(page, why)| disagree::unreadable(request, page, why)));
    for (key, claim) in &world.claims.files {
        let leave = format!("mend the page or what lies there, or --leave-out {key}");
        if request.leaves_out(key) {
            continue;
        }
        if let Some((code, why)) = sorted.odd.get(key) {
            let message = format!("{} links to it: {why}", claim.page);
            stops.push(stop(StopKind::Failed, code, key.as_str(), message).hint(leave));
        } else if !world.sizes.contains_key(key) {
            let message = format!("{} links to it, and it is not there", claim.page);
            stops.push(stop(StopKind::Failed, "link-dangling", key.as_str(), message).hint(leave));
        }
    }
    let packages: BTreeSet<&PackageName> = sorted.new.iter().map(|file| &file.package).collect();
    let strange: Vec<&str> =
        packages.into_iter().filter(|name| !project.allows(name)).map(PackageName::as_str).collect();
    if !strange.is_empty() {
        let message = "no package of the train, no third-party package, and not in `channels.allow`";
        let list: Vec<String> = strange.iter().map(|name| format!("\"{name}\"")).collect();
        let hint =
            format!("if they belong there: [channels] allow = [{}]; or --leave-out their files", list.join(", "));
        stops.push(stop(StopKind::Blocked, "name-not-allowed", strange.join(", "), message).hint(hint));
    }
    stops
}

/// Files that no old page shows. Who published by hand took a release back by removing its link.
fn unlinked(request: &Request, found: &[(&NewFile, Taken)]) -> Option<Stop> {
    let none = |(_, taken): &&(&NewFile, Taken)| taken.notes.iter().any(|(code, _)| *code == "unlinked");
    let keys: Vec<&str> = found.iter().filter(none).map(|(file, _)| file.key.as_str()).collect();
    if request.take_unlinked || keys.is_empty() {
        return None;
    }
    let message = format!("no old page links to them, the new ones would: {}", keys.join(", "));
    let stop = stop(StopKind::Blocked, "unlinked", count(keys.len(), "file"), message);
    Some(stop.hint("if they are to be published: --take-unlinked; if not: --leave-out KEY"))
}

/// The pages of a mirror that are its own: nobody reads what they say, and they would be lost.
fn pages_of_mirrors(project: &Project, request: &Request, world: &ImportWorld) -> Vec<Stop> {
    let seen = &world.channel;
    let names = project.stores_with(request.channel).into_iter().skip(1).map(|(name, _)| name);
    let mut stops = Vec::new();
    for (name, mirror) in names.zip(&seen.mirrors).filter(|(_, mirror)| mirror.map.is_none()) {
        let own = |(key, digest): &(&ObjectKey, &crate::digest::Sha256)| {
            rebuild::is_page(key) && !request.leaves_out(key) && seen.pages.get(*key) != Some(*digest)
        };
        let own: Vec<&str> = mirror.pages.iter().filter(own).map(|(key, _)| key.as_str()).collect();
        if let Some(first) = own.first() {
            let message = format!("{} of {name}, such as {first}, are not those of stable", count(own.len(), "page"));
            let hint = "bring them into line with the old program first, or take the mirror out of the configuration until \
                        the channel is imported";
            stops.push(stop(StopKind::Conflict, "mirror-pages", &name, message).hint(hint));
        }
    }
    stops
}

/// Files that would stand on one page, or lie in one folder of a disk, under one name.
fn collisions((channel, dropped): (&ChannelWorld, &BTreeSet<ObjectKey>), found: &[(&NewFile, Taken)]) -> Vec<Stop> {
    let imported = channel.imported.values().flat_map(|record| &record.files).map(|file: &ImportedFile| &file.artifact);
    let imported = imported.filter(|artifact| !dropped.contains(&StorageKey::stable(artifact).key()));
    let released = channel.manifests.values().flat_map(|manifest| &manifest.artifacts);
    let new = found.iter().map(|(_, taken)| &taken.file.artifact);
    let mut names: BTreeMap<String, &Artifact> = BTreeMap::new();
    let mut places: BTreeMap<String, &Artifact> = BTreeMap::new();
    let mut stops = Vec::new();
    let path = |artifact: &Artifact| StorageKey::stable(artifact).path();
    for artifact in released.chain(imported).chain(new) {
        // Archives are listed with their folders.
        let listed = !Tree::FLAT.contains(&Tree::of(artifact.kind));
        let other = names.insert(artifact.name.as_str().to_owned(), artifact).filter(|_| listed);
        let case = places.insert(path(artifact).to_lowercase(), artifact).filter(|other| path(other) != path(artifact));
        let other = case.or(other.filter(|other| other.sha256 != artifact.sha256));
        if let Some(other) = other {
            let message = format!("{} has the same name and other bytes", path(other));
            let hint = format!("an installer may take either: --leave-out one of them, such as {}", path(artifact));
            stops.push(stop(StopKind::Conflict, "collision", path(artifact), message).hint(hint));
        }
    }
    stops
}

fn folders(channel: &ChannelWorld, sorted: &Sorted) -> BTreeSet<FolderName> {
    let new = sorted.new.iter().filter_map(|file| file.folder.clone());
    let spreads =
        channel.map.iter().flat_map(|(_, map)| map.packages().into_iter().filter_map(|name| map.spread(name)));
    new.chain(spreads.flat_map(|spread| spread.whl).flatten()).collect()
}

fn summary(found: &[(&NewFile, Taken)]) -> Vec<String> {
    if found.is_empty() {
        return Vec::new();
    }
    let packages: BTreeSet<&PackageName> = found.iter().map(|(file, _)| &file.package).collect();
    let size: u64 = found.iter().map(|(file, _)| file.size).sum();
    let read = found.iter().filter(|(_, taken)| taken.file.proof == Proof::Read).count();
    let (files, packages) = (count(found.len(), "file"), count(packages.len(), "package"));
    let trusted = match found.len() - read {
        0 => "all read in full".to_owned(),
        trusted => format!("{read} read in full, {trusted} with the digest that the old pages say"),
    };
    vec![format!("{files} of {packages} with {}, {trusted}", bytes(size))]
}

/// The pages that are replaced and were not looked at, because somebody said so.
fn not_read(request: &Request, world: &ImportWorld) -> Vec<String> {
    let pages = request.leave_out.iter().filter(|key| world.channel.pages.contains_key(*key));
    let pages: Vec<&str> = pages.map(ObjectKey::as_str).collect();
    let note = || format!("not-read: {}\n{}", count(pages.len(), "page"), pages.join("\n"));
    if pages.is_empty() { Vec::new() } else { vec![note()] }
}

/// What is odd and no reason to stop: for each code how many, and which.
fn told<'a>(
    world: &ImportWorld,
    sorted: &Sorted,
    odd: impl Iterator<Item = &'a (&'static str, String)>,
) -> Vec<String> {
    let mut told: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (code, message) in odd {
        told.entry(code).or_default().push(message.clone());
    }
    let no_link = |key: &&ObjectKey| !world.claims.files.contains_key(*key);
    for key in sorted.odd.keys().filter(no_link) {
        let (code, why) = &sorted.odd[key];
        told.entry(code).or_default().push(format!("{key}: {why}; no page links to it, and it is left out"));
    }
    let note = |(code, all): (&str, Vec<String>)| format!("{code}: {}\n{}", count(all.len(), "file"), all.join("\n"));
    told.into_iter().map(note).collect()
}
