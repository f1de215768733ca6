//! `promote`: exactly the tested bytes of one candidate go into the stable channel.

use std::collections::BTreeMap;

use crate::action::{Action, Content, Location};
use crate::digest::Sha256;
use crate::manifest::{Artifact, Channel, ChannelEntry, ChannelMap, FORMAT, Manifest, PromotionRecord, Verdict};
use crate::name::{PackageName, RepositoryName};
use crate::plan::candidate::tag_action;
use crate::plan::pages::{Pages, classic, map_step, mapped};
use crate::plan::verify::sealed;
use crate::plan::{BATCH, Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::ObjectKey;
use crate::version::{Candidate, Release};
use crate::world::{CandidateFacts, DerivedTag, Observed, PromoteWorld};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The release of the train.
    pub release: Release,
    /// An older candidate, and why it is taken.
    pub older: Option<(Candidate, String)>,
}

/// The candidate that the request is about: the newest, or the one that was named.
///
/// # Errors
/// When there is none, or the one that was named does not exist or belongs to another release.
pub fn chosen(request: &Request, facts: &CandidateFacts) -> Result<Candidate, Stop> {
    let release = request.release;
    let newest = facts.records.keys().rev().find(|candidate| candidate.release == release).copied();
    let none = || {
        Stop::new(StopKind::Blocked, "no-candidate", release.to_string(), "this release has no candidate")
            .hint(format!("trackside candidate {release}"))
    };
    match &request.older {
        None => newest.ok_or_else(none),
        Some((named, _)) if facts.records.contains_key(named) && named.release == release => Ok(*named),
        Some((named, _)) => Err(Stop::new(
            StopKind::Failed,
            "no-candidate",
            named.to_string(),
            format!("it is no candidate of {release}"),
        )),
    }
}

/// The places where the artifacts of a candidate go, so that they can be looked at.
pub fn places<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Vec<ObjectKey> {
    let files = manifests.into_iter().flat_map(|manifest| &manifest.artifacts).map(StorageKey::stable);
    files.flat_map(|file| [Some(file.key()), file.metadata().map(|metadata| metadata.key())]).flatten().collect()
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: &Request, world: &PromoteWorld) -> Decision {
    let candidate = match chosen(request, &world.facts) {
        Ok(candidate) => candidate,
        Err(stop) => return Decision::Refused(vec![stop]),
    };
    match gates(project, request, candidate, &world.facts) {
        Ok(manifests) => Promotion { project, request, candidate, manifests, world }.decide(),
        Err(stops) => Decision::Refused(stops),
    }
}

/// Sealed, verified, complete: everything that must hold before a byte moves.
fn gates<'a>(
    project: &Project,
    request: &Request,
    candidate: Candidate,
    facts: &'a CandidateFacts,
) -> Result<BTreeMap<&'a PackageName, &'a Manifest>, Vec<Stop>> {
    let references = sealed(candidate, facts)?;
    let mut stops = Vec::new();
    let verify = format!("trackside verify {candidate} --apply");
    let blocked = |code, message: String| Stop::new(StopKind::Blocked, code, candidate.to_string(), message);
    match facts.verdicts.get(&candidate).map(|(_, verdict)| verdict) {
        None => stops.push(blocked("not-verified", "nobody has verified it".into()).hint(verify)),
        Some(verdict) if !verdict.passed() => stops.push(blocked("not-verified", failures(verdict)).hint(verify)),
        Some(verdict) if verdict.manifests != references => {
            stops.push(blocked("not-verified", "its verdict is about other bytes".into()).hint(verify));
        }
        Some(_) => {}
    }
    let record = &facts.records[&candidate];
    for package in project.versions(request.release).into_iter().flat_map(BTreeMap::keys) {
        if !record.packages.contains_key(package) {
            let message = format!("the release has {package}, but the candidate does not");
            stops.push(blocked("package-missing", message).hint(format!("trackside candidate {}", request.release)));
        }
    }
    if !stops.is_empty() {
        return Err(stops);
    }
    let of_candidate = record.packages.iter().filter_map(|(package, entry)| {
        facts.manifests.get(&(package.clone(), entry.candidate)).map(|(_, manifest)| (package, manifest))
    });
    Ok(of_candidate.collect())
}

