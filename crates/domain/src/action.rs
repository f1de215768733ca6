//! One effect as data, with the old value that it expects, and the receipt that it leaves.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::encoded::Encoded;
use crate::git::{ObjectId, RefName, RemoteUrl, Signature, TagName};
use crate::name::RepositoryName;
use crate::store::{Fingerprint, ObjectKey, StoreUrl};

/// One effect on the outside world. The enum is closed: a new effect is a new variant, and the
/// compiler then names every place that must learn it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Moves refs of one repository, all or none, each from its expected old value.
    PushRefs {
        /// The repository's short name.
        repository: RepositoryName,
        /// Where it lives.
        url: RemoteUrl,
        /// How the objects that the refs need are made, in this order.
        recipes: Vec<Recipe>,
        /// The refs.
        updates: Vec<RefUpdate>,
    },
    /// Puts one commit on the tip of a branch that other people push to. The tip may have moved
    /// forward since the plan was made, as long as the edited files are what they were.
    AdvanceBranch {
        /// The repository's short name.
        repository: RepositoryName,
        /// Where it lives.
        url: RemoteUrl,
        /// The branch.
        branch: RefName,
        /// The tip that the plan saw.
        seen: ObjectId,
        /// The files that the diff changes; they must be on the tip what they were on `seen`.
        files: Vec<String>,
        /// The change, as a unified diff.
        diff: String,
        /// The commit message; its last line is the trailer by which the commit is known.
        message: String,
        /// Author and committer.
        by: Signature,
    },
    /// Creates an object that must not exist, or exists with the same bytes.
    CreateObject {
        /// Where to.
        to: Location,
        /// The bytes.
        content: Content,
    },
    /// Copies an object to a place where nothing, or the same bytes, may be.
    CopyObject {
        /// Where from.
        from: Location,
        /// Where to.
        to: Location,
        /// Its size in bytes.
        size: u64,
        /// Its digest; bytes that do not have it are not copied.
        sha256: Sha256,
    },
    /// Replaces an object if it is still the one that the plan saw.
    ReplaceObject {
        /// Which one.
        at: Location,
        /// The digest of what the plan saw; `None` means nothing was there.
        expect: Option<Sha256>,
        /// The new content.
        text: String,
    },
    /// Replaces an object by the bytes of a text, if it is still the one that the plan saw.
    ReplaceEncoded {
        /// Which one.
        at: Location,
        /// The digest of what the plan saw; `None` means nothing was there.
        expect: Option<Sha256>,
        /// The new content.
        content: Encoded,
    },
    /// Replaces an object by the bytes of another, if it is still the one that the plan saw.
    PutBack {
        /// Which one.
        at: Location,
        /// The digest of what the plan saw; `None` means nothing was there.
        expect: Option<Sha256>,
        /// Where the bytes come from.
        from: Location,
        /// Their number.
        size: u64,
        /// Their digest; others are not written.
        sha256: Sha256,
    },
    /// Removes an object if it is still the one that the plan saw.
    RemoveObject {
        /// Which one.
        at: Location,
        /// The digest of what the plan saw.
        expect: Sha256,
    },
    /// Looks whether objects are there with their sizes and, where the server says them, their digests. It
    /// changes nothing.
    CheckObjects {
        /// The store.
        store: StoreUrl,
        /// What they must be.
        objects: BTreeMap<ObjectKey, Fingerprint>,
        /// What the server called their content when it was read, where it did.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        tags: BTreeMap<ObjectKey, String>,
    },
    /// Reads an object in full and compares its digest. It changes nothing.
    ReadBack {
        /// Which one.
        at: Location,
        /// Its size in bytes.
        size: u64,
        /// The digest that it must have.
        sha256: Sha256,
    },
    /// Puts a file of anaconda.org under the label of its store too. It keeps those that it has.
    AddLabel {
        /// Which one.
        at: Location,
        /// The digest that it must have.
        sha256: Sha256,
    },
}

/// An object in a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The store.
    pub store: StoreUrl,
    /// The key within it.
    pub key: ObjectKey,
}

/// The bytes of a new object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Content {
    /// A small text that stands in the plan itself.
    Text(String),
    /// The bytes of a text that stands in the plan.
    Encoded(Encoded),
    /// A file of this machine. Bytes with another digest are refused when it is read.
    File {
        /// Its absolute path.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// Its digest.
        sha256: Sha256,
    },
}

