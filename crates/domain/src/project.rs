//! The checked project: what `trackside.toml` and `lines/M.m.toml` declare, after every check.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::artifact_set::Limits;
use crate::edit::Edit;
use crate::finding::{Code, Policy, Profile, Severity};
use crate::git::{BranchName, GitNameError, RemoteUrl, Signature};
use crate::index::Link;
use crate::manifest::Channel;
use crate::matrix::{Expected, MatrixError, Row, expand, refuse_collisions};
use crate::name::{PackageName, RepositoryName, WaveName};
use crate::store::StoreUrl;
use crate::version::{Line, Release};
use crate::waiver::Waiver;

/// Everything that the configuration declares. Each reference between its parts has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The name of the project, for people.
    pub name: String,
    /// Who makes the commits and tags of the release.
    pub identity: Identity,
    /// Where plans and runs are kept; `None` means the user's state folder.
    pub state: Option<StoreUrl>,
    /// The store that holds candidates and the `test` channel.
    pub test: StoreUrl,
    /// Where the public reads the `test` channel, if that is known; it ends with a slash.
    pub test_url: Option<url::Url>,
    /// The store that holds the `stable` channel.
    pub stable: StoreUrl,
    /// Where the public reads the `stable` channel, if that is known; it ends with a slash.
    pub stable_url: Option<url::Url>,
    /// The stores that hold the same bytes and pages as `stable`.
    pub mirrors: Vec<Mirror>,
    /// Where the links of the pages of `stable` and its mirrors lead.
    pub links: Links,
    /// The store that keeps a second copy of every staged artifact.
    pub backup: StoreUrl,
    /// The labels of anaconda.org that conda packages of a channel go to as well.
    pub anaconda: BTreeMap<Channel, StoreUrl>,
    /// The files of other indexes that the pages of both channels link to, by package.
    pub third_party: BTreeMap<PackageName, Vec<Link>>,
    /// The packages that a channel may hold beside those of the train and of other indexes.
    pub allow: BTreeSet<PackageName>,
    /// Simple indexes (PEP 503 or 691) that dependencies come from.
    pub external_indexes: Vec<url::Url>,
    /// How artifacts are judged.
    pub artifacts: ArtifactRules,
    /// Exceptions to what stores must do.
    pub waivers: Vec<Waiver>,
    /// The waves in the order in which they are cut.
    pub waves: Vec<WaveName>,
    /// The repositories by their short names.
    pub repositories: BTreeMap<RepositoryName, Repository>,
    /// The packages.
    pub packages: BTreeMap<PackageName, Package>,
    /// The lines that have a file of their own.
    pub lines: BTreeMap<Line, LineFile>,
}

/// A store that holds the same bytes and pages as the `stable` channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The store.
    pub store: StoreUrl,
    /// Where the public reads it, if that is known; it ends with a slash.
    pub url: Option<url::Url>,
}

/// Where the links of pages lead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Links {
    /// Into the store that the page is in, wherever that is read.
    #[default]
    Relative,
    /// Into the store with this public URL, which is the one of `stable` or of a mirror.
    Absolute(url::Url),
}

impl Links {
    /// The word for links without a base.
    pub const RELATIVE: &'static str = "relative";
}

/// How artifacts are judged, beside the rules that are never bent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArtifactRules {
    /// How large they may be.
    pub limits: Limits,
    /// The codes that are raised or lowered; none of them is fixed.
    pub severities: BTreeMap<Code, Severity>,
}

impl ArtifactRules {
    /// A profile with these exceptions.
    pub fn policy(&self, profile: Profile) -> Policy {
        Policy { profile, overrides: self.severities.clone() }
    }
}

/// The author of release commits and tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// A name without `<`, `>` and line breaks.
    pub name: String,
    /// An e-mail address without `<`, `>` and line breaks.
    pub email: String,
}

impl Identity {
    /// The signature of a commit or tag.
    pub fn signature(&self, seconds: i64) -> Signature {
        Signature { name: self.name.clone(), email: self.email.clone(), seconds }
    }
}

/// One repository of the train.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Where it lives.
    pub url: RemoteUrl,
    /// The branch whose tip becomes the cut point.
    pub cut_from: BranchName,
    /// The branch whose version is bumped after the cut.
    pub default_branch: BranchName,
    /// The wave in which it is cut.
    pub wave: WaveName,
    /// The name of the release branch, `release/{line}` if nothing else is said.
    pub release_branch: BranchPattern,
    /// The name of the frozen cut point, `orig/release/{line}` if nothing else is said.
    pub cut_branch: BranchPattern,
    /// Where the version lives; empty means only in the line file.
    pub versions: Vec<VersionField>,
    /// The release-only edits, in order.
    pub edits: Vec<Edit>,
    /// How the release-only edits reach the release branch.
    pub deliver_edits: Delivery,
    /// How the version bump reaches the default branch.
    pub deliver_bump: Delivery,
    /// Whether edits may run commands of this repository.
    pub commands_allowed: bool,
}

/// How a commit reaches its branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It is pushed onto the branch.
    Push,
    /// It is pushed to a topic branch, for a pull request.
    TopicBranch,
}

/// A branch name with `{line}` in it, such as `release/{line}` or `r{line}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchPattern(String);

