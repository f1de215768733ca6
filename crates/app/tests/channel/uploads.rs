//! `stage --from s3://...`: builds upload to a bucket of their own, and what is expected there is taken in.

use trackside_domain::digest::Sha256;
use trackside_domain::manifest::Manifest;
use trackside_effects::store::{Created, Source, Target};
use trackside_testkit::wheel::WheelBuilder;

use crate::bucket::{Shop, Stall};
use crate::common::{World, wheel};

const TORCH: &str = "cpu/torch-2.15.0+cpu-py3-none-any.whl";

/// What the builds have uploaded: the candidate's three wheels, one of a release before it, one that the matrix
/// does not have, and a page.
fn uploaded(stall: &Stall<'_>) {
    for (folder, version) in
        [("cpu", "2.15.0+cpu"), ("cu126", "2.15.0+cu126"), ("cpu", "2.14.0+cpu"), ("rocm6", "2.15.0+rocm6")]
    {
        put(stall, folder, &wheel("torch", version));
    }
    put(stall, "cpu", &wheel("torchvision", "0.30.0+cpu").requires("torch==2.15.0"));
    upload(stall, "cpu/index.html", b"a page of others");
}

fn put(stall: &Stall<'_>, folder: &str, wheel: &WheelBuilder) {
    upload(stall, &format!("{folder}/{}", wheel.file_name()), &wheel.bytes());
}

fn upload(stall: &Stall<'_>, name: &str, bytes: &[u8]) {
    let key = name.parse().unwrap();
    let created = stall.store("builds/whl/test").create(Target::new(&key), Source::Bytes(bytes), &mut |_| {});
    assert_eq!(created.unwrap(), Created::New);
}

/// What a build does that uploads the same name again.
fn replace(stall: &Stall<'_>, name: &str, change: impl Fn(&mut Vec<u8>)) {
    let (store, key) = (stall.store("builds/whl/test"), name.parse().unwrap());
    let old = store.read(&key, u64::MAX).unwrap();
    let mut new = old.clone();
    change(&mut new);
    store.replace_if(Target::new(&key), Some(Sha256::of(&old)), &new, &mut |_| {}).unwrap();
}

/// The command, with the URL of the builds' channel as it stands in an old script.
fn stage(stall: &Stall<'_>, shop: &Shop) -> String {
    let url = shop.server.url_through(stall.proxy.address(), &format!("release/{}/builds/whl/test/", stall.prefix));
    format!("stage 2.15.0-rc1 --from {url}")
}

#[test]
fn exactly_what_is_expected_is_taken_in_with_digests_of_its_own() {
    let shop = Shop::open(World::tagged());
    let stall = shop.stall("whole");
    uploaded(&stall);
    let command = stage(&stall, &shop);
    let planned = stall.run(&format!("{command} -v"));
    assert_eq!(planned.code, Some(0), "{planned}");
    for sentence in [
        "torch: complete, 2 artifacts",
        "torchvision: complete, 1 artifact",
        "1 file that the matrix does not have",
        "rocm6/torch-2.15.0+rocm6-py3-none-any.whl",
    ] {
        assert!(format!("{planned}").contains(sentence), "{sentence}\n{planned}");
    }
    assert!(!format!("{planned}").contains("2.14.0"), "another release is no surprise: {planned}");
    let done = stall.run(&format!("{command} --apply"));
    assert_eq!(done.code, Some(0), "{done}");
    let again = stall.run(&format!("{command} --apply"));
    assert!(again.code == Some(0) && again.stdout.starts_with("nothing to do"), "{again}");
    let key = "packages/torch/2.15.0-rc1/manifest/000001.json".parse().unwrap();
    let manifest = Manifest::from_bytes(&stall.store("store").read(&key, u64::MAX).unwrap()).unwrap();
    let found: Vec<(String, Sha256)> =
        manifest.artifacts.iter().map(|artifact| (artifact.name.to_string(), artifact.sha256)).collect();
    let expected = ["cpu", "cu126"].map(|local| wheel("torch", &format!("2.15.0+{local}")));
    assert_eq!(found, expected.map(|wheel| (wheel.file_name(), Sha256::of(&wheel.bytes()))));
}