fn failures(verdict: &Verdict) -> String {
    let failed = verdict.checks.iter().filter(|check| check.outcome != crate::manifest::Outcome::Passed);
    let names: Vec<&str> = failed.map(|check| check.name.as_str()).collect();
    format!("its newest verdict has checks that did not pass: {}", names.join(", "))
}

struct Promotion<'a> {
    project: &'a Project,
    request: &'a Request,
    candidate: Candidate,
    manifests: BTreeMap<&'a PackageName, &'a Manifest>,
    world: &'a PromoteWorld,
}

impl Promotion<'_> {
    fn decide(&self) -> Decision {
        let mut stops = Vec::new();
        let mut steps = Vec::new();
        let mut preconditions = Vec::new();
        for package in self.project.in_dependency_order() {
            let Some(manifest) = self.manifests.get(package) else { continue };
            match self.copies(manifest) {
                Ok(more) => steps.extend(more),
                Err(more) => stops.extend(more),
            }
        }
        match self.tags() {
            Ok((more, holds)) => {
                steps.extend(more);
                preconditions.extend(holds);
            }
            Err(stop) => stops.push(stop),
        }
        match self.switch() {
            Ok(more) => steps.extend(more),
            Err(stop) => stops.push(stop),
        }
        steps.extend(self.record());
        steps.sort_by_key(|step| step.phase);
        if !stops.is_empty() {
            Decision::Refused(stops)
        } else if steps.is_empty() {
            Decision::NothingToDo(vec![format!("{} is promoted, as {}", self.request.release, self.candidate)])
        } else {
            let mut notes = vec![format!("exactly the bytes of candidate {}", self.candidate)];
            if let Some((candidate, reason)) = &self.request.older {
                notes.push(format!(
                    "waiver older-candidate: {candidate} is taken although it need not be the newest: {reason}"
                ));
            }
            preconditions.push(self.map_holds());
            let command = Command::Promote { release: self.request.release };
            Decision::Draft(Draft { command, preconditions, steps, notes })
        }
    }

    /// Copies what is not there, and reads back everything that will be linked.
    fn copies(&self, manifest: &Manifest) -> Result<Vec<Step>, Vec<Stop>> {
        let mut copies = Vec::new();
        let mut reads = Vec::new();
        let mut stops = Vec::new();
        for (from, to, size, sha256) in manifest.artifacts.iter().flat_map(|artifact| objects(manifest, artifact)) {
            match self.world.objects.get(&to) {
                Some(found) if *found != sha256 => stops.push(
                    Stop::new(
                        StopKind::Conflict,
                        "other-bytes",
                        to.to_string(),
                        format!("sha256 {} is there, the candidate has {}", found.short(), sha256.short()),
                    )
                    .hint("published bytes are never replaced: release the next patch version"),
                ),
                Some(_) => {}
                None => {
                    let from = Location { store: self.project.test.clone(), key: from };
                    let to = Location { store: self.project.stable.clone(), key: to };
                    reads.push(Action::ReadBack { at: to.clone(), size, sha256 });
                    copies.push(Action::CopyObject { from, to, size, sha256 });
                }
            }
        }
        if !stops.is_empty() {
            return Err(stops);
        }
        let package = manifest.package.as_str();
        let copy = copies.chunks(BATCH).enumerate().map(|(index, batch)| {
            let title = format!("copy {} of {package} to stable", count(batch.len(), "object"));
            Step::new(&["copy", package, &(index + 1).to_string()], title, Phase::Write, batch.to_vec())
        });
        let read = reads.chunks(BATCH).enumerate().map(|(index, batch)| {
            let title = format!("read back {} of {package}", count(batch.len(), "object"));
            Step::new(&["read", package, &(index + 1).to_string()], title, Phase::ReadBack, batch.to_vec())
        });
        Ok(copy.chain(read).collect())
    }

    /// The final tag of every repository, on exactly the candidate's commit.
    fn tags(&self) -> Result<(Vec<Step>, Vec<Precondition>), Stop> {
        let mut steps = Vec::new();
        let mut holds = Vec::new();
        for (repository, (seen, wanted)) in &self.world.tags {
            if let Some(tag) = self.tag(repository, seen, wanted)? {
                let title = format!("{repository}: tag `{}` on {}", tag.name, tag.target.short());
                let action = tag_action(self.project, repository, tag);
                steps.push(Step::new(&["final-tag", repository.as_str()], title, Phase::Tag, vec![action]));
                holds.push(Precondition::RefIs {
                    repository: repository.clone(),
                    url: self.project.repositories[repository].url.clone(),
                    name: tag.name.to_ref(),
                    value: None,
                });
            }
        }
        Ok((steps, holds))
    }

    fn tag<'t>(
        &self,
        repository: &RepositoryName,
        seen: &Observed<crate::git::ObjectId>,
        wanted: &'t Observed<DerivedTag>,
    ) -> Result<Option<&'t DerivedTag>, Stop> {
        let stop = |kind, code, message: String| Stop::new(kind, code, repository.as_str(), message);
        let tag = match wanted {
            Observed::Known(tag) => tag,
            Observed::Absent => return Ok(None),
            Observed::Unknown(why) => return Err(why.stop(repository.as_str())),
        };
        match seen {
            Observed::Absent => Ok(Some(tag)),
            Observed::Known(commit) if *commit == tag.target => Ok(None),
            Observed::Known(commit) => Err(stop(
                StopKind::Conflict,
                "tag-elsewhere",
                format!("the tag `{}` is on {}, the candidate is {}", tag.name, commit.short(), tag.target.short()),
            )
            .hint("a published tag never moves: release the next patch version")),
            Observed::Unknown(why) => Err(why.stop(repository.as_str())),
        }
    }

    fn map(&self) -> ChannelMap {
        let seen = self.world.stable.map.as_ref().map(|(_, map)| map.clone());
        let mut map = seen.unwrap_or_else(|| ChannelMap::empty(Channel::Stable));
        for (&package, manifest) in &self.manifests {
            let releases = map.releases.entry(package.clone()).or_default();
            // A package that was carried over and released before keeps the entry that it has.
            releases
                .entry(manifest.candidate.release)
                .or_insert_with(|| ChannelEntry { manifest: manifest.reference(), candidate: self.candidate });
        }
        map
    }

    fn switch(&self) -> Result<Vec<Step>, Stop> {
        let map = self.map();
        let manifest = |package: &PackageName, digest: &Sha256| {
            let planned = self.manifests.get(package).copied().filter(|manifest| manifest.digest() == *digest);
            planned.or_else(|| self.world.stable.manifests.get(digest))
        };
        let wanted = classic(mapped(&map, manifest))?;
        let pages = Pages { name: "stable", store: &self.project.stable, wanted, seen: &self.world.stable.pages };
        let mut steps: Vec<Step> =
            map_step(&self.project.stable, self.world.stable.map.as_ref(), &map).into_iter().collect();
        steps.extend(pages.steps(self.project));
        Ok(steps)
    }

    fn map_holds(&self) -> Precondition {
        let key = StorageKey::Channel(Channel::Stable).key();
        let at = Location { store: self.project.stable.clone(), key };
        Precondition::ObjectIs { at, value: self.world.stable.map.as_ref().map(|(digest, _)| *digest) }
    }

    fn record(&self) -> Option<Step> {
        if self.world.promoted {
            return None;
        }
        let record = PromotionRecord {
            format: FORMAT,
            release: self.request.release,
            candidate: self.candidate,
            manifests: self.manifests.values().map(|manifest| manifest.reference()).collect(),
            reason: self.request.older.as_ref().map(|(_, reason)| reason.clone()),
        };
        let key = StorageKey::Promotion(self.request.release).key();
        let to = Location { store: self.project.stable.clone(), key };
        let action = Action::CreateObject { to, content: Content::Text(record.to_text()) };
        let title = format!("record of the promotion of {}", self.request.release);
        Some(Step::new(&["record", &self.request.release.to_string()], title, Phase::Record, vec![action]))
    }
}

/// The objects of one artifact: where from, where to, and what they must be.
fn objects(manifest: &Manifest, artifact: &Artifact) -> Vec<(ObjectKey, ObjectKey, u64, Sha256)> {
    let from = StorageKey::staged(&manifest.package, manifest.candidate, artifact);
    let to = StorageKey::stable(artifact);
    let mut objects = vec![(from.key(), to.key(), artifact.size, artifact.sha256)];
    if let (Some(from), Some(to), Some(file)) = (from.metadata(), to.metadata(), &artifact.metadata) {
        objects.push((from.key(), to.key(), file.size, file.sha256));
    }
    objects
}
