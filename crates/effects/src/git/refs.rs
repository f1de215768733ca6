//! What a remote has now: the truth about refs, asked each time.

use std::collections::BTreeMap;

use trackside_domain::git::{ObjectId, RefName, RemoteUrl, TagName};
use trackside_domain::world::Observed;

use super::command::Git;
use super::error::GitError;

/// Which refs are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefPattern {
    /// This very ref.
    Exact(RefName),
    /// Every ref that begins so; it must begin with `refs/heads/` or `refs/tags/`.
    Prefix(String),
}

/// A ref of a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRef {
    /// The object that the ref names.
    pub id: ObjectId,
    /// What an annotated tag points to in the end; absent for everything else.
    pub peeled: Option<ObjectId>,
}

impl RemoteRef {
    /// The commit that this ref stands for.
    pub fn commit(&self) -> &ObjectId {
        self.peeled.as_ref().unwrap_or(&self.id)
    }
}

/// The answer of a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRefs {
    /// The refs that match. A ref whose name breaks our rules (see [`RefName`]) is not ours and is left out.
    pub refs: BTreeMap<RefName, RemoteRef>,
    /// The remote exists and has no branch and no tag at all.
    pub empty: bool,
}

impl RemoteRefs {
    /// The commit that a ref stands for.
    pub fn at(&self, name: &RefName) -> Observed<ObjectId> {
        self.refs.get(name).map_or(Observed::Absent, |found| Observed::Known(found.commit().clone()))
    }

    /// The tags that were asked for, with the commits that they stand for.
    pub fn tags(&self) -> BTreeMap<TagName, ObjectId> {
        let tag = |(name, found): (&RefName, &RemoteRef)| {
            // A full ref holds no name that is refused; what does not begin so is no tag.
            Some((name.as_str().strip_prefix("refs/tags/")?.parse().ok()?, found.commit().clone()))
        };
        self.refs.iter().filter_map(tag).collect()
    }
}

/// Asks a remote for its refs; no pattern means every branch and tag.
///
/// # Errors
/// [`GitError::NotFound`], [`GitError::Denied`] and [`GitError::Unreachable`] tell the cases apart.
pub fn ls_remote(git: &Git, remote: &RemoteUrl, patterns: &[RefPattern]) -> Result<RemoteRefs, GitError> {
    // Everything is asked for and chosen from here: git filters on this side too, and only the whole
    // answer can tell an empty repository from one without such refs.
    let call = git.call("ls-remote").login(remote).args(["--quiet", "--heads", "--tags", "--end-of-options"]);
    let output = call.arg(remote.as_str()).remote_output(remote)?;
    let mut refs = parse(&String::from_utf8_lossy(&output))?;
    refs.retain(|name, _| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(name)));
    Ok(RemoteRefs { refs, empty: output.is_empty() })
}

impl RefPattern {
    fn matches(&self, name: &RefName) -> bool {
        match self {
            Self::Exact(wanted) => wanted == name,
            Self::Prefix(prefix) => name.as_str().starts_with(prefix),
        }
    }
}

fn parse(lines: &str) -> Result<BTreeMap<RefName, RemoteRef>, GitError> {
    let mut refs = BTreeMap::new();
    for line in lines.lines() {
        let unexpected = || GitError::unexpected("ls-remote", line);
        let (id, name) = line.split_once('\t').ok_or_else(unexpected)?;
        let id: ObjectId = id.parse().map_err(|_| unexpected())?;
        match name.strip_suffix("^{}") {
            Some(name) => {
                if let Some(tag) = name.parse().ok().and_then(|name: RefName| refs.get_mut(&name)) {
                    let RemoteRef { peeled, .. } = tag;
                    *peeled = Some(id);
                }
            }
            None => {
                if let Ok(name) = name.parse() {
                    refs.insert(name, RemoteRef { id, peeled: None });
                }
            }
        }
    }
    Ok(refs)
}
