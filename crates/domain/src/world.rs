//! What was observed. An item is known, absent or unknown, and unknown is never taken for absent.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Location;
use crate::artifact_kind::ArtifactKind;
use crate::artifact_set::Statement;
use crate::conda::{CondaRecord, Data};
use crate::derivation::Derivation;
use crate::digest::Sha256;
use crate::drift::OwnPages;
use crate::edit::EditError;
use crate::encoded::Encoded;
use crate::finding::Finding;
use crate::git::{BranchName, ObjectId, TagName};
use crate::manifest::{
    Artifact, CandidateRecord, Channel, ChannelMap, GenerationRecord, ImportRecord, Manifest, ManifestRef,
    PromotionRecord, Verdict,
};
use crate::name::{FolderName, PackageName, RepositoryName};
use crate::store::{Fingerprint, ObjectKey, StoreUrl};
use crate::version::{Candidate, Release};

mod anaconda;
mod observed;

pub use self::anaconda::{AnacondaWorld, Hosted};
pub use self::observed::{Observed, Unseen};

/// What `cut` looks at in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutWorld {
    /// The tip of the branch that is cut from.
    pub base: Observed<ObjectId>,
    /// The branch that was looked at as the base.
    pub base_branch: BranchName,
    /// The frozen cut point.
    pub cut: Observed<ObjectId>,
    /// The release branch.
    pub release: Observed<ReleaseBranch>,
    /// The version fields on the cut point: path and what stands there.
    pub versions: Vec<(String, Result<String, EditError>)>,
    /// The release-only edits on the cut point; absent when none are declared.
    pub edits: Observed<Derived>,
    /// The topic branch of the edits, when they are delivered that way.
    pub edits_topic: Observed<ObjectId>,
    /// The bump of the default branch; absent when no version file is declared.
    pub bump: Observed<Bump>,
    /// The topic branch of the bump, when it is delivered that way.
    pub bump_topic: Observed<ObjectId>,
}

/// A release branch as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseBranch {
    /// Its tip.
    pub tip: ObjectId,
    /// Whether it descends from the cut point.
    pub descends: bool,
    /// Whether a commit since the cut point has the trailer of the release-only edits.
    pub has_edits: bool,
}

/// A commit that was made in the cache and not yet pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// Its id.
    pub id: ObjectId,
    /// Its parent.
    pub parent: ObjectId,
    /// The change.
    pub diff: String,
    /// The files that it changes.
    pub files: Vec<String>,
    /// The message.
    pub message: String,
    /// When its parent was committed, in seconds; the commit has the same date.
    pub seconds: i64,
}

/// The state of the default branch's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bump {
    /// Its version is that of the next line or a later one.
    Done {
        /// The version that was read.
        version: String,
    },
    /// This commit would bump it.
    Due(Derived),
}

/// What `candidate` looks at in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateWorld {
    /// The tip of the release branch.
    pub tip: Observed<ObjectId>,
    /// All tags that begin with `v`, with the commits that they point to.
    pub tags: Observed<BTreeMap<TagName, ObjectId>>,
    /// The version fields on the tip: path and what stands there.
    pub versions: Vec<(String, Result<String, EditError>)>,
    /// The next candidate tag on the tip, made in the cache.
    pub next_tag: Observed<DerivedTag>,
}

/// An annotated tag that was made in the cache and not yet pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedTag {
    /// The id of the tag object.
    pub id: ObjectId,
    /// The commit.
    pub target: ObjectId,
    /// The name.
    pub name: TagName,
    /// The message.
    pub message: String,
    /// When the commit was committed, in seconds; the tag has the same date.
    pub seconds: i64,
}

/// What `pick land` looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickWorld {
    /// The tip of the release branch.
    pub tip: Observed<ObjectId>,
    /// Each commit on top of the one before it, the first one on the tip.
    pub picks: Vec<(ObjectId, Picked)>,
}

/// What came of one pick in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// It applies.
    Clean {
        /// The commit that it makes.
        id: ObjectId,
        /// The commit that it is put on.
        onto: ObjectId,
        /// The committer's date, in seconds.
        seconds: i64,
        /// The subject, for people.
        subject: String,
    },
    /// The branch has it.
    Already {
        /// The commit by which the branch has it.
        by: ObjectId,
    },
    /// It conflicts in these files.
    Conflict(Vec<String>),
    /// It cannot be picked, and why.
    Refused(String),
    /// It was not tried, because one before it failed.
    NotTried,
}

