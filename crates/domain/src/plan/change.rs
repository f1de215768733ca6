//! A change of a whole channel: its map, its pages in every store that has it, and the generation that
//! keeps what is replaced.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Sha256;
use crate::manifest::{ChannelMap, GenerationRecord, Manifest, PageChange};
use crate::name::PackageName;
use crate::plan::everywhere::Everywhere;
use crate::plan::generation::{Generation, next};
use crate::plan::rebuild::is_page;
use crate::plan::switch::Switch;
use crate::plan::yank::map_holds;
use crate::plan::{Command, Decision, Draft, Step, Stop, StopKind};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::world::ChannelWorld;

/// A store, the word for it, and what stands in it where no page belongs.
pub(super) type Strangers = (String, StoreUrl, Vec<(ObjectKey, Sha256)>);

/// A channel that is to point to something else.
pub(super) struct Change<'a> {
    pub(super) project: &'a Project,
    pub(super) world: &'a ChannelWorld,
    pub(super) map: &'a ChannelMap,
    /// The packages that the command is about.
    pub(super) about: BTreeSet<PackageName>,
    /// The manifests that it brings.
    pub(super) brought: BTreeMap<Sha256, &'a Manifest>,
    /// The packages whose missing files are copied to mirrors before.
    pub(super) arriving: BTreeSet<PackageName>,
}

impl Change<'_> {
    /// The plan. `more` are steps of the command's own, `nothing` is said if nothing is to be done.
    pub(super) fn decide(self, command: Command, more: Vec<Step>, nothing: Vec<String>) -> Decision {
        let mut steps = match self.kept(&command, more) {
            Ok(steps) => steps,
            Err(stop) => return Decision::Refused(vec![stop]),
        };
        if steps.is_empty() {
            return Decision::NothingToDo(nothing);
        }
        steps.sort_by_key(|step| step.phase);
        let preconditions = vec![map_holds(self.project, self.map.channel, self.world)];
        Decision::Draft(Draft { command, preconditions, steps, notes: Vec::new() })
    }

    /// The steps of the switch and these, and those that keep what they replace.
    pub(super) fn kept(&self, command: &Command, more: Vec<Step>) -> Result<Vec<Step>, Stop> {
        self.is_known(command)?;
        let mut steps = [self.steps()?, more].concat();
        steps.sort_by_key(|step| step.phase);
        let generation = Generation {
            project: self.project,
            channel: self.map.channel,
            newest: self.world.generation.as_ref(),
            sizes: &self.world.sizes,
            before: self.world.state(),
            after: self.numbered().generation,
        };
        let kept = generation.steps(command, &steps)?;
        Ok([kept, steps].concat())
    }

    /// Whether what is there is ours. A channel whose map is lost is no empty channel, and pages that no map knows are
    /// somebody's: made anew from nothing they would lose all that they list.
    fn is_known(&self, command: &Command) -> Result<(), Stop> {
        let channel = self.map.channel;
        // A first run that was given up before its switch has left a generation, and neither map nor pages. After the
        // rollback of the first there is no map either.
        let pages = &self.world.pages;
        let is_there = |change: &PageChange| pages.get(&change.key).copied() == change.new.map(|new| new.sha256);
        let had_map = |newest: &&GenerationRecord| {
            newest.after != 0
                && (newest.before != 0 || newest.changes.iter().any(|change| change.new.is_some() && is_there(change)))
        };
        if self.world.map.is_none()
            && let Some(newest) = self.world.generation.as_ref().filter(had_map)
        {
            let key = StorageKey::Channel(channel).path();
            let message = format!("it is not there, but generation {} was made with it", newest.number);
            let stop = Stop::new(StopKind::Conflict, "map-missing", key, message);
            return Err(stop.hint("bring it back: from a mirror, or an older version of the object"));
        }
        if matches!(command, Command::Import { .. }) {
            return Ok(());
        }
        let main = (self.world.map.is_some(), &self.world.pages);
        let mirrors = self.world.mirrors.iter().map(|mirror| (mirror.map.is_some(), &mirror.pages));
        let stores = self.project.stores_with(channel).into_iter().map(|(name, _)| name);
        for (name, (_, pages)) in stores.zip(std::iter::once(main).chain(mirrors)).filter(|(_, (has_map, _))| !has_map)
        {
            if let Some(page) = pages.keys().find(|key| is_page(key)) {
                let hint = format!("trackside index import {channel} takes in what is there");
                return Err(of_others(&name, page).hint(hint));
            }
        }
        Ok(())
    }

    fn steps(&self) -> Result<Vec<Step>, Stop> {
        let switch = self.switch();
        let (pages, conda) = (switch.pages()?, switch.conda()?);
        let (project, world, about, arriving) = (self.project, self.world, &self.about, &self.arriving);
        Everywhere { project, world, map: &self.numbered(), pages: &pages, conda: &conda, about, arriving }.steps()
    }

    /// The map that is wanted, with the number of the generation that makes it.
    fn numbered(&self) -> ChannelMap {
        let stays = self.world.map.as_ref().is_some_and(|(_, seen)| seen == self.map);
        let next = next(self.world.generation.as_ref(), self.world.state());
        ChannelMap { generation: if stays { self.map.generation } else { next }, ..self.map.clone() }
    }

    /// The objects of each store that look like pages and are none, if all of it was looked at. Whole indexes of
    /// others below a folder of their own, as `whl/lts/cpu/torch/`, are left alone: only a check names them.
    pub(super) fn strangers(&self) -> Result<Vec<Strangers>, Stop> {
        let wanted = self.switch().keys()?;
        let seen = std::iter::once(&self.world.pages).chain(self.world.mirrors.iter().map(|mirror| &mirror.pages));
        let of_store = |((name, store), seen): ((String, &StoreUrl), &BTreeMap<ObjectKey, Sha256>)| {
            let own: BTreeSet<&str> = wanted.iter().filter_map(top_folder).collect();
            let deep = seen.keys().filter(|key| key.parts().count() > DEEPEST).filter_map(top_folder);
            let apart: BTreeSet<&str> = deep.filter(|folder| !own.contains(folder)).collect();
            let ours = |key: &ObjectKey| top_folder(key).is_none_or(|folder| !apart.contains(folder));
            let strangers = seen.iter().filter(|(key, _)| is_page(key) && !wanted.contains(*key) && ours(key));
            (name, store.clone(), strangers.map(|(key, digest)| (key.clone(), *digest)).collect())
        };
        Ok(self.project.stores_with(self.map.channel).into_iter().zip(seen).map(of_store).collect())
    }

    fn switch(&self) -> Switch<'_> {
        Switch {
            project: self.project,
            seen: self.world,
            map: self.map,
            about: self.about.clone(),
            brought: self.brought.clone(),
        }
    }
}

/// The stop at a page of a store that has no map.
pub(super) fn of_others(name: &str, page: &ObjectKey) -> Stop {
    let message = format!("{name} has this page, and no map that says what the channel points to");
    Stop::new(StopKind::Conflict, "pages-of-others", page.to_string(), message)
}

/// The parts of the key of a package's page, `whl/cpu/torch/index.html`: what lies deeper is no index of ours.
const DEEPEST: usize = 4;

/// The folder below the root of an index that a page lies in: `whl/lts` of `whl/lts/cpu/index.html`.
fn top_folder(key: &ObjectKey) -> Option<&str> {
    let text = key.as_str();
    let (tree, below) = text.split_once('/')?;
    let (first, _) = below.split_once('/')?;
    Some(&text[..=tree.len() + first.len()])
}
