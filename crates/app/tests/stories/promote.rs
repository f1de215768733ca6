//! `promote`: exactly the verified bytes, in the right order, once.

use insta::assert_snapshot;

use crate::common::World;

#[test]
fn the_verified_candidate_becomes_the_release() {
    let world = World::verified();
    let before = world.photograph();
    assert_snapshot!(world.ok("promote 2.15.0"), @"
    plan [ID] · promote 2.15.0
       1  copy-torch-1              copy 4 objects of torch to stable
       2  copy-torchvision-1        copy 2 objects of torchvision to stable
       3  generation-stable         stable: generation 1
       4  read-torch-1              read back 4 objects of torch
       5  read-torchvision-1        read back 2 objects of torchvision
       6  final-tag-core            core: tag `v2.15.0` on [ID]
       7  final-tag-vision          vision: tag `v0.30.0` on [ID]
       8  map-stable                stable: what the channel points to
       9  pages-stable-torch        stable: pages of torch
      10  pages-stable-torchvision  stable: pages of torchvision
      11  lists-stable              stable: list pages
      12  record-2-15-0             record of the promotion of 2.15.0
          note: exactly the bytes of candidate 2.15.0-rc1
          28 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
    assert_snapshot!(world.ok("promote 2.15.0 --apply").stdout, @"done: 12 steps, 28 effects, run [ID]");
    assert_snapshot!(world.stable(), @"
    channels/stable/generations/000001.json
    channels/stable.json
    channels/test/generations/000001.json
    channels/test.json
    promotions/2.15.0.json
    whl/cpu/index.html
    whl/cpu/index.v1_json
    whl/cpu/torch/index.html
    whl/cpu/torch/index.v1_json
    whl/cpu/torch-2.15.0+cpu-py3-none-any.whl
    whl/cpu/torch-2.15.0+cpu-py3-none-any.whl.metadata
    whl/cpu/torchvision/index.html
    whl/cpu/torchvision/index.v1_json
    whl/cpu/torchvision-0.30.0+cpu-py3-none-any.whl
    whl/cpu/torchvision-0.30.0+cpu-py3-none-any.whl.metadata
    whl/cu126/index.html
    whl/cu126/index.v1_json
    whl/cu126/torch/index.html
    whl/cu126/torch/index.v1_json
    whl/cu126/torch-2.15.0+cu126-py3-none-any.whl
    whl/cu126/torch-2.15.0+cu126-py3-none-any.whl.metadata
    whl/index.html
    whl/index.v1_json
    whl/torch/index.html
    whl/torch/index.v1_json
    whl/torchvision/index.html
    whl/torchvision/index.v1_json
    ");
    assert_snapshot!(world.shown("store/whl/cpu/torchvision/index.html"), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Links for torchvision</title>
      </head>
      <body>
        <h1>Links for torchvision</h1>
        <a href="../torchvision-0.30.0%2Bcpu-py3-none-any.whl#sha256=[ID]" data-dist-info-metadata="sha256=[ID]" data-core-metadata="sha256=[ID]" data-upload-time="[TIME]">torchvision-0.30.0+cpu-py3-none-any.whl</a><br/>
      </body>
    </html>
    "#);
    let core = world.repo("core");
    assert_eq!(core.id("v2.15.0^{commit}").unwrap(), core.id("v2.15.0-rc1^{commit}").unwrap());
    let after = world.photograph();
    assert_snapshot!(world.ok("promote 2.15.0 --apply"), @"
    nothing to do
      2.15.0 is promoted, as 2.15.0-rc1
    exit 0
    ");
    assert_eq!(after, world.photograph());
}

#[test]
fn pages_follow_their_objects_and_list_pages_come_last() {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    assert_snapshot!(world.journal().lines().last().unwrap().replace(", ", "\n"), @"
    promote: opened
    intent copy-torch-1
    receipt copy-torch-1
    intent copy-torchvision-1
    receipt copy-torchvision-1
    intent generation-stable
    receipt generation-stable
    intent read-torch-1
    receipt read-torch-1
    intent read-torchvision-1
    receipt read-torchvision-1
    intent final-tag-core
    receipt final-tag-core
    intent final-tag-vision
    receipt final-tag-vision
    intent map-stable
    receipt map-stable
    intent pages-stable-torch
    receipt pages-stable-torch
    intent pages-stable-torchvision
    receipt pages-stable-torchvision
    intent lists-stable
    receipt lists-stable
    intent record-2-15-0
    receipt record-2-15-0
    closed
    ");
}

#[test]
fn a_release_without_a_candidate() {
    let world = World::cut();
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"
    | blocked[no-candidate]: 2.15.0: this release has no candidate
    |   way on: trackside candidate 2.15.0
    |   so far: nothing was changed
    exit 3
    ");
}

#[test]
fn a_candidate_that_is_not_sealed() {
    let world = World::tagged();
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"
    | blocked[not-sealed]: torch: candidate 2.15.0-rc1 is not complete
    |   way on: trackside stage 2.15.0-rc1 --from DIR
    | blocked[not-sealed]: torchvision: candidate 2.15.0-rc1 is not complete
    |   way on: trackside stage 2.15.0-rc1 --from DIR
    |   so far: nothing was changed
    exit 3
    ");
}

#[test]
fn a_candidate_that_is_not_verified() {
    let world = World::sealed();
    let before = world.photograph();
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"
    | blocked[not-verified]: 2.15.0-rc1: nobody has verified it
    |   way on: trackside verify 2.15.0-rc1 --apply
    |   so far: nothing was changed
    exit 3
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_verdict_with_a_check_that_did_not_pass() {
    for outcome in ["failed", "not-done"] {
        let world = World::verified();
        world.mend_file("store/candidates/2.15.0-rc1/verdict/000001.json", "\"passed\"", &format!("\"{outcome}\""));
        let said = world.stops(3, "promote 2.15.0 --apply").stderr;
        assert!(said.contains("checks that did not pass: install"), "{said}");
    }
}

#[test]
fn the_newest_verdict_counts() {
    let world = World::verified();
    world.mend_file("store/candidates/2.15.0-rc1/verdict/000001.json", "\"passed\"", "\"not-done\"");
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
}

#[test]
fn a_verdict_about_other_bytes() {
    let world = World::verified();
    let verdict = world.read("store/candidates/2.15.0-rc1/verdict/000001.json");
    let digest = verdict.split("\"sha256\": \"").nth(1).unwrap().split('"').next().unwrap();
    world.mend_file("store/candidates/2.15.0-rc1/verdict/000001.json", digest, &"0".repeat(64));
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply").stderr, @"
    blocked[not-verified]: 2.15.0-rc1: its verdict is about other bytes
      way on: trackside verify 2.15.0-rc1 --apply
      so far: nothing was changed
    ");
}

#[test]
fn a_newer_candidate_that_is_not_verified_is_in_the_way_unless_the_older_one_is_named_with_a_reason() {
    let world = World::verified();
    world.pick("core", "src/fix.py");
    world.ok("candidate 2.15.0 --apply");
    assert_snapshot!(world.stops(3, "promote 2.15.0 --apply"), @"
    | blocked[not-sealed]: torch: candidate 2.15.0-rc2 is not complete
    |   way on: trackside stage 2.15.0-rc2 --from DIR
    |   so far: nothing was changed
    exit 3
    ");
    assert_eq!(world.run("promote 2.15.0 --candidate 2.15.0-rc1").code, Some(2));
    assert_eq!(world.run("promote 2.15.0 --candidate 2.15.0-rc7 --reason r --apply").code, Some(1));
    let ran = world.finish(&mut world.command([
        "promote",
        "2.15.0",
        "--candidate",
        "2.15.0-rc1",
        "--reason",
        "rc2 came too late",
        "--apply",
    ]));
    assert_eq!(ran.code, Some(0), "{ran}");
    let core = world.repo("core");
    assert_eq!(core.id("v2.15.0^{commit}").unwrap(), core.id("v2.15.0-rc1^{commit}").unwrap());
    assert!(world.read("store/promotions/2.15.0.json").contains("rc2 came too late"));
}

#[test]
fn other_bytes_at_a_stable_key() {
    let world = World::verified();
    world.write("store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl", "somebody else's");
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "promote 2.15.0 --apply"), @"
    | conflict[other-bytes]: whl/cpu/torch-2.15.0+cpu-py3-none-any.whl: sha256 [ID] is there, the candidate has [ID]
    |   way on: no page leads to it: find out who put it there, remove it by hand, and promote again
    |   so far: nothing was changed
    exit 5
    ");
    assert_eq!(before, world.photograph());
}

/// A sample is of what the run copies. Whatever lies there before is read, or somebody else's bytes would be released.
#[test]
fn other_bytes_of_the_same_length_at_any_key_stop_a_promotion_that_reads_a_sample_back() {
    let world = World::verified();
    let mut staged = Vec::new();
    world.each_file("store/packages", &mut |file| staged.push(file.to_owned()));
    let staged: Vec<_> = staged.into_iter().filter(|file| file.to_str().unwrap().contains("/files/")).collect();
    assert_eq!(staged.len(), 6);
    for file in staged {
        let (_, below) = file.to_str().unwrap().split_once("/files/").unwrap();
        let at = world.path(&format!("store/whl/{below}"));
        let mut bytes = std::fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(&at, bytes).unwrap();
        let before = world.photograph();
        let ran = world.stops(5, "promote 2.15.0 --read-back sample --apply");
        assert!(ran.stderr.contains(&format!("conflict[other-bytes]: whl/{below}: sha256")), "{ran}");
        assert!(world.photograph() == before, "{below}");
        std::fs::remove_file(&at).unwrap();
    }
    world.ok("promote 2.15.0 --read-back sample --apply");
}

/// A plan names its stores: where the configuration has others since, it would release to where nobody looks.
#[test]
fn a_plan_whose_stores_the_configuration_no_longer_names_is_stale() {
    let world = World::verified();
    let digest = world.plan("promote 2.15.0");
    world.mend("[channels.stable]\nstore = \"../store\"", "[channels.stable]\nstore = \"../other\"");
    let before = world.photograph();
    let ran = world.stops(4, &format!("apply {digest}"));
    assert!(ran.stderr.contains("/store, where the configuration has no such channel or backup"), "{ran}");
    assert!(ran.stderr.contains("make a new plan: trackside promote 2.15.0"), "{ran}");
    let mut after = world.photograph();
    after.retain(|path, _| before.contains_key(path));
    assert!(after == before);
}

#[test]
fn the_same_bytes_at_a_stable_key_are_taken_for_done() {
    let world = World::verified();
    let staged = world.path("store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl");
    std::fs::create_dir_all(world.path("store/whl/cpu")).unwrap();
    std::fs::copy(staged, world.path("store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl")).unwrap();
    world.ok("promote 2.15.0 --apply");
    assert_eq!(world.stable(), {
        let plain = World::verified();
        plain.ok("promote 2.15.0 --apply");
        plain.stable()
    });
}

#[test]
fn staged_bytes_that_rotted_are_not_copied() {
    let world = World::verified();
    let staged = world.path("store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl");
    let mut bytes = std::fs::read(&staged).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&staged, bytes).unwrap();
    let ran = world.run("promote 2.15.0 --apply");
    assert_snapshot!(ran, @"
    | plan [ID] · promote 2.15.0
    |    1  copy-torch-1              copy 4 objects of torch to stable
    |    2  copy-torchvision-1        copy 2 objects of torchvision to stable
    |    3  generation-stable         stable: generation 1
    |    4  read-torch-1              read back 4 objects of torch
    |    5  read-torchvision-1        read back 2 objects of torchvision
    |    6  final-tag-core            core: tag `v2.15.0` on [ID]
    |    7  final-tag-vision          vision: tag `v0.30.0` on [ID]
    |    8  map-stable                stable: what the channel points to
    |    9  pages-stable-torch        stable: pages of torch
    |   10  pages-stable-torchvision  stable: pages of torchvision
    |   11  lists-stable              stable: list pages
    |   12  record-2-15-0             record of the promotion of 2.15.0
    |       note: exactly the bytes of candidate 2.15.0-rc1
    |       28 effects, [SIZE] to move; expires [TIME]
    | [1/12] copy 4 objects of torch to stable
    | error: `packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl` in file://[WORLD]/store is damaged: found sha256 [ID] ([SIZE]), wanted sha256 [ID] ([SIZE])
    |   so far: refused   copy 4 objects of torch to stable ([N] of 4 effects done)
    |   so far: not done  copy 2 objects of torchvision to stable
    |   so far: not done  stable: generation 1
    |   so far: not done  read back 4 objects of torch
    |   so far: not done  read back 2 objects of torchvision
    |   so far: not done  core: tag `v2.15.0` on [ID]
    |   so far: not done  vision: tag `v0.30.0` on [ID]
    |   so far: not done  stable: what the channel points to
    |   so far: not done  stable: pages of torch
    |   so far: not done  stable: pages of torchvision
    |   so far: not done  stable: list pages
    |   so far: not done  record of the promotion of 2.15.0
    |   next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside promote 2.15.0
    exit 1
    ");
    assert!(!world.path("store/whl/index.html").exists() && !world.path("store/channels/stable.json").exists());
}

#[test]
fn copied_bytes_that_do_not_read_back_stop_it_before_the_switch() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    assert_eq!(world.run(&format!("apply {plan} --die-at copy-torchvision-1/0:after-receipt")).code, None);
    world.write("store/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl", "rotten");
    assert_snapshot!(world.stops(5, &format!("resume {plan}")).stderr, @"
    [3/12] stable: generation 1
    [4/12] read back 4 objects of torch
    error: whl/cpu/torch-2.15.0+cpu-py3-none-any.whl reads back as sha256 [ID] ([SIZE]), not sha256 [ID] ([SIZE])
      so far: done      copy 4 objects of torch to stable
      so far: done      copy 2 objects of torchvision to stable
      so far: done      stable: generation 1
      so far: refused   read back 4 objects of torch ([N] of 4 effects done)
      so far: not done  read back 2 objects of torchvision
      so far: not done  core: tag `v2.15.0` on [ID]
      so far: not done  vision: tag `v0.30.0` on [ID]
      so far: not done  stable: what the channel points to
      so far: not done  stable: pages of torch
      so far: not done  stable: pages of torchvision
      so far: not done  stable: list pages
      so far: not done  record of the promotion of 2.15.0
      next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside promote 2.15.0
    ");
    assert!(!world.path("store/whl/index.html").exists() && !world.path("store/channels/stable.json").exists());
}

#[test]
fn a_final_tag_that_is_elsewhere() {
    let world = World::verified();
    let core = world.repo("core");
    core.light_tag("v2.15.0", &core.id("main").unwrap()).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "promote 2.15.0 --apply"), @"
    | conflict[tag-elsewhere]: core: the tag `v2.15.0` is on [ID], the candidate is [ID]
    |   way on: a published tag never moves: release the next patch version
    |   so far: nothing was changed
    exit 5
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_page_that_changed_after_planning_makes_the_plan_stale() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    world.write("store/whl/index.html", "somebody else's page");
    let before = world.refs_and_stores();
    let ran = world.stops(4, &format!("apply {plan}"));
    assert!(ran.stderr.contains("is stale: whl/index.html: was absent, is"), "{ran}");
    assert_eq!(before, world.refs_and_stores());
}

#[test]
fn a_page_that_changes_during_the_switch_is_not_overwritten_but_by_a_new_plan() {
    let world = World::verified();
    let plan = world.plan("promote 2.15.0");
    assert_eq!(world.run(&format!("apply {plan} --die-at map-stable/0:after-receipt")).code, None);
    world.write("store/whl/index.html", "somebody else's page");
    let ran = world.stops(5, "promote 2.15.0 --apply");
    assert!(ran.stderr.contains("`whl/index.html` in file://[WORLD]/store has changed"), "{ran}");
    assert_eq!(world.read("store/whl/index.html"), "somebody else's page");
    // The run cannot be finished, so it may be given up; the new plan names it and repairs what is left.
    world.ok(&format!("withdraw {plan} --reason ours"));
    let ran = world.ok("promote 2.15.0 --apply");
    assert!(ran.stderr.contains("repairs the withdrawn run"), "{ran}");
    assert!(!ran.stderr.contains("copy-torch"), "{ran}");
    assert!(world.read("store/whl/index.html").contains("torch"));
    assert!(world.ok("promote 2.15.0 --apply").stdout.contains("nothing to do"));
}

#[test]
fn a_patch_release_never_touches_one_that_begins_alike() {
    let world = World::train();
    let line = world.read("release/lines/2.15.toml")
        + "\n[releases.\"2.15.10\"]\ntorch = \"2.15.10\"\ntorchvision = \"0.30.10\"\n";
    world.write("release/lines/2.15.toml", &line);
    world.ok("cut 2.15 --apply");
    for (release, vision) in [("2.15.10", "0.30.10"), ("2.15.1", "0.30.1")] {
        world.repo("core").commit("release/2.15", "Set the version", &[("version.txt", release)]).unwrap();
        world.repo("vision").commit("release/0.30", "Set the version", &[("version.txt", vision)]).unwrap();
        world.ok(&format!("candidate {release} --apply"));
        std::fs::remove_dir_all(world.path("dist")).unwrap();
        world.build_all(release, vision);
        world.ok(&format!("stage {release}-rc1 --from ../dist --apply"));
        world.verify(&format!("{release}-rc1"));
    }
    world.ok("promote 2.15.1 --apply");
    assert!(!world.stable().contains("2.15.10"), "{}", world.stable());
    assert_eq!(world.repo("core").git(&["tag", "--list", "v2.15.1*"]).unwrap(), "v2.15.1\nv2.15.1-rc1\nv2.15.10-rc1\n");
    let page = world.read("store/whl/cpu/torch/index.html");
    assert!(page.contains("torch-2.15.1%2Bcpu") && !page.contains("2.15.10"), "{page}");
}
