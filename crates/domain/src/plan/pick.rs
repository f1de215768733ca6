//! `pick land`: the plainest cherry-pick, in object space, onto a release branch.

use crate::action::{Action, Recipe, RefUpdate};
use crate::git::ObjectId;
use crate::name::RepositoryName;
use crate::plan::{Command, Decision, Draft, Phase, Precondition, Step, StepId, Stop, StopKind};
use crate::project::Project;
use crate::say::count;
use crate::version::Line;
use crate::world::{Observed, PickWorld, Picked};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The line of the train.
    pub line: Line,
    /// The repository that the commits belong to.
    pub repository: RepositoryName,
    /// The commits, in the order in which they are landed.
    pub commits: Vec<ObjectId>,
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: &Request, world: &PickWorld) -> Decision {
    let Request { line, repository: name, commits } = request;
    let stop = |kind, code, message: String| Stop::new(kind, code, name.as_str(), message);
    let Some(repository) = project.repositories.get(name) else {
        return Decision::Refused(vec![stop(StopKind::Failed, "unknown-repository", "it is not declared".into())]);
    };
    let branch = match repository.release_branch.of(project.line_of(name, *line)) {
        Ok(branch) => branch,
        Err(error) => return Decision::Refused(vec![stop(StopKind::Failed, "branch-name", error.to_string())]),
    };
    let tip = match &world.tip {
        Observed::Known(tip) => tip,
        Observed::Absent => {
            let message = format!("the release branch `{branch}` does not exist");
            let stop = stop(StopKind::Blocked, "not-cut", message).hint(format!("trackside cut {line} --only {name}"));
            return Decision::Refused(vec![stop]);
        }
        Observed::Unknown(why) => return Decision::Refused(vec![why.stop(name.as_str())]),
    };
    let mut stops = Vec::new();
    let mut notes = Vec::new();
    let mut recipes = Vec::new();
    for (commit, picked) in &world.picks {
        match picked {
            Picked::Clean { id, onto, seconds, subject } => {
                notes.push(format!("{} {subject}", commit.short()));
                recipes.push(Recipe::Pick {
                    id: id.clone(),
                    commit: commit.clone(),
                    onto: onto.clone(),
                    by: project.identity.signature(*seconds),
                });
            }
            Picked::Already { by } => {
                notes.push(format!("{} is on `{branch}` already, as {}", commit.short(), by.short()));
            }
            Picked::Conflict(files) => stops.push(
                stop(
                    StopKind::Conflict,
                    "pick-conflict",
                    format!("{} conflicts in {}", commit.short(), files.join(", ")),
                )
                .hint("resolve it by hand on a branch of your own and land that; no strategy is tried"),
            ),
            Picked::Refused(why) => {
                stops.push(stop(StopKind::Failed, "pick-refused", format!("{}: {why}", commit.short())));
            }
            Picked::NotTried => {}
        }
    }
    if !stops.is_empty() {
        return Decision::Refused(stops);
    }
    let Some(new) = recipes.last().map(|recipe| recipe.id().clone()) else { return Decision::NothingToDo(notes) };
    let (name, url) = (name.clone(), repository.url.clone());
    let update = RefUpdate { name: branch.to_ref(), expect: Some(tip.clone()), new };
    let precondition = Precondition::RefIs {
        repository: name.clone(),
        url: url.clone(),
        name: update.name.clone(),
        value: update.expect.clone(),
    };
    let title = format!("{name}: {} on `{branch}`", count(recipes.len(), "pick"));
    let id = StepId::new(&["pick", name.as_str()]);
    let action = Action::PushRefs { repository: name.clone(), url, recipes, updates: vec![update] };
    let step = Step { id, title, phase: Phase::Write, actions: vec![action] };
    let command = Command::PickLand { line: *line, repository: name, commits: commits.clone() };
    Decision::Draft(Draft { command, preconditions: vec![precondition], steps: vec![step], notes })
}
