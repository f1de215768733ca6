//! Over random projects and worlds: whatever is planned keeps the order of effects.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, any};
use proptest::{collection, proptest};

use super::sketch::{Dice, sketch};
use super::{commit, sealed};
use crate::action::{Action, Content, Location};
use crate::artifact_kind::ArtifactKind;
use crate::digest::Sha256;
use crate::edit::Edit;
use crate::manifest::{CandidateRecord, Channel, ChannelMap, Check, FORMAT, Manifest, Outcome, Verdict};
use crate::name::RepositoryName;
use crate::plan::candidate::next_candidate;
use crate::plan::promote::objects::{Reading, objects};
use crate::plan::{Decision, Phase, Plan, candidate, cut, promote, stage};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{ObjectKey, StoreUrl};
use crate::version::{Candidate, Release};
use crate::world::AnacondaWorld;
use crate::world::{
    Built, BuiltArtifact, Bump, CandidateFacts, CandidateWorld, ChannelWorld, CutWorld, Derived, DerivedTag, Found,
    MirrorWorld, Observed, PromoteWorld, ReleaseBranch, StageWorld, Unseen,
};

fn dice() -> impl Strategy<Value = Dice> {
    collection::vec(any::<u8>(), 0..160).prop_map(Dice::new)
}

proptest! {
    #[test]
    fn a_cut_pushes_what_is_pinned_before_the_pin(mut dice in dice()) {
        let project = sketch(&mut dice);
        let world = project.repositories.keys().zip(1..).map(|(name, number)| {
            (name.clone(), cut_world(&project, name, number * 100, &mut dice))
        });
        let request = cut::Request {
            line: "1.0".parse().unwrap(),
            only: None,
            from: None,
            release_version: None,
            today: jiff::civil::date(2026, 10, 1),
        };
        if let Some(plan) = sealed(cut::decide(&project, &request, &world.collect())) {
            keeps_the_order(&project, &plan, &mut Objects::default());
            pins_follow(&project, &plan);
        }
    }

    #[test]
    fn a_release_never_shows_what_is_not_there(mut dice in dice()) {
        let project = sketch(&mut dice);
        let mut objects = Objects::default();
        let train: Release = "1.0.0".parse().unwrap();
        let mut facts = CandidateFacts::default();
        for round in 1..=2 {
            let Some(record) = tagged(&project, train, round, &mut facts, &mut dice) else { continue };
            let mut waiting = built(&project, &record, round);
            while !waiting.is_empty() {
                let portion = waiting.split_off(usize::from(dice.roll(4)).min(waiting.len() - 1));
                let world = stage_world(&project, &record, &facts, portion, &objects);
                let plan = sealed(stage::decide(&project, record.candidate, &world));
                // Files that are staged already, of a package that was carried over, are no reason for a plan.
                let Some(plan) = plan else { continue };
                keeps_the_order(&project, &plan, &mut objects);
                learn(&mut facts, &objects, &project.test);
            }
        }
        if dice.flip() {
            objects.forget_pages(&project.test, &mut dice);
        }
        let world = promote_world(&project, train, &facts, &objects, &mut dice);
        let reading = if dice.flip() { Reading::All } else { Reading::Sample };
        let plan = sealed(promote::decide(&project, &promote::Request { release: train, older: None, reading }, &world));
        let plan = plan.expect("a sealed and verified candidate can be promoted");
        keeps_the_order(&project, &plan, &mut objects);
        let world = promote_world(&project, train, &facts, &objects, &mut Dice::new(Vec::new()));
        let again = promote::decide(&project, &promote::Request { release: train, older: None, reading }, &world);
        // The tags of the world are random; everything else is done.
        let more = sealed(again).into_iter().flat_map(|plan| plan.steps);
        more.for_each(|step| assert_eq!(step.phase, Phase::Tag, "{}", step.title));
    }
}

/// The objects of all stores, as the plans so far have made them.
#[derive(Debug, Default)]
struct Objects(BTreeMap<Location, (Sha256, Option<String>)>);

