//! `index check` and `channel audit`: the own pages of candidates, and what releases leave that were taken back.

use insta::assert_snapshot;

use crate::channel::promoted_twice;
use crate::common::World;

#[test]
fn the_own_pages_of_the_candidates_that_test_shows_are_compared() {
    let world = World::sealed();
    assert_snapshot!(world.ok("index check test").stdout, @"channel test, 6 objects in 1 store: nothing differs; digests of objects were not compared (--digests does)");
    let before = world.photograph();
    let own = "store/candidates/2.15.0-rc1/whl";
    for page in ["index.html", "index.v1_json"] {
        let path = format!("{own}/cpu/torch/{page}");
        let text = world.read(&path);
        let digest = text.split("sha256").nth(1).unwrap().trim_start_matches(['"', ':', '=']).get(..64).unwrap();
        world.write(&path, &text.replace(digest, &"0".repeat(64)));
    }
    std::fs::remove_file(world.path(&format!("{own}/cpu/index.html"))).unwrap();
    world.write(&format!("{own}/cpu/evil/index.html"), "somebody's page");
    let told = world.stops(1, "index check test").stdout;
    assert_snapshot!(told, @"
    page-differs: test candidates/2.15.0-rc1/whl/cpu/torch/index.html: it is not what it should be
    page-differs: test candidates/2.15.0-rc1/whl/cpu/torch/index.v1_json: it is not what it should be
    page-hash: test candidates/2.15.0-rc1/whl/cpu/torch/index.html: its link to torch-2.15.0+cpu-py3-none-any.whl says sha256 [ID], not [ID]
    page-hash: test candidates/2.15.0-rc1/whl/cpu/torch/index.v1_json: its link to torch-2.15.0+cpu-py3-none-any.whl says sha256 [ID], not [ID]
    page-missing: test candidates/2.15.0-rc1/whl/cpu/index.html: it is not there
    stranger-page: test candidates/2.15.0-rc1/whl/cpu/evil/index.html: the candidate has no such page
    channel test, 6 objects in 1 store: 6 differences; digests of objects were not compared (--digests does)
    ");
    let lines = |text: &str| text.lines().filter(|line| !line.starts_with("channel")).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(&world.stops(1, "channel audit test").stdout), lines(&told));
    // Pages would lead to what is not there.
    let artifact = "store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    let bytes = std::fs::read(world.path(artifact)).unwrap();
    std::fs::remove_file(world.path(artifact)).unwrap();
    let ran = world.ok("index rebuild test --apply");
    assert!(ran.stdout.contains("every page of channel test is as it should be"), "{ran}");
    assert!(ran.stdout.contains("are gone: trackside restore 2.15.0-rc1 --to test"), "{ran}");
    std::fs::write(world.path(artifact), bytes).unwrap();
    world.ok("index rebuild test --apply");
    let mut seen = world.photograph();
    let kept = seen.values().any(|bytes| bytes == b"somebody's page");
    assert!(kept, "what somebody made of a page is in the backup");
    seen.retain(|path, _| before.contains_key(path));
    assert!(seen == before);
    let before = world.photograph();
    std::fs::remove_file(world.path("store/candidates/2.15.0-rc1/candidate.json")).unwrap();
    let told = world.stops(1, "index check test").stdout;
    assert!(told.starts_with("record-missing: test candidates/2.15.0-rc1/candidate.json"), "{told}");
    world.ok("restore 2.15.0-rc1 --to test --apply");
    assert!(world.photograph() == before);
    // Of a package whose manifest is gone nothing can be said, and of the others all.
    std::fs::remove_file(world.path("store/packages/torch/2.15.0-rc1/manifest/000001.json")).unwrap();
    std::fs::remove_file(world.path("store/whl/test/torchvision/index.html")).unwrap();
    let told = world.stops(1, "index check test").stdout;
    assert_snapshot!(told, @"
    manifest-missing: test packages/torch/2.15.0-rc1/manifest/000001.json: channel test points to it, and it is not there, or is another, so neither torch nor what lists it was compared: trackside restore 2.15.0-rc1 --to test
    page-missing: test whl/test/torchvision/index.html: it is not there
    record-missing: test candidates/2.15.0-rc1/candidate.json: test shows this candidate, and its record or a manifest is not there: trackside restore 2.15.0-rc1 --to test
    channel test, 2 objects in 1 store: 3 differences; digests of objects were not compared (--digests does)
    ");
    assert_eq!(lines(&world.stops(1, "channel audit test").stdout), lines(&told));
    let ran = world.stops(3, "index rebuild test");
    assert!(ran.stderr.contains("trackside restore 2.15.0-rc1 --to test brings it back"), "{ran}");
    world.ok("restore 2.15.0-rc1 --to test --apply");
    world.ok("index rebuild test --apply");
    let mut seen = world.photograph();
    seen.retain(|path, _| before.contains_key(path));
    assert!(seen == before);
}

#[test]
fn what_a_release_leaves_that_was_taken_back_is_no_stranger() {
    let (world, _) = promoted_twice();
    world.ok("channel rollback stable --apply");
    assert_snapshot!(world.ok("index check stable").stdout, @"
    6 objects of releases that were taken back
    channel stable, 6 objects in 1 store: nothing differs; digests of objects were not compared (--digests does)
    ");
    assert_snapshot!(world.ok("channel audit stable").stdout, @"
    6 objects of releases that were taken back
    channel stable, 6 objects in 1 store: nothing differs
    ");
    world.write("store/whl/cpu/torch-2.15.1+cpu-py3-none-any.whl", "something else");
    world.write("store/whl/cpu/torch-2.15.9+cpu-py3-none-any.whl", "never promoted");
    assert_snapshot!(world.stops(1, "index check stable").stdout, @"
    stranger-object: stable whl/cpu/torch-2.15.1+cpu-py3-none-any.whl: a release that was taken back has it with [SIZE], and it has [SIZE]
    stranger-object: stable whl/cpu/torch-2.15.9+cpu-py3-none-any.whl: no release of the channel has it
    5 objects of releases that were taken back
    channel stable, 6 objects in 1 store: 2 differences; digests of objects were not compared (--digests does)
    ");
    // A manifest that is gone explains nothing.
    std::fs::remove_dir_all(world.path("store/packages/torchvision/0.30.1-rc1/manifest")).unwrap();
    let told = world.stops(1, "index check stable").stdout;
    assert!(told.contains("stranger-object: stable whl/cpu/torchvision-0.30.1+cpu-py3-none-any.whl: no rel"), "{told}");
}

#[test]
fn whatever_lies_in_a_channel_is_named() {
    let (world, _) = promoted_twice();
    let strange = [
        "cpu/README",
        "cpu/torch-2.15.0%2Bcpu-py3-none-any.whl",
        "cpu/torch/index.json",
        "evil pkg-1-py3-none-any.whl",
    ];
    strange.iter().for_each(|name| world.write(&format!("store/whl/{name}"), "somebody's"));
    let told = world.stops(1, "index check stable").stdout;
    for name in strange {
        assert!(
            told.contains(&format!("stranger-object: stable whl/{name}: no release of the channel has it")),
            "{told}"
        );
    }
    world.write("store/conda/linux-64/repodata.json", "{}");
    let told = world.stops(1, "index check stable").stdout;
    let conda =
        "stranger-object: stable conda/linux-64/repodata.json: there is no conda package that it could be data of";
    assert!(told.contains(conda) && told.contains("5 differences"), "{told}");
    // What is strange is known only of a whole channel.
    world.write("store/packages/torch/2.15.0-rc1/manifest/000001.json", "{}");
    std::fs::remove_file(world.path("store/whl/torchvision/index.html")).unwrap();
    let told = world.stops(1, "index check stable").stdout;
    for named in
        ["manifest-missing: test packages/torch/2.15.0-rc1/", "page-missing: stable whl/torchvision/", "2 diff"]
    {
        assert!(told.contains(named), "{told}");
    }
}

#[test]
fn what_lies_among_the_files_of_a_candidate_is_named() {
    let world = World::sealed();
    for name in ["cpu/torch-2.15.0%2Bcpu-py3-none-any.whl", "cpu/torch-2.15.0+cpu-cp314-none-any.whl", "README"] {
        world.write(&format!("store/packages/torch/2.15.0-rc1/files/{name}"), "somebody's");
    }
    world.write("store/packages/torch/2.15.0-rc1/note", "somebody's");
    world.write("store/packages/torch/2.15.0-rc1/manifest/000002.json", "somebody's");
    // Nobody makes conda data of a candidate without conda packages, and nobody makes more because of it.
    world.write("store/candidates/2.15.0-rc1/conda/linux-64/repodata.json", "{}");
    // What a candidate left that nothing shows is for nobody to install.
    world.write("store/packages/torch/2.15.0-rc9/files/README", "left behind");
    assert_snapshot!(world.stops(1, "index check test").stdout, @"
    manifest-later: test packages/torch/2.15.0-rc1/manifest/000002.json: the channel points to revision 1, and whoever stages or verifies takes this one
    stranger-object: test candidates/2.15.0-rc1/conda/linux-64/repodata.json: there is no conda package that it could be data of
    stranger-object: test packages/torch/2.15.0-rc1/files/README: no manifest of the candidate has it
    stranger-object: test packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl: no manifest of the candidate has it
    stranger-object: test packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-cp314-none-any.whl: no manifest of the candidate has it
    stranger-object: test packages/torch/2.15.0-rc1/note: no manifest of the candidate has it
    channel test, 6 objects in 1 store: 6 differences; digests of objects were not compared (--digests does)
    ");
    world.ok("index rebuild test --apply");
    assert!(world.stops(1, "index check test").stdout.contains("6 differences"));
}

/// An answer does not say more than was looked at.
#[test]
fn a_check_says_whether_digests_were_compared() {
    let (world, _) = promoted_twice();
    let answer = |command: &str| {
        let output = world.command(command.split(' ').chain(["--format", "json"])).output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["drift"].clone()
    };
    let unread = "digests of objects were not compared (--digests does)\n";
    assert!(world.ok("index check stable").stdout.ends_with(unread));
    assert_eq!(answer("index check stable")["digests"], false);
    for command in ["index check stable --digests", "channel audit stable"] {
        assert!(world.ok(command).stdout.ends_with(": nothing differs\n"), "{command}");
        assert_eq!(answer(command)["digests"], true, "{command}");
    }
}