/// One ref of an atomic push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefUpdate {
    /// The full name.
    pub name: RefName,
    /// The value that the ref must have; `None` means that it must not exist.
    pub expect: Option<ObjectId>,
    /// The value that it gets.
    pub new: ObjectId,
}

/// How a git object is made. Each is a pure function of its inputs, so another machine computes
/// the same id; an id that differs stops the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "make", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Recipe {
    /// A commit that applies a diff to its parent.
    Commit {
        /// The id that comes out.
        id: ObjectId,
        /// The parent.
        parent: ObjectId,
        /// The change, as a unified diff that applies exactly.
        diff: String,
        /// The message.
        message: String,
        /// Author and committer.
        by: Signature,
    },
    /// A cherry-pick.
    Pick {
        /// The id that comes out.
        id: ObjectId,
        /// The commit that is picked.
        commit: ObjectId,
        /// The commit that it is put on.
        onto: ObjectId,
        /// The committer; the author stays.
        by: Signature,
    },
    /// An annotated tag.
    Tag {
        /// The id that comes out.
        id: ObjectId,
        /// The commit that is tagged.
        target: ObjectId,
        /// The name of the tag.
        name: TagName,
        /// The message.
        message: String,
        /// The tagger.
        by: Signature,
    },
}

/// The evidence that an effect happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "receipt", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Receipt {
    /// All refs have their new values.
    Pushed {
        /// Whether they had them before we tried.
        already: bool,
    },
    /// The branch holds the commit.
    Advanced {
        /// The commit as it was pushed, or as it was found.
        commit: ObjectId,
        /// Whether it was there before we tried.
        already: bool,
    },
    /// The object is there with exactly the planned bytes.
    Stored {
        /// The digest of the bytes.
        sha256: Sha256,
        /// Whether it was there before we tried.
        already: bool,
    },
    /// The object is gone.
    Removed {
        /// Whether it was gone before we tried.
        already: bool,
    },
    /// The object was read in full and is what the plan says.
    Read,
    /// The file has the label.
    Labelled {
        /// Whether it had it before we tried.
        already: bool,
    },
}

impl Action {
    /// Whether the action changes anything outside.
    pub fn writes(&self) -> bool {
        !matches!(self, Self::ReadBack { .. } | Self::CheckObjects { .. })
    }

    /// The thing that the action is about, for people.
    pub fn subject(&self) -> String {
        match self {
            Self::PushRefs { repository, updates, .. } => {
                let refs: Vec<&str> = updates.iter().map(|update| update.name.short()).collect();
                format!("{repository} {}", refs.join(" + "))
            }
            Self::AdvanceBranch { repository, branch, .. } => format!("{repository} {}", branch.short()),
            Self::CreateObject { to: at, .. }
            | Self::CopyObject { to: at, .. }
            | Self::ReplaceObject { at, .. }
            | Self::ReplaceEncoded { at, .. }
            | Self::PutBack { at, .. }
            | Self::RemoveObject { at, .. }
            | Self::ReadBack { at, .. }
            | Self::AddLabel { at, .. } => at.key.to_string(),
            Self::CheckObjects { store, objects, .. } => format!("{} objects in {store}", objects.len()),
        }
    }

    /// How many bytes travel, where that is known beforehand.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::PushRefs { .. }
            | Self::AdvanceBranch { .. }
            | Self::RemoveObject { .. }
            | Self::CheckObjects { .. }
            | Self::AddLabel { .. } => 0,
            Self::CreateObject { content, .. } => content.size(),
            Self::ReplaceObject { text, .. } => text.len() as u64,
            Self::ReplaceEncoded { content, .. } => content.size,
            Self::CopyObject { size, .. } | Self::PutBack { size, .. } | Self::ReadBack { size, .. } => *size,
        }
    }
}

impl Content {
    /// The digest of the bytes.
    pub fn sha256(&self) -> Sha256 {
        match self {
            Self::Text(text) => Sha256::of(text.as_bytes()),
            Self::Encoded(encoded) => encoded.sha256,
            Self::File { sha256, .. } => *sha256,
        }
    }

    /// The number of bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Encoded(encoded) => encoded.size,
            Self::File { size, .. } => *size,
        }
    }
}

impl Recipe {
    /// The id of the object that the recipe makes.
    pub fn id(&self) -> &ObjectId {
        match self {
            Self::Commit { id, .. } | Self::Pick { id, .. } | Self::Tag { id, .. } => id,
        }
    }
}
