//! What `status` looks at: refs and records only, nothing is fetched.

use std::collections::BTreeMap;

use trackside_domain::git::{BranchName, GitNameError};
use trackside_domain::manifest::Channel;
use trackside_domain::name::RepositoryName;
use trackside_domain::project::{Project, Repository};
use trackside_domain::status::{RefsWorld, StatusWorld};
use trackside_domain::version::Line;
use trackside_domain::world::{CandidateFacts, Observed, Unseen};

use super::Interest;
use crate::git::{Git, GitError, RefPattern, ls_remote};
use crate::{Performer, Trouble};

/// Looks at everything about a line. `open_run` is what the state store says.
/// What cannot be read is part of the answer.
pub fn status(project: &Project, performer: &Performer, line: Line, open_run: Option<(String, String)>) -> StatusWorld {
    let Performer { caches, stores, .. } = performer;
    let git = caches.git();
    let mut channels = BTreeMap::new();
    let mut unread = Vec::new();
    for channel in [Channel::Test, Channel::Stable] {
        match super::channel(stores, project, channel, Interest::Map) {
            Ok(world) => channels.extend(world.map.map(|(_, map)| (channel, map))),
            Err(trouble) => unread.push(format!("channel {channel}: {trouble}")),
        }
    }
    // One thread each: every repository is a round trip to its server.
    let repositories = std::thread::scope(|scope| {
        let looks: Vec<_> = project
            .repositories
            .iter()
            .map(|(name, repository)| (name, scope.spawn(move || refs(git, repository, project.line_of(name, line)))))
            .collect();
        let joined = looks.into_iter().map(|(name, look)| {
            let seen = look.join().unwrap_or_else(|_| unknown("the look at it has failed"));
            (RepositoryName::clone(name), seen)
        });
        joined.collect()
    });
    let facts = super::facts(stores, &project.test, line).unwrap_or_else(|trouble| {
        unread.push(format!("candidates: {trouble}"));
        CandidateFacts::default()
    });
    StatusWorld { repositories, facts, channels, unread, open_run }
}

fn unknown(why: &str) -> RefsWorld {
    RefsWorld {
        cut: Observed::Unknown(Unseen::lasting(why)),
        release: Observed::Unknown(Unseen::lasting(why)),
        tags: BTreeMap::new(),
    }
}

fn refs(git: &Git, repository: &Repository, line: Line) -> RefsWorld {
    let branches = || -> Result<(BranchName, BranchName), GitNameError> {
        Ok((repository.cut_branch.of(line)?, repository.release_branch.of(line)?))
    };
    match branches() {
        Ok(branches) => {
            look(git, repository, &branches).unwrap_or_else(|error| unknown(&Trouble::from(error).to_string()))
        }
        Err(error) => unknown(&error.to_string()),
    }
}

fn look(git: &Git, repository: &Repository, (cut, release): &(BranchName, BranchName)) -> Result<RefsWorld, GitError> {
    let (cut, release) = (cut.to_ref(), release.to_ref());
    let patterns = [
        RefPattern::Exact(cut.clone()),
        RefPattern::Exact(release.clone()),
        RefPattern::Prefix("refs/tags/v".to_owned()),
    ];
    let remote = ls_remote(git, &repository.url, &patterns)?;
    Ok(RefsWorld { cut: remote.at(&cut), release: remote.at(&release), tags: remote.tags() })
}
