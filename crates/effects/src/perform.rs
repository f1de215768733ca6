//! Performing actions. One exhaustive match, each arm in a file of its own; nothing is decided here.

use trackside_domain::action::{Action, Location, Receipt};
use trackside_domain::digest::Sha256;
use trackside_domain::plan::Precondition;

use crate::Trouble;
use crate::git::Caches;
use crate::store::{Access, Progress, Store, Stores};

mod add_label;
mod advance_branch;
mod check_objects;
mod copy_object;
mod create_object;
mod look;
mod moved;
pub(crate) mod present;
mod push_refs;
mod put_back;
mod read_back;
mod remove_object;
mod replace_encoded;
mod replace_object;

pub use look::Look;

/// The outside world, ready to be changed.
#[derive(Debug, Clone)]
pub struct Performer {
    /// Where repositories are cached.
    pub caches: Caches,
    /// How stores are opened.
    pub stores: Stores,
    /// A name for trials of stores that no other process takes.
    pub trial: String,
}

impl Performer {
    /// Looks once at what many effects are about, just before they begin.
    ///
    /// # Errors
    /// When a store cannot be looked at.
    pub fn look(&self, actions: &[&Action]) -> Result<Look, Trouble> {
        Look::at(&self.stores, actions)
    }

    /// Tries one effect. Each is a compare-and-swap: done twice it is done once. `look` may be empty.
    ///
    /// # Errors
    /// [`Trouble::Unknown`] if it was sent and its answer was lost: then [`Performer::probe`] it.
    pub fn perform(&self, action: &Action, look: &Look, progress: Progress<'_>) -> Result<Receipt, Trouble> {
        match action {
            Action::PushRefs { url, recipes, updates, .. } => {
                push_refs::perform(&self.caches, url, recipes, updates, progress)
            }
            Action::AdvanceBranch { .. } => advance_branch::perform(&self.caches, action, progress),
            Action::CreateObject { to, content } => create_object::perform(&self.stores, to, content, progress),
            Action::CopyObject { from, to, size, sha256 } => {
                copy_object::perform(&self.stores, (from, to), (*size, *sha256), look, progress)
            }
            Action::ReplaceObject { at, expect, text } => {
                replace_object::perform(&self.stores, at, (*expect, text), progress)
            }
            Action::ReplaceEncoded { at, expect, content } => {
                replace_encoded::perform(&self.stores, at, (*expect, content), progress)
            }
            Action::PutBack { at, expect, from, size, sha256 } => {
                put_back::perform(&self.stores, (from, at), (*expect, *size, *sha256), progress)
            }
            Action::RemoveObject { at, expect } => remove_object::perform(&self.stores, at, *expect),
            Action::CheckObjects { store, objects, tags } => {
                check_objects::perform(&self.stores, store, (objects, tags), progress)
            }
            Action::AddLabel { at, sha256 } => add_label::perform(&self.stores, at, *sha256, progress),
            Action::ReadBack { at, size, sha256 } => read_back::perform(&self.stores, at, (*size, *sha256), progress),
        }
    }

    /// Looks at the very thing that an action is about: the receipt if the effect is there, `None` if
    /// it certainly is not.
    ///
    /// # Errors
    /// [`Trouble::Conflict`] if something else is there; otherwise why it could not be looked at.
    pub fn probe(&self, action: &Action) -> Result<Option<Receipt>, Trouble> {
        match action {
            Action::PushRefs { url, updates, .. } => push_refs::probe(&self.caches, url, updates),
            Action::AdvanceBranch { .. } => advance_branch::probe(&self.caches, action),
            Action::CreateObject { to, content } => create_object::probe(&self.stores, to, content.sha256()),
            Action::CopyObject { to, sha256, .. } => create_object::probe(&self.stores, to, *sha256),
            Action::ReplaceObject { at, text, .. } => replace_object::probe(&self.stores, at, text),
            Action::ReplaceEncoded { at, content, .. } => {
                replace_object::probe_digest(&self.stores, at, content.sha256)
            }
            Action::PutBack { at, sha256, .. } => replace_object::probe_digest(&self.stores, at, *sha256),
            Action::RemoveObject { at, .. } => remove_object::probe(&self.stores, at),
            Action::AddLabel { at, sha256 } => add_label::probe(&self.stores, at, *sha256),
            // Reading again is the only way to know.
            Action::ReadBack { .. } | Action::CheckObjects { .. } => Ok(None),
        }
    }

    /// What moved since the plan was made: a sentence for each precondition that no longer holds.
    ///
    /// # Errors
    /// Why one could not be looked at.
    pub fn moved(&self, preconditions: &[&Precondition]) -> Result<Vec<String>, Trouble> {
        moved::moved_all(self, preconditions)
    }
}

/// The digest of an object; `None` if it, or its store, certainly does not exist.
fn digest(stores: &Stores, at: &Location) -> Result<Option<Sha256>, Trouble> {
    match stores.open_if_present(&at.store)? {
        Some(store) => Ok(store.digest(&at.key)?),
        None => Ok(None),
    }
}

/// Opens the store of a location for writing, making a folder on first use.
fn writable(stores: &Stores, at: &Location) -> Result<Store, Trouble> {
    Ok(stores.init(&at.store, Access::Write)?)
}