/// What is known about a candidate from its store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CandidateFacts {
    /// The train's records, by candidate.
    pub records: BTreeMap<Candidate, CandidateRecord>,
    /// The newest manifest of each package's candidate, with the reference to it.
    pub manifests: BTreeMap<(PackageName, Candidate), (ManifestRef, Manifest)>,
    /// The newest verdict on each candidate of the train, with its number.
    pub verdicts: BTreeMap<Candidate, (u32, Verdict)>,
}

/// A channel as it is in its store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelWorld {
    /// Its map and the digest of the object; absent before the first promotion.
    pub map: Option<(Sha256, ChannelMap)>,
    /// The manifests that the map points to, of the packages that were asked about.
    pub manifests: BTreeMap<Sha256, Manifest>,
    /// The import records of the packages that were asked about.
    pub imported: BTreeMap<Sha256, ImportRecord>,
    /// The digests of the pages that are there, of the packages that were asked about.
    pub pages: BTreeMap<ObjectKey, Sha256>,
    /// The mirrors, in the order in which the project declares them.
    pub mirrors: Vec<MirrorWorld>,
    /// The sizes of these pages and of the maps, those of the mirrors too, by their digests.
    pub sizes: BTreeMap<Sha256, u64>,
    /// The newest generation.
    pub generation: Option<GenerationRecord>,
    /// When it was looked at, in whole seconds: the upload time of what comes now.
    pub at: Option<jiff::Timestamp>,
}

impl ChannelWorld {
    /// The number of the generation that made the map; 0 if there is none.
    pub fn state(&self) -> u64 {
        self.map.as_ref().map_or(0, |(_, map)| map.generation)
    }
}

/// A mirror of a channel as it is in its store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MirrorWorld {
    /// The map and the digest of the object.
    pub map: Option<(Sha256, ChannelMap)>,
    /// Whether the channel itself has had that map: it is one that a generation of the channel made.
    pub is_ours: bool,
    /// The digests of the pages that are there, of the packages that were asked about.
    pub pages: BTreeMap<ObjectKey, Sha256>,
    /// The sizes of everything that lies below the folders of the channel, if all of it was listed.
    pub listed: BTreeMap<ObjectKey, u64>,
}

/// What `prune` looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PruneWorld {
    /// The train's records of all lines, by candidate.
    pub records: BTreeMap<Candidate, CandidateRecord>,
    /// The newest manifest of each package's candidate.
    pub manifests: BTreeMap<(PackageName, Candidate), Manifest>,
    /// How many days ago something of a candidate was written last.
    pub ages: BTreeMap<Candidate, u32>,
    /// The candidates whose newest verdict passed.
    pub approved: BTreeSet<Candidate>,
    /// The number of the newest verdict of each candidate.
    pub verdicts: BTreeMap<Candidate, u32>,
    /// Everything that was promoted.
    pub promotions: Vec<PromotionRecord>,
    /// The maps of all channels and mirrors.
    pub maps: Vec<ChannelMap>,
    /// The digests of the maps of the channels.
    pub seen: BTreeMap<Channel, Sha256>,
    /// The digests of what leads to a candidate that may go: its pages and channel data.
    pub pages: BTreeMap<Candidate, BTreeMap<ObjectKey, Sha256>>,
    /// The sizes of the objects of the sets that may go, by store.
    pub there: BTreeMap<StoreUrl, BTreeMap<ObjectKey, u64>>,
}

/// What `restore` looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RestoreWorld {
    /// What the backup knows of the candidates of the line.
    pub facts: CandidateFacts,
    /// The record of the promotion of a release, from the backup.
    pub promotion: Option<PromotionRecord>,
    /// Every revision of the manifests of the candidate, from the backup.
    pub revisions: Vec<Manifest>,
    /// The digests of the candidate's pages and conda data where it comes back.
    pub pages: BTreeMap<ObjectKey, Sha256>,
    /// The objects that are where they would come back.
    pub there: BTreeMap<Location, Found>,
    /// The sizes of the objects that the backup has of it.
    pub kept: BTreeMap<ObjectKey, u64>,
    /// The manifests and records that are there already, and whether they are those of the backup.
    pub records: BTreeMap<ObjectKey, bool>,
}

/// What is known of an object that is at a place where something is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its size in bytes.
    pub size: u64,
    /// Its digest, if it was read.
    pub sha256: Option<Sha256>,
}

/// What `index rebuild` looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RebuildWorld {
    /// All of the channel.
    pub channel: ChannelWorld,
    /// What is there of the own pages of the candidates that it shows.
    pub candidates: BTreeMap<Candidate, OwnPages>,
    /// Those of which a record or objects are gone, so that pages of theirs would lead to nothing.
    pub lost: BTreeSet<Candidate>,
}

