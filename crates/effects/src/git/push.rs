//! One atomic push with the expected old value of each ref: compare-and-swap of a whole repository.

mod porcelain;
mod progress;

use std::collections::BTreeMap;

use trackside_domain::action::RefUpdate;
use trackside_domain::git::{ObjectId, RefName};

use super::cache::Cache;
use super::classify::{Kind, kind, remote_error};
use super::error::GitError;
use super::refs::{RefPattern, ls_remote};
pub use progress::PushProgress;

/// What became of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefOutcome {
    /// The server moved it.
    Done,
    /// It named the wanted object already.
    UpToDate,
    /// It was not moved.
    Refused(Refusal),
}

/// Why a ref was not moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not name what was expected: somebody else moved it.
    Stale,
    /// The server does not allow it, for example by a hook or a protection; its words.
    Server(String),
    /// Nothing was wrong with it, but another ref of the same push was refused.
    Together,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The server answered. All refs are done or up to date, or none was moved.
    Answered {
        /// The outcome of every ref that was asked for.
        refs: BTreeMap<RefName, RefOutcome>,
        /// What the server said, its first lines, without secrets.
        said: String,
    },
    /// The connection was lost after something may have been sent: look at the refs, then decide.
    Unknown {
        /// What git said.
        detail: String,
    },
}

impl PushOutcome {
    /// Whether every ref names what was wanted.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Answered { refs, .. } => {
                refs.values().all(|outcome| matches!(outcome, RefOutcome::Done | RefOutcome::UpToDate))
            }
            Self::Unknown { .. } => false,
        }
    }
}

impl Cache {
    /// Pushes objects of this cache to its remote: all refs or none. A ref that names the wanted object
    /// already is fine, whatever was expected. `progress` is called on this thread, at least once before
    /// the result is known.
    ///
    /// # Errors
    /// Only if it is certain that nothing was changed: the remote was not reached, denied access, or cannot
    /// push atomically.
    pub fn push(&self, updates: &[RefUpdate], progress: &dyn Fn(PushProgress)) -> Result<PushOutcome, GitError> {
        if updates.is_empty() {
            return Err(GitError::Missing { what: "a ref to push".to_owned() });
        }
        for update in updates {
            if !self.has(&update.new)? {
                return Err(GitError::Missing { what: format!("{} in the cache {}", update.new, self.dir.display()) });
            }
        }
        let mut call = self
            .local("push")
            .args(["--porcelain", "--progress", "--atomic", "--no-verify", "--no-thin", "--no-signed"])
            .args(["--no-follow-tags", "--recurse-submodules=no"]);
        for RefUpdate { name, expect, .. } in updates {
            call = call.arg(format!("--force-with-lease={name}:{}", expect.as_ref().map_or("", ObjectId::as_str)));
        }
        let specs = updates.iter().map(|update| format!("{}:{}", update.new, update.name));
        let call = call.args(["--end-of-options", self.remote.as_str()]).args(specs);
        progress(PushProgress::default());
        let mut meter = progress::Meter::default();
        let finished = call.finish_watched(&mut |bytes| meter.feed(bytes, progress))?;
        let said = self.git.presentable(&progress::without_meters(&finished.stderr));
        let report = porcelain::parse(&String::from_utf8_lossy(&finished.stdout));
        let refs: BTreeMap<_, _> = updates
            .iter()
            .filter_map(|update| Some((update.name.clone(), report.get(update.name.as_str())?.clone())))
            .collect();
        if refs.len() == updates.len() {
            return Ok(self.judge(updates, refs, said));
        }
        if finished.status.success() {
            return Err(GitError::unexpected("push", &String::from_utf8_lossy(&finished.stdout)));
        }
        if before_sending(&String::from_utf8_lossy(&finished.stderr)) {
            return Err(remote_error("push", self.remote.as_str(), said));
        }
        Ok(PushOutcome::Unknown { detail: said })
    }
}

impl Cache {
    /// Looks again before a refusal is believed in which no ref was forbidden. curl sends a request again
    /// when the connection is cut before the answer; then the refusal is that of the second request, and
    /// what stands in its way is the first one's success. The server also does not say which ref of an
    /// atomic push was stale.
    fn judge(&self, updates: &[RefUpdate], mut refs: BTreeMap<RefName, RefOutcome>, said: String) -> PushOutcome {
        let refused = refs.values().any(|outcome| matches!(outcome, RefOutcome::Refused(_)));
        let forbidden = refs.values().any(|outcome| matches!(outcome, RefOutcome::Refused(Refusal::Server(_))));
        if !refused || forbidden {
            return PushOutcome::Answered { refs, said };
        }
        let patterns: Vec<_> = updates.iter().map(|update| RefPattern::Exact(update.name.clone())).collect();
        let seen = match ls_remote(&self.git, &self.remote, &patterns) {
            Ok(seen) => seen.refs,
            Err(error) => return PushOutcome::Unknown { detail: format!("{said}\n{error}") },
        };
        let now = |update: &RefUpdate| seen.get(&update.name).map(|found| &found.id);
        if updates.iter().all(|update| now(update) == Some(&update.new)) {
            refs.values_mut().for_each(|outcome| *outcome = RefOutcome::UpToDate);
        }
        for update in updates {
            if let Some(outcome @ RefOutcome::Refused(Refusal::Together)) = refs.get_mut(&update.name)
                && now(update) != update.expect.as_ref()
                && now(update) != Some(&update.new)
            {
                *outcome = RefOutcome::Refused(Refusal::Stale);
            }
        }
        PushOutcome::Answered { refs, said }
    }
}

/// Whether a failed push is known to have ended before anything was sent: in the first exchange, or
/// here. Everything else may have reached the server.
fn before_sending(stderr: &str) -> bool {
    // The question what the server has already is asked on another connection, and may fail by itself.
    let own = stderr.rsplit("proceeding anyway with push").next().unwrap_or(stderr);
    // What a hook of the server says comes after the sending, whatever it says.
    let said: String =
        own.lines().filter(|line| !line.starts_with("remote:")).map(|line| format!("{line}\n")).collect();
    if said.contains("Writing objects:") {
        return false;
    }
    if said.contains("unable to access '") {
        return true;
    }
    match kind(&said) {
        Kind::NotFound | Kind::Denied | Kind::Unsupported => true,
        Kind::Unreachable => said.contains("ssh: ") || said.contains("Could not resolve host"),
        Kind::MissingRef | Kind::Damaged | Kind::Other => said.contains("error: src refspec"),
    }
}

#[cfg(test)]
mod tests {
    use super::before_sending;

    #[test]
    fn only_a_failure_of_the_first_exchange_is_certain() {
        for (stderr, certain) in [
            ("fatal: unable to access 'http://h/x/': The requested URL returned error: 503", true),
            ("fatal: repository 'http://h/x/' not found", true),
            ("fatal: Authentication failed for 'http://h/x'", true),
            ("fatal: the receiving end does not support --atomic push", true),
            ("ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.", true),
            ("error: RPC failed; HTTP 503\nfatal: the remote end hung up unexpectedly", false),
            ("Writing objects: 100% (3/3), done.\nerror: RPC failed; curl 52 Empty reply from server", false),
            ("remote: error: permission denied for bot\nfatal: the remote end hung up unexpectedly", false),
            (
                "fatal: unable to access 'http://h/x/': error: 503\n\
                 warning: push negotiation failed; proceeding anyway with push\nerror: RPC failed; curl 52",
                false,
            ),
            ("fatal: something new", false),
            ("", false),
        ] {
            assert_eq!(before_sending(stderr), certain, "{stderr}");
        }
    }
}
