//! One look at both ends of the copies of a step, just before they begin.

use std::collections::BTreeMap;

use trackside_domain::action::{Action, Location};
use trackside_domain::store::{ObjectKey, StoreKind, StoreUrl};

use super::present::heads;
use crate::Trouble;
use crate::store::{Access, Head, Stores};
use crate::together::all_together;

/// Fewer copies than this are looked at one by one.
const FEW: usize = 3;

/// What was seen: by target, the origins of those copies whose target was free. A hint, which may be out of date.
#[derive(Debug, Default)]
pub struct Look(BTreeMap<Location, Head>);

impl Look {
    pub(super) fn at(stores: &Stores, actions: &[&Action]) -> Result<Self, Trouble> {
        let copies: Vec<(&Location, &Location)> = actions.iter().filter_map(|action| far_copy(action)).collect();
        if copies.len() < FEW {
            return Ok(Self::default());
        }
        let mut keys: BTreeMap<&StoreUrl, Vec<ObjectKey>> = BTreeMap::new();
        for end in copies.iter().flat_map(|(from, to)| [from, to]) {
            keys.entry(&end.store).or_default().push(end.key.clone());
        }
        let keys: Vec<(&StoreUrl, Vec<ObjectKey>)> = keys.into_iter().collect();
        let seen = all_together(keys.len(), &keys, |(url, keys)| heads(&stores.open(url, Access::Read)?, keys))?;
        let seen: BTreeMap<&StoreUrl, BTreeMap<ObjectKey, Head>> = keys.iter().map(|(url, _)| *url).zip(seen).collect();
        let head = |at: &Location| seen.get(&at.store)?.get(&at.key);
        let free = copies.into_iter().filter(|(_, to)| head(to).is_none());
        Ok(Self(free.filter_map(|(from, to)| Some((to.clone(), head(from)?.clone()))).collect()))
    }

    /// What was seen of the origin of the copy to a place.
    pub(super) fn origin(&self, to: &Location) -> Option<&Head> {
        self.0.get(to)
    }
}

/// The ends of a copy that a server may make by one request.
fn far_copy(action: &Action) -> Option<(&Location, &Location)> {
    let Action::CopyObject { from, to, .. } = action else { return None };
    let strict = to.store.server().is_some_and(|server| server.strict_copies);
    let on_s3 = [from, to].iter().all(|at| at.store.kind() == StoreKind::S3);
    (on_s3 && !strict).then_some((from, to))
}
