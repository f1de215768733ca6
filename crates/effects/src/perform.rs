//! Performing actions. One exhaustive match, each arm in a file of its own; nothing is decided here.

use trackside_domain::action::{Action, Location, Receipt};
use trackside_domain::digest::Sha256;
use trackside_domain::plan::Precondition;

use crate::Trouble;
use crate::git::Caches;
use crate::store::{Access, Progress, Store};

mod advance_branch;
mod copy_object;
mod create_object;
mod moved;
mod push_refs;
mod read_back;
mod replace_object;

/// The outside world, ready to be changed.
#[derive(Debug, Clone)]
pub struct Performer {
    /// Where repositories are cached.
    pub caches: Caches,
}

impl Performer {
    /// Tries one effect. Each is a compare-and-swap: done twice it is done once.
    ///
    /// # Errors
    /// [`Trouble::Unknown`] if it was sent and its answer was lost: then [`Performer::probe`] it.
    pub fn perform(&self, action: &Action, progress: Progress<'_>) -> Result<Receipt, Trouble> {
        match action {
            Action::PushRefs { url, recipes, updates, .. } => {
                push_refs::perform(&self.caches, url, recipes, updates, progress)
            }
            Action::AdvanceBranch { .. } => advance_branch::perform(&self.caches, action, progress),
            Action::CreateObject { to, content } => create_object::perform(to, content, progress),
            Action::CopyObject { from, to, size, sha256 } => copy_object::perform(from, to, (*size, *sha256), progress),
            Action::ReplaceObject { at, expect, text } => replace_object::perform(at, *expect, text, progress),
            Action::ReadBack { at, size, sha256 } => read_back::perform(at, (*size, *sha256), progress),
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
            Action::CreateObject { to, content } => create_object::probe(to, content.sha256()),
            Action::CopyObject { to, sha256, .. } => create_object::probe(to, *sha256),
            Action::ReplaceObject { at, text, .. } => replace_object::probe(at, text),
            // Reading again is the only way to know.
            Action::ReadBack { .. } => Ok(None),
        }
    }

    /// What moved since the plan was made, if the precondition no longer holds.
    ///
    /// # Errors
    /// Why it could not be looked at.
    pub fn moved(&self, precondition: &Precondition) -> Result<Option<String>, Trouble> {
        moved::moved(&self.caches, precondition)
    }
}

/// The digest of an object; `None` if it, or its store, certainly does not exist.
fn digest(at: &Location) -> Result<Option<Sha256>, Trouble> {
    match Store::open_if_present(&at.store)? {
        Some(store) => Ok(store.digest(&at.key)?),
        None => Ok(None),
    }
}

/// Opens the store of a location for writing, making a folder on first use.
fn writable(at: &Location) -> Result<Store, Trouble> {
    Ok(Store::init(&at.store, Access::Write)?)
}
