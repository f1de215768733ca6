//! rattler solves and installs from stable, test and each candidate, in all forms; conda-index agrees.

use std::collections::BTreeMap;

use serde_json::Value;
use trackside::serve;

use crate::common::World;
use crate::tools::{compare, refused, solve};
use crate::train::{cut, stage};

/// A release in stable, the next one under way beside a second candidate of it.
fn channels() -> World {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
    world.pick("core", "src/fix.py");
    for (repository, branch, version) in [("core", "release/2.15", "2.15.1"), ("vision", "release/0.30", "0.30.1")] {
        world.repo(repository).commit(branch, "Set the version", &[("version.txt", version)]).unwrap();
    }
    stage(&world, "2.15.1-rc1", "2.15.1", "0.30.1");
    world.pick("core", "src/again.py");
    world.ok("candidate 2.15.1 --apply");
    drop(std::fs::remove_dir_all(world.path("dist")));
    world.build_all("2.15.1", "0.30.1");
    crate::train::build(&world, "2.15.1", "0.30.1", "2.15.1-rc2");
    // torchvision has not changed since rc1, so its files of rc1 stay.
    for carried in ["torchvision-0.30.1+cpu-py3-none-any.whl", "noarch/torchvision-0.30.1-pyh_0.conda"] {
        std::fs::remove_file(world.path("dist").join(carried)).unwrap();
    }
    world.ok("stage 2.15.1-rc2 --from ../dist --apply");
    world
}

fn files(solved: &Value) -> String {
    let files = solved["files"].as_object().unwrap();
    files.iter().map(|(name, text)| format!("{name} {}\n", text.as_str().unwrap())).collect()
}

#[test]
fn rattler_installs_from_every_channel_in_every_form() {
    let world = channels();
    let root = world.path("store");
    let server = serve::spawn(root.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    // The newest release of a channel, and of which candidate its files are.
    for (channel, torch, vision) in [
        ("conda", "2.15.0-rc1", "2.15.0-rc1"),
        ("conda/test", "2.15.1-rc2", "2.15.1-rc1"),
        ("candidates/2.15.0-rc1/conda", "2.15.0-rc1", "2.15.0-rc1"),
        ("candidates/2.15.1-rc1/conda", "2.15.1-rc1", "2.15.1-rc1"),
        ("candidates/2.15.1-rc2/conda", "2.15.1-rc2", "2.15.1-rc1"),
    ] {
        let expected =
            format!("share/torch.txt {torch} cpu\nshare/torch_headers.txt {torch}\nshare/torchvision.txt {vision}\n");
        for form in ["json", "zst", "sharded"] {
            let served = format!("{}!{channel}", root.display());
            let solved = solve(&served, form, &["torchvision", "torch * cpu_0"]);
            assert_eq!(files(&solved), expected, "{channel} {form}");
            let asked = solved["asked"].to_string();
            let data = ["repodata.json\"", "repodata.json.zst", "/shards/"].map(|name| asked.contains(name));
            assert_eq!(data, [form == "json", form == "zst", form == "sharded"], "{asked}");
        }
        let url = server.url(channel);
        assert_eq!(files(&solve(url.trim_end_matches('/'), "sharded", &["torchvision", "torch * cpu_0"])), expected);
        let folder = format!("file://{}/{channel}", root.display());
        assert_eq!(files(&solve(&folder, "json", &["torchvision", "torch * cpu_0"])), expected, "{folder}");
    }
    // Test has every release under way, so an older one can be asked for by name.
    let older =
        solve(&format!("{}!conda/test", root.display()), "sharded", &["torchvision ==0.30.0", "torch * cu126_0"]);
    let expected = "share/torch.txt 2.15.0-rc1 cu126\nshare/torch_headers.txt 2.15.0-rc1\n\
                    share/torchvision.txt 2.15.0-rc1\n";
    assert_eq!(files(&older), expected);
}

#[test]
fn a_yank_takes_a_package_out_of_every_form_and_a_rollback_brings_it_back() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
    let before = stable_data(&world);
    world.ok("channel yank stable torch==2.15.0 --file torch-2.15.0-cpu_0.conda --reason broken --apply");
    let channel = format!("{}!conda", world.path("store").display());
    for form in ["json", "zst", "sharded"] {
        let said = refused(&channel, form, &["torch * cpu_0"]);
        assert!(said.contains("No candidates were found"), "{form}: {said}");
        assert!(files(&solve(&channel, form, &["torch * cu126_0"])).contains("cu126"), "{form}");
    }
    assert!(world.path("store/conda/linux-64/torch-2.15.0-cpu_0.conda").exists());
    world.ok("channel rollback stable --apply");
    assert_eq!(stable_data(&world), before);
}

/// The data of the stable channel by path, without packages; shards of earlier data stay.
fn stable_data(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut data = world.photograph();
    data.retain(|path, _| {
        let is_data = path.contains("/repodata") || path.contains("/run_exports");
        path.starts_with("store/conda/") && !path.starts_with("store/conda/test/") && is_data
    });
    assert!(!data.is_empty());
    data
}

#[test]
fn rattler_refuses_bytes_that_are_not_those_of_the_record() {
    let world = channels();
    let path = world.path("store/conda/linux-64/torch-2.15.0-cpu_0.conda");
    let other = world.path("store/packages/torch/2.15.1-rc2/files/linux-64/torch-2.15.1-cpu_0.conda");
    std::fs::copy(other, path).unwrap();
    let said = refused(&format!("{}!conda", world.path("store").display()), "zst", &["torch * cpu_0"]);
    assert!(said.contains("hash mismatch"), "{said}");
}

#[test]
fn conda_index_says_the_same_of_the_same_packages() {
    let world = channels();
    // No field differs; what we leave out on purpose is in decision 006.
    assert_eq!(compare(&world.path("store/conda")), "3 subdirs, 6 packages\n\n");
}
