//! `channel yank`, `rollback` and `audit`, `index check` and `rebuild`: what is done to a whole channel.

use std::collections::BTreeMap;

use crate::common::World;

/// A world in which two releases were promoted, and what the channel was after the first.
pub(crate) fn promoted_twice() -> (World, BTreeMap<String, Vec<u8>>) {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    let first = channel(&world);
    world.repo("core").commit("release/2.15", "Set the version", &[("version.txt", "2.15.1")]).unwrap();
    world.repo("vision").commit("release/0.30", "Set the version", &[("version.txt", "0.30.1")]).unwrap();
    world.ok("candidate 2.15.1 --apply");
    std::fs::remove_dir_all(world.path("dist")).unwrap();
    world.build_all("2.15.1", "0.30.1");
    world.ok("stage 2.15.1-rc1 --from ../dist --apply");
    world.verify("2.15.1-rc1");
    world.ok("promote 2.15.1 --apply");
    (world, first)
}

/// The map and the pages of the stable channel.
pub(crate) fn channel(world: &World) -> BTreeMap<String, Vec<u8>> {
    let page = |path: &str| {
        path == "store/channels/stable.json"
            || path.starts_with("store/whl/")
                && !path.starts_with("store/whl/test/")
                && (path.ends_with("/index.html") || path.ends_with("/index.v1_json"))
    };
    world.photograph().into_iter().filter(|(path, _)| page(path)).collect()
}

/// The pages alone: a map says which generation made it, so no two are alike.
fn pages(world: &World) -> BTreeMap<String, Vec<u8>> {
    without_map(channel(world))
}

fn without_map(mut channel: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    channel.remove("store/channels/stable.json");
    channel
}

#[test]
fn a_rollback_returns_every_page_byte_for_byte_and_a_second_one_goes_further() {
    let (world, first) = promoted_twice();
    let second = channel(&world);
    assert_ne!(first, second);
    let before = world.photograph();
    world.ok("channel rollback stable");
    assert_eq!(before, world.photograph(), "a plan changes nothing");
    world.ok("channel rollback stable --apply");
    assert_eq!(channel(&world), first);
    assert!(world.path("store/whl/cpu/torch-2.15.1+cpu-py3-none-any.whl").exists(), "objects stay");
    world.ok("channel rollback stable --apply");
    assert_eq!(channel(&world), BTreeMap::new());
    world.stops(1, "channel rollback stable --apply");
    // The way forward is the promotion again, which copies nothing.
    world.ok("promote 2.15.0 --apply");
    assert_eq!(pages(&world), without_map(first));
}

#[test]
fn a_rollback_that_was_killed_anywhere_is_finished_by_the_same_command() {
    let (world, first) = promoted_twice();
    for effect in world.effects("channel rollback stable") {
        for moment in ["after-intent", "after-effect", "after-receipt"] {
            let copy = world.copy();
            copy.run(&format!("channel rollback stable --apply --die-at {effect}:{moment}"));
            let ran = copy.run("channel rollback stable --apply");
            // A run that had ended before it was killed is done; then this was the next one further back.
            let done = channel(&copy) == first;
            assert!(ran.code == Some(0) && done, "{effect}:{moment}\n{ran}");
        }
    }
}

#[test]
fn a_yanked_release_is_marked_on_its_pages_alone() {
    let (world, _) = promoted_twice();
    let before = channel(&world);
    world.ok("channel yank stable torch==2.15.1 --reason broken --apply");
    let after = channel(&world);
    let changed: Vec<&String> =
        after.iter().filter(|(path, bytes)| before[*path] != **bytes).map(|(path, _)| path).collect();
    let torch = |path: &&&String| path.contains("/torch/") || path.ends_with("stable.json");
    assert_eq!(changed.iter().filter(torch).count(), changed.len(), "{changed:?}");
    let page = world.read("store/whl/cpu/torch/index.html");
    assert_eq!(page.matches("data-yanked=\"broken\"").count(), 1, "{page}");
    assert!(page.contains("data-upload-time=\"2026-10-01T12:00:00Z\""), "{page}");
    world.ok("channel unyank stable torch==2.15.1 --apply");
    assert_eq!(pages(&world), without_map(before));
    // What was yanked by itself comes back with its release, and that is said.
    world.ok("channel yank stable torch==2.15.1 --file torch-2.15.1+cpu-py3-none-any.whl --reason odd --apply");
    let plan = world.ok("channel unyank stable torch==2.15.1");
    let note = "note: torch-2.15.1+cpu-py3-none-any.whl was yanked by itself, and is not any more: odd";
    assert!(plan.to_string().contains(note), "{plan}");
    world.stops(1, "channel yank stable torch==9.9.9 --reason broken --apply");
}