impl Objects {
    fn perform(&mut self, action: &Action) {
        let (at, sha256, text) = match action {
            Action::CreateObject { to, content: Content::Text(text) } => (to, Sha256::of(text.as_bytes()), Some(text)),
            Action::CreateObject { to, content } => (to, content.sha256(), None),
            Action::CopyObject { from, to, sha256, .. } => {
                assert_eq!(self.0.get(from).map(|(sha256, _)| sha256), Some(sha256), "{} is copied", from.key);
                (to, *sha256, None)
            }
            Action::ReplaceObject { at, expect, text } => {
                assert_eq!(self.0.get(at).map(|(sha256, _)| *sha256), *expect, "{} is replaced", at.key);
                (at, Sha256::of(text.as_bytes()), Some(text))
            }
            Action::ReplaceEncoded { at, expect, content } => {
                assert_eq!(self.0.get(at).map(|(sha256, _)| *sha256), *expect, "{} is replaced", at.key);
                (at, content.sha256, None)
            }
            Action::PutBack { at, expect, from, sha256, .. } => {
                assert_eq!(self.0.get(at).map(|(sha256, _)| *sha256), *expect, "{} is put back", at.key);
                assert_eq!(self.0.get(from).map(|(sha256, _)| sha256), Some(sha256), "{} is put back", at.key);
                let text = self.0[from].1.clone();
                self.0.insert(at.clone(), (*sha256, text));
                return;
            }
            Action::RemoveObject { at, expect } => {
                assert_eq!(self.0.remove(at).map(|(sha256, _)| sha256), Some(*expect), "{} is removed", at.key);
                return;
            }
            Action::ReadBack { at, sha256, .. } => {
                assert_eq!(self.0.get(at).map(|(sha256, _)| sha256), Some(sha256), "{} is read back", at.key);
                return;
            }
            Action::CheckObjects { store, objects, .. } => {
                for key in objects.keys() {
                    let at = Location { store: store.clone(), key: key.clone() };
                    assert!(self.0.contains_key(&at), "{key} is looked at");
                }
                return;
            }
            Action::PushRefs { .. } | Action::AdvanceBranch { .. } => return,
            Action::AddLabel { .. } => unreachable!("these trains have no label of anaconda.org"),
        };
        self.0.insert(at.clone(), (sha256, text.cloned()));
    }

    /// All texts of a store with their keys.
    fn texts<'a>(&'a self, store: &'a StoreUrl) -> impl Iterator<Item = (&'a ObjectKey, Sha256, &'a str)> {
        let of_store = self.0.iter().filter(move |(at, _)| at.store == *store);
        of_store.filter_map(|(at, (sha256, text))| Some((&at.key, *sha256, text.as_deref()?)))
    }

    fn pages(&self, store: &StoreUrl, prefix: &str) -> BTreeMap<ObjectKey, Sha256> {
        let pages = self.texts(store).filter(|(key, ..)| key.as_str().starts_with(prefix) && is_page(key));
        pages.map(|(key, sha256, _)| (key.clone(), sha256)).collect()
    }

    /// The sizes of what is there of the sets of candidates.
    fn there(&self, project: &Project, facts: &CandidateFacts) -> BTreeMap<StoreUrl, BTreeMap<ObjectKey, u64>> {
        let all = || facts.manifests.values().flat_map(|(_, manifest)| objects(manifest, Reading::All));
        let of_store = |store: &StoreUrl| {
            let at = |key: &ObjectKey| Location { store: store.clone(), key: key.clone() };
            let there = all().filter(|object| self.0.contains_key(&at(&object.staged)));
            (store.clone(), there.map(|object| (object.staged, object.size)).collect())
        };
        [&project.test, &project.backup].map(of_store).into()
    }

    /// Somebody lost some pages.
    fn forget_pages(&mut self, store: &StoreUrl, dice: &mut Dice) {
        self.0.retain(|at, _| at.store != *store || !is_page(&at.key) || dice.flip());
    }
}

fn is_page(key: &ObjectKey) -> bool {
    key.as_str().ends_with("/index.html") || key.as_str().ends_with("/index.v1_json")
}

