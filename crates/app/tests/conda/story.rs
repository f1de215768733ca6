//! `stage` and `promote` with conda packages: what is planned, in which order, and what is refused.

use insta::assert_snapshot;

use crate::common::World;
use crate::tools::{Package, write};
use crate::train::{build, cut, stage};

/// The lines of a listing or a plan that are about conda.
fn about_conda(text: &str) -> String {
    let lines = text.lines().filter(|line| line.contains("conda"));
    // Other steps of a plan are counted too.
    let number = |char: char| char.is_ascii_digit() || char == ' ';
    lines.map(|line| format!("{}\n", digests(line.trim_start_matches(number)))).collect()
}

/// The names of shards and sets, without digests.
fn digests(line: &str) -> String {
    let is_digest = |part: &str| part.len() >= 64 && part.bytes().take(64).all(|byte| byte.is_ascii_hexdigit());
    let parts = line.split('/').map(|part| match part {
        part if is_digest(part) => format!("[DIGEST]{}", &part[64..]),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn conda_listing(world: &World) -> String {
    about_conda(&world.listing("store"))
}

#[test]
fn a_candidate_with_conda_packages_becomes_a_release() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    assert_snapshot!(conda_listing(&world), @"
    candidates/2.15.0-rc1/conda/linux-64/repodata.json
    candidates/2.15.0-rc1/conda/linux-64/repodata.json.zst
    candidates/2.15.0-rc1/conda/linux-64/repodata_shards.msgpack.zst
    candidates/2.15.0-rc1/conda/linux-64/run_exports.json
    candidates/2.15.0-rc1/conda/linux-64/run_exports.json.zst
    candidates/2.15.0-rc1/conda/linux-64/shards/[DIGEST].msgpack.zst
    candidates/2.15.0-rc1/conda/noarch/repodata.json
    candidates/2.15.0-rc1/conda/noarch/repodata.json.zst
    candidates/2.15.0-rc1/conda/noarch/repodata_shards.msgpack.zst
    candidates/2.15.0-rc1/conda/noarch/run_exports.json
    candidates/2.15.0-rc1/conda/noarch/run_exports.json.zst
    candidates/2.15.0-rc1/conda/noarch/shards/[DIGEST].msgpack.zst
    candidates/2.15.0-rc1/conda/noarch/shards/[DIGEST].msgpack.zst
    candidates/2.15.0-rc1/conda/noarch/torch_headers-2.15.0-0.tar.bz2
    candidates/2.15.0-rc1/conda/noarch/torchvision-0.30.0-pyh_0.conda
    candidates/2.15.0-rc1/conda/osx-arm64/repodata.json
    candidates/2.15.0-rc1/conda/osx-arm64/repodata.json.zst
    candidates/2.15.0-rc1/conda/osx-arm64/repodata_shards.msgpack.zst
    candidates/2.15.0-rc1/conda/osx-arm64/run_exports.json
    candidates/2.15.0-rc1/conda/osx-arm64/run_exports.json.zst
    candidates/2.15.0-rc1/conda/osx-arm64/shards/[DIGEST].msgpack.zst
    conda/test/linux-64/repodata.json
    conda/test/linux-64/repodata.json.zst
    conda/test/linux-64/repodata_shards.msgpack.zst
    conda/test/linux-64/run_exports.json
    conda/test/linux-64/run_exports.json.zst
    conda/test/linux-64/shards/[DIGEST].msgpack.zst
    conda/test/noarch/repodata.json
    conda/test/noarch/repodata.json.zst
    conda/test/noarch/repodata_shards.msgpack.zst
    conda/test/noarch/run_exports.json
    conda/test/noarch/run_exports.json.zst
    conda/test/noarch/shards/[DIGEST].msgpack.zst
    conda/test/noarch/shards/[DIGEST].msgpack.zst
    conda/test/osx-arm64/repodata.json
    conda/test/osx-arm64/repodata.json.zst
    conda/test/osx-arm64/repodata_shards.msgpack.zst
    conda/test/osx-arm64/run_exports.json
    conda/test/osx-arm64/run_exports.json.zst
    conda/test/osx-arm64/shards/[DIGEST].msgpack.zst
    packages/torch/2.15.0-rc1/files/linux-64/torch-2.15.0-cpu_0.conda
    packages/torch/2.15.0-rc1/files/linux-64/torch-2.15.0-cu126_0.conda
    packages/torch/2.15.0-rc1/files/osx-arm64/torch-2.15.0-cpu_0.conda
    packages/torch/2.15.0-rc1/files/osx-arm64/torch-2.15.0-cu126_0.conda
    packages/torchvision/0.30.0-rc1/files/noarch/torchvision-0.30.0-pyh_0.conda
    ");
    world.verify("2.15.0-rc1");
    assert_snapshot!(about_conda(&world.ok("promote 2.15.0").stdout), @"
    conda-shards-stable-1     stable: create 4 shards
    conda-run-exports-stable  stable: conda run exports
    conda-repodata-stable     stable: conda repodata
    conda-sharded-stable      stable: conda index of shards
    ");
    world.ok("promote 2.15.0 --apply");
    let stable = |line: &&str| line.starts_with("conda/") && !line.starts_with("conda/test/");
    let listing: String = conda_listing(&world).lines().filter(stable).map(|line| format!("{line}\n")).collect();
    assert_snapshot!(listing, @"
    conda/linux-64/repodata.json
    conda/linux-64/repodata.json.zst
    conda/linux-64/repodata_shards.msgpack.zst
    conda/linux-64/run_exports.json
    conda/linux-64/run_exports.json.zst
    conda/linux-64/shards/[DIGEST].msgpack.zst
    conda/linux-64/torch-2.15.0-cpu_0.conda
    conda/linux-64/torch-2.15.0-cu126_0.conda
    conda/noarch/repodata.json
    conda/noarch/repodata.json.zst
    conda/noarch/repodata_shards.msgpack.zst
    conda/noarch/run_exports.json
    conda/noarch/run_exports.json.zst
    conda/noarch/shards/[DIGEST].msgpack.zst
    conda/noarch/shards/[DIGEST].msgpack.zst
    conda/noarch/torch_headers-2.15.0-0.tar.bz2
    conda/noarch/torchvision-0.30.0-pyh_0.conda
    conda/osx-arm64/repodata.json
    conda/osx-arm64/repodata.json.zst
    conda/osx-arm64/repodata_shards.msgpack.zst
    conda/osx-arm64/run_exports.json
    conda/osx-arm64/run_exports.json.zst
    conda/osx-arm64/shards/[DIGEST].msgpack.zst
    conda/osx-arm64/torch-2.15.0-cpu_0.conda
    conda/osx-arm64/torch-2.15.0-cu126_0.conda
    ");
    let after = world.photograph();
    assert!(world.ok("promote 2.15.0 --apply").stdout.contains("nothing to do"));
    assert!(world.ok("stage 2.15.0-rc1 --from ../dist --apply").stdout.contains("nothing to do"));
    assert_eq!(after, world.photograph());
}

#[test]
fn data_that_somebody_changed_is_not_overwritten_unseen() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    let plan = world.plan("promote 2.15.0");
    world.write("store/conda/linux-64/repodata.json.zst", "somebody else's");
    let ran = world.stops(4, &format!("apply {plan}"));
    assert!(ran.stderr.contains("is stale: conda/linux-64/repodata.json.zst: was absent, is"), "{ran}");
    assert_eq!(world.read("store/conda/linux-64/repodata.json.zst"), "somebody else's");
    // A new plan has seen it.
    world.ok("promote 2.15.0 --apply");
    assert!(world.path("store/conda/linux-64/repodata.json.zst").metadata().unwrap().len() > 100);
}

#[test]
fn a_promotion_that_is_killed_at_every_step_ends_as_one_that_is_not() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    let plain = world.copy();
    plain.ok("promote 2.15.0 --apply");
    for step in [
        "conda-shards-stable-1/0:after-intent",
        "conda-shards-stable-1/1:after-effect",
        "conda-run-exports-stable/0:after-effect",
        "conda-repodata-stable/1:after-intent",
        "conda-repodata-stable/1:after-effect",
        "conda-sharded-stable/0:after-effect",
    ] {
        let killed = world.copy();
        let plan = killed.plan("promote 2.15.0");
        assert_eq!(killed.run(&format!("apply {plan} --die-at {step}")).code, None, "{step}");
        killed.ok(&format!("resume {plan}"));
        assert_eq!(killed.listing("store"), plain.listing("store"), "{step}");
        assert!(killed.ok("promote 2.15.0 --apply").stdout.contains("nothing to do"), "{step}");
    }
}

#[test]
fn a_package_for_another_platform_than_its_folder() {
    let world = cut();
    world.ok("candidate 2.15.0 --apply");
    world.build_all("2.15.0", "0.30.0");
    build(&world, "2.15.0", "0.30.0", "good");
    let lying = Package { name: "torch", version: "2.15.0", build: "cpu_0", subdir: "osx-64", depends: &[] };
    write(&world, "linux-64", &lying.builder("lying"), ".conda");
    let ran = world.stops(1, "stage 2.15.0-rc1 --from ../dist --apply");
    assert_snapshot!(ran.stderr, @"
    error[conda-subdir]: [WORLD]/release/../dist/linux-64/torch-2.15.0-cpu_0.conda: `torch-2.15.0-cpu_0.conda` is a package for `osx-64`, the matrix has it in linux-64
      so far: nothing was changed
    ");
}

#[test]
fn a_package_whose_index_names_another_build() {
    let world = cut();
    world.ok("candidate 2.15.0 --apply");
    world.build_all("2.15.0", "0.30.0");
    build(&world, "2.15.0", "0.30.0", "good");
    let path = world.path("dist/noarch/torch_headers-2.15.0-0.tar.bz2");
    let other = Package { name: "torch_headers", version: "2.15.0", build: "1", subdir: "noarch", depends: &[] };
    write(&world, "noarch", &other.builder("lying"), ".tar.bz2");
    std::fs::rename(world.path("dist/noarch/torch_headers-2.15.0-1.tar.bz2"), path).unwrap();
    let ran = world.stops(1, "stage 2.15.0-rc1 --from ../dist --apply");
    assert_snapshot!(ran.stderr, @"
    error[bad-artifact]: [WORLD]/release/../dist/noarch/torch_headers-2.15.0-0.tar.bz2: refused: `info/index.json`: it has build `1`, the file `0` [conda-index-differs]
      so far: nothing was changed
    ");
}

#[test]
fn a_shard_or_a_copy_that_rotted_fails_the_verification() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    let mut found = Vec::new();
    let copy = "store/candidates/2.15.0-rc1/conda/noarch/torchvision-0.30.0-pyh_0.conda";
    world.each_file("store/candidates/2.15.0-rc1/conda/linux-64/shards", &mut |path| found.push(path.to_owned()));
    for path in [world.path(copy), found.remove(0)] {
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&path, b"rotten").unwrap();
        let ran = world.run("verify 2.15.0-rc1");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(format!("{ran}").contains("has sha256"), "{name}: {ran}");
        std::fs::write(&path, good).unwrap();
    }
}

#[test]
fn a_check_names_what_is_wrong_with_conda_data_and_a_rebuild_mends_it() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
    world.ok("channel audit stable");
    let whole = world.listing("store/conda");
    let data = world.read("store/conda/linux-64/repodata.json");
    world.write("store/conda/linux-64/repodata.json", &data.replace("2.15.0", "2.15.9"));
    std::fs::remove_file(world.path("store/conda/linux-64/repodata.json.zst")).unwrap();
    std::fs::remove_dir_all(world.path("store/conda/noarch/shards")).unwrap();
    for command in ["channel audit stable", "index check stable"] {
        let ran = world.stops(1, command).stdout;
        for code in [
            "conda-data-differs: stable conda/linux-64/repodata.json: ",
            "conda-data-missing: stable conda/linux-64/repodata.json.zst: ",
            "conda-shard-missing: stable conda/noarch/shards/",
        ] {
            assert!(ran.contains(code), "{code}\n{ran}");
        }
    }
    world.ok("index rebuild stable --apply");
    assert_eq!(world.read("store/conda/linux-64/repodata.json"), data);
    assert_eq!(world.listing("store/conda"), whole);
    world.ok("index check stable");
    // Other bytes of the same length below the name of a digest.
    let mut shards = Vec::new();
    world.each_file("store/conda/linux-64/shards", &mut |path| shards.push(path.to_owned()));
    let shard = shards.remove(0);
    let mut rotten = std::fs::read(&shard).unwrap();
    rotten[9] ^= 1;
    std::fs::write(&shard, &rotten).unwrap();
    for command in ["channel audit stable", "channel audit 2.15.0", "index check stable --digests"] {
        let ran = world.stops(1, command).stdout;
        assert!(ran.contains("conda-shard-differs: stable conda/linux-64/shards/"), "{command}: {ran}");
    }
    std::fs::write(&shard, b"short").unwrap();
    assert!(world.stops(1, "index check stable").stdout.contains("conda-shard-differs"));
    std::fs::remove_file(&shard).unwrap();
    world.ok("index rebuild stable --apply");
    world.ok("index check stable --digests");
    world.ok("index check test --digests");
}

#[test]
fn a_rollback_makes_the_shards_that_its_data_leads_to() {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
    let (whole, folder) = (world.listing("store/conda"), "store/conda/linux-64/shards");
    let before = world.listing(folder);
    world.ok("channel yank stable torch==2.15.0 --reason broken --apply");
    assert_ne!(world.listing(folder), before, "the data leads to other shards now");
    // Nothing leads to them, so somebody tidies up.
    world.each_file(folder, &mut |path| {
        let name = path.file_name().unwrap().to_string_lossy();
        if before.contains(&*name) {
            std::fs::remove_file(path).unwrap();
        }
    });
    world.ok("index check stable");
    world.ok("channel rollback stable --apply");
    world.ok("index check stable --digests");
    let after = world.listing("store/conda");
    whole.lines().for_each(|line| assert!(after.contains(line), "{line}"));
}
