//! `channel yank` and `channel unyank`: installers leave a file alone unless it is asked for by its
//! exact version (PEP 592). The bytes stay.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use crate::action::Location;
use crate::digest::Sha256;
use crate::file_name::FileName;
use crate::hidden::is_hidden;
use crate::index::version_of;
use crate::manifest::{Channel, ChannelMap, Manifest, Yanked};
use crate::name::PackageName;
use crate::plan::change::Change;
use crate::plan::{Command, Decision, Precondition, Stop, StopKind};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::version::Release;
use crate::world::ChannelWorld;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The channel.
    pub channel: Channel,
    /// The package.
    pub package: PackageName,
    /// The version of the package.
    pub version: Version,
    /// One file, if not the whole release.
    pub file: Option<FileName>,
    /// Why it is yanked; `None` takes that back.
    pub reason: Option<String>,
}

impl Request {
    /// The command as it is journalled.
    pub fn command(&self) -> Command {
        let Self { channel, package, version, file, reason } = self.clone();
        let version = version.to_string();
        match reason {
            Some(reason) => Command::Yank { channel, package, version, file, reason },
            None => Command::Unyank { channel, package, version, file },
        }
    }
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: &Request, world: &ChannelWorld) -> Decision {
    let (map, notes) = match wanted(request, world) {
        Ok(wanted) => wanted,
        Err(stop) => return Decision::Refused(vec![stop]),
    };
    let change = Change {
        project,
        world,
        map: &map,
        about: BTreeSet::from([request.package.clone()]),
        brought: BTreeMap::new(),
        arriving: BTreeSet::new(),
    };
    let nothing = vec![format!("the {} is as asked for already", subject(request))];
    change.decide(request.command(), Vec::new(), nothing).noting(notes)
}

/// What the channel is to point to, and what is to be known of it.
fn wanted(request: &Request, world: &ChannelWorld) -> Result<(ChannelMap, Vec<String>), Stop> {
    let Request { package, version, .. } = request;
    let absent = || {
        let message = format!("channel {} has no such file of {package} {version}", request.channel);
        Stop::new(StopKind::Failed, "not-in-channel", subject(request), message)
    };
    if request.reason.as_ref().is_some_and(|reason| reason.trim().is_empty() || reason.contains(is_hidden)) {
        let message = "the reason must be a line of text: installers show it";
        return Err(Stop::new(StopKind::Failed, "no-reason", subject(request), message));
    }
    let mut map = world.map.as_ref().map(|(_, map)| map.clone()).ok_or_else(absent)?;
    let release: Option<Release> = version.to_string().parse().ok();
    let entry = release.and_then(|release| map.releases.get_mut(package)?.get_mut(&release));
    if let Some(entry) = entry {
        let has = |manifest: &Manifest, file: &FileName| manifest.artifacts.iter().any(|one| one.name == *file);
        let manifest = world.manifests.get(&entry.manifest.sha256);
        if request.file.as_ref().is_some_and(|file| !manifest.is_some_and(|manifest| has(manifest, file))) {
            return Err(absent());
        }
        if request.reason.is_none() && request.file.is_some() && entry.yanked.release.is_some() {
            let message = "the whole release is yanked: un-yank that, then yank what shall stay yanked";
            return Err(Stop::new(StopKind::Failed, "release-yanked", subject(request), message));
        }
        let notes = also_unyanked(&entry.yanked, request);
        apply(&mut entry.yanked, request, &[]);
        return Ok((map, notes));
    }
    let imported = map.imported.get_mut(package).ok_or_else(absent)?;
    let record = world.imported.get(&imported.record).ok_or_else(absent)?;
    let of_version = record.files.iter().map(|file| &file.artifact).filter(|artifact| {
        let found = version_of(package, artifact.kind, artifact.name.as_str()).ok().flatten();
        found.is_some_and(|found| found == *version || without_local(&found) == *version)
    });
    let files: Vec<FileName> = of_version.map(|artifact| artifact.name.clone()).collect();
    let files: Vec<FileName> = match &request.file {
        Some(file) => files.into_iter().filter(|name| name == file).collect(),
        None => files,
    };
    if files.is_empty() {
        return Err(absent());
    }
    apply(&mut imported.yanked, request, &files);
    Ok((map, Vec::new()))
}

/// The files of a release that were yanked by themselves and are not any more when the release is not.
fn also_unyanked(yanked: &Yanked, request: &Request) -> Vec<String> {
    let all = request.reason.is_none() && request.file.is_none();
    let files = yanked.files.iter().filter(|_| all);
    files.map(|(file, reason)| format!("{file} was yanked by itself, and is not any more: {reason}")).collect()
}

fn without_local(version: &Version) -> Version {
    version.clone().without_local()
}

/// `files` are those that stand for a whole release where releases are not told apart.
fn apply(yanked: &mut Yanked, request: &Request, files: &[FileName]) {
    let one = request.file.as_slice();
    let names = if files.is_empty() { one } else { files };
    match (&request.reason, names.is_empty()) {
        (Some(reason), true) => yanked.release = Some(reason.clone()),
        (Some(reason), false) => yanked.files.extend(names.iter().map(|name| (name.clone(), reason.clone()))),
        // A release is not yanked any more when none of its files is.
        (None, true) => *yanked = Yanked::default(),
        (None, false) => yanked.files.retain(|name, _| !names.contains(name)),
    }
}

fn subject(request: &Request) -> String {
    let Request { package, version, file, .. } = request;
    file.as_ref().map_or_else(|| format!("release {package} {version}"), |file| format!("file {file}"))
}

/// What must still hold: the map is the one that was seen.
pub(super) fn map_holds(project: &Project, channel: Channel, world: &ChannelWorld) -> Precondition {
    let at = Location { store: project.store_of(channel).clone(), key: StorageKey::Channel(channel).key() };
    Precondition::ObjectIs { at, value: world.map.as_ref().map(|(digest, _): &(Sha256, ChannelMap)| *digest) }
}