/// Performs a plan, step by step, and looks at every page when it appears.
fn keeps_the_order(project: &Project, plan: &Plan, objects: &mut Objects) {
    let mut switched = false;
    let mut listed = BTreeSet::new();
    let mut shown: Vec<(String, &str)> = Vec::new();
    for step in &plan.steps {
        for action in &step.actions {
            match action {
                Action::ReplaceObject { at, text, .. } => {
                    switched = true;
                    if is_page(&at.key) {
                        links_lead_somewhere(objects, at, text);
                    }
                    let root = step.id.as_str().split('-').nth(1).unwrap().to_owned();
                    match step.phase {
                        Phase::ListPages => drop(listed.insert(root)),
                        Phase::PackagePages => {
                            assert!(!listed.contains(&root), "{} after a list page", at.key);
                            shown.push((root, package_of(&at.key)));
                        }
                        _ => assert_eq!(step.phase, Phase::Map),
                    }
                }
                // Channel data of conda is not followed here: this train has none.
                Action::ReplaceEncoded { .. } | Action::PutBack { .. } | Action::RemoveObject { .. } => switched = true,
                Action::PushRefs { .. } | Action::AdvanceBranch { .. } | Action::CopyObject { .. } => {
                    assert!(!switched, "{} after the switch", step.title);
                }
                Action::CreateObject { .. } => assert!(!switched || step.phase == Phase::Record, "{}", step.title),
                Action::AddLabel { .. } => unreachable!("these trains have no label of anaconda.org"),
                Action::ReadBack { .. } | Action::CheckObjects { .. } => {}
            }
            objects.perform(action);
        }
    }
    for (index, (root, package)) in shown.iter().enumerate() {
        let declared = &project.packages[&package.parse().unwrap()];
        for before in &declared.after {
            let late = shown[index..].iter().any(|(other, page)| other == root && *page == before.as_str());
            assert!(!late, "a page of {before} after one of {package}");
        }
    }
}

/// The package of a page, `whl/cpu/p8/index.html`.
fn package_of(key: &ObjectKey) -> &str {
    key.as_str().rsplit('/').nth(1).unwrap()
}

/// Every relative link of an HTML page leads to an object that is there, with the bytes that it names.
fn links_lead_somewhere(objects: &Objects, at: &Location, text: &str) {
    for link in text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let Some((path, digest)) = link.split_once("#sha256=") else { continue };
        let mut parts: Vec<&str> = at.key.as_str().split('/').collect();
        parts.pop();
        for part in path.split('/') {
            match part {
                ".." => parts.truncate(parts.len() - 1),
                part => parts.push(part),
            }
        }
        let key: ObjectKey = parts.join("/").replace("%2B", "+").parse().unwrap();
        let found = objects.0.get(&Location { store: at.store.clone(), key: key.clone() });
        assert_eq!(found.map(|(sha256, _)| sha256.to_string()).as_deref(), Some(digest), "{} links {key}", at.key);
    }
}

/// A pin is written after what it names is pushed.
fn pins_follow(project: &Project, plan: &Plan) {
    let position = |id: &str| plan.steps.iter().position(|step| step.id.as_str() == id);
    for (name, repository) in &project.repositories {
        for pinned in repository.edits.iter().filter_map(Edit::pins) {
            if let (Some(pin), Some(cut)) = (position(&format!("edit-{name}")), position(&format!("cut-{pinned}"))) {
                assert!(cut < pin, "{name} pins {pinned}");
            }
        }
    }
}

fn cut_world(project: &Project, name: &RepositoryName, number: u64, dice: &mut Dice) -> CutWorld {
    let base = commit(number);
    let derived = |id: u64, parent: &crate::git::ObjectId| Derived {
        id: commit(number + id),
        parent: parent.clone(),
        diff: "a diff\n".into(),
        files: vec!["v".into()],
        message: "a message\n".into(),
        seconds: 1,
    };
    let has_edits = !project.repositories[name].edits.is_empty();
    let cut = if dice.flip() { Observed::Absent } else { Observed::Known(base.clone()) };
    let release = match (cut.is_absent(), dice.roll(4)) {
        (true, _) | (false, 0) => Observed::Absent,
        (false, 1) => Observed::Known(ReleaseBranch { tip: base.clone(), descends: true, has_edits: false }),
        (false, _) => Observed::Known(ReleaseBranch { tip: commit(number + 1), descends: true, has_edits }),
    };
    let topic = |dice: &mut Dice| if dice.flip() { Observed::Absent } else { Observed::Known(commit(number + 2)) };
    CutWorld {
        base_branch: "main".parse().unwrap(),
        cut,
        release,
        versions: Vec::new(),
        edits: if has_edits { Observed::Known(derived(3, &base)) } else { Observed::Absent },
        edits_topic: topic(dice),
        bump: match dice.roll(3) {
            0 => Observed::Absent,
            1 => Observed::Known(Bump::Done { version: "1.1.0a0".into() }),
            _ => Observed::Known(Bump::Due(derived(4, &base))),
        },
        bump_topic: topic(dice),
        base: if dice.roll(16) == 15 { Observed::Unknown(Unseen::lasting("offline")) } else { Observed::Known(base) },
    }
}

