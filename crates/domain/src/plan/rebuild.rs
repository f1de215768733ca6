//! `index rebuild`: every page of a channel becomes what its map, its manifests and the configuration
//! say. What stands where no page belongs is removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, Location};
use crate::conda::CondaChannel;
use crate::digest::Sha256;
use crate::index::{Link, Page};
use crate::manifest::{Channel, ChannelMap};
use crate::plan::change::Change;
use crate::plan::conda::wanted as wanted_data;
use crate::plan::switch::{Switch, fill};
use crate::plan::{Command, Decision, Phase, Step, Stop};
use crate::project::Project;
use crate::say::count;
use crate::storage_key::StorageKey;
use crate::store::ObjectKey;
use crate::world::ChannelWorld;

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

/// Decides what is to be done, from a world in which all of the channel was looked at.
pub fn decide(project: &Project, channel: Channel, world: &ChannelWorld) -> Decision {
    let map = wanted(project, channel, world);
    let about = map.packages().into_iter().cloned().collect();
    let change = Change { project, world, map: &map, about, brought: BTreeMap::new(), arriving: BTreeSet::new() };
    let nothing = format!("every page of channel {channel} is as it should be");
    match removals(&change, |_| false) {
        Ok(steps) => change.decide(Command::Rebuild { channel }, steps, vec![nothing]),
        Err(stop) => Decision::Refused(vec![stop]),
    }
}

/// The steps that remove what stands where no page belongs, if all of the channel was looked at, but what is `spared`.
pub(super) fn removals(change: &Change<'_>, spared: impl Fn(&ObjectKey) -> bool) -> Result<Vec<Step>, Stop> {
    let mut steps = Vec::new();
    for (name, store, strangers) in change.strangers()? {
        let remove = strangers
            .into_iter()
            .filter(|(key, _)| !spared(key))
            .map(|(key, expect)| Action::RemoveObject { at: Location { store: store.clone(), key }, expect });
        let removed: Vec<Action> = remove.collect();
        let first = removed.first().map(Action::subject).unwrap_or_default();
        let title =
            format!("{name}: remove {} of nothing in the channel, such as {first}", count(removed.len(), "page"));
        let step = Step::new(&["remove", &name], title, Phase::Remove, removed);
        steps.extend(Some(step).filter(|step| !step.actions.is_empty()));
    }
    Ok(steps)
}

/// Whether a key is that of a page, not of an artifact or of conda data.
pub(crate) fn is_page(key: &ObjectKey) -> bool {
    let page = crate::storage_key::Twin::ALL.iter().any(|twin| twin.file_name() == key.file_name());
    page && !matches!(StorageKey::parse(key.as_str()), Some(StorageKey::Conda(_)))
}
