//! Rollbacks after pages were mended, and of channels with mirrors: what comes back is a whole state, in every store.

use std::collections::BTreeMap;

use crate::channel::channel;
use crate::common::World;

const BACK: &str = "channel rollback stable --apply";
const REBUILD: &str = "index rebuild stable --apply";
const YANK: &str = "channel yank stable torch==2.15.0 --reason broken --apply";
const STABLE: &str = "[channels.stable]\nstore = \"../store\"";
const MIRRORED: &str = "[channels.stable]\nstore = \"../store\"\nmirrors = [{ store = \"../mirror\" }]";
const PAGE: &str = "whl/cpu/torch/index.html";

fn promoted(mirrored: bool) -> World {
    let world = World::verified();
    if mirrored {
        world.mend(STABLE, MIRRORED);
    }
    world.ok("promote 2.15.0 --apply");
    world
}

/// The pages and the map of a mirror, as those of the channel.
fn mirror(world: &World) -> BTreeMap<String, Vec<u8>> {
    let shown = |path: &str| path.starts_with("whl/") && path.contains("/index.") || path == "channels/stable.json";
    let files = world
        .photograph()
        .into_iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("mirror/")?.to_owned(), bytes)));
    files.filter(|(path, _)| shown(path)).map(|(path, bytes)| (format!("store/{path}"), bytes)).collect()
}

#[test]
fn a_rebuild_that_mends_pages_is_no_state_to_go_back_from() {
    let world = promoted(true);
    let before = channel(&world);
    world.ok(YANK);
    world.write(&format!("store/{PAGE}"), "somebody's page");
    let ran = world.stops(5, BACK);
    assert!(
        ran.stderr.contains("conflict[page-changed]") && ran.stderr.contains("trackside index rebuild stable"),
        "{ran}"
    );
    world.ok(REBUILD);
    std::fs::remove_file(world.path("store/whl/torch/index.html")).unwrap();
    world.ok(REBUILD);
    assert!(world.ok(BACK).stderr.contains("takes back generation 2: channel yank"));
    assert!(channel(&world) == before && mirror(&world) == before, "byte for byte, in both stores");
    world.ok(BACK);
    assert_eq!((channel(&world), mirror(&world)), (BTreeMap::new(), BTreeMap::new()));
}

#[test]
fn a_rollback_that_was_refused_in_its_middle_goes_on_after_a_rebuild() {
    let world = promoted(true);
    let before = channel(&world);
    world.ok(YANK);
    let plan = world.plan("channel rollback stable");
    assert_eq!(world.run(&format!("apply {plan} --die-at pages-torch-stable/1:after-effect")).code, None);
    world.stops(3, &format!("withdraw {plan} --reason enough"));
    let page =
        world.photograph().into_keys().filter(|path| path.starts_with("store/whl/") && path.contains("/torch/index."));
    page.for_each(|path| world.write(&path, "somebody's page"));
    world.stops(5, BACK);
    world.ok(&format!("withdraw {plan} --reason replaced"));
    world.stops(5, BACK);
    world.ok(REBUILD);
    assert!(world.ok(BACK).stderr.contains("takes back generation 2: channel yank"));
    assert!(channel(&world) == before && mirror(&world) == before);
}

/// What a run that was given up had meant and never made is made by the rollback that brings it back.
#[test]
fn what_was_never_made_comes_back_whole() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    assert_eq!(world.run(&format!("apply {plan} --die-at pages-stable-torch/0:after-intent")).code, None);
    for twin in ["html", "v1_json"] {
        world.write(&format!("store/whl/torch/index.{twin}"), "somebody's page");
    }
    world.stops(5, "promote 2.15.0 --apply");
    world.ok(&format!("withdraw {plan} --reason replaced"));
    world.ok(YANK);
    let ran = world.ok(BACK);
    assert!(!ran.stderr.contains("had meant it"), "{ran}");
    let text = world.read("store/whl/torch/index.html");
    assert!(text.contains("torch-2.15.0") && !text.contains("data-yanked"), "{text}");
    // Pages of others are for the promotion that was given up.
    world.ok("promote 2.15.0 --apply");
    world.ok("channel audit stable");
}

/// A page that somebody changed is not what a state had meant, whoever has mended it since.
#[test]
fn what_somebody_had_made_of_a_page_comes_back_nowhere() {
    let world = promoted(true);
    world.ok("channel yank stable torchvision==0.30.0 --reason old --apply");
    let before = channel(&world);
    world.write(&format!("store/{PAGE}"), "somebody's page");
    world.ok(YANK);
    world.ok(BACK);
    assert!(channel(&world) == before && mirror(&world) == before);
    // Also not after a rebuild has found and kept it.
    world.ok(YANK);
    world.write("store/whl/index.html", "somebody's list");
    world.ok(REBUILD);
    world.ok(BACK);
    assert!(channel(&world) == before && mirror(&world) == before);
    world.ok(YANK);
    world.ok(BACK);
    assert!(channel(&world) == before && mirror(&world) == before);
}

