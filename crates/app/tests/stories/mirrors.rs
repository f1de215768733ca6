//! Mirrors: the same bytes and pages in every store, or a failure.

use insta::assert_snapshot;
use trackside_domain::manifest::{Channel, ChannelMap};

use crate::common::World;

const ONE: &str = "[channels.stable]\nstore = \"../store\"\n";

/// A verified candidate, and a mirror that nobody has written to.
fn mirrored() -> World {
    let world = World::verified();
    declare(&world);
    world
}

fn declare(world: &World) {
    world.mend(ONE, "[channels.stable]\nstore = \"../store\"\nmirrors = [{ store = \"../mirror\" }]\n");
}

/// What the public reads of the mirror, which must be what it reads of the channel.
fn same(world: &World) {
    let of = |store: &str| {
        let prefix = format!("{store}/");
        let public =
            |path: &str| path.starts_with("whl/") && !path.starts_with("whl/test/") || path == "channels/stable.json";
        let all = world
            .photograph()
            .into_iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes)));
        all.filter(|(path, _)| public(path)).collect::<Vec<_>>()
    };
    let (stable, mirror) = (of("store"), of("mirror"));
    assert!(stable.len() > 10, "{}", stable.len());
    assert_eq!(stable, mirror);
}

#[test]
fn every_object_is_in_every_store_before_any_page() {
    let world = mirrored();
    assert_snapshot!(world.ok("promote 2.15.0"), @"
    plan [ID] · promote 2.15.0
       1  copy-torch-1                 copy 4 objects of torch to stable
       2  copy-mirror-1-torch-1        copy 4 objects of torch to mirror-1
       3  copy-torchvision-1           copy 2 objects of torchvision to stable
       4  copy-mirror-1-torchvision-1  copy 2 objects of torchvision to mirror-1
       5  generation-stable            stable: generation 1
       6  read-torch-1                 read back 4 objects of torch
       7  read-mirror-1-torch-1        read back 4 objects of torch in mirror-1
       8  read-torchvision-1           read back 2 objects of torchvision
       9  read-mirror-1-torchvision-1  read back 2 objects of torchvision in mirror-1
      10  final-tag-core               core: tag `v2.15.0` on [ID]
      11  final-tag-vision             vision: tag `v0.30.0` on [ID]
      12  map-stable                   stable: what the channel points to
      13  map-mirror-1                 mirror-1: what the channel points to
      14  pages-stable-torch           stable: pages of torch
      15  pages-mirror-1-torch         mirror-1: pages of torch
      16  pages-stable-torchvision     stable: pages of torchvision
      17  pages-mirror-1-torchvision   mirror-1: pages of torchvision
      18  lists-stable                 stable: list pages
      19  lists-mirror-1               mirror-1: list pages
      20  record-2-15-0                record of the promotion of 2.15.0
          note: exactly the bytes of candidate 2.15.0-rc1
          51 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    world.ok("promote 2.15.0 --apply");
    same(&world);
    assert_snapshot!(world.ok("promote 2.15.0 --apply").stdout, @"
    nothing to do
      2.15.0 is promoted, as 2.15.0-rc1
    ");
}

#[test]
fn a_mirror_that_cannot_be_written_is_a_failure() {
    let world = mirrored();
    // A file stands where the folder of the mirror would be made.
    world.write("mirror", "no folder");
    let ran = world.run("promote 2.15.0 --apply");
    assert!(ran.code.is_some_and(|code| code != 0), "{ran}");
    assert!(!world.path("store/whl/index.html").exists() && !world.path("store/channels/stable.json").exists());
    std::fs::remove_file(world.path("mirror")).unwrap();
    world.ok("promote 2.15.0 --apply");
    same(&world);
}

#[test]
fn a_mirror_that_fails_after_planning_stops_the_run_before_the_switch() {
    let world = mirrored();
    let plan = world.plan("promote 2.15.0");
    world.write("mirror", "no folder");
    let ran = world.run(&format!("apply {plan}"));
    assert!(ran.code.is_some_and(|code| code != 0), "{ran}");
    assert!(!world.path("store/whl/index.html").exists());
    std::fs::remove_file(world.path("mirror")).unwrap();
    world.ok("promote 2.15.0 --apply");
    same(&world);
}

#[test]
fn other_bytes_in_a_mirror_stop_it_before_anything_is_written() {
    let world = mirrored();
    world.write("mirror/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl", "somebody else's");
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "promote 2.15.0 --apply").stderr, @"
    conflict[other-bytes]: whl/cpu/torch-2.15.0+cpu-py3-none-any.whl: sha256 [ID] is there in mirror-1, the candidate has [ID]
      way on: no page leads to it: find out who put it there, remove it by hand, and promote again
      so far: nothing was changed
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn what_a_mirror_has_of_its_own_is_kept_before_it_is_replaced() {
    let world = mirrored();
    world.ok("promote 2.15.0 --apply");
    let own = [("whl/evil/index.html", "a page of nobody"), ("whl/torch/index.html", "a page that somebody changed")];
    own.iter().for_each(|(key, text)| world.write(&format!("mirror/{key}"), text));
    assert_snapshot!(world.ok("index rebuild stable").stdout, @"
    plan [ID] · index rebuild stable
       1  keep-stable-1         stable: keep 2 pages that will be replaced
       2  pages-mirror-1-torch  mirror-1: pages of torch
       3  remove-mirror-1       mirror-1: remove 1 page of nothing in the channel, such as whl/evil/index.html
          4 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    ");
    world.ok("index rebuild stable --apply");
    same(&world);
    let kept = world.photograph().into_iter().filter(|(path, _)| path.starts_with("backup/kept/"));
    let kept: Vec<Vec<u8>> = kept.map(|(_, bytes)| bytes).collect();
    own.iter().for_each(|(key, text)| assert!(kept.contains(&text.as_bytes().to_vec()), "{key}"));
}

#[test]
fn links_can_lead_to_the_public_url_of_a_mirror() {
    let world = World::verified();
    world.mend(
        ONE,
        "[channels.stable]\nstore = \"../store\"\nlinks = \"https://mirror.example.org\"\n\
         mirrors = [{ store = \"../mirror\", url = \"https://mirror.example.org\" }]\n",
    );
    world.ok("promote 2.15.0 --apply");
    same(&world);
    let page = world.read("store/whl/cpu/torch/index.html");
    assert!(
        page.contains("<a href=\"https://mirror.example.org/whl/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl#sha256="),
        "{page}"
    );
}

#[test]
fn a_mirror_that_is_declared_later_catches_up() {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    declare(&world);
    let ran = world.ok("promote 2.15.0 --apply");
    assert!(ran.stderr.contains("copy 4 objects of torch to mirror-1"), "{ran}");
    assert!(!ran.stderr.contains("of torch to stable"), "{ran}");
    same(&world);
    assert!(world.ok("promote 2.15.0 --apply").stdout.contains("nothing to do"));
}

#[test]
fn a_mirror_that_has_more_than_the_channel_is_a_conflict() {
    let world = mirrored();
    world.ok("promote 2.15.0 --apply");
    world.write("store/channels/stable.json", &ChannelMap::empty(Channel::Stable).to_text());
    let map = world.read("mirror/channels/stable.json").replace("2.15.0", "2.14.0");
    world.write("mirror/channels/stable.json", &map);
    let said = world.stops(5, "promote 2.15.0 --apply").stderr;
    assert!(said.contains("conflict[mirror-ahead]: mirror-1: it has torch 2.14.0"), "{said}");
}

/// Two files of torch in one folder, of which one is the sample.
fn sampled() -> World {
    let world = World::tagged();
    world.mend("folder = \"{accelerator}\"\n", "");
    declare(&world);
    world.build_all("2.15.0", "0.30.0");
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    world.verify("2.15.0-rc1");
    world
}

#[test]
fn a_sample_is_read_and_the_sizes_of_all_are_compared() {
    let world = sampled();
    assert_snapshot!(world.ok("promote 2.15.0 --read-back sample").stdout, @"
    plan [ID] · promote 2.15.0
       1  copy-torch-1                 copy 4 objects of torch to stable
       2  copy-mirror-1-torch-1        copy 4 objects of torch to mirror-1
       3  copy-torchvision-1           copy 2 objects of torchvision to stable
       4  copy-mirror-1-torchvision-1  copy 2 objects of torchvision to mirror-1
       5  generation-stable            stable: generation 1
       6  read-torch-1                 read back 2 objects of torch
       7  look-torch-1                 look at 2 other objects of torch
       8  read-mirror-1-torch-1        read back 2 objects of torch in mirror-1
       9  look-mirror-1-torch-1        look at 2 other objects of torch in mirror-1
      10  read-torchvision-1           read back 2 objects of torchvision
      11  read-mirror-1-torchvision-1  read back 2 objects of torchvision in mirror-1
      12  final-tag-core               core: tag `v2.15.0` on [ID]
      13  final-tag-vision             vision: tag `v0.30.0` on [ID]
      14  map-stable                   stable: what the channel points to
      15  map-mirror-1                 mirror-1: what the channel points to
      16  pages-stable-torch           stable: pages of torch
      17  pages-mirror-1-torch         mirror-1: pages of torch
      18  pages-stable-torchvision     stable: pages of torchvision
      19  pages-mirror-1-torchvision   mirror-1: pages of torchvision
      20  lists-stable                 stable: list pages
      21  lists-mirror-1               mirror-1: list pages
      22  record-2-15-0                record of the promotion of 2.15.0
          note: exactly the bytes of candidate 2.15.0-rc1
          note: a sample of what is copied is read in full; of the rest sizes and digests of servers are compared
          31 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    ");
    world.ok("promote 2.15.0 --read-back sample --apply");
    same(&world);
}

#[test]
fn another_size_is_found_where_only_a_sample_is_read() {
    let world = sampled();
    let plan = world.plan("promote 2.15.0 --read-back sample");
    let text: serde_json::Value =
        serde_json::from_str(&world.read(&format!("state/trackside/projects/Train/plans/{plan}.json"))).unwrap();
    let actions = text["steps"].as_array().unwrap().iter().flat_map(|step| step["actions"].as_array().unwrap());
    let looked = actions.clone().find(|action| action["action"] == "check-objects").unwrap();
    let key = looked["objects"].as_object().unwrap().keys().next().unwrap().clone();
    assert!(world.run(&format!("apply {plan} --die-at read-torch-1/0:after-receipt")).code.is_none());
    world.write(&format!("store/{key}"), "short");
    let said = world.stops(5, &format!("resume {plan}")).stderr;
    assert!(said.contains(&format!("{key} has")), "{said}");
    assert!(!world.path("store/whl/index.html").exists());
}

#[test]
fn what_copies_nothing_is_stopped_by_a_mirror_that_lacks_files() {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    declare(&world);
    let before = world.photograph();
    for command in ["channel yank stable torch==2.15.0 --reason broken", "index rebuild stable"] {
        let said = world.stops(3, &format!("{command} --apply")).stderr;
        assert!(
            said.contains("blocked[mirror-behind]: mirror-1: it lacks files of torch that the channel has"),
            "{said}"
        );
        assert!(said.contains("the promotion of any release, also of one that is promoted"), "{said}");
    }
    assert_eq!(before, world.photograph());
    // As the hint says.
    world.ok("promote 2.15.0 --apply");
    world.ok("channel yank stable torch==2.15.0 --reason broken --apply");
    same(&world);
    assert!(world.read("mirror/whl/cpu/torch/index.html").contains("data-yanked=\"broken\""));
}

/// What a mirror shows that has lost its map nobody can say; it is not left behind without a word.
#[test]
fn a_rollback_stops_at_a_mirror_that_has_lost_its_map() {
    let world = mirrored();
    world.ok("promote 2.15.0 --apply");
    let whole = world.photograph();
    std::fs::remove_file(world.path("mirror/channels/stable.json")).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "channel rollback stable --apply").stderr, @"
    conflict[pages-of-others]: whl/torch/index.html: mirror-1 has this page, and no map that says what the channel points to
      way on: trackside index import stable brings the map back
      so far: nothing was changed
    ");
    assert!(world.photograph() == before);
    world.ok("index import stable --apply");
    assert_eq!(world.read("mirror/channels/stable.json").as_bytes(), whole[&"mirror/channels/stable.json".to_owned()]);
    world.ok("channel rollback stable --apply");
    assert!(!world.path("mirror/whl/torch/index.html").exists());
    // One that never had anything is no obstacle.
    world.ok("promote 2.15.0 --apply");
    std::fs::remove_dir_all(world.path("mirror")).unwrap();
    world.ok("channel rollback stable --apply");
}

#[test]
fn a_plan_for_a_mirror_that_was_taken_out_is_stale() {
    let world = mirrored();
    let digest = world.plan("promote 2.15.0");
    world.mend("mirrors = [{ store = \"../mirror\" }]\n", "");
    let ran = world.stops(4, &format!("apply {digest}"));
    assert!(ran.stderr.contains("/mirror, where the configuration has no such channel or backup"), "{ran}");
}

#[test]
fn a_damaged_map_is_named_with_its_store() {
    let world = mirrored();
    world.ok("promote 2.15.0 --apply");
    world.write("mirror/channels/stable.json", "x");
    for command in ["index check stable", "channel rollback stable", "index rebuild stable"] {
        let ran = world.stops(1, command);
        assert!(ran.stderr.contains("/mirror: the channel map cannot be read"), "{ran}");
        assert!(ran.stderr.contains("from another store of the channel, or an older version"), "{ran}");
    }
    std::fs::copy(world.path("store/channels/stable.json"), world.path("mirror/channels/stable.json")).unwrap();
    assert!(world.ok("index check stable").stdout.contains("nothing differs"));
}
