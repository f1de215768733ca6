//! `index import` on a real server, read before and after by a reader that others wrote.

use std::path::PathBuf;
use std::process::Command;

use trackside_domain::digest::Sha256;
use trackside_effects::store::Target;

use crate::bucket::{Shop, Stall};
use crate::common::World;

/// What `pypi-simple` finds: every file of every page, with its place and digest.
fn read(stall: &Stall<'_>) -> String {
    let store = format!("http://{}{}", stall.address(), stall.path("store"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/channel/classic.py");
    let output = Command::new(python())
        .args([script, store.trim_end_matches('/'), "torch", "torchvision", "filelock", "jinja2"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The interpreter that `ci/tools` has put the readers beside.
fn python() -> PathBuf {
    // ci/check says where; plain `cargo test` takes the place where ci/tools puts it.
    let default = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools"));
    let program = std::env::var_os("TRACKSIDE_TOOLS").map_or_else(default, PathBuf::from).join("py/bin/python");
    assert!(program.exists(), "{} is missing: run ci/tools first", program.display());
    program
}

#[test]
fn another_reader_finds_the_same_files_before_and_after() {
    let world = World::train();
    world.classic();
    std::fs::create_dir_all(world.path("backup")).unwrap();
    let shop = Shop::open(world);
    let stall = shop.stall("classic");
    let before = read(&stall);
    // Two wheels of torch and one of torchvision on the page of all and that of their folder, two on every page.
    assert_eq!(before.lines().count(), 3 + 3 + 6, "{before}");
    let old = stall.photograph();
    let ran = stall.run("index import stable --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(read(&stall), before);
    assert!(stall.run("index check stable --digests").stdout.contains("nothing differs"));
    // What was read once is proved by the tags of the server.
    stall.proxy.forget();
    assert!(stall.run("index import stable --apply").stdout.contains("nothing to do"));
    assert!(!stall.proxy.seen().iter().any(|request| request.method == "GET" && request.path.ends_with(".whl")));
    assert_eq!(stall.run("channel rollback stable --apply").code, Some(0));
    let page = |key: &String| key.contains("/index.");
    let pages = |all: &std::collections::BTreeMap<String, String>| {
        all.iter().filter(|(key, _)| page(key)).map(|(key, content)| (key.clone(), content.clone())).collect::<Vec<_>>()
    };
    assert_eq!(pages(&stall.photograph()), pages(&old));
}

#[test]
fn a_plan_that_was_read_is_applied_without_reading_again() {
    let world = World::train();
    world.classic();
    std::fs::create_dir_all(world.path("backup")).unwrap();
    let shop = Shop::open(world);
    let stall = shop.stall("twice");
    assert_eq!(stall.run("index import stable").code, Some(0));
    stall.proxy.forget();
    assert_eq!(stall.run("index import stable --apply").code, Some(0));
    let wheel = |path: &str| path.ends_with(".whl") && path.contains("torch-2.14.0");
    let again = stall.proxy.seen().into_iter().filter(|request| request.method == "GET" && wheel(&request.path));
    assert_eq!(again.count(), 0, "a wheel with metadata beside it is not read again");
}

/// s3s-fs shows no tags in its listings.
#[test]
fn a_channel_on_a_server_whose_listings_have_no_tags_is_taken_in() {
    let world = World::train();
    world.classic();
    std::fs::create_dir_all(world.path("backup")).unwrap();
    let shop = Shop::on_disk(world);
    let stall = shop.stall("untagged");
    let ran = stall.run("index import stable --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(stall.run("index check stable --digests").stdout.contains("nothing differs"));
}

/// Every size is the same, and the server keeps no digest of it.
#[test]
fn a_file_that_is_replaced_between_plan_and_run_is_told_by_its_tag() {
    for on_disk in [false, true] {
        let world = World::train();
        world.classic();
        std::fs::create_dir_all(world.path("backup")).unwrap();
        let shop = if on_disk { Shop::on_disk(world) } else { Shop::open(world) };
        let stall = shop.stall("replaced");
        let digest = stall.plan("index import stable");
        let (store, key) = (stall.store("store"), "whl/Jinja2-3.1.2-py3-none-any.whl".parse().unwrap());
        let old = store.read(&key, u64::MAX).unwrap();
        let mut new = old.clone();
        *new.last_mut().unwrap() ^= 1;
        store.replace_if(Target::new(&key), Some(Sha256::of(&old)), &new, &mut |_| {}).unwrap();
        let ran = stall.run(&format!("apply {digest}"));
        assert!(ran.code == Some(5) && ran.to_string().contains("is not what was read"), "{ran}");
    }
}
