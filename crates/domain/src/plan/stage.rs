//! `stage`: built artifacts go into the candidate's immutable set and into the backup, the
//! manifest grows, and `test` moves once the candidate is sealed.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Content, Location};
use crate::manifest::{
    Artifact, CandidatePackage, CandidateRecord, Channel, ChannelEntry, ChannelMap, Manifest, Source as BuiltFrom,
};
use crate::matrix::{Expected, expand};
use crate::name::PackageName;
use crate::plan::change::Change;
use crate::plan::switch::fill;
use crate::plan::{BATCH, Command, Decision, Draft, Phase, Step, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::StoreUrl;
use crate::version::Candidate;
use crate::world::StageWorld;

mod anaconda;
mod arrival;
mod judge;
pub mod own;
mod there;
mod told;

use self::arrival::{Arrival, again, create, place, proof};
use self::judge::judge;

/// Decides what is to be done.
pub fn decide(project: &Project, candidate: Candidate, world: &StageWorld) -> Decision {
    let Some(record) = world.facts.records.get(&candidate) else {
        let stop =
            Stop::new(StopKind::Blocked, "no-candidate", candidate.to_string(), "there is no record of this candidate")
                .hint(format!("trackside candidate {}", candidate.release));
        return Decision::Refused(vec![stop]);
    };
    let stage = Stage { project, record, world };
    let arrived = match stage.sort() {
        Ok(arrived) => arrived,
        Err(stops) => return Decision::Refused(stops),
    };
    let decided = stage.sets(&arrived).and_then(|sets| {
        let lost = stage.lost(&arrived)?;
        Ok((sets, lost, judge(project, record, &world.facts, &arrived)?))
    });
    match decided {
        Ok((sets, lost, warnings)) => stage.draft(&arrived, &sets, (lost, warnings)),
        Err(stops) => Decision::Refused(stops),
    }
}

struct Stage<'a> {
    project: &'a Project,
    record: &'a CandidateRecord,
    world: &'a StageWorld,
}

/// One package's set after this plan.
struct Set {
    manifest: Manifest,
    /// The manifest is a new revision.
    fresh: bool,
    /// What the matrix expects and nobody has built yet.
    missing: Vec<String>,
}

impl<'a> Stage<'a> {
    /// Gives every built file its place, or says why it has none.
    fn sort(&self) -> Result<BTreeMap<&'a PackageName, Vec<Arrival<'a>>>, Vec<Stop>> {
        let mut stops = Vec::new();
        let mut expected = Vec::new();
        for package in self.record.packages.keys() {
            match self.expected(package) {
                Ok(of_package) => expected.extend(of_package.into_iter().map(|expected| (package, expected))),
                Err(stop) => stops.push(stop),
            }
        }
        if self.world.built.is_empty() {
            let stop = Stop::new(
                StopKind::Failed,
                "nothing-built",
                self.record.candidate.to_string(),
                "there is no artifact of it",
            );
            stops.push(stop);
        }
        let mut arrived: BTreeMap<&PackageName, Vec<Arrival<'a>>> = BTreeMap::new();
        for built in &self.world.built {
            match place(built, &expected) {
                Ok((package, arrival)) => arrived.entry(package).or_default().push(arrival),
                Err(stop) => stops.push(stop),
            }
        }
        if stops.is_empty() { Ok(arrived) } else { Err(stops) }
    }

    fn expected(&self, package: &'a PackageName) -> Result<Vec<Expected>, Stop> {
        let rows = self.project.matrix(package, self.record.candidate.release.line);
        let release = self.record.packages[package].candidate.release;
        expand(package, release, rows)
            .map_err(|error| Stop::new(StopKind::Failed, "matrix", package.as_str(), error.to_string()))
    }

