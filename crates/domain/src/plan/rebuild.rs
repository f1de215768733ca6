//! `index rebuild`: every page of a channel becomes what its map, its manifests and the configuration
//! say, with those of the candidates that it shows. What stands where no page belongs is removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Location};
use crate::conda::CondaChannel;
use crate::digest::Sha256;
use crate::drift::OwnPages;
use crate::index::{Link, Page};
use crate::manifest::{Channel, ChannelMap};
use crate::plan::change::Change;
use crate::plan::conda::wanted as wanted_data;
use crate::plan::stage::own;
use crate::plan::switch::{Switch, fill};
use crate::plan::{Command, Decision, Phase, Step, Stop};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::Candidate;
use crate::world::{ChannelWorld, RebuildWorld};

/// What the channel is to point to: what it points to, and the links of the configuration.
pub fn wanted(project: &Project, channel: Channel, world: &ChannelWorld) -> ChannelMap {
    let seen = world.map.as_ref().map(|(_, map)| map.clone());
    let mut map = seen.unwrap_or_else(|| ChannelMap::empty(channel));
    fill(&mut map, |digest| world.manifests.get(digest));
    let links = project.third_party.iter().map(|(package, links)| (package.clone(), Link::linked(links)));
    map.links = links.collect();
    map
}

/// All pages of a channel that points to this.
///
/// # Errors
/// When they would be wrong, or something behind them was not looked at.
pub fn pages(project: &Project, seen: &ChannelWorld, map: &ChannelMap) -> Result<Vec<Page>, Stop> {
    let about = map.packages().into_iter().cloned().collect();
    Switch { project, seen, map, about, brought: BTreeMap::new() }.pages()
}

/// The conda data of a store of a channel that points to this; `seen` is what is there.
///
/// # Errors
/// As [`pages`].
pub fn conda(
    project: &Project,
    world: &ChannelWorld,
    map: &ChannelMap,
    seen: &BTreeMap<ObjectKey, Sha256>,
) -> Result<Option<CondaChannel>, Stop> {
    let about = map.packages().into_iter().cloned().collect();
    let sources = Switch { project, seen: world, map, about, brought: BTreeMap::new() }.conda()?;
    if sources.is_empty() { Ok(None) } else { wanted_data(map.channel.into(), &sources, seen).map(Some) }
}

/// Decides what is to be done.
pub fn decide(project: &Project, channel: Channel, world: &RebuildWorld) -> Decision {
    let map = wanted(project, channel, &world.channel);
    let about = map.packages().into_iter().cloned().collect();
    let (brought, arriving) = (BTreeMap::new(), BTreeSet::new());
    let change = Change { project, world: &world.channel, map: &map, about, brought, arriving };
    let nothing = format!("every page of channel {channel} is as it should be");
    let lost = |candidate| {
        format!(
            "{candidate} gets no pages of its own, for objects of it are gone: trackside restore {candidate} --to test"
        )
    };
    let notes: Vec<String> = world.lost.iter().map(lost).collect();
    let nothing = [vec![nothing], notes.clone()].concat();
    let steps = removals(&change, |_| false);
    match steps.and_then(|steps| Ok([steps, of_candidates(project, &world.candidates)?].concat())) {
        Ok(steps) => change.decide(Command::Rebuild { channel }, steps, nothing).noting(notes),
        Err(stop) => Decision::Refused(vec![stop]),
    }
}

/// The steps that make the own pages of candidates right.
fn of_candidates(project: &Project, candidates: &BTreeMap<Candidate, OwnPages>) -> Result<Vec<Step>, Stop> {
    let mut steps = Vec::new();
    for (candidate, own) in candidates {
        let Some(manifests) = own.manifests() else { continue };
        steps.extend(own::steps(project, &project.test, (*candidate, &manifests), &own.pages)?);
        let strangers = own::strangers(*candidate, &manifests, &own.pages)?;
        steps.extend(removal(&candidate.to_string(), &project.test, strangers));
    }
    Ok(steps)
}

/// The steps that remove what stands where no page belongs, if all of the channel was looked at, but what is `spared`.
pub(super) fn removals(change: &Change<'_>, spared: impl Fn(&ObjectKey) -> bool) -> Result<Vec<Step>, Stop> {
    let mut steps = Vec::new();
    for (name, store, strangers) in change.strangers()? {
        steps.extend(removal(&name, &store, strangers.into_iter().filter(|(key, _)| !spared(key))));
    }
    Ok(steps)
}

/// The step that removes these from a store.
fn removal(name: &str, store: &StoreUrl, strangers: impl IntoIterator<Item = (ObjectKey, Sha256)>) -> Option<Step> {
    let remove = |(key, expect)| Action::RemoveObject { at: Location { store: store.clone(), key }, expect };
    let removed: Vec<Action> = strangers.into_iter().map(remove).collect();
    let first = removed.first()?.subject();
    let title = format!("{name}: remove {} of nothing in the channel, such as {first}", count(removed.len(), "page"));
    Some(Step::new(&["remove", name], title, Phase::Remove, removed))
}

/// Whether a key is that of a page, not of an artifact or of conda data.
pub(crate) fn is_page(key: &ObjectKey) -> bool {
    let page = crate::storage_key::Twin::ALL.iter().any(|twin| twin.file_name() == key.file_name());
    page && !matches!(StorageKey::parse(key.as_str()), Some(StorageKey::Conda(_)))
}
