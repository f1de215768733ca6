//! `promote`: exactly the tested bytes of one candidate go into the stable channel.

pub mod objects;

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Content, Location};
use crate::manifest::{Channel, ChannelEntry, ChannelMap, FORMAT, Manifest, PromotionRecord, Verdict};
use crate::name::{PackageName, RepositoryName};
use crate::plan::anaconda::Anaconda;
use crate::plan::candidate::tag_action;
use crate::plan::change::Change;
use crate::plan::everywhere::differing_somewhere;
use crate::plan::switch::fill;
use crate::plan::verify::sealed;
use crate::plan::{Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::{Candidate, Release};
use crate::world::{CandidateFacts, ChannelWorld, DerivedTag, MirrorWorld, Observed, PromoteWorld};

pub use self::objects::{Promoted, Reading};

use self::objects::{Bundle, Way, late, objects};

/// The way on when other bytes lie where the release goes.
const HINT: &str = "published bytes are never replaced: release the next patch version";
/// The same where no page of the channel has ever led to them.
const UNLINKED: &str = "no page leads to it: find out who put it there, remove it by hand, and promote again";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The release of the train.
    pub release: Release,
    /// An older candidate, and why it is taken.
    pub older: Option<(Candidate, String)>,
    /// How much of what was copied is read in full.
    pub reading: Reading,
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

/// What must be looked at in one store: the places where the candidate's objects go and, in a mirror, those of
/// what it has not yet. Those that are true are to be read in full if they are there.
pub fn places<'a>(
    manifests: impl IntoIterator<Item = &'a Manifest>,
    (world, mirror): (&ChannelWorld, Option<&MirrorWorld>),
    reading: Reading,
) -> BTreeMap<ObjectKey, bool> {
    let shown = mirror.map_or(&world.map, |mirror| &mirror.map).as_ref().map(|(_, map)| map);
    let is_shown = |manifest: &Manifest| {
        let entry = shown.and_then(|map| map.releases.get(&manifest.package)?.get(&manifest.candidate.release));
        let points_to = |entry: &ChannelEntry| (entry.manifest.candidate, entry.manifest.revision);
        entry.is_some_and(|entry| points_to(entry) == (manifest.candidate, manifest.revision))
    };
    // What lies where a release goes that is not there yet is of an earlier run, or of somebody else.
    let reading_of = |manifest| if is_shown(manifest) { reading } else { Reading::All };
    let of_candidate = manifests.into_iter().flat_map(|manifest| objects(manifest, reading_of(manifest)));
    let late = mirror.map(|mirror| late(world, mirror, Reading::All)).unwrap_or_default();
    let late = late.into_iter().flat_map(|bundle| bundle.objects);
    of_candidate.chain(late).map(|object| (object.stable, object.read)).collect()
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
        match self.copies() {
            Ok(more) => steps.extend(more),
            Err(more) => stops.extend(more),
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
        match self.anaconda() {
            Ok(more) => steps.extend(more),
            Err(more) => stops.extend(more),
        }
        steps.extend(self.record());
        steps.sort_by_key(|step| step.phase);
        if !stops.is_empty() {
            Decision::Refused(stops)
        } else if steps.is_empty() {
            Decision::NothingToDo(vec![format!("{} is promoted, as {}", self.request.release, self.candidate)])
        } else {
            let mut notes = vec![format!("exactly the bytes of candidate {}", self.candidate)];
            if self.request.reading == Reading::Sample {
                let note =
                    "a sample of what is copied is read in full; of the rest sizes and digests of servers are compared";
                notes.push(note.into());
            }
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

    /// Every object that will be linked, in every store that links to it.
    fn copies(&self) -> Result<Vec<Step>, Vec<Stop>> {
        let reading = self.request.reading;
        let mut steps = Vec::new();
        let mut stops = Vec::new();
        let mut add = |more: Result<Vec<Step>, Vec<Stop>>| match more {
            Ok(more) => steps.extend(more),
            Err(more) => stops.extend(more),
        };
        let there = &self.world.objects;
        for package in self.project.in_dependency_order() {
            let Some((package, manifest)) = self.manifests.get_key_value(package) else { continue };
            let bundle = Bundle { package, word: None, objects: objects(manifest, reading) };
            let hint = if self.is_linked(package, manifest) { HINT } else { UNLINKED };
            for (name, to) in self.project.released_stores() {
                let way = Way { name: &name, to, from: &self.project.test, classic: false, there, hint };
                add(way.steps(&bundle));
            }
        }
        for ((name, to), seen) in self.project.released_stores().skip(1).zip(&self.world.stable.mirrors) {
            let way = Way { name: &name, to, from: &self.project.stable, classic: true, there, hint: HINT };
            late(&self.world.stable, seen, reading)
                .iter()
                .filter(|late| !self.comes_anyway(late))
                .for_each(|late| add(way.steps(late)));
        }
        if stops.is_empty() { Ok(steps) } else { Err(stops) }
    }

    /// Whether the channel leads to this version of a package.
    fn is_linked(&self, package: &PackageName, manifest: &Manifest) -> bool {
        let map = self.world.stable.map.as_ref().map(|(_, map)| map);
        map.and_then(|map| map.releases.get(package)?.get(&manifest.candidate.release)).is_some()
    }

    /// Whether these files come from the candidate.
    fn comes_anyway(&self, late: &Bundle<'_>) -> bool {
        let manifest = self.manifests.get(late.package);
        manifest.is_some_and(|manifest| late.word == Some(manifest.candidate.release.to_string()))
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
            let entry = || ChannelEntry::new(manifest, self.candidate, self.world.stable.at);
            releases.entry(manifest.candidate.release).or_insert_with(entry);
        }
        fill(&mut map, |digest| self.world.stable.manifests.get(digest));
        map
    }

    fn switch(&self) -> Result<Vec<Step>, Stop> {
        let mut about: BTreeSet<PackageName> = self.manifests.keys().map(|package| (*package).clone()).collect();
        about.extend(differing_somewhere(&self.world.stable));
        let change = Change {
            project: self.project,
            world: &self.world.stable,
            map: &self.map(),
            arriving: about.clone(),
            about,
            brought: self.manifests.values().map(|manifest| (manifest.digest(), *manifest)).collect(),
        };
        change.kept(&Command::Promote { release: self.request.release }, Vec::new())
    }

    /// The conda packages at anaconda.org, if the channel has a label there.
    fn anaconda(&self) -> Result<Vec<Step>, Vec<Stop>> {
        let (project, world) = (self.project, &self.world.anaconda);
        let waiting = format!("trackside-{}", self.request.release);
        let anaconda = Anaconda { project, channel: Channel::Stable, waiting, switches: true, world };
        anaconda.steps(&self.manifests)
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
        // In the backup it says which candidate a release comes back from.
        let create = |store: &StoreUrl| Action::CreateObject {
            to: Location { store: store.clone(), key: key.clone() },
            content: Content::Text(record.to_text()),
        };
        let actions = vec![create(&self.project.backup), create(&self.project.stable)];
        let title = format!("record of the promotion of {}", self.request.release);
        Some(Step::new(&["record", &self.request.release.to_string()], title, Phase::Record, actions))
    }
}
