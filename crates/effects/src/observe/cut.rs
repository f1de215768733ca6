//! What `cut` looks at in each repository, with the edits and the bump made in its cache.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use trackside_domain::edit::{
    Applied, Edit, EditContext, PinTarget, has_reached, next_dev_version, read_version, write_version,
};
use trackside_domain::git::{BranchName, ObjectId, RefName};
use trackside_domain::name::RepositoryName;
use trackside_domain::plan::cut::{
    self, Request, bump_message, bump_topic, cut_point, edits_message, edits_topic, edits_trailer,
};
use trackside_domain::project::{Project, Repository, VersionField};
use trackside_domain::version::Line;
use trackside_domain::world::{Bump, CutWorld, Derived, Observed, ReleaseBranch, Unseen};

use crate::Trouble;
use crate::git::{Cache, Caches, Changes, CommandRun, RefPattern, ls_remote};
use crate::trouble::with_causes;

/// What is looked at, and with what.
#[derive(Debug, Clone, Copy)]
pub struct CutRequest<'a> {
    /// The project.
    pub project: &'a Project,
    /// What was asked for.
    pub request: &'a Request,
    /// The whole environment of generator commands; it holds no credentials.
    pub environment: &'a BTreeMap<OsString, OsString>,
}

/// Looks at every repository that the request selects, pinned ones first.
pub fn cut(caches: &Caches, asked: CutRequest<'_>) -> BTreeMap<RepositoryName, CutWorld> {
    let CutRequest { project, request, .. } = asked;
    let mut world = BTreeMap::new();
    let mut pins = BTreeMap::new();
    let Ok(selected) = cut::selected(project, request) else { return world };
    let mut names = cut::in_pin_order(project, &selected);
    // Repositories that are pinned but not selected are looked at too, for the sake of the pins.
    let pinned = |name: &&RepositoryName| {
        project.repositories.get(*name).into_iter().flat_map(|repository| &repository.edits).filter_map(Edit::pins)
    };
    let mut more: Vec<&RepositoryName> = names.iter().flat_map(pinned).filter(|name| !names.contains(name)).collect();
    more.append(&mut names);
    for name in more {
        let Some(repository) = project.repositories.get(name) else { continue };
        let line = project.line_of(name, request.line);
        let one = Look { asked, caches, name, repository, line, pins: &pins };
        let seen = one.look().unwrap_or_else(|why| unknown(&one.base(), &why));
        let target = cut_point(&seen.cut, &seen.base)
            .and_then(|commit| Some(PinTarget { branch: repository.release_branch.of(line).ok()?, commit }));
        pins.extend(target.map(|target| (name.clone(), target)));
        world.insert(name.clone(), seen);
    }
    world
}

/// Nothing about the repository could be observed.
fn unknown(base: &BranchName, why: &Trouble) -> CutWorld {
    CutWorld {
        base: Observed::Unknown(why.into()),
        base_branch: base.clone(),
        cut: Observed::Unknown(why.into()),
        release: Observed::Unknown(why.into()),
        versions: Vec::new(),
        edits: Observed::Absent,
        edits_topic: Observed::Absent,
        bump: Observed::Absent,
        bump_topic: Observed::Absent,
    }
}

struct Look<'a> {
    asked: CutRequest<'a>,
    caches: &'a Caches,
    name: &'a RepositoryName,
    repository: &'a Repository,
    line: Line,
    pins: &'a BTreeMap<RepositoryName, PinTarget>,
}