/// What `channel rollback` looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollbackWorld {
    /// The newest generation.
    pub newest: Option<GenerationRecord>,
    /// The generation that made the map which the channel has now: the one that is taken back.
    pub undone: Option<GenerationRecord>,
    /// Those after it, oldest first: they mended pages, were given up before the switch, or are taken back already.
    pub later: Vec<GenerationRecord>,
    /// The generation that made the state which comes back, those between it and the one that is taken back, and as
    /// many before as it takes to know what each object was meant to be, oldest first.
    pub earlier: Vec<GenerationRecord>,
    /// The map that comes back.
    pub before: Option<ChannelMap>,
    /// The contents in question that the backup has.
    pub kept: BTreeSet<Sha256>,
    /// Those that it does not have, and that are made of manifests as they were before, by their digests.
    pub rendered: BTreeMap<Sha256, Data>,
    /// The digests of the maps of the stores that have one.
    pub maps: BTreeMap<StoreUrl, Sha256>,
    /// What is there in each store of the channel, of the objects that were changed.
    pub seen: BTreeMap<StoreUrl, BTreeMap<ObjectKey, Fingerprint>>,
    /// What pages that come back lead to, and is not there any more as it was.
    pub missing: BTreeMap<StoreUrl, BTreeSet<ObjectKey>>,
    /// All that pages lead to which come back, and that nothing of today leads to.
    pub coming: BTreeMap<ObjectKey, Fingerprint>,
    /// The shards that conda data leads to which comes back, and that a store does not have.
    pub shards: BTreeMap<StoreUrl, BTreeMap<ObjectKey, Encoded>>,
}

/// A file that somebody built, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its absolute path.
    pub path: String,
    /// Its name.
    pub name: String,
    /// The name of the folder that it lies in, if that could be a channel folder.
    pub folder: Option<FolderName>,
    /// What it is; or why it was refused.
    pub content: Result<BuiltArtifact, String>,
    /// The derivation record that lies beside it; or why that cannot be read.
    pub derivation: Option<Result<Derivation, String>>,
    /// Where it is, if it is no file of this machine.
    pub origin: Option<Origin>,
}

/// An object of a store that somebody else may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The store.
    pub store: StoreUrl,
    /// The object.
    pub key: ObjectKey,
    /// What the server called the content that was read.
    pub etag: Option<String>,
}

/// An artifact that was read and found in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltArtifact {
    /// Its kind.
    pub kind: ArtifactKind,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of the whole file.
    pub sha256: Sha256,
    /// The core metadata of a wheel.
    pub metadata: Option<String>,
    /// The Pythons that a wheel requires.
    pub requires_python: Option<String>,
    /// What a conda package says to solvers.
    pub conda: Option<Box<CondaRecord>>,
    /// What its metadata say, to be compared with those of the other files.
    pub says: Option<Statement>,
    /// What is odd about it, but no reason to refuse it.
    pub warnings: Vec<Finding>,
}

/// What `stage` looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageWorld {
    /// What the candidate store holds.
    pub facts: CandidateFacts,
    /// The built files.
    pub built: Vec<Built>,
    /// Files of a store that belong to these versions, and that the matrix does not have.
    pub unexpected: Vec<String>,
    /// The sizes of the objects of its sets, and of the sets of later candidates that have one of them too, in `test`
    /// and in the backup.
    pub there: BTreeMap<StoreUrl, BTreeMap<ObjectKey, u64>>,
    /// The pages of the candidate itself and of the later ones of its line.
    pub candidate_pages: BTreeMap<Candidate, BTreeMap<ObjectKey, Sha256>>,
    /// The `test` channel.
    pub test: ChannelWorld,
    /// What anaconda.org has of it.
    pub anaconda: AnacondaWorld,
}

/// What `promote` looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromoteWorld {
    /// What the candidate store holds.
    pub facts: CandidateFacts,
    /// The `stable` channel.
    pub stable: ChannelWorld,
    /// The objects that are already at the places where the release goes, in `stable` and its mirrors.
    pub objects: BTreeMap<Location, Found>,
    /// The promotion record, if there is one.
    pub promoted: bool,
    /// The final tags of the repositories: the commit, and the tag made in the cache.
    pub tags: BTreeMap<RepositoryName, (Observed<ObjectId>, Observed<DerivedTag>)>,
    /// What anaconda.org has of the release, as `stable` and as `test`.
    pub anaconda: AnacondaWorld,
}

/// A package's release within a channel, with the artifacts it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released<'a> {
    /// The package.
    pub package: &'a PackageName,
    /// The release of the package.
    pub release: Release,
    /// The artifacts.
    pub artifacts: &'a [Artifact],
}
