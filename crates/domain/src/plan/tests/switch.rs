//! Any sequence of changes of a channel, each planned from only what it needs, leaves the pages that
//! rendering all of it gives; and each is taken back byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{project, sealed, told};
use crate::action::{Action, Content};
use crate::artifact_kind::ArtifactKind;
use crate::digest::Sha256;
use crate::manifest::{Artifact, Channel, ChannelEntry, ChannelMap, GenerationRecord, Manifest, Source, Spread};
use crate::name::PackageName;
use crate::plan::change::Change;
use crate::plan::switch::{Needs, fill};
use crate::plan::{Command, Decision, rebuild, rollback, yank};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::store::{Fingerprint, ObjectKey};
use crate::world::{ChannelWorld, RebuildWorld, RollbackWorld};

const MAIN: &str = r#"
waves = ["all"]
[project]
name = "Shop"
identity = "R <r@example.org>"
[channels]
allow = ["filelock"]
[channels.test]
store = "./test"
[channels.stable]
store = "./stable"
[[channels.third-party]]
package = "numpy"
url = "https://files.example.org/numpy-2.1.0-py3-none-any.whl"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
size = 7
requires-python = ">=3.10"
[[channels.third-party]]
package = "nvidia-nccl"
url = "https://files.example.org/nvidia_nccl-2.0-py3-none-any.whl"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
size = 9
folders = ["cu1"]
[backup]
store = "./backup"
[repositories.core]
url = "./core"
wave = "all"
version = { file = "v" }
[packages.torch]
repository = "core"
matrix = [{ kind = "wheel", python = ["py3"], abi = "none", platforms = ["any"], accelerators = ["cpu"], local = "none", folder = "{accelerator}" }]
"#;

const LINE: &str = "line = \"1.0\"\n[releases.\"1.0.0\"]\ntorch = \"1.0.0\"\n";

/// The stable channel of a project, with everything that was ever written to it.
struct Shop {
    project: Project,
    objects: BTreeMap<ObjectKey, String>,
    kept: BTreeMap<Sha256, String>,
    manifests: BTreeMap<Sha256, Manifest>,
    generations: Vec<GenerationRecord>,
    /// What each state looked like, by the number of the generation that made it.
    states: BTreeMap<u64, BTreeMap<ObjectKey, String>>,
}

impl Shop {
    fn new() -> Self {
        Self {
            project: project(MAIN, LINE),
            objects: BTreeMap::new(),
            kept: BTreeMap::new(),
            manifests: BTreeMap::new(),
            generations: Vec::new(),
            states: [(0, BTreeMap::new())].into(),
        }
    }

    fn map(&self) -> Option<ChannelMap> {
        let text = self.objects.get(&StorageKey::Channel(Channel::Stable).key())?;
        Some(ChannelMap::from_bytes(text.as_bytes()).unwrap())
    }

    /// The channel as a command sees it that brings these packages: nothing but what it needs.
    fn world(&self, coming: &BTreeMap<PackageName, Spread>) -> ChannelWorld {
        let map = self.map();
        let needs = Needs::of(map.as_ref().unwrap_or(&ChannelMap::empty(Channel::Stable)), coming);
        let digest = |key: &ObjectKey| self.objects.get(key).map(|text| Sha256::of(text.as_bytes()));
        let entries = map.iter().flat_map(ChannelMap::entries);
        let needed = entries.filter(|(package, _, entry)| needs.manifest(package, entry));
        let needed: BTreeSet<Sha256> = needed.map(|(_, _, entry)| entry.manifest.sha256).collect();
        ChannelWorld {
            manifests: self.manifests.clone().into_iter().filter(|(digest, _)| needed.contains(digest)).collect(),
            pages: match needs.unlisted {
                false => needs.pages.iter().filter_map(|key| Some((key.key(), digest(&key.key())?))).collect(),
                true => self.pages(),
            },
            sizes: self.objects.values().map(|text| (Sha256::of(text.as_bytes()), text.len() as u64)).collect(),
            generation: self.generations.last().cloned(),
            at: Some("2026-10-01T12:00:00Z".parse().unwrap()),
            map: map.map(|map| (map.digest(), map)),
            ..ChannelWorld::default()
        }
    }