/// Plans a candidate on tips of which some have moved since the last round, and takes its record in.
fn tagged(
    project: &Project,
    train: Release,
    round: u32,
    facts: &mut CandidateFacts,
    dice: &mut Dice,
) -> Option<CandidateRecord> {
    let newest = facts.records.values().next_back().cloned();
    let mut world = BTreeMap::new();
    for (name, number) in project.repositories.keys().zip(1_u64..) {
        let old = newest.as_ref().and_then(|record| record.packages.values().find(|entry| entry.repository == *name));
        let moved = old.is_none() || dice.flip();
        let tip = if moved { commit(number * 1000 + u64::from(round)) } else { old?.commit.clone() };
        let tags: BTreeMap<_, _> = old.map(|entry| (entry.tag.clone(), entry.commit.clone())).into_iter().collect();
        let tag = next_candidate(&tags, train).tag().unwrap();
        let next_tag = DerivedTag {
            id: commit(number * 1000 + 500 + u64::from(round)),
            target: tip.clone(),
            name: tag,
            message: "a tag\n".into(),
            seconds: 1,
        };
        let (tip, tags, next_tag) = (Observed::Known(tip), Observed::Known(tags), Observed::Known(next_tag));
        world.insert(name.clone(), CandidateWorld { tip, tags, versions: Vec::new(), next_tag });
    }
    let request = candidate::Request { release: train, only: None, again: None };
    let plan = sealed(candidate::decide(project, &request, &world, facts))?;
    keeps_the_order(project, &plan, &mut Objects::default());
    let (_, _, last) = plan.effects().last()?;
    let Action::CreateObject { content: Content::Text(text), .. } = last else { panic!("a record comes last") };
    let record = CandidateRecord::from_bytes(text.as_bytes()).unwrap();
    facts.records.insert(record.candidate, record.clone());
    Some(record)
}

/// Everything that the matrix expects of a candidate, each in a folder of its channel folder's name.
fn built(project: &Project, record: &CandidateRecord, round: u32) -> Vec<Built> {
    let mut files = Vec::new();
    for expected in project.expected(record.candidate.release).unwrap() {
        let entry = &record.packages[&expected.package];
        // What is carried over is built once.
        if entry.carried_from.is_some() {
            continue;
        }
        let content = BuiltArtifact {
            kind: ArtifactKind::Wheel,
            size: 7,
            // Two folders may hold the same bytes.
            sha256: Sha256::of(format!("{} {round}", expected.file_name).as_bytes()),
            metadata: Some(format!("Name: {}\n", expected.package)),
            requires_python: None,
            conda: None,
            says: None,
            warnings: Vec::new(),
        };
        files.push(Built {
            path: format!("/dist/{}", expected.path()),
            name: expected.file_name.to_string(),
            folder: expected.folder.clone(),
            content: Ok(content),
            derivation: None,
            origin: None,
        });
    }
    files
}

fn stage_world(
    project: &Project,
    record: &CandidateRecord,
    facts: &CandidateFacts,
    built: Vec<Built>,
    objects: &Objects,
) -> StageWorld {
    StageWorld {
        unexpected: Vec::new(),
        anaconda: AnacondaWorld::default(),
        facts: facts.clone(),
        built,
        there: objects.there(project, facts),
        candidate_pages: [(
            record.candidate,
            objects.pages(&project.test, &format!("candidates/{}/", record.candidate)),
        )]
        .into(),
        test: channel(objects, &project.test, Channel::Test, "whl/test/", facts),
    }
}

