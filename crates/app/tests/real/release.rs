//! The whole way of real wheels: two portions, the verdict, the promotion, and what installers get.

use std::collections::BTreeMap;

use crate::channel::{INSTALLERS, Served, download, install};
use crate::common::World;
use crate::machine::{Machine, run_on};
use crate::tools::{run, tool};
use crate::train::{deliver, pinned, publish_dependencies, sealed, tagged};

#[test]
fn real_wheels_are_staged_verified_promoted_and_installed() {
    let world = tagged();
    stage_in_two_portions(&world);
    verify(&world);
    world.ok("promote 2.6.0 --apply");
    assert!(world.ok("promote 2.6.0 --apply").stdout.starts_with("nothing to do"));
    let promoted = sealed(&world);
    let served = Served::stable(&world);
    install_here(&served.index, &promoted);
    download_for_all_platforms(&served.index, &promoted);
    served.stop();
}

fn stage_in_two_portions(world: &World) {
    let early = |name: &str| name.starts_with("torchaudio-") || name.contains("-cp310-");
    deliver(world, "first", early);
    deliver(world, "second", |name| !early(name));
    world.ok("stage 2.6.0-rc1 --from ../dist/first --apply");
    assert!(!world.path("store/channels/test.json").exists(), "`test` has moved before the candidate is complete");
    world.stops(3, "verify 2.6.0-rc1");
    world.ok("stage 2.6.0-rc1 --from ../dist/second --apply");
    assert!(world.path("store/channels/test.json").exists());
    // What the manifests say is what PyPI says of these files.
    assert_eq!(sealed(world), pinned());
}

fn verify(world: &World) {
    publish_dependencies(world);
    let planned = run_on(Machine::Uv, world, "verify 2.6.0-rc1");
    assert_eq!(planned.code, Some(0), "{planned}");
    let done = run_on(Machine::Pip, world, "verify 2.6.0-rc1 --apply");
    assert_eq!(done.code, Some(0), "{done}");
}

fn install_here(index: &str, promoted: &BTreeMap<String, String>) {
    let python = this_python();
    let fits = format!("-{python}-{python}-manylinux1_x86_64.whl");
    let files: BTreeMap<&str, &str> = promoted
        .iter()
        .filter(|(name, _)| name.ends_with(&fits))
        .map(|(name, sha256)| (name.as_str(), sha256.as_str()))
        .collect();
    assert_eq!(files.len(), 2, "ci/wheels.txt has no wheels for {python} on x86_64 Linux, which this machine must be");
    for installer in INSTALLERS {
        let found = install(installer, index, &files);
        let line = |package, version| format!("{package} {version} Tag: {python}-{python}-linux_x86_64 True []\n");
        assert_eq!(found, line("torchaudio", "2.6.0") + &line("torchvision", "0.21.0"), "{installer}");
    }
}

/// The Python of `ci/tools` as wheels name it, such as `cp311`.
fn this_python() -> String {
    let home = tempfile::tempdir().unwrap();
    let question = "import sys; print('cp%d%d' % sys.version_info[:2], end='')";
    run(tool("python", home.path()).args(["-I", "-c", question]))
}

fn download_for_all_platforms(index: &str, promoted: &BTreeMap<String, String>) {
    let mut all = BTreeMap::new();
    for (python, platform) in [
        ("3.10", "manylinux1_x86_64"),
        ("3.11", "manylinux1_x86_64"),
        ("3.12", "manylinux1_x86_64"),
        ("3.11", "macosx_11_0_arm64"),
        ("3.11", "win_amd64"),
    ] {
        let files = download(index, (python, platform));
        let tag = format!("-cp{}-{platform}.whl", python.replace('.', ""));
        assert!(files.len() == 2 && files.keys().all(|name| name.ends_with(&tag)), "{python} {platform}: {files:?}");
        all.extend(files);
    }
    assert_eq!(&all, promoted);
}
