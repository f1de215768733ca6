//! What `cut` decides for one repository: its branches, its release-only edits, its version bump.

use std::collections::BTreeMap;

use super::{Request, bump_topic, cut_point, edits_topic, edits_trailer};
use crate::action::{Action, Recipe, RefUpdate};
use crate::edit::{Edit, version_agrees};
use crate::git::{BranchName, ObjectId, RefName, Signature};
use crate::name::RepositoryName;
use crate::plan::{Phase, Precondition, Step, Stop, StopKind};
use crate::project::{BranchPattern, Delivery, Project, Repository};
use crate::say::count;
use crate::version::{Line, Release};
use crate::world::{Bump, CutWorld, Derived, Observed, ReleaseBranch};

/// One repository of the request.
pub(super) struct One<'a> {
    pub(super) project: &'a Project,
    pub(super) request: &'a Request,
    pub(super) name: &'a RepositoryName,
    pub(super) repository: &'a Repository,
    pub(super) seen: &'a CutWorld,
    pub(super) line: Line,
    /// The repositories of the request.
    pub(super) selected: &'a [&'a RepositoryName],
    /// What was seen of all of them.
    pub(super) world: &'a BTreeMap<RepositoryName, CutWorld>,
}

/// The part of the plan that is about one repository.
#[derive(Default)]
pub(super) struct Part {
    pub(super) preconditions: Vec<Precondition>,
    pub(super) steps: Vec<Step>,
    pub(super) notes: Vec<String>,
}