    /// The sets of all packages as they will be, or the files that are there with other bytes.
    fn sets(
        &self,
        arrived: &BTreeMap<&PackageName, Vec<Arrival<'a>>>,
    ) -> Result<BTreeMap<&'a PackageName, Set>, Vec<Stop>> {
        let mut stops = Vec::new();
        let mut sets = BTreeMap::new();
        for (package, entry) in &self.record.packages {
            let arrivals = arrived.get(package).map_or(&[][..], Vec::as_slice);
            match self.set(package, entry, arrivals) {
                Ok(set) => drop(set.map(|set| sets.insert(package, set))),
                Err(more) => stops.extend(more),
            }
        }
        if stops.is_empty() { Ok(sets) } else { Err(stops) }
    }

    fn set(
        &self,
        package: &'a PackageName,
        entry: &CandidatePackage,
        arrivals: &[Arrival<'_>],
    ) -> Result<Option<Set>, Vec<Stop>> {
        let seen = self.seen(package, entry);
        let have: BTreeMap<_, _> = seen
            .into_iter()
            .flat_map(|manifest| manifest.artifacts.iter().map(|artifact| (artifact.place(), artifact)))
            .collect();
        let mut new: BTreeMap<_, &Arrival<'_>> = BTreeMap::new();
        let mut stops = Vec::new();
        for arrival in arrivals {
            let artifact = &arrival.artifact;
            let (path, sha256) = (&arrival.built.path, artifact.sha256.short());
            let mut clash = |other: String, hint: &str| {
                let message = format!("{path} has sha256 {sha256}, but {other}");
                stops.push(Stop::new(StopKind::Conflict, "other-bytes", artifact.name.as_str(), message).hint(hint));
            };
            match (have.get(&artifact.place()), new.get(&artifact.place())) {
                (Some(staged), _) if staged.sha256 == artifact.sha256 => {}
                (Some(staged), _) => clash(
                    format!("{} is staged as {}", staged.sha256.short(), entry.tag),
                    "a candidate is immutable: tag the next one for other bytes",
                ),
                (None, Some(twin)) if twin.artifact.sha256 == artifact.sha256 => {}
                (None, Some(twin)) => clash(
                    format!("{} has {}", twin.built.path, twin.artifact.sha256.short()),
                    "two builds of one name: take the one away that is not meant",
                ),
                (None, None) => drop(new.insert(artifact.place(), arrival)),
            }
        }
        if !stops.is_empty() {
            return Err(stops);
        }
        let more = new.into_values().map(|arrival| arrival.artifact.clone());
        let refused = |error: crate::manifest::RecordError| {
            vec![Stop::new(StopKind::Failed, "manifest", package.as_str(), error.to_string())]
        };
        let (manifest, fresh) = match seen {
            Some(manifest) if more.len() == 0 => (manifest.clone(), false),
            None if more.len() == 0 => return Ok(None),
            Some(manifest) => (manifest.next(more).map_err(refused)?, true),
            None => {
                let source = BuiltFrom {
                    repository: entry.repository.clone(),
                    tag: entry.tag.clone(),
                    commit: entry.commit.clone(),
                };
                (Manifest::new(package.clone(), entry.candidate, source, more.collect()).map_err(refused)?, true)
            }
        };
        let expected = self.expected(package).map_err(|stop| vec![stop])?;
        let there: Vec<_> = manifest.artifacts.iter().map(Artifact::place).collect();
        let missing: Vec<String> = expected
            .iter()
            .filter(|expected| !there.contains(&(expected.folder.as_ref(), &expected.file_name)))
            .map(Expected::path)
            .collect();
        let manifest = if fresh && missing.is_empty() { manifest.sealed() } else { manifest };
        Ok(Some(Set { manifest, fresh, missing }))
    }

    fn seen(&self, package: &PackageName, entry: &CandidatePackage) -> Option<&'a Manifest> {
        self.world.facts.manifests.get(&(package.clone(), entry.candidate)).map(|(_, manifest)| manifest)
    }

    fn draft(
        &self,
        arrived: &BTreeMap<&PackageName, Vec<Arrival<'_>>>,
        sets: &BTreeMap<&PackageName, Set>,
        (lost, warnings): (Vec<Step>, Vec<String>),
    ) -> Decision {
        let mut steps = lost;
        for (&package, set) in sets.iter().filter(|(_, set)| set.fresh) {
            // By place, not by digest: two channel folders may hold the same bytes.
            let mut have: BTreeSet<_> = self
                .seen(package, &self.record.packages[package])
                .into_iter()
                .flat_map(|manifest| manifest.artifacts.iter().map(Artifact::place))
                .collect();
            let arrivals = arrived.get(package).into_iter().flatten();
            let new: Vec<&Arrival<'_>> = arrivals.filter(|arrival| have.insert(arrival.artifact.place())).collect();
            steps.extend(self.store_steps(package, &set.manifest, &new));
        }
        let notes = [self.notes(sets), warnings].concat();
        match self.page_steps(sets) {
            Ok(more) => steps.extend(more),
            Err(stop) => return Decision::Refused(vec![stop]),
        }
        match self.anaconda(sets) {
            Ok(more) => steps.extend(more),
            Err(stops) => return Decision::Refused(stops),
        }
        let preconditions = self.preconditions(sets);
        steps.sort_by_key(|step| step.phase);
        if steps.is_empty() {
            return Decision::NothingToDo(notes);
        }
        Decision::Draft(Draft {
            command: Command::Stage { candidate: self.record.candidate },
            preconditions,
            steps,
            notes,
        })
    }

    /// The artifacts into the set and into the backup, then the manifest that names them.
    fn store_steps(&self, package: &PackageName, manifest: &Manifest, new: &[&Arrival<'_>]) -> Vec<Step> {
        let mut steps = Vec::new();
        for (verb, store) in [("store", &self.project.test), ("backup", &self.project.backup)] {
            let actions: Vec<Action> = new.iter().flat_map(|arrival| create(store, manifest, arrival)).collect();
            let is_backup = *store == self.project.backup;
            let actions: Vec<Action> = actions
                .into_iter()
                .map(|action| if is_backup { again(action, &self.project.test) } else { action })
                .collect();
            for (index, batch) in actions.chunks(BATCH).enumerate() {
                let title = format!("{verb} {} of {package} {}", count(batch.len(), "object"), manifest.candidate);
                let id = format!("{}-{}", manifest.revision, index + 1);
                steps.push(Step::new(&[verb, package.as_str(), &id], title, Phase::Write, batch.to_vec()));
            }
            let proofs: Vec<Action> = actions.iter().filter_map(proof).collect();
            for (index, batch) in proofs.chunks(BATCH).enumerate() {
                let title = format!("read back {} of {package} {}", count(batch.len(), "object"), manifest.candidate);
                let id = format!("{verb}-{}-{}", manifest.revision, index + 1);
                steps.push(Step::new(&["prove", package.as_str(), &id], title, Phase::Write, batch.to_vec()));
            }
        }
        let reference = manifest.reference();
        let key = StorageKey::Manifest {
            package: package.clone(),
            candidate: manifest.candidate,
            revision: manifest.revision,
        }
        .key();
        let create = |store: &StoreUrl| Action::CreateObject {
            to: Location { store: store.clone(), key: key.clone() },
            content: Content::Text(manifest.to_text()),
        };
        let state = if manifest.sealed { "sealed" } else { "open" };
        let title = format!("manifest of {package} {}, revision {}, {state}", reference.candidate, reference.revision);
        let actions = vec![create(&self.project.backup), create(&self.project.test)];
        let id = manifest.revision.to_string();
        steps.push(Step::new(&["manifest", package.as_str(), &id], title, Phase::Write, actions));
        steps
    }

    /// The pages of this candidate and of every later one that shares what this plan adds, and
    /// `test` as far as they are complete.
    fn page_steps(&self, sets: &BTreeMap<&PackageName, Set>) -> Result<Vec<Step>, Stop> {
        let none = BTreeMap::new();
        let mut steps = Vec::new();
        for record in self.affected(sets) {
            let manifests: Vec<&Manifest> = self.manifests(record, sets).into_values().collect();
            let seen = self.world.candidate_pages.get(&record.candidate).unwrap_or(&none);
            steps.extend(own::steps(self.project, &self.project.test, (record.candidate, &manifests), seen)?);
        }
        if let Some(map) = self.test_map(sets) {
            let manifests: Vec<&Manifest> =
                self.affected(sets).flat_map(|record| self.manifests(record, sets).into_values()).collect();
            let change = Change {
                project: self.project,
                world: &self.world.test,
                map: &map,
                about: manifests.iter().map(|manifest| manifest.package.clone()).collect(),
                brought: manifests.iter().map(|manifest| (manifest.digest(), *manifest)).collect(),
                arriving: BTreeSet::new(),
            };
            steps.extend(change.kept(&Command::Stage { candidate: self.record.candidate }, Vec::new())?);
        }
        Ok(steps)
    }

    /// This candidate, and the later ones that carry a package which grows now: theirs may be the
    /// pages and the completeness that changes. One of which objects are gone has no pages, nor gets any.
    fn affected<'s>(&'s self, sets: &'s BTreeMap<&PackageName, Set>) -> impl Iterator<Item = &'s CandidateRecord> {
        let grows = |(package, entry): (&PackageName, &CandidatePackage)| {
            sets.get(package).is_some_and(|set| set.fresh && set.manifest.candidate == entry.candidate)
        };
        let later = self.world.facts.records.range(self.record.candidate..).map(|(_, record)| record);
        later.filter(move |record| {
            record.candidate == self.record.candidate || record.packages.iter().any(grows) && self.is_whole(record)
        })
    }

    /// The manifests of a record as they are after this plan.
    fn manifests<'s>(
        &'s self,
        record: &CandidateRecord,
        sets: &'s BTreeMap<&PackageName, Set>,
    ) -> BTreeMap<PackageName, &'s Manifest> {
        let manifest = |(package, entry): (&PackageName, &CandidatePackage)| {
            let set = sets.get(package).map(|set| &set.manifest);
            let new = set.filter(|manifest| manifest.candidate == entry.candidate);
            Some((package.clone(), new.or_else(|| self.seen(package, entry))?))
        };
        record.packages.iter().filter_map(manifest).collect()
    }

    /// What `test` points to afterwards; `None` while no affected candidate is complete.
    fn test_map(&self, sets: &BTreeMap<&PackageName, Set>) -> Option<ChannelMap> {
        let mut map = None;
        for record in self.affected(sets) {
            let manifests = self.manifests(record, sets);
            let sealed = |package| manifests.get(package).is_some_and(|manifest| manifest.sealed);
            if record.packages.keys().all(sealed) {
                let seen = || self.world.test.map.as_ref().map(|(_, map)| map.clone());
                let map = map.get_or_insert_with(|| seen().unwrap_or_else(|| ChannelMap::empty(Channel::Test)));
                point(map, (record.candidate, self.world.test.at), &manifests);
            }
        }
        if let Some(map) = &mut map {
            fill(map, |digest| self.world.test.manifests.get(digest));
        }
        map
    }
}

/// Points the channel to a complete candidate. A late build of an older one does not take it back.
fn point(
    map: &mut ChannelMap,
    (candidate, at): (Candidate, Option<jiff::Timestamp>),
    manifests: &BTreeMap<PackageName, &Manifest>,
) {
    for (package, manifest) in manifests {
        let releases = map.releases.entry(package.clone()).or_default();
        let release = manifest.candidate.release;
        let seen = releases.get(&release);
        if seen.is_none_or(|entry| entry.candidate <= candidate) {
            // The same bytes came when they came, and what is yanked stays so; other bytes are new.
            let same = seen.filter(|entry| entry.manifest == manifest.reference()).cloned();
            let entry = same.map(|entry| ChannelEntry { candidate, ..entry });
            releases.insert(release, entry.unwrap_or_else(|| ChannelEntry::new(manifest, candidate, at)));
        }
    }
}
