//! Commands as data, and what each of them holds while it is performed.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::file_name::FileName;
use crate::git::ObjectId;
use crate::manifest::Channel;
use crate::name::{PackageName, RepositoryName};
use crate::say::typed;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::{Candidate, Line, Release};

/// A command as data, so that the same command given again is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Cut the release branches of a line.
    Cut {
        /// The line of the train.
        line: Line,
        /// One repository or wave, if not all that are due.
        only: Option<String>,
    },
    /// Tag the next candidate of a release.
    Candidate {
        /// The release of the train.
        release: Release,
        /// One package, if not all that are due.
        only: Option<PackageName>,
    },
    /// Land cherry-picks on the release branch of one repository.
    PickLand {
        /// The line of the train.
        line: Line,
        /// The repository.
        repository: RepositoryName,
        /// The commits, in order.
        commits: Vec<ObjectId>,
    },
    /// Take built artifacts into a candidate.
    Stage {
        /// The candidate of the train.
        candidate: Candidate,
    },
    /// Record the verdict on a candidate.
    Verify {
        /// The candidate of the train.
        candidate: Candidate,
    },
    /// Promote a candidate to stable.
    Promote {
        /// The release of the train.
        release: Release,
    },
    /// Bring back what the backup has.
    Restore {
        /// What comes back.
        what: Restored,
        /// Where to.
        to: StoreUrl,
    },
    /// Remove old candidates from the `test` store.
    Prune {
        /// How old they are at least, in days.
        days: u32,
        /// How many of each line stay in any case.
        keep: u32,
        /// Whether they are removed from the backup too.
        backup: bool,
    },
    /// Yank a release or a file in a channel.
    Yank {
        /// The channel.
        channel: Channel,
        /// The package.
        package: PackageName,
        /// Its version.
        version: String,
        /// One file, if not the whole release.
        #[schemars(with = "Option<String>")]
        file: Option<FileName>,
        /// Why.
        reason: String,
    },
    /// Take a yank back.
    Unyank {
        /// The channel.
        channel: Channel,
        /// The package.
        package: PackageName,
        /// Its version.
        version: String,
        /// One file, if not the whole release.
        #[schemars(with = "Option<String>")]
        file: Option<FileName>,
    },
    /// Take back the newest change of a channel.
    Rollback {
        /// The channel.
        channel: Channel,
    },
    /// Make every page of a channel what it should be.
    Rebuild {
        /// The channel.
        channel: Channel,
    },
    /// Take in the files that a channel had before trackside.
    Import {
        /// The channel.
        channel: Channel,
        /// Whether digests that the old pages say are taken without reading the files.
        trust_pages: bool,
        /// Whether files come in that no old page links to.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        take_unlinked: bool,
        /// The packages whose links to other indexes may vanish.
        drop_links: Vec<PackageName>,
        /// Objects, or folders of them, that are not taken in.
        leave_out: Vec<ObjectKey>,
    },
}

/// What a run has for itself while it is open. Whatever runs of two scopes share, such as the map of
/// a channel, is kept by compare-and-swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A line of the train.
    Line(Line),
    /// A channel, for what is done to all of it.
    Channel(Channel),
}

/// What can come back from the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restored {
    /// A candidate, where it was staged.
    Candidate(Candidate),
    /// A release, where `stable` has it.
    Release(Release),
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Candidate(candidate) => candidate.fmt(f),
            Self::Release(release) => release.fmt(f),
        }
    }
}

impl std::str::FromStr for Restored {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let candidate = text.parse().map(Self::Candidate);
        candidate.or_else(|_| text.parse().map(Self::Release)).map_err(|_| {
            format!("`{}` is neither a release such as 2.15.0 nor a candidate such as 2.15.0-rc1", text.escape_debug())
        })
    }
}

impl Command {
    /// What the command works on; only one run at a time may do so.
    pub fn scope(&self) -> Scope {
        let line = match self {
            Self::Cut { line, .. } | Self::PickLand { line, .. } => *line,
            Self::Candidate { release, .. } | Self::Promote { release } => release.line,
            Self::Stage { candidate } | Self::Verify { candidate } => candidate.release.line,
            Self::Restore { what: Restored::Candidate(candidate), .. } => candidate.release.line,
            Self::Restore { what: Restored::Release(release), .. } => release.line,
            Self::Prune { .. } => return Scope::Channel(Channel::Test),
            Self::Yank { channel, .. }
            | Self::Unyank { channel, .. }
            | Self::Rollback { channel }
            | Self::Rebuild { channel }
            | Self::Import { channel, .. } => return Scope::Channel(*channel),
        };
        Scope::Line(line)
    }
}