#[test]
fn a_mirror_that_was_away_during_a_rollback_catches_up() {
    let world = promoted(true);
    world.ok(YANK);
    world.mend(MIRRORED, STABLE);
    world.ok(BACK);
    world.ok("channel yank stable torchvision==0.30.0 --reason old --apply");
    world.mend(STABLE, MIRRORED);
    let ran = world.stops(3, "channel unyank stable torchvision==0.30.0 --apply");
    assert!(
        ran.stderr.contains("blocked[mirror-behind]") && ran.stderr.contains("trackside index rebuild stable"),
        "{ran}"
    );
    world.ok(REBUILD);
    assert!(mirror(&world) == channel(&world));
}

#[test]
fn the_rollback_of_an_import_leaves_a_mirror_as_it_was() {
    for pages_before in [false, true] {
        let world = World::train();
        world.classic();
        world.mend(STABLE, MIRRORED);
        if pages_before {
            for (path, bytes) in world.photograph() {
                if let Some(below) = path.strip_prefix("store/whl/").filter(|below| below.contains("index.html")) {
                    world.write(&format!("mirror/whl/{below}"), &String::from_utf8_lossy(&bytes));
                }
            }
        }
        let before = mirror(&world);
        assert_eq!(before.is_empty(), !pages_before);
        world.ok("index import stable --apply");
        assert!(mirror(&world) == channel(&world));
        world.ok(BACK);
        assert!(mirror(&world) == before);
    }
}

#[test]
fn a_status_shows_an_open_run_of_a_channel() {
    let world = promoted(false);
    let begun = format!("{YANK} --die-at map-stable/0:after-effect");
    assert_eq!(world.run(&begun).code, None);
    let said = world.ok("status 2.15").stdout;
    assert!(said.contains("of `channel yank stable torch==2.15.0 --reason broken` is open"), "{said}");
    assert!(said.contains("next: trackside resume "), "{said}");
}

#[test]
fn a_damaged_generation_stops_the_channel_until_it_is_moved_away() {
    let world = promoted(false);
    world.ok(YANK);
    let path = world.path("store/channels/stable/generations/000002.json");
    std::fs::write(&path, "{").unwrap();
    let ran = world.stops(1, BACK);
    assert!(
        ran.stderr.contains("the generation record cannot be read") && ran.stderr.contains("or move it away"),
        "{ran}"
    );
    std::fs::remove_file(&path).unwrap();
    let ran = world.stops(1, BACK);
    assert!(ran.stderr.contains("channels/stable/generations/000002.json"), "nothing goes back past it: {ran}");
    // A new change takes a number that no map has had, and is taken back as any other.
    let before = channel(&world);
    world.ok("channel unyank stable torch==2.15.0 --apply");
    assert!(world.path("store/channels/stable/generations/000003.json").exists());
    world.ok(BACK);
    assert!(channel(&world) == before);
}

/// A rollback keeps what it finds before it begins, so what the state had meant is at hand.
#[test]
fn what_a_state_had_meant_comes_back_and_not_what_somebody_made_of_it() {
    let world = promoted(false);
    world.ok(YANK);
    let yanked = channel(&world);
    let plan = world.plan("channel rollback stable");
    let last = "store/whl/cu126/torch/index.v1_json";
    assert_eq!(world.run(&format!("apply {plan} --die-at pages-torch-stable/1:after-effect")).code, None);
    world.write(last, "somebody's page");
    world.stops(5, BACK);
    world.ok(&format!("withdraw {plan} --reason replaced"));
    assert!(channel(&world) != yanked);
    world.ok("channel unyank stable torch==2.15.0 --apply");
    let ran = world.ok(BACK);
    assert!(ran.stderr.contains("takes back generation 4") && !ran.stderr.contains("had meant it"), "{ran}");
    assert!(channel(&world) == yanked, "also the pages that half a rollback had made as generation 4 wanted them");
}

#[test]
fn a_mirror_that_shows_another_state_stays_as_it_is() {
    let world = promoted(true);
    world.mend(MIRRORED, STABLE);
    world.ok(YANK);
    world.ok("channel yank stable torchvision==0.30.0 --reason old --apply");
    world.mend(STABLE, MIRRORED);
    let before = mirror(&world);
    let ran = world.ok(BACK);
    assert!(ran.stderr.contains("mirror-1 shows another state of the channel and stays as it is"), "{ran}");
    assert!(mirror(&world) == before);
}

#[test]
fn a_page_that_somebody_put_into_one_store_does_not_come_back_in_another() {
    let world = promoted(true);
    world.write("store/whl/evil/index.html", "somebody's page");
    let links = "[[channels.third-party]]\npackage = \"scipy\"\nurl = \"https://files.example.org/scipy-1.0-py3-none-any.whl\"\n\
        sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\nsize = 7\n";
    world.mend(MIRRORED, &format!("{MIRRORED}\n{links}"));
    world.ok(REBUILD);
    assert!(!world.path("store/whl/evil").join("index.html").exists());
    world.ok(BACK);
    assert!(world.path("store/whl/evil/index.html").exists(), "byte for byte");
    assert!(!world.path("mirror/whl/evil/index.html").exists());
}
