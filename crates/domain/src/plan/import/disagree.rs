//! Old pages that contradict each other, or what a file is; each with the command that goes on without what is wrong.

use std::collections::BTreeSet;

use super::Request;
use super::claims::Claim;
use crate::digest::Sha256;
use crate::plan::{Stop, StopKind};
use crate::store::ObjectKey;

/// A page of which something cannot be understood.
pub(super) fn unreadable(request: &Request, page: &ObjectKey, why: &str) -> Stop {
    let stop = Stop::new(StopKind::Failed, "page-unreadable", page.as_str(), why);
    stop.hint(format!("mend it; or do without what it says: {}", request.without([page])))
}

/// Pages that do not agree on whether a file is yanked, or why. `is_new` files can be left out.
pub(super) fn on_yank(request: &Request, (key, is_new): (&ObjectKey, bool), claim: &Claim) -> Option<Stop> {
    if claim.yanked.len() < 2 || claim.yank().is_some() {
        return None;
    }
    let mut said = Vec::new();
    for (reason, pages) in &claim.yanked {
        let what = reason.as_ref().map_or("that it is not".to_owned(), |reason| format!("that it is: `{reason}`"));
        said.extend(pages.first().map(|page| format!("{page} says {what}")));
    }
    let message = format!("the old pages do not agree on whether it is yanked: {}", said.join("; "));
    // A yank is not lost by it.
    let kept = claim.yanked.iter().rfind(|(reason, _)| reason.is_some());
    let kept: BTreeSet<&ObjectKey> = kept.into_iter().flat_map(|(_, pages)| pages).collect();
    let others: BTreeSet<&ObjectKey> = claim.yanked.values().flatten().filter(|page| !kept.contains(page)).collect();
    let hint = match others.is_empty() {
        true if is_new => format!("mend it; or leave the file out: {}", request.without([key])),
        true => format!("mend it, then: {}", request.without([])),
        false => format!("mend them; or do without what some say: {}", request.without(others)),
    };
    Some(Stop::new(StopKind::Conflict, "page-ambiguous", key.as_str(), message).hint(hint))
}

/// A page that says another digest than the bytes of a file have.
pub(super) fn on_bytes(request: &Request, (key, sha256): (&ObjectKey, Sha256), claim: &Claim) -> Option<Stop> {
    let (message, _) = other_digest(claim, sha256, "the bytes have")?;
    let hint = format!("mend the page, or bring the file back; or leave it out: {}", request.without([key]));
    Some(Stop::new(StopKind::Conflict, "page-hash", key.as_str(), message).hint(hint))
}

/// A page that says another digest of a file than the channel does.
pub(super) fn on_record(request: &Request, (key, sha256): (&ObjectKey, Sha256), claim: &Claim) -> Option<Stop> {
    let (message, pages) = other_digest(claim, sha256, "the channel has it with")?;
    let check = format!("trackside index check {} --digests", request.channel);
    let hint = format!("{check} says which is right; do without what the page says: {}", request.without(pages));
    Some(Stop::new(StopKind::Conflict, "page-hash", key.as_str(), message).hint(hint))
}

fn other_digest<'a>(claim: &'a Claim, sha256: Sha256, whose: &str) -> Option<(String, BTreeSet<&'a ObjectKey>)> {
    let others = || claim.sha256.iter().filter(|(said, _)| **said != sha256);
    let (said, first) = others().next().and_then(|(said, pages)| Some((said, pages.first()?)))?;
    let message = format!("{first} says sha256 {}, {whose} {}", said.short(), sha256.short());
    Some((message, others().flat_map(|(_, pages)| pages).collect()))
}