#[test]
fn a_check_names_every_difference_and_a_rebuild_mends_the_pages() {
    let (world, _) = promoted_twice();
    let whole = channel(&world);
    assert!(world.ok("index check stable --digests").stdout.contains("nothing differs"));
    world.write("store/whl/torch/index.html", "lost");
    std::fs::remove_file(world.path("store/whl/cpu/index.html")).unwrap();
    world.write("store/whl/evil/index.html", "stranger");
    world.write("store/whl/cpu/evil-1.0-py3-none-any.whl", "evil");
    let ran = world.stops(1, "index check stable").stdout;
    for code in ["page-differs: stable whl/torch/index.html", "page-missing: stable whl/cpu/index.html"] {
        assert!(ran.contains(code), "{ran}");
    }
    assert!(ran.contains("stranger-page: stable whl/evil/index.html"), "{ran}");
    assert!(ran.contains("name-not-allowed: stable whl/cpu/evil-1.0-py3-none-any.whl"), "{ran}");
    world.ok("index rebuild stable --apply");
    assert_eq!(channel(&world), whole);
    let ran = world.stops(1, "index check stable").stdout;
    assert!(ran.contains(": 1 difference"), "{ran}");
}

#[test]
fn an_audit_finds_missing_objects_other_bytes_and_other_hashes() {
    let (world, _) = promoted_twice();
    world.ok("channel audit stable");
    let wheel = "store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    let mut bytes = std::fs::read(world.path(wheel)).unwrap();
    bytes[0] ^= 1;
    std::fs::write(world.path(wheel), bytes).unwrap();
    std::fs::remove_file(world.path("store/whl/cpu/torchvision-0.30.0+cpu-py3-none-any.whl.metadata")).unwrap();
    let page = world.read("store/whl/cu126/torch/index.html");
    let at = page.find("#sha256=").unwrap() + 8;
    world.write("store/whl/cu126/torch/index.html", &format!("{}{}{}", &page[..at], "0".repeat(64), &page[at + 64..]));
    let ran = world.stops(1, "channel audit 2.15.0").stdout;
    for code in [
        "object-bytes: stable whl/cpu/torch-2.15.0",
        "object-missing: stable whl/cpu/torchvision-0.30.0",
        "page-hash: stable whl/cu126/torch",
    ] {
        assert!(ran.contains(code), "{code}\n{ran}");
    }
    assert!(world.stops(1, "channel audit stable").stdout.contains("object-bytes"));
}

#[test]
fn what_does_not_change_is_not_read() {
    let (world, _) = promoted_twice();
    // Nobody can read the manifests of torchvision, and a yank of torch does not care.
    world.each_file("store/packages/torchvision", &mut |path| {
        if path.to_str().unwrap().contains("/manifest/") {
            std::fs::write(path, "damaged").unwrap();
        }
    });
    world.ok("channel yank stable torch==2.15.1 --reason broken --apply");
    world.stops(5, "channel yank stable torchvision==0.30.1 --reason broken --apply");
}

/// The lists lead to every release, and conda data is of all packages.
#[test]
fn an_audit_of_one_release_looks_at_the_lists_too() {
    let (world, _) = promoted_twice();
    assert!(world.ok("channel audit 2.15.1").stdout.contains("nothing differs"));
    world.write("store/whl/cpu/index.html", "lost");
    std::fs::remove_file(world.path("store/whl/index.v1_json")).unwrap();
    let ran = world.stops(1, "channel audit 2.15.1").stdout;
    for code in ["page-differs: stable whl/cpu/index.html", "page-missing: stable whl/index.v1_json"] {
        assert!(ran.contains(code), "{code}: {ran}");
    }
}