    fn everything(&self) -> ChannelWorld {
        let all = self.map().map(|map| map.packages().into_iter().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let mut world = self.world(&all.into_iter().map(|package| (package, Spread::default())).collect());
        world.pages = self.pages();
        world
    }

    fn pages(&self) -> BTreeMap<ObjectKey, Sha256> {
        let pages = self.objects.iter().filter(|(key, _)| rebuild::is_page(key));
        pages.map(|(key, text)| (key.clone(), Sha256::of(text.as_bytes()))).collect()
    }

    /// A release of a package with files in these folders.
    fn release(&mut self, package: &str, patch: u8, folders: &[(ArtifactKind, Option<&str>)]) -> Decision {
        let manifest = manifest(package, patch, folders);
        let coming = BTreeMap::from([(manifest.package.clone(), Spread::of(&manifest.artifacts))]);
        let world = self.world(&coming);
        let seen = world.map.as_ref().map(|(_, map)| map.clone());
        let mut map = seen.unwrap_or_else(|| ChannelMap::empty(Channel::Stable));
        let entry = ChannelEntry::new(&manifest, manifest.candidate, world.at);
        map.releases.entry(manifest.package.clone()).or_default().entry(manifest.candidate.release).or_insert(entry);
        fill(&mut map, |digest| world.manifests.get(digest));
        let change = Change {
            project: &self.project,
            world: &world,
            map: &map,
            about: [manifest.package.clone()].into(),
            brought: [(manifest.digest(), &manifest)].into(),
            arriving: BTreeSet::new(),
        };
        let decision = change.decide(Command::Promote { release: "1.0.0".parse().unwrap() }, Vec::new(), Vec::new());
        self.manifests.insert(manifest.digest(), manifest);
        decision
    }

    fn yank(&self, package: &str, version: &str, file: Option<&str>, reason: Option<&str>) -> Decision {
        let request = yank::Request {
            channel: Channel::Stable,
            package: package.parse().unwrap(),
            version: version.parse().unwrap(),
            file: file.map(|file| file.parse().unwrap()),
            reason: reason.map(str::to_owned),
        };
        let world = self.world(&[(request.package.clone(), Spread::default())].into());
        yank::decide(&self.project, &request, &world)
    }

    fn rollback(&self) -> Decision {
        let newest = self.generations.last().cloned();
        let objects = self.objects.iter();
        let seen = objects.map(|(key, text)| (key.clone(), Fingerprint::of(text.as_bytes()))).collect();
        let state = self.map().map_or(0, |map| map.generation);
        let undone = self.generations.iter().find(|one| one.number == state).cloned();
        let map = undone.as_ref().and_then(|undone| undone.change(&StorageKey::Channel(Channel::Stable).key()));
        let before = map.and_then(|change| change.old).map(|old| self.kept[&old.sha256].clone());
        let stable = self.project.stable.clone();
        let world = RollbackWorld {
            newest,
            later: self.generations.iter().filter(|one| one.number > state).cloned().collect(),
            earlier: self.generations.iter().filter(|one| one.number < state).cloned().collect(),
            before: before.map(|text| ChannelMap::from_bytes(text.as_bytes()).unwrap()),
            kept: self.kept.keys().copied().collect(),
            maps: self.map().map(|map| (stable.clone(), map.digest())).into_iter().collect(),
            seen: [(stable, seen)].into(),
            undone,
            ..RollbackWorld::default()
        };
        rollback::decide(&self.project, Channel::Stable, &world)
    }

    fn rebuild(&self) -> Decision {
        let world = RebuildWorld { channel: self.everything(), ..RebuildWorld::default() };
        rebuild::decide(&self.project, Channel::Stable, &world)
    }

    /// Performs a plan as stores do: by compare-and-swap. The effects that it has on pages and map.
    fn perform(&mut self, decision: Decision) -> Vec<String> {
        let Some(plan) = sealed(decision) else { return Vec::new() };
        let mut changed = Vec::new();
        for (_, _, action) in plan.effects() {
            changed.extend(self.effect(action));
        }
        let GenerationRecord { before, after, .. } = self.generations.last().unwrap();
        let now = self.channel();
        match self.states.get(after) {
            // What finishes or mends a state need not look at all of it.
            Some(then) => assert!(before == after || *then == now, "state {after} came back: {then:#?} {now:#?}"),
            None => {
                let (pages, full) = self.pages_and_function();
                self.states.extend((pages == full).then_some((*after, now)));
            }
        }
        changed
    }

    fn effect(&mut self, action: &Action) -> Option<String> {
        let digest = |shop: &Self, key: &ObjectKey| shop.objects.get(key).map(|text| Sha256::of(text.as_bytes()));
        match action {
            Action::CopyObject { from, to, size, sha256 } => {
                assert_eq!((&from.store, &to.store), (&self.project.stable, &self.project.backup));
                let text = self.objects[&from.key].clone();
                assert_eq!(Fingerprint::of(text.as_bytes()), Fingerprint { size: *size, sha256: *sha256 });
                assert_eq!(to.key, StorageKey::Kept(*sha256).key());
                self.kept.insert(*sha256, text);
                None
            }
            Action::CreateObject { to, content: Content::Text(text) } => {
                assert!(matches!(StorageKey::parse(to.key.as_str()), Some(StorageKey::Generation { .. })));
                self.generations.push(GenerationRecord::from_bytes(text.as_bytes()).unwrap());
                None
            }
            Action::ReplaceObject { at, expect, text } => {
                assert_eq!(digest(self, &at.key), *expect, "{}", at.key);
                self.objects.insert(at.key.clone(), text.clone());
                Some(at.key.to_string())
            }
            Action::PutBack { at, expect, sha256, .. } => {
                assert_eq!(digest(self, &at.key), *expect, "{}", at.key);
                self.objects.insert(at.key.clone(), self.kept[sha256].clone());
                Some(at.key.to_string())
            }
            Action::ReadBack { at, sha256, .. } => {
                assert_eq!(at.key, StorageKey::Kept(*sha256).key());
                assert_eq!(Sha256::of(self.kept[sha256].as_bytes()), *sha256);
                None
            }
            Action::RemoveObject { at, expect } => {
                assert_eq!(digest(self, &at.key), Some(*expect), "{}", at.key);
                self.objects.remove(&at.key);
                Some(format!("-{}", at.key))
            }
            other => panic!("{other:?}"),
        }
    }

    /// Map and pages.
    fn channel(&self) -> BTreeMap<ObjectKey, String> {
        self.objects.clone()
    }

    /// The pages that are there, and those of the map.
    fn pages_and_function(&self) -> (BTreeMap<ObjectKey, String>, BTreeMap<ObjectKey, String>) {
        let pages = self.objects.iter().filter(|(key, _)| rebuild::is_page(key));
        let pages = pages.map(|(key, text)| (key.clone(), text.clone())).collect();
        let Some(map) = self.map() else { return (pages, BTreeMap::new()) };
        let full = rebuild::pages(&self.project, &self.everything(), &map).unwrap();
        (pages, full.into_iter().map(|page| (page.key.key(), page.content)).collect())
    }

    /// The pages are those of the map, all of them and no others.
    fn is_whole(&self) {
        let (pages, full) = self.pages_and_function();
        assert_eq!(pages.keys().collect::<Vec<_>>(), full.keys().collect::<Vec<_>>());
        assert_eq!(pages, full);
    }

    fn step(&mut self, step: &Step) {
        let decision = match step {
            Step::Release(package, patch, places) => self.release(package, *patch, places),
            Step::Yank(package, patch, file) => {
                let name = format!("{package}-1.0.{patch}-py3-none-any.whl");
                let file = file.then_some(name.as_str());
                self.yank(package, &format!("1.0.{patch}"), file, Some("broken"))
            }
            Step::Unyank(package, patch) => self.yank(package, &format!("1.0.{patch}"), None, None),
            Step::Rollback => self.rollback(),
            Step::Begin(effects) => return self.begin(self.rollback(), *effects),
            Step::Rebuild => self.rebuild(),
        };
        self.perform(decision);
    }

    /// Performs the first effects of a plan, which is then withdrawn.
    fn begin(&mut self, decision: Decision, effects: usize) {
        let Some(plan) = sealed(decision) else { return };
        for (_, _, action) in plan.effects().take(effects) {
            self.effect(action);
        }
    }
}

fn manifest(package: &str, patch: u8, folders: &[(ArtifactKind, Option<&str>)]) -> Manifest {
    let artifact = |(kind, folder): &(ArtifactKind, Option<&str>)| {
        let name = match kind {
            ArtifactKind::Libtorch => format!("libtorch-{package}-1.0.{patch}.zip"),
            ArtifactKind::Source => format!("{package}-v1.0.{patch}.tar.gz"),
            _ => format!("{package}-1.0.{patch}-py3-none-any.whl"),
        };
        Artifact {
            kind: *kind,
            folder: folder.map(|folder| folder.parse().unwrap()),
            size: name.len() as u64,
            sha256: Sha256::of(name.as_bytes()),
            name: name.parse().unwrap(),
            metadata: None,
            requires_python: None,
            derivation: None,
            conda: None,
        }
    };
    let source =
        Source { repository: "core".parse().unwrap(), tag: "v1.0.0-rc1".parse().unwrap(), commit: super::commit(1) };
    let candidate = format!("1.0.{patch}-rc1").parse().unwrap();
    Manifest::new(package.parse().unwrap(), candidate, source, folders.iter().map(artifact).collect()).unwrap().sealed()
}

#[derive(Debug, Clone)]
enum Step {
    Release(&'static str, u8, Vec<(ArtifactKind, Option<&'static str>)>),
    Yank(&'static str, u8, bool),
    Unyank(&'static str, u8),
    Rollback,
    /// A rollback that is given up after so many effects.
    Begin(usize),
    Rebuild,
}

fn steps(begun: u32) -> impl Strategy<Value = Vec<Step>> {
    let package = || prop::sample::select(vec!["torch", "vision", "filelock"]);
    let place = prop::sample::select(vec![
        (ArtifactKind::Wheel, None),
        (ArtifactKind::Wheel, Some("cpu")),
        (ArtifactKind::Wheel, Some("cu1")),
        (ArtifactKind::Libtorch, Some("cpu")),
        (ArtifactKind::Libtorch, Some("cu1")),
        (ArtifactKind::Source, None),
    ]);
    let places = prop::collection::btree_set(place, 1..4).prop_map(|places| places.into_iter().collect());
    let step = prop_oneof![
        4 => (package(), 0..3_u8, places).prop_map(|(package, patch, places)| Step::Release(package, patch, places)),
        1 => (package(), 0..3_u8, any::<bool>()).prop_map(|(package, patch, file)| Step::Yank(package, patch, file)),
        1 => (package(), 0..3_u8).prop_map(|(package, patch)| Step::Unyank(package, patch)),
        2 => Just(Step::Rollback),
        begun => (0..30_usize).prop_map(Step::Begin),
        1 => Just(Step::Rebuild),
    ];
    prop::collection::vec(step, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_changes_is_enough(steps in steps(0)) {
        let mut shop = Shop::new();
        for step in steps {
            shop.step(&step);
            shop.is_whole();
        }
    }

    /// States that were whole once are whole when they come back: `perform` compares them.
    #[test]
    fn rollbacks_that_were_given_up_leave_nothing_behind(steps in steps(3)) {
        let mut shop = Shop::new();
        for patch in 0..2 {
            let decision = shop.release("torch", patch, CPU);
            shop.perform(decision);
        }
        steps.iter().for_each(|step| shop.step(step));
    }
}

const CPU: &[(ArtifactKind, Option<&str>)] = &[(ArtifactKind::Wheel, Some("cpu"))];

fn text(changed: &[String]) -> String {
    changed.join("\n")
}

#[test]
fn one_more_release_changes_its_own_pages_in_a_channel_of_any_size() {
    let mut shop = Shop::new();
    for number in 0..40 {
        let decision = shop.release(&format!("other{number}"), 0, CPU);
        shop.perform(decision);
    }
    let decision = shop.release("torch", 0, CPU);
    shop.perform(decision);
    // What is of no interest is not looked at: another package's manifest and pages are not in the world.
    let torch = BTreeMap::from([("torch".parse().unwrap(), Spread::of(&manifest("torch", 1, CPU).artifacts))]);
    let world = shop.world(&torch);
    assert_eq!(world.manifests.len(), 1);
    assert_eq!(world.pages.len(), 2 * 2 + 2 * 2, "the pages of torch, and the lists, of all and of one folder");
    let decision = shop.release("torch", 1, CPU);
    insta::assert_snapshot!(text(&shop.perform(decision)), @"
    channels/stable.json
    whl/torch/index.html
    whl/torch/index.v1_json
    whl/cpu/torch/index.html
    whl/cpu/torch/index.v1_json
    ");
}

#[test]
fn a_new_folder_gets_a_page_of_everything_that_lies_in_the_root() {
    let mut shop = Shop::new();
    for package in ["filelock", "torch"] {
        let folder = (package == "torch").then_some("cpu");
        let decision = shop.release(package, 0, &[(ArtifactKind::Wheel, folder)]);
        shop.perform(decision);
    }
    let decision = shop.release("torch", 1, &[(ArtifactKind::Wheel, Some("cu1"))]);
    insta::assert_snapshot!(text(&shop.perform(decision)), @"
    channels/stable.json
    whl/torch/index.html
    whl/torch/index.v1_json
    whl/cu1/torch/index.html
    whl/cu1/torch/index.v1_json
    whl/cu1/filelock/index.html
    whl/cu1/filelock/index.v1_json
    whl/cu1/index.html
    whl/cu1/index.v1_json
    ");
    shop.is_whole();
}

#[test]
fn packages_of_others_change_together_after_those_of_the_train() {
    let mut shop = Shop::new();
    for package in ["torch", "alpha", "beta"] {
        let decision = shop.release(package, 0, CPU);
        shop.perform(decision);
    }
    shop.objects.retain(|key, _| !rebuild::is_page(key));
    let decision = shop.rebuild();
    let steps = told(decision.clone());
    let steps: Vec<&str> = steps.lines().filter(|line| line.contains("Pages")).collect();
    insta::assert_snapshot!(steps.join("\n"), @"
    PackagePages: pages-stable-torch: stable: pages of torch
    PackagePages: other-pages-stable-1: stable: pages of 4 other packages, such as alpha
    ListPages: lists-stable: stable: list pages
    ");
    shop.perform(decision);
    shop.is_whole();
}

#[test]
fn a_second_rollback_goes_one_further_back() {
    let mut shop = Shop::new();
    for patch in 0..3 {
        let decision = shop.release("torch", patch, CPU);
        shop.perform(decision);
    }
    let decision = shop.rollback();
    insta::assert_snapshot!(told(decision.clone()), @"
    channel rollback stable
    if
      channels/stable/generations/000004.json is absent
    do
      Write: keep-stable-1: stable: keep 5 pages that will be replaced
      Write: generation-stable: stable: generation 4
      Write: kept-stable: stable: read 5 pages that are kept
      Back: pages-torch-stable: stable: pages of torch as they were
      Back: map-stable: stable: what the channel pointed to
      takes back generation 3: promote 1.0.0
    ");
    shop.perform(decision);
    assert_eq!(shop.channel(), shop.states[&2]);
    shop.perform(shop.rollback());
    assert_eq!(shop.channel(), shop.states[&1]);
    shop.perform(shop.rollback());
    assert_eq!(shop.channel(), BTreeMap::new());
    let numbers: Vec<(u64, u64, u64)> =
        shop.generations.iter().map(|one| (one.number, one.before, one.after)).collect();
    assert_eq!(numbers, [(1, 0, 1), (2, 1, 2), (3, 2, 3), (4, 3, 2), (5, 2, 1), (6, 1, 0)]);
    insta::assert_snapshot!(told(shop.rollback()), @"error[no-generation]: stable: there is no generation to go back from");
    let decision = shop.release("torch", 1, CPU);
    shop.perform(decision);
    shop.is_whole();
}

#[test]
fn a_page_that_somebody_else_changed_is_not_rolled_back() {
    let mut shop = Shop::new();
    let decision = shop.release("torch", 0, CPU);
    shop.perform(decision);
    shop.objects.insert("whl/cpu/torch/index.html".parse().unwrap(), "mine".to_owned());
    insta::assert_snapshot!(told(shop.rollback()), @"
    conflict[page-changed]: whl/cpu/torch/index.html: stable: it is not what generation 1 made of it
      way on: trackside index rebuild stable, and roll back again
    ");
}

#[test]
fn what_nobody_can_make_again_comes_back_as_it_was_found_and_that_is_told() {
    let mut shop = Shop::new();
    let decision = shop.release("torch", 0, CPU);
    shop.perform(decision);
    shop.objects.insert("whl/cpu/torch/index.html".parse().unwrap(), "somebody's page".to_owned());
    shop.perform(shop.yank("torch", "1.0.0", None, Some("broken")));
    let told = told(shop.rollback());
    let note =
        "1 page, such as whl/cpu/torch/index.html, as generation 2 found it and not as generation 1 had meant it";
    assert!(told.contains(note), "{told}");
}

#[test]
fn yanks_show_on_pages_and_come_back() {
    let mut shop = Shop::new();
    for patch in 0..2 {
        let decision = shop.release("torch", patch, CPU);
        shop.perform(decision);
    }
    let whole = shop.pages();
    shop.perform(shop.yank("torch", "1.0.1", None, Some("breaks \"x\" < y")));
    let page = |shop: &Shop, name: &str| shop.objects[&format!("whl/cpu/torch/{name}").parse().unwrap()].clone();
    insta::assert_snapshot!(page(&shop, "index.html").lines().filter(|line| line.contains("<a")).collect::<Vec<_>>().join("\n"), @r#"
    <a href="../torch-1.0.0-py3-none-any.whl#sha256=98a6b4691fb23fa016e5231427ce7014e9b4fe81edfbe449d766784f8eb175d8" data-upload-time="2026-10-01T12:00:00Z">torch-1.0.0-py3-none-any.whl</a><br/>
    <a href="../torch-1.0.1-py3-none-any.whl#sha256=5864c0936213a3f9c5ea4ef3a9b4374c0c5e80fdf10e8ed9963997030ee8ae1e" data-upload-time="2026-10-01T12:00:00Z" data-yanked="breaks &quot;x&quot; &lt; y">torch-1.0.1-py3-none-any.whl</a><br/>
    "#);
    let json: serde_json::Value = serde_json::from_str(&page(&shop, "index.v1_json")).unwrap();
    assert_eq!(json["files"][1]["yanked"], "breaks \"x\" < y");
    assert_eq!(json["files"][0].get("yanked"), None);
    assert_eq!(json["files"][0]["upload-time"], "2026-10-01T12:00:00Z");
    assert!(matches!(shop.yank("torch", "1.0.1", None, Some("breaks \"x\" < y")), Decision::NothingToDo(_)));
    let file = "torch-1.0.1-py3-none-any.whl";
    let refused = [
        shop.yank("torch", "1.0.1", Some(file), None),
        shop.yank("torch", "1.0.9", None, Some("no such release")),
        shop.yank("torch", "1.0.1", Some("torch-1.0.9-py3-none-any.whl"), Some("no such file")),
        shop.yank("vision", "1.0.1", None, Some("no such package")),
        shop.yank("torch", "1.0.1", None, Some(" ")),
        shop.yank("torch", "1.0.1", None, Some("safe\u{202e}")),
    ];
    insta::assert_snapshot!(refused.map(told).concat(), @"
    error[release-yanked]: file torch-1.0.1-py3-none-any.whl: the whole release is yanked: un-yank that, then yank what shall stay yanked
    error[not-in-channel]: release torch 1.0.9: channel stable has no such file of torch 1.0.9
    error[not-in-channel]: file torch-1.0.9-py3-none-any.whl: channel stable has no such file of torch 1.0.1
    error[not-in-channel]: release vision 1.0.1: channel stable has no such file of vision 1.0.1
    error[no-reason]: release torch 1.0.1: the reason must be a line of text: installers show it
    error[no-reason]: release torch 1.0.1: the reason must be a line of text: installers show it
    ");
    shop.perform(shop.yank("torch", "1.0.1", None, None));
    assert_eq!(shop.pages(), whole);
    shop.perform(shop.yank("torch", "1.0.0", Some("torch-1.0.0-py3-none-any.whl"), Some("this one")));
    assert!(page(&shop, "index.html").contains("data-yanked=\"this one\""));
    shop.perform(shop.yank("torch", "1.0.0", Some("torch-1.0.0-py3-none-any.whl"), None));
    assert_eq!(shop.pages(), whole);
}

#[test]
fn links_of_the_configuration_are_rendered_by_a_rebuild_and_strangers_removed() {
    let mut shop = Shop::new();
    let decision = shop.release("torch", 0, CPU);
    shop.perform(decision);
    shop.objects.insert("whl/evil/index.html".parse().unwrap(), "stranger".to_owned());
    insta::assert_snapshot!(text(&shop.perform(shop.rebuild())), @"
    channels/stable.json
    whl/numpy/index.html
    whl/numpy/index.v1_json
    whl/cpu/numpy/index.html
    whl/cpu/numpy/index.v1_json
    whl/cu1/numpy/index.html
    whl/cu1/numpy/index.v1_json
    whl/nvidia-nccl/index.html
    whl/nvidia-nccl/index.v1_json
    whl/cu1/nvidia-nccl/index.html
    whl/cu1/nvidia-nccl/index.v1_json
    whl/index.html
    whl/index.v1_json
    whl/cpu/index.html
    whl/cpu/index.v1_json
    whl/cu1/index.html
    whl/cu1/index.v1_json
    -whl/evil/index.html
    ");
    let page = &shop.objects[&"whl/cu1/numpy/index.html".parse().unwrap()];
    insta::assert_snapshot!(page.lines().find(|line| line.contains("<a")).unwrap().trim(), @r#"<a href="https://files.example.org/numpy-2.1.0-py3-none-any.whl#sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" data-requires-python="&gt;=3.10">numpy-2.1.0-py3-none-any.whl</a><br/>"#);
    shop.is_whole();
    assert!(matches!(shop.rebuild(), Decision::NothingToDo(_)));
}

#[test]
fn a_map_of_an_older_program_is_filled_from_its_manifests() {
    let mut shop = Shop::new();
    for package in ["torch", "vision"] {
        let decision = shop.release(package, 0, CPU);
        shop.perform(decision);
    }
    let mut map = shop.map().unwrap();
    map.releases.values_mut().flat_map(BTreeMap::values_mut).for_each(|entry| entry.spread = None);
    shop.objects.insert(StorageKey::Channel(Channel::Stable).key(), map.to_text());
    shop.states.clear();
    let decision = shop.release("torch", 1, &[(ArtifactKind::Wheel, Some("cu1"))]);
    shop.perform(decision);
    assert!(shop.map().unwrap().entries().all(|(_, _, entry)| entry.spread.is_some()));
    shop.is_whole();
}