impl One<'_> {
    pub(super) fn decide(&self) -> Result<Part, Stop> {
        let mut part = Part::default();
        let cut = self.branches(&mut part)?;
        self.edits(&cut, &mut part)?;
        self.bump(&mut part)?;
        if part.steps.is_empty() && part.notes.is_empty() {
            part.notes.push(format!("{}: cut at {}", self.name, cut.short()));
        }
        Ok(part)
    }

    /// The two branches at one commit, in one atomic push.
    fn branches(&self, part: &mut Part) -> Result<ObjectId, Stop> {
        let (cut_ref, release_ref) = (self.cut_branch()?.to_ref(), self.release_branch()?.to_ref());
        let cut = cut_point(&self.seen.cut, &self.seen.base).ok_or_else(|| self.no_base())?;
        let mut updates = Vec::new();
        match (&self.seen.cut, &self.seen.release) {
            (Observed::Unknown(why), _) | (_, Observed::Unknown(why)) => return Err(why.stop(self.name.as_str())),
            (Observed::Absent, Observed::Known(release)) => {
                return Err(self
                    .stop(
                        StopKind::Conflict,
                        "no-cut-point",
                        format!(
                            "`{}` exists at {} but `{}` does not, so nobody can tell where it was cut",
                            release_ref.short(),
                            release.tip.short(),
                            cut_ref.short()
                        ),
                    )
                    .hint(format!("push the commit that the branch was cut at as `{}`", cut_ref.short())));
            }
            (Observed::Known(_), Observed::Known(release)) if !release.descends => {
                return Err(self
                    .stop(
                        StopKind::Conflict,
                        "not-a-descendant",
                        format!(
                            "`{}` at {} does not descend from the cut point {}",
                            release_ref.short(),
                            release.tip.short(),
                            cut.short()
                        ),
                    )
                    .hint("find out who moved the branch; trackside never moves it back"));
            }
            (Observed::Known(_), Observed::Known(_)) => return Ok(cut),
            (Observed::Known(_), Observed::Absent) => {
                part.preconditions.push(self.ref_is(&cut_ref, Some(&cut)));
            }
            (Observed::Absent, Observed::Absent) => {
                self.check_versions()?;
                updates.push(RefUpdate { name: cut_ref.clone(), expect: None, new: cut.clone() });
                part.preconditions.push(self.ref_is(&cut_ref, None));
                part.preconditions.push(Precondition::RefContains {
                    repository: self.name.clone(),
                    url: self.repository.url.clone(),
                    name: self.seen.base_branch.to_ref(),
                    commit: cut.clone(),
                });
            }
        }
        part.preconditions.push(self.ref_is(&release_ref, None));
        updates.push(RefUpdate { name: release_ref.clone(), expect: None, new: cut.clone() });
        let title = format!("{}: `{}` and `{}` at {}", self.name, cut_ref.short(), release_ref.short(), cut.short());
        part.steps.push(self.push(&["cut", self.name.as_str()], title, Vec::new(), updates));
        Ok(cut)
    }

    /// The release-only edits, as one commit on the release branch or on a topic branch.
    fn edits(&self, cut: &ObjectId, part: &mut Part) -> Result<(), Stop> {
        let derived = match &self.seen.edits {
            Observed::Absent => return Ok(()),
            Observed::Unknown(why) => {
                return Err(self
                    .stop(StopKind::Failed, "edit-refused", why.to_string())
                    .hint("nothing was pushed; mend the edit in trackside.toml"));
            }
            Observed::Known(derived) => derived,
        };
        let release = self.seen.release.known();
        if release.is_some_and(|release| release.has_edits) {
            return Ok(());
        }
        self.pins_exist()?;
        match self.repository.deliver_edits {
            Delivery::Push => {
                if let Some(ReleaseBranch { tip, .. }) = release.filter(|release| release.tip != *cut) {
                    return Err(self
                        .stop(
                            StopKind::Conflict,
                            "edits-missing",
                            format!(
                                "the release branch at {} has commits, but not the release-only edits of line {}",
                                tip.short(),
                                self.line
                            ),
                        )
                        .hint(format!("land them by hand with the trailer `{}`", edits_trailer(self.line))));
                }
                let name = self.release_branch()?.to_ref();
                let update = RefUpdate { name, expect: Some(cut.clone()), new: derived.id.clone() };
                if release.is_some() {
                    part.preconditions.push(self.ref_is(&update.name, Some(cut)));
                }
                let title = format!(
                    "{}: release-only edits on `{}`, {}",
                    self.name,
                    update.name.short(),
                    count(derived.files.len(), "file")
                );
                part.steps.push(self.push(
                    &["edit", self.name.as_str()],
                    title,
                    vec![self.commit(derived)],
                    vec![update],
                ));
            }
            Delivery::TopicBranch => {
                let topic = edits_topic(self.line);
                self.topic(&topic, &self.seen.edits_topic, derived, ("edit", "release-only edits"), part)?;
            }
        }
        Ok(())
    }

    /// A pin names a branch that is there already, or that this very plan pushes first.
    fn pins_exist(&self) -> Result<(), Stop> {
        for pinned in self.repository.edits.iter().filter_map(Edit::pins) {
            let is_cut = self.world.get(pinned).is_some_and(|seen| seen.release.known().is_some());
            if !is_cut && !self.selected.contains(&pinned) {
                return Err(self
                    .stop(StopKind::Blocked, "pin-not-cut", format!("its edits pin `{pinned}`, which is not cut"))
                    .hint(format!("trackside cut {} --only {pinned}", self.request.line)));
            }
        }
        Ok(())
    }

    /// The default branch's version becomes that of the next line.
    fn bump(&self, part: &mut Part) -> Result<(), Stop> {
        let derived = match &self.seen.bump {
            Observed::Absent | Observed::Known(Bump::Done { .. }) => return Ok(()),
            Observed::Unknown(why) => {
                return Err(self
                    .stop(StopKind::Failed, "bump-refused", why.to_string())
                    .hint("nothing was pushed; mend the version file or its declaration"));
            }
            Observed::Known(Bump::Due(derived)) => derived,
        };
        let branch = self.repository.default_branch.to_ref();
        let next = self.line.next_minor();
        match self.repository.deliver_bump {
            Delivery::Push => {
                part.preconditions.push(Precondition::RefContains {
                    repository: self.name.clone(),
                    url: self.repository.url.clone(),
                    name: branch.clone(),
                    commit: derived.parent.clone(),
                });
                let action = Action::AdvanceBranch {
                    repository: self.name.clone(),
                    url: self.repository.url.clone(),
                    branch: branch.clone(),
                    seen: derived.parent.clone(),
                    files: derived.files.clone(),
                    diff: derived.diff.clone(),
                    message: derived.message.clone(),
                    by: self.signature(derived),
                };
                let title = format!("{}: version of `{}` becomes that of {next}", self.name, branch.short());
                part.steps.push(Step::new(&["bump", self.name.as_str()], title, Phase::Write, vec![action]));
            }
            Delivery::TopicBranch => {
                self.topic(&bump_topic(next), &self.seen.bump_topic, derived, ("bump", "version bump"), part)?;
            }
        }
        Ok(())
    }

    /// A commit on a topic branch of its own, to be merged by a person.
    fn topic(
        &self,
        topic: &str,
        seen: &Observed<ObjectId>,
        derived: &Derived,
        (verb, what): (&str, &str),
        part: &mut Part,
    ) -> Result<(), Stop> {
        let branch: BranchName =
            topic.parse().map_err(|error| self.stop(StopKind::Failed, "topic-branch", format!("{error}")))?;
        match seen {
            Observed::Unknown(why) => Err(why.stop(self.name.as_str())),
            // The branch may hold an older edit of ours or a reviewer's commits: it is theirs now.
            Observed::Known(_) => {
                part.notes.push(format!("{}: `{topic}` waits to be merged: {what}", self.name));
                Ok(())
            }
            Observed::Absent => {
                let update = RefUpdate { name: branch.to_ref(), expect: None, new: derived.id.clone() };
                part.preconditions.push(self.ref_is(&update.name, None));
                let title = format!(
                    "{}: {what} on the topic branch `{topic}`, {}",
                    self.name,
                    count(derived.files.len(), "file")
                );
                part.steps.push(self.push(
                    &[verb, self.name.as_str()],
                    title,
                    vec![self.commit(derived)],
                    vec![update],
                ));
                Ok(())
            }
        }
    }

    fn check_versions(&self) -> Result<(), Stop> {
        if self.request.release_version.is_some() {
            return Ok(());
        }
        let release: Release = self.line.release(0);
        for (path, version) in &self.seen.versions {
            let version = version.as_ref().map_err(|error| {
                self.stop(StopKind::Failed, "no-version", error.to_string())
                    .hint("mend the file or its declaration, or give --release-version")
            })?;
            version_agrees(version, release, false).map_err(|error| {
                self.stop(StopKind::Blocked, "version-disagrees", format!("{path} on the cut point: {error}"))
                    .hint(format!("cut from a commit of line {} with --from, or mend the line file", self.line))
            })?;
        }
        Ok(())
    }

    fn push(&self, id: &[&str], title: String, recipes: Vec<Recipe>, updates: Vec<RefUpdate>) -> Step {
        let (repository, url) = (self.name.clone(), self.repository.url.clone());
        Step::new(id, title, Phase::Write, vec![Action::PushRefs { repository, url, recipes, updates }])
    }

    fn commit(&self, derived: &Derived) -> Recipe {
        Recipe::Commit {
            id: derived.id.clone(),
            parent: derived.parent.clone(),
            diff: derived.diff.clone(),
            message: derived.message.clone(),
            by: self.signature(derived),
        }
    }

    fn signature(&self, derived: &Derived) -> Signature {
        self.project.identity.signature(derived.seconds)
    }

    fn ref_is(&self, name: &RefName, value: Option<&ObjectId>) -> Precondition {
        Precondition::RefIs {
            repository: self.name.clone(),
            url: self.repository.url.clone(),
            name: name.clone(),
            value: value.cloned(),
        }
    }

    fn release_branch(&self) -> Result<BranchName, Stop> {
        self.branch(&self.repository.release_branch)
    }

    fn cut_branch(&self) -> Result<BranchName, Stop> {
        self.branch(&self.repository.cut_branch)
    }

    fn branch(&self, pattern: &BranchPattern) -> Result<BranchName, Stop> {
        pattern.of(self.line).map_err(|error| self.stop(StopKind::Failed, "branch-name", error.to_string()))
    }

    fn no_base(&self) -> Stop {
        match &self.seen.base {
            Observed::Unknown(why) => why.stop(self.name.as_str()),
            Observed::Known(_) | Observed::Absent => self
                .stop(StopKind::Failed, "no-base", format!("the branch `{}` does not exist", self.seen.base_branch))
                .hint("name another one with --from, or mend `cut-from` in trackside.toml"),
        }
    }

    fn stop(&self, kind: StopKind, code: &'static str, message: impl Into<String>) -> Stop {
        Stop::new(kind, code, self.name.as_str(), message)
    }
}