impl Command {
    /// The channel that the command changes.
    pub fn channel(&self) -> Option<Channel> {
        match self {
            Self::Promote { .. } => Some(Channel::Stable),
            Self::Stage { .. } | Self::Prune { .. } => Some(Channel::Test),
            Self::Yank { channel, .. }
            | Self::Unyank { channel, .. }
            | Self::Rollback { channel }
            | Self::Rebuild { channel }
            | Self::Import { channel, .. } => Some(*channel),
            Self::Cut { .. }
            | Self::Candidate { .. }
            | Self::PickLand { .. }
            | Self::Verify { .. }
            | Self::Restore { .. } => None,
        }
    }

    /// Whether the command needs that what candidates have stays.
    const fn needs_candidates(&self) -> bool {
        match self {
            Self::Candidate { .. }
            | Self::Stage { .. }
            | Self::Verify { .. }
            | Self::Promote { .. }
            | Self::Restore { .. } => true,
            Self::Cut { .. }
            | Self::PickLand { .. }
            | Self::Prune { .. }
            | Self::Yank { .. }
            | Self::Unyank { .. }
            | Self::Rollback { .. }
            | Self::Rebuild { .. }
            | Self::Import { .. } => false,
        }
    }

    /// Whether no run of this command may begin while one of the other is open. What is done to a whole channel has
    /// no meaning in the middle of a promotion to it; two lines of the train may change one channel at a time. What is
    /// not needed when a removal is planned may be approved, carried over or promoted before it is gone.
    pub fn excludes(&self, other: &Self) -> bool {
        let removes = |one: &Self, other: &Self| matches!(one, Self::Prune { .. }) && other.needs_candidates();
        let same_channel = self.channel().is_some() && self.channel() == other.channel();
        let of_channel = |command: &Self| matches!(command.scope(), Scope::Channel(_));
        self.scope() == other.scope()
            || same_channel && (of_channel(self) || of_channel(other))
            || removes(self, other)
            || removes(other, self)
    }
}

impl Scope {
    /// The scope that a word stands for in paths.
    pub fn of_word(word: &str) -> Option<Self> {
        word.parse().map(Self::Line).ok().or_else(|| word.parse().map(Self::Channel).ok())
    }

    /// The line or the channel alone, as it stands in paths.
    pub fn word(self) -> String {
        match self {
            Self::Line(line) => line.to_string(),
            Self::Channel(channel) => channel.to_string(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Channel(channel) => write!(f, "channel {channel}"),
        }
    }
}

impl fmt::Display for Command {
    /// The command as it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { line, only: None } => write!(f, "cut {line}"),
            Self::Cut { line, only: Some(only) } => write!(f, "cut {line} --only {only}"),
            Self::Candidate { release, only: None } => write!(f, "candidate {release}"),
            Self::Candidate { release, only: Some(only) } => write!(f, "candidate {release} --only {only}"),
            Self::PickLand { line, repository, commits } => {
                write!(f, "pick land")?;
                commits.iter().try_for_each(|commit| write!(f, " {commit}"))?;
                write!(f, " --onto {line} --repository {repository}")
            }
            Self::Stage { candidate } => write!(f, "stage {candidate}"),
            Self::Verify { candidate } => write!(f, "verify {candidate}"),
            Self::Promote { release } => write!(f, "promote {release}"),
            Self::Restore { what, to } => write!(f, "restore {what} --to {to}"),
            Self::Prune { days, keep, backup } => {
                write!(f, "prune --older-than {days} --keep {keep}{}", if *backup { " --backup" } else { "" })
            }
            Self::Yank { channel, package, version, file, reason } => {
                write!(f, "channel yank {channel} {package}=={version}")?;
                file.iter().try_for_each(|file| write!(f, " --file {file}"))?;
                write!(f, " --reason {}", typed(reason))
            }
            Self::Unyank { channel, package, version, file } => {
                write!(f, "channel unyank {channel} {package}=={version}")?;
                file.iter().try_for_each(|file| write!(f, " --file {file}"))
            }
            Self::Rollback { channel } => write!(f, "channel rollback {channel}"),
            Self::Rebuild { channel } => write!(f, "index rebuild {channel}"),
            Self::Import { channel, trust_pages, take_unlinked, drop_links, leave_out } => {
                write!(f, "index import {channel}{}", if *trust_pages { " --trust-pages" } else { "" })?;
                write!(f, "{}", if *take_unlinked { " --take-unlinked" } else { "" })?;
                drop_links.iter().try_for_each(|package| write!(f, " --drop-links {package}"))?;
                leave_out.iter().try_for_each(|key| write!(f, " --leave-out {key}"))
            }
        }
    }
}
