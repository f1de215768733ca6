//! `candidate`: the next release candidate tag of every package that is due, and the train's record.

use std::collections::BTreeMap;

use crate::action::{Action, Content, Location, Recipe, RefUpdate};
use crate::edit::version_agrees;
use crate::git::{ObjectId, TagName};
use crate::manifest::{CandidatePackage, CandidateRecord, FORMAT};
use crate::name::{PackageName, RepositoryName};
use crate::plan::{Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::version::{Candidate, Release};
use crate::world::{CandidateFacts, CandidateWorld, DerivedTag, Observed};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The release of the train.
    pub release: Release,
    /// One package; `None` means all that are due.
    pub only: Option<PackageName>,
    /// Why a commit that has a candidate tag gets another one.
    pub again: Option<String>,
}

/// What becomes of one package.
enum Fate<'a> {
    /// It gets the next tag.
    Due(Candidate, &'a DerivedTag),
    /// Its newest tag is on the tip, but no record of the train has it.
    Adopted(Candidate, TagName, ObjectId),
    /// An earlier record of the train has it.
    Carried(CandidatePackage),
    /// Its repository has no release branch yet.
    NotCut,
}

/// The highest candidate number of a release among tags, and the commit that has it.
pub fn newest_tag(tags: &BTreeMap<TagName, ObjectId>, release: Release) -> Option<(Candidate, &TagName, &ObjectId)> {
    tags.iter()
        .filter_map(|(tag, commit)| Some((Candidate::from_tag(tag.as_str()).ok()?, tag, commit)))
        .filter(|(candidate, ..)| candidate.release == release)
        .max_by_key(|(candidate, ..)| candidate.number)
}

/// The next candidate of a release: one more than the highest that is tagged, 1 if none is.
pub fn next_candidate(tags: &BTreeMap<TagName, ObjectId>, release: Release) -> Candidate {
    newest_tag(tags, release).map_or(release.candidate(1), |(candidate, ..)| release.candidate(candidate.number + 1))
}

/// The message of the tag of a candidate or release.
pub fn tag_message(repository: &RepositoryName, version: impl std::fmt::Display) -> String {
    format!("{repository} {version}\n")
}

/// The next number of the train's own record of a release.
pub fn next_record(facts: &CandidateFacts, release: Release) -> Candidate {
    let numbers =
        facts.records.keys().filter(|candidate| candidate.release == release).map(|candidate| candidate.number);
    release.candidate(numbers.max().map_or(1, |number| number + 1))
}

/// Decides what is to be done.
pub fn decide(
    project: &Project,
    request: &Request,
    world: &BTreeMap<RepositoryName, CandidateWorld>,
    facts: &CandidateFacts,
) -> Decision {
    let Some(versions) = project.versions(request.release) else {
        let stop = Stop::new(
            StopKind::Failed,
            "unknown-release",
            request.release.to_string(),
            "no line file lists this release",
        )
        .hint(format!("add it to lines/{}.toml", request.release.line));
        return Decision::Refused(vec![stop]);
    };
    let train = Train { project, request, facts, next: next_record(facts, request.release) };
    let mut stops = Vec::new();
    let mut fates = BTreeMap::new();
    for (package, &version) in versions {
        let repository = project.packages.get(package).map(|package| &package.repository);
        let Some((repository, seen)) = repository.and_then(|name| Some((name, world.get(name)?))) else { continue };
        match train.fate(package, version, repository, seen) {
            Ok(fate) => drop(fates.insert(package, (repository, fate))),
            Err(stop) => stops.push(stop),
        }
    }
    if stops.is_empty() { train.draft(&fates, world) } else { Decision::Refused(stops) }
}

struct Train<'a> {
    project: &'a Project,
    request: &'a Request,
    facts: &'a CandidateFacts,
    next: Candidate,
}

