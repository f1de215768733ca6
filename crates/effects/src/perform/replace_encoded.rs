//! Replaces an object by the bytes of a text, if it is still the one that the plan saw.

use trackside_domain::action::{Location, Receipt};
use trackside_domain::digest::Sha256;
use trackside_domain::encoded::{EncodeError, Encoded};

use super::replace_object;
use crate::Trouble;
use crate::store::{Progress, Stores};
use crate::trouble::with_causes;

pub(super) fn perform(
    stores: &Stores,
    at: &Location,
    (expect, content): (Option<Sha256>, &Encoded),
    progress: Progress<'_>,
) -> Result<Receipt, Trouble> {
    let bytes = content.bytes().map_err(|error| refused(at, &error))?;
    replace_object::replace(stores, at, (expect, &bytes), progress)
}

/// Nothing was sent.
pub(super) fn refused(at: &Location, error: &EncodeError) -> Trouble {
    Trouble::Failed(format!("{}: {}", at.key, with_causes(error)))
}