impl BranchPattern {
    /// Checks that the pattern holds `{line}` exactly once and makes a legal branch.
    ///
    /// # Errors
    /// When the pattern with a line in its place is no legal branch name.
    pub fn new(pattern: &str) -> Result<Self, GitNameError> {
        let pattern = Self(pattern.to_owned());
        pattern.0.replacen("{line}", "2.15", 1).parse::<BranchName>()?;
        Ok(pattern)
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern tells lines apart.
    pub fn holds_line(&self) -> bool {
        self.0.matches("{line}").count() == 1
    }

    /// The branch of one line.
    ///
    /// # Errors
    /// When the result is no legal branch name, which [`BranchPattern::new`] has ruled out.
    pub fn of(&self, line: Line) -> Result<BranchName, GitNameError> {
        self.0.replacen("{line}", &line.to_string(), 1).parse()
    }
}

/// A place in a file that holds the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionField {
    /// The file, relative to the root of its repository.
    pub path: String,
    /// The text around the version with `{version}` for it; `None` means the whole file.
    pub pattern: Option<String>,
    /// Whether the file must hold the release exactly, without `a0` or the like.
    pub exact: bool,
}

/// One package of the train.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The repository that it is built from.
    pub repository: RepositoryName,
    /// The packages of the train that it depends on: their pages are switched first.
    pub after: Vec<PackageName>,
    /// The rows of its artifact matrix.
    pub matrix: Vec<Row>,
}

/// What `lines/M.m.toml` declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineFile {
    /// The version of every package for each release of the line.
    pub releases: BTreeMap<Release, BTreeMap<PackageName, Release>>,
    /// Dates by their names, such as `cut` and `general-availability`; for people.
    pub dates: BTreeMap<String, String>,
    /// The whole matrix of each package whose rows this line changes.
    pub matrix: BTreeMap<PackageName, Vec<Row>>,
}

impl Project {
    /// The store of a channel.
    pub const fn store_of(&self, channel: Channel) -> &StoreUrl {
        match channel {
            Channel::Test => &self.test,
            Channel::Stable => &self.stable,
        }
    }

    /// All stores of a channel, each with the word for it: its own, then its mirrors.
    pub fn stores_with(&self, channel: Channel) -> Vec<(String, &StoreUrl)> {
        match channel {
            Channel::Test => vec![("test".to_owned(), &self.test)],
            Channel::Stable => self.released_stores().collect(),
        }
    }

    /// All stores of ours that releases are written to, with the words for them; one store may have several.
    pub fn stores(&self) -> impl Iterator<Item = (String, &StoreUrl)> {
        let channels = [Channel::Test, Channel::Stable].into_iter().flat_map(|channel| self.stores_with(channel));
        channels.chain([("backup".to_owned(), &self.backup)])
    }

    /// Whether a channel may hold a package.
    pub fn allows(&self, package: &PackageName) -> bool {
        self.packages.contains_key(package) || self.third_party.contains_key(package) || self.allow.contains(package)
    }

    /// The stores that hold what was promoted: `stable`, then its mirrors, each with the word for it.
    pub fn released_stores(&self) -> impl Iterator<Item = (String, &StoreUrl)> {
        let mirrors = self.mirrors.iter().enumerate();
        let mirrors = mirrors.map(|(index, mirror)| (format!("mirror-{}", index + 1), &mirror.store));
        std::iter::once(("stable".to_owned(), &self.stable)).chain(mirrors)
    }

    /// The line file of a line.
    pub fn line(&self, line: Line) -> Option<&LineFile> {
        self.lines.get(&line)
    }

    /// The version that each package has in a release of the train.
    pub fn versions(&self, release: Release) -> Option<&BTreeMap<PackageName, Release>> {
        self.line(release.line)?.releases.get(&release)
    }

    /// The packages that are built from a repository.
    pub fn packages_of<'a>(&'a self, repository: &'a RepositoryName) -> impl Iterator<Item = &'a PackageName> {
        self.packages.iter().filter(move |(_, package)| package.repository == *repository).map(|(name, _)| name)
    }

    /// The line of a repository within a line of the train: that of the packages it hosts (all of
    /// them agree, which the check has made sure of), or the train's own if it hosts none.
    pub fn line_of(&self, repository: &RepositoryName, train: Line) -> Line {
        let releases = self.line(train).map(|line| &line.releases);
        let first = releases.and_then(|releases| releases.values().next());
        let hosted = first.and_then(|versions| {
            self.packages_of(repository).find_map(|package| versions.get(package).map(|version| version.line))
        });
        hosted.unwrap_or(train)
    }

    /// The rows of a package's matrix for one line of the train.
    pub fn matrix(&self, package: &PackageName, train: Line) -> &[Row] {
        let of_line = self.line(train).and_then(|line| line.matrix.get(package));
        of_line.or_else(|| self.packages.get(package).map(|package| &package.matrix)).map_or(&[], Vec::as_slice)
    }

    /// Every artifact that a release of the train must have, sorted by package, kind, folder and name.
    ///
    /// # Errors
    /// When no line file holds the release, or, which the check has ruled out, a matrix is wrong.
    pub fn expected(&self, release: Release) -> Result<Vec<Expected>, MatrixError> {
        let versions = self.versions(release).ok_or(MatrixError::NoRelease { release })?;
        let mut all = Vec::new();
        for (package, version) in versions {
            all.extend(expand(package, *version, self.matrix(package, release.line))?);
        }
        refuse_collisions(&all)?;
        Ok(all)
    }

    /// All packages, each after the packages that it depends on; by name where that leaves a choice.
    pub fn in_dependency_order(&self) -> Vec<&PackageName> {
        let mut ordered: Vec<&PackageName> = Vec::new();
        while ordered.len() < self.packages.len() {
            let ready = self.packages.iter().find(|(name, package)| {
                !ordered.contains(name) && package.after.iter().all(|before| ordered.contains(&before))
            });
            match ready {
                Some((name, _)) => ordered.push(name),
                // The check refuses cycles, so this is not reached with a checked project.
                None => break,
            }
        }
        ordered
    }
}