impl Look<'_> {
    fn base(&self) -> BranchName {
        self.asked.request.from.clone().unwrap_or_else(|| self.repository.cut_from.clone())
    }

    fn look(&self) -> Result<CutWorld, Trouble> {
        let branch = |pattern: &trackside_domain::project::BranchPattern| {
            pattern.of(self.line).map(|branch| branch.to_ref()).map_err(|error| Trouble::Failed(error.to_string()))
        };
        let topic = |name: String| {
            name.parse::<BranchName>().map(|branch| branch.to_ref()).map_err(|error| Trouble::Failed(error.to_string()))
        };
        let (cut_ref, release_ref) = (branch(&self.repository.cut_branch)?, branch(&self.repository.release_branch)?);
        let (base_ref, default_ref) = (self.base().to_ref(), self.repository.default_branch.to_ref());
        let (edits_ref, bump_ref) = (topic(edits_topic(self.line))?, topic(bump_topic(self.line.next_minor()))?);
        let wanted = [&cut_ref, &release_ref, &base_ref, &default_ref, &edits_ref, &bump_ref];
        let patterns: Vec<RefPattern> = wanted.iter().map(|name| RefPattern::Exact((*name).clone())).collect();
        let remote = ls_remote(self.caches.git(), &self.repository.url, &patterns)?;
        let cache = self.caches.open(&self.repository.url)?;
        let present: Vec<RefName> = [&cut_ref, &release_ref, &base_ref, &default_ref]
            .into_iter()
            .filter(|name| remote.refs.contains_key(*name))
            .cloned()
            .collect();
        if !present.is_empty() {
            cache.fetch(&present)?;
        }
        let (base, cut) = (remote.at(&base_ref), remote.at(&cut_ref));
        let point = cut_point(&cut, &base);
        let edits = point.as_ref().map_or(Observed::Absent, |point| self.edits(&cache, point));
        let versions = point.as_ref().map_or_else(Vec::new, |point| self.versions(&cache, point));
        let release = match remote.at(&release_ref) {
            Observed::Known(tip) => self.release(&cache, tip, point.as_ref())?,
            Observed::Absent => Observed::Absent,
            Observed::Unknown(why) => Observed::Unknown(why),
        };
        let bump = match remote.at(&default_ref) {
            Observed::Known(tip) => self.bump(&cache, &tip),
            Observed::Absent if self.repository.versions.is_empty() => Observed::Absent,
            Observed::Absent => Observed::Unknown(Unseen::lasting(format!(
                "the default branch `{}` does not exist",
                default_ref.short()
            ))),
            Observed::Unknown(why) => Observed::Unknown(why),
        };
        let (edits_topic, bump_topic) = (remote.at(&edits_ref), remote.at(&bump_ref));
        Ok(CutWorld { base, base_branch: self.base(), cut, release, versions, edits, edits_topic, bump, bump_topic })
    }

    fn release(
        &self,
        cache: &Cache,
        tip: ObjectId,
        cut: Option<&ObjectId>,
    ) -> Result<Observed<ReleaseBranch>, Trouble> {
        let Some(cut) = cut else {
            return Ok(Observed::Known(ReleaseBranch { tip, descends: false, has_edits: false }));
        };
        let descends = cache.is_ancestor(cut, &tip)?;
        let trailer = edits_trailer(self.line);
        let has = |(key, value): &(String, String)| format!("{key}: {value}") == trailer;
        let has_edits = descends && cache.log(&tip, &[cut])?.iter().any(|commit| commit.trailers.iter().any(has));
        Ok(Observed::Known(ReleaseBranch { tip, descends, has_edits }))
    }

    fn versions(
        &self,
        cache: &Cache,
        commit: &ObjectId,
    ) -> Vec<(String, Result<String, trackside_domain::edit::EditError>)> {
        versions(cache, &self.repository.versions, commit)
    }

    /// The release-only edits, one after the other, as one commit.
    fn edits(&self, cache: &Cache, cut: &ObjectId) -> Observed<Derived> {
        if self.repository.edits.is_empty() {
            return Observed::Absent;
        }
        let message = edits_message(self.line);
        let made = self.edited(cache, cut).and_then(|changes| self.derive(cache, cut, &changes, message));
        made.map_or_else(|trouble| Observed::Unknown((&trouble).into()), Observed::Known)
    }

    fn edited(&self, cache: &Cache, cut: &ObjectId) -> Result<Changes, Trouble> {
        let branch =
            self.repository.release_branch.of(self.line).map_err(|error| Trouble::Failed(error.to_string()))?;
        let train = self.asked.request.line;
        let release = self.line.release(0);
        let context = EditContext { line: self.line, train, release, branch, pins: self.pins.clone() };
        let paths: Vec<String> = cache.list_paths(cut)?.into_iter().map(|entry| entry.path).collect();
        let mut changes = Changes::new();
        for edit in &self.repository.edits {
            let refused = |error: trackside_domain::edit::EditError| Trouble::Failed(error.to_string());
            let mut files = BTreeMap::new();
            for path in edit.wants(&paths).map_err(refused)? {
                let edited = changes.get(&path).cloned().flatten();
                let content = edited.map_or_else(|| cache.read_file(cut, &path), |content| Ok(Some(content)))?;
                files.extend(content.map(|content| (path, content)));
            }
            match edit.apply(&files, &context).map_err(refused)? {
                Applied::Files(new) => changes.extend(new.into_iter().map(|(path, content)| (path, Some(content)))),
                Applied::ByPatch { diff, .. } => self.onto(cache, cut, &mut changes, |cache, base| {
                    let patched = cache.apply_diff(
                        base,
                        diff.as_bytes(),
                        "patch\n",
                        &self.asked.project.identity.signature(0),
                    )?;
                    Ok(cache.changes_between(base, &patched)?)
                })?,
                Applied::ByCommand { argv, timeout_seconds } => {
                    self.onto(cache, cut, &mut changes, |cache, base| {
                        let timeout = Duration::from_secs(timeout_seconds.into());
                        let run =
                            CommandRun { argv: argv.to_vec(), timeout, environment: self.asked.environment.clone() };
                        Ok(cache.run_command(base, &run)?)
                    })?;
                }
            }
        }
        Ok(changes)
    }

    /// Lets git make further changes on top of those so far.
    fn onto(
        &self,
        cache: &Cache,
        cut: &ObjectId,
        changes: &mut Changes,
        make: impl FnOnce(&Cache, &ObjectId) -> Result<Changes, Trouble>,
    ) -> Result<(), Trouble> {
        let who = self.asked.project.identity.signature(0);
        let base = if changes.is_empty() {
            cut.clone()
        } else {
            cache.commit_tree_with(cut, changes, "so far\n", &who)?.commit
        };
        let more = make(cache, &base)?;
        if more.is_empty() {
            return Err(Trouble::Failed(format!("an edit of {} changes nothing", self.name)));
        }
        changes.extend(more);
        Ok(())
    }

    fn derive(&self, cache: &Cache, parent: &ObjectId, changes: &Changes, message: String) -> Result<Derived, Trouble> {
        let seconds = cache.commit_date(parent)?;
        let made =
            cache.commit_tree_with(parent, changes, &message, &self.asked.project.identity.signature(seconds))?;
        let diff = String::from_utf8(made.diff)
            .map_err(|_| Trouble::Failed(format!("the edits of {} touch text that is not UTF-8", self.name)))?;
        let files = changes.keys().cloned().collect();
        Ok(Derived { id: made.commit, parent: parent.clone(), diff, files, message, seconds })
    }

    /// The bump of all version files of the default branch to the next line.
    fn bump(&self, cache: &Cache, tip: &ObjectId) -> Observed<Bump> {
        if self.repository.versions.is_empty() {
            return Observed::Absent;
        }
        self.bumped(cache, tip).map_or_else(|trouble| Observed::Unknown((&trouble).into()), Observed::Known)
    }

    fn bumped(&self, cache: &Cache, tip: &ObjectId) -> Result<Bump, Trouble> {
        let failed = |error: trackside_domain::edit::EditError| Trouble::Failed(error.to_string());
        let next = self.line.next_minor();
        let mut changes = Changes::new();
        let mut version = String::new();
        for field in &self.repository.versions {
            let text = changes.get(&field.path).cloned().flatten();
            let text = text.map_or_else(
                || content(cache, tip, &field.path),
                |bytes| Ok(String::from_utf8_lossy(&bytes).into_owned()),
            )?;
            version = read_version(field, &text).map_err(failed)?;
            if has_reached(&version, next) {
                continue;
            }
            let new = write_version(field, &text, &next_dev_version(self.line)).map_err(failed)?;
            changes.insert(field.path.clone(), Some(new.into_bytes()));
        }
        if changes.is_empty() {
            return Ok(Bump::Done { version });
        }
        let message = bump_message(self.line);
        Ok(Bump::Due(self.derive(cache, tip, &changes, message)?))
    }
}

/// What stands in the version fields of a commit.
pub(super) fn versions(
    cache: &Cache,
    fields: &[VersionField],
    commit: &ObjectId,
) -> Vec<(String, Result<String, trackside_domain::edit::EditError>)> {
    let read = |field: &VersionField| match content(cache, commit, &field.path) {
        Ok(text) => read_version(field, &text),
        Err(trouble) => {
            Err(trackside_domain::edit::EditError::NotGiven { edit: trouble.to_string(), file: field.path.clone() })
        }
    };
    fields.iter().map(|field| (field.path.clone(), read(field))).collect()
}

fn content(cache: &Cache, commit: &ObjectId, path: &str) -> Result<String, Trouble> {
    let bytes = cache
        .read_file(commit, path)?
        .ok_or_else(|| Trouble::Failed(format!("{path} does not exist at {}", commit.short())))?;
    String::from_utf8(bytes).map_err(|error| Trouble::Failed(format!("{path}: {}", with_causes(&error))))
}