fn channel(
    objects: &Objects,
    store: &StoreUrl,
    channel: Channel,
    prefix: &str,
    facts: &CandidateFacts,
) -> ChannelWorld {
    let key = StorageKey::Channel(channel).key();
    let map = objects.texts(store).find(|(at, ..)| **at == key);
    ChannelWorld {
        map: map.map(|(_, sha256, text)| (sha256, ChannelMap::from_bytes(text.as_bytes()).unwrap())),
        manifests: facts.manifests.values().map(|(reference, manifest)| (reference.sha256, manifest.clone())).collect(),
        pages: objects.pages(store, prefix),
        sizes: objects.texts(store).map(|(_, sha256, text)| (sha256, text.len() as u64)).collect(),
        ..ChannelWorld::default()
    }
}

/// Reads the manifests that a plan has written.
fn learn(facts: &mut CandidateFacts, objects: &Objects, store: &StoreUrl) {
    for (key, _, text) in objects.texts(store) {
        if let Some(StorageKey::Manifest { package, candidate, .. }) = StorageKey::parse(key.as_str()) {
            let manifest = Manifest::from_bytes(text.as_bytes()).unwrap();
            facts.manifests.insert((package, candidate), (manifest.reference(), manifest));
        }
    }
}

fn promote_world(
    project: &Project,
    train: Release,
    facts: &CandidateFacts,
    objects: &Objects,
    dice: &mut Dice,
) -> PromoteWorld {
    let mut facts = facts.clone();
    let newest: Candidate = *facts.records.keys().next_back().unwrap();
    let manifests = crate::plan::verify::sealed(newest, &facts).unwrap();
    let check = Check { name: "install".into(), package: None, outcome: Outcome::Passed, detail: "yes".into() };
    let verdict = Verdict {
        format: FORMAT,
        candidate: newest,
        manifests,
        checks: vec![check],
        platform: "linux-x86_64".into(),
        installer: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    facts.verdicts.insert(newest, (1, verdict));
    let tags = facts.records[&newest].packages.values().map(|entry| {
        let tag = DerivedTag {
            id: commit(77),
            target: entry.commit.clone(),
            name: train.tag().unwrap(),
            message: "final\n".into(),
            seconds: 1,
        };
        let seen = if dice.flip() { Observed::Known(entry.commit.clone()) } else { Observed::Absent };
        (entry.repository.clone(), (seen, Observed::Known(tag)))
    });
    let promotion = Location { store: project.stable.clone(), key: StorageKey::Promotion(train).key() };
    let mut stable = channel(objects, &project.stable, Channel::Stable, "whl/", &facts);
    for mirror in &project.mirrors {
        let ChannelWorld { map, pages, .. } = channel(objects, &mirror.store, Channel::Stable, "whl/", &facts);
        stable.mirrors.push(MirrorWorld { map, is_ours: true, pages, ..MirrorWorld::default() });
    }
    let released = |store: &StoreUrl| project.released_stores().any(|(_, other)| other == store);
    let there = objects.0.iter().filter(|(at, _)| released(&at.store));
    PromoteWorld {
        stable,
        promoted: objects.0.contains_key(&promotion),
        anaconda: AnacondaWorld::default(),
        objects: there.map(|(at, (sha256, _))| (at.clone(), Found { size: 0, sha256: Some(*sha256) })).collect(),
        tags: tags.collect(),
        facts,
    }
}

/// Whatever the random worlds are, some of them must lead to plans.
#[test]
fn random_worlds_are_not_all_refused() {
    let bytes = (0..160_u32).map(|number| u8::try_from(number * 37 % 251).unwrap()).collect();
    let mut dice = Dice::new(bytes);
    let project = sketch(&mut dice);
    let world = project
        .repositories
        .keys()
        .zip(1..)
        .map(|(name, number)| (name.clone(), cut_world(&project, name, number * 100, &mut Dice::new(Vec::new()))));
    let request = cut::Request {
        line: "1.0".parse().unwrap(),
        only: None,
        from: None,
        release_version: None,
        today: jiff::civil::date(2026, 10, 1),
    };
    let decision = cut::decide(&project, &request, &world.collect());
    assert!(matches!(decision, Decision::Draft(_) | Decision::NothingToDo(_)), "{decision:?}");
}