#[test]
fn what_is_missing_is_listed_and_nothing_at_all_is_an_error() {
    let shop = Shop::open(World::tagged());
    let stall = shop.stall("part");
    let command = stage(&stall, &shop);
    let nothing = stall.run(&command);
    assert_eq!(nothing.code, Some(1), "{nothing}");
    assert!(nothing.stderr.contains("error[nothing-built]"), "{nothing}");
    put(&stall, "cpu", &wheel("torch", "2.15.0+cpu"));
    let part = stall.run(&command);
    assert_eq!(part.code, Some(0), "{part}");
    assert!(part.stdout.contains("torch: 1 missing: cu126/torch-2.15.0+cu126-py3-none-any.whl"), "{part}");
    assert!(part.stdout.contains("torchvision: nothing is staged yet"), "{part}");
}

#[test]
fn what_a_build_replaces_after_the_plan_is_refused() {
    let shop = Shop::open(World::tagged());
    let stall = shop.stall("again");
    uploaded(&stall);
    let plan = stall.plan(&stage(&stall, &shop));
    // The same size: only the digest tells.
    replace(&stall, TORCH, |bytes| bytes[100] ^= 1);
    let before = stall.photograph();
    let ran = stall.run(&format!("apply {plan}"));
    assert_eq!(ran.code, Some(4), "{ran}");
    assert!(ran.stderr.contains(&format!("{TORCH} is not what was read")), "{ran}");
    assert!(stall.photograph() == before);
}

#[test]
fn what_a_build_replaces_during_the_run_is_not_taken_in() {
    let shop = Shop::open(World::tagged());
    let stall = shop.stall("during");
    uploaded(&stall);
    let built = wheel("torch", "2.15.0+cpu").file("torch/build.py", b"number = 1\n").bytes();
    replace(&stall, TORCH, |bytes| bytes.clone_from(&built));
    let command = stage(&stall, &shop);
    let plan = stall.plan(&command);
    let killed = stall.run(&format!("apply {plan} --die-at store-torch-1-1/0:after-intent"));
    assert_eq!(killed.code, None, "{killed}");
    let rebuilt = wheel("torch", "2.15.0+cpu").file("torch/build.py", b"number = 2\n").bytes();
    replace(&stall, TORCH, |bytes| bytes.clone_from(&rebuilt));
    let before = stall.photograph();
    let ran = stall.run(&format!("resume {plan}"));
    assert_eq!(ran.code, Some(5), "{ran}");
    assert!(ran.stderr.contains(&format!("{TORCH} is not what was read")), "{ran}");
    assert!(stall.photograph() == before, "no other byte takes a key of the candidate");
    // As it says: the cause is removed, or another plan reads what is there now.
    replace(&stall, TORCH, |bytes| bytes.clone_from(&built));
    let ran = stall.run(&format!("resume {plan}"));
    assert_eq!(ran.code, Some(0), "{ran}");
}

/// s3s-fs shows no tags in its listings; the versions of what is read are asked for one by one.
#[test]
fn builds_are_taken_in_from_a_server_whose_listings_have_no_tags() {
    let shop = Shop::on_disk(World::tagged());
    let stall = shop.stall("untagged");
    uploaded(&stall);
    let command = stage(&stall, &shop);
    let digest = stall.plan(&command);
    // Somebody uploads one of them again between plan and run.
    replace(&stall, TORCH, |bytes| bytes.push(0));
    let refused = stall.run(&format!("apply {digest}"));
    assert!(refused.code != Some(0) && refused.to_string().contains("is not what was read"), "{refused}");
    replace(&stall, TORCH, |bytes| bytes.truncate(bytes.len() - 1));
    assert_eq!(stall.run(&format!("{command} --apply")).code, Some(0));
}