impl Train<'_> {
    fn fate<'w>(
        &self,
        package: &PackageName,
        version: Release,
        repository: &RepositoryName,
        seen: &'w CandidateWorld,
    ) -> Result<Fate<'w>, Stop> {
        let stop = |kind, code, message: String| Stop::new(kind, code, repository.as_str(), message);
        let (tip, tags) = match (&seen.tip, &seen.tags) {
            (Observed::Unknown(why), _) | (_, Observed::Unknown(why)) => {
                return Err(why.stop(repository.as_str()));
            }
            (Observed::Absent, _) | (_, Observed::Absent) if self.request.only.as_ref() == Some(package) => {
                return Err(self.not_cut(repository.as_str(), "its release branch does not exist"));
            }
            (Observed::Absent, _) | (_, Observed::Absent) => return Ok(Fate::NotCut),
            (Observed::Known(tip), Observed::Known(tags)) => (tip, tags),
        };
        let newest = newest_tag(tags, version);
        let carried = self.carried(package, version, newest.map(|(candidate, ..)| candidate));
        let released = version.tag().is_ok_and(|tag| tags.contains_key(&tag));
        let selected = self.request.only.as_ref().is_none_or(|only| only == package);
        let again = selected && self.request.again.is_some();
        match (newest, carried) {
            (Some(_), Some(carried)) if released || !selected => return Ok(Fate::Carried(carried)),
            (Some((_, _, commit)), Some(carried)) if commit == tip && !again => return Ok(Fate::Carried(carried)),
            (Some((candidate, tag, commit)), None) if (released || commit == tip || !selected) && !again => {
                return Ok(Fate::Adopted(candidate, tag.clone(), commit.clone()));
            }
            (None, _) if !selected => return Ok(Fate::NotCut),
            _ => {}
        }
        if released {
            let message = format!("{package} {version} is released already, but no candidate of it is known");
            return Err(stop(StopKind::Conflict, "released", message).hint("raise its version in the line file"));
        }
        for (path, found) in &seen.versions {
            let exact = self.is_exact(repository, path);
            let found = found.as_ref().map_err(|error| stop(StopKind::Failed, "no-version", error.to_string()))?;
            version_agrees(found, version, exact).map_err(|error| {
                stop(StopKind::Blocked, "version-disagrees", format!("{path} on the release branch: {error}"))
                    .hint(format!("land a commit that sets {path} to {version}, or mend the line file"))
            })?;
        }
        match &seen.next_tag {
            Observed::Known(tag) => Ok(Fate::Due(next_candidate(tags, version), tag)),
            Observed::Absent => Err(stop(StopKind::Failed, "no-tag", "the tag could not be made".into())),
            Observed::Unknown(why) => Err(why.stop(repository.as_str())),
        }
    }

    fn not_cut(&self, subject: &str, message: &str) -> Stop {
        let hint = format!("trackside cut {}", self.request.release.line);
        Stop::new(StopKind::Blocked, "not-cut", subject, message).hint(hint)
    }

    fn is_exact(&self, repository: &RepositoryName, path: &str) -> bool {
        let fields = self.project.repositories.get(repository).map(|repository| &repository.versions);
        fields.is_some_and(|fields| fields.iter().any(|field| field.path == path && field.exact))
    }

    /// The package as the newest record of the line has it, if that is its newest candidate.
    fn carried(&self, package: &PackageName, version: Release, newest: Option<Candidate>) -> Option<CandidatePackage> {
        let records = self
            .facts
            .records
            .values()
            .rev()
            .filter(|record| record.candidate.release.line == self.request.release.line);
        let (from, found) = records.filter_map(|record| Some((record.candidate, record.packages.get(package)?))).find(
            |(_, found)| found.candidate.release == version && newest.is_none_or(|newest| newest == found.candidate),
        )?;
        let sealed =
            self.facts.manifests.get(&(package.clone(), found.candidate)).filter(|(_, manifest)| manifest.sealed);
        let manifest = sealed.map(|(reference, _)| reference.clone());
        Some(CandidatePackage { carried_from: Some(found.carried_from.unwrap_or(from)), manifest, ..found.clone() })
    }

    fn draft(
        &self,
        fates: &BTreeMap<&PackageName, (&RepositoryName, Fate<'_>)>,
        world: &BTreeMap<RepositoryName, CandidateWorld>,
    ) -> Decision {
        let mut notes: Vec<String> = world.iter().flat_map(malformed).collect();
        let mut record = CandidateRecord {
            format: FORMAT,
            candidate: self.next,
            packages: BTreeMap::new(),
            reason: self.request.again.clone(),
        };
        let mut due: BTreeMap<&RepositoryName, &DerivedTag> = BTreeMap::new();
        let mut fresh = false;
        for (&package, (repository, fate)) in fates {
            let entry = match fate {
                Fate::NotCut => {
                    notes.push(format!(
                        "{package}: not in this candidate, its repository has no candidate of this line yet"
                    ));
                    continue;
                }
                Fate::Carried(entry) => {
                    let from = entry.carried_from.map_or_else(String::new, |from| format!(" from {from}"));
                    let digest = entry
                        .manifest
                        .as_ref()
                        .map_or("manifest not sealed yet".into(), |manifest| manifest.sha256.short());
                    notes.push(format!("{package}: carried over{from} as {} ({digest})", entry.tag));
                    record.packages.insert(package.clone(), entry.clone());
                    continue;
                }
                Fate::Adopted(candidate, tag, commit) => {
                    notes.push(format!("{package}: takes in {tag}, which is on {} already", commit.short()));
                    (*candidate, tag.clone(), commit.clone())
                }
                Fate::Due(candidate, tag) => {
                    due.insert(repository, tag);
                    (*candidate, tag.name.clone(), tag.target.clone())
                }
            };
            fresh = true;
            let (candidate, tag, commit) = entry;
            let repository = (*repository).clone();
            let entry = CandidatePackage { candidate, tag, commit, repository, carried_from: None, manifest: None };
            record.packages.insert(package.clone(), entry);
        }
        if record.packages.is_empty() {
            let release = self.request.release.to_string();
            return Decision::Refused(vec![self.not_cut(&release, "no package of it has a release branch")]);
        }
        if !fresh {
            return Decision::NothingToDo(notes);
        }
        self.steps(&record, &due, world, notes)
    }

    fn steps(
        &self,
        record: &CandidateRecord,
        due: &BTreeMap<&RepositoryName, &DerivedTag>,
        world: &BTreeMap<RepositoryName, CandidateWorld>,
        notes: Vec<String>,
    ) -> Decision {
        let mut preconditions = Vec::new();
        let mut steps = Vec::new();
        for (&repository, &tag) in due {
            let Some(declared) = self.project.repositories.get(repository) else { continue };
            let ref_is = |name, value| Precondition::RefIs {
                repository: repository.clone(),
                url: declared.url.clone(),
                name,
                value,
            };
            let line = self.project.line_of(repository, self.request.release.line);
            if let Ok(branch) = declared.release_branch.of(line) {
                let tip = world.get(repository).and_then(|seen| seen.tip.known().cloned());
                preconditions.push(ref_is(branch.to_ref(), tip));
            }
            preconditions.push(ref_is(tag.name.to_ref(), None));
            let title = format!("{repository}: tag `{}` on {}", tag.name, tag.target.short());
            steps.push(Step::new(
                &["tag", repository.as_str()],
                title,
                Phase::Tag,
                vec![tag_action(self.project, repository, tag)],
            ));
        }
        let at = Location { store: self.project.test.clone(), key: StorageKey::CandidateRecord(self.next).key() };
        preconditions.push(Precondition::ObjectIs { at: at.clone(), value: None });
        let copy = Location { store: self.project.backup.clone(), key: at.key.clone() };
        let create = |to| Action::CreateObject { to, content: Content::Text(record.to_text()) };
        let actions = vec![create(copy), create(at)];
        let title = format!("record of candidate {}", self.next);
        steps.push(Step::new(&["record", &self.next.to_string()], title, Phase::Record, actions));
        let command = Command::Candidate { release: self.request.release, only: self.request.only.clone() };
        Decision::Draft(Draft { command, preconditions, steps, notes })
    }
}

/// The push of one annotated tag that must not exist.
pub(super) fn tag_action(project: &Project, repository: &RepositoryName, tag: &DerivedTag) -> Action {
    let recipe = Recipe::Tag {
        id: tag.id.clone(),
        target: tag.target.clone(),
        name: tag.name.clone(),
        message: tag.message.clone(),
        by: project.identity.signature(tag.seconds),
    };
    let url = project.repositories[repository].url.clone();
    let update = RefUpdate { name: tag.name.to_ref(), expect: None, new: tag.id.clone() };
    Action::PushRefs { repository: repository.clone(), url, recipes: vec![recipe], updates: vec![update] }
}

/// The tags of a repository that look like candidates and are none. They build nothing and are never
/// counted, so somebody should know.
fn malformed((repository, seen): (&RepositoryName, &CandidateWorld)) -> Vec<String> {
    let tags = seen.tags.known().into_iter().flat_map(BTreeMap::keys);
    let looks = |tag: &&TagName| tag.as_str().to_ascii_lowercase().contains("rc");
    let refused = |tag: &TagName| Candidate::from_tag(tag.as_str()).err();
    tags.filter(looks).filter_map(refused).map(|error| format!("{repository}: a tag is not counted: {error}")).collect()
}
