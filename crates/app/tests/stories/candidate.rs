//! `candidate`: tags, numbers, what is carried over, and what is refused.

use insta::assert_snapshot;

use crate::common::World;

fn tags(world: &World, name: &str) -> String {
    world.repo(name).git(&["tag", "--list"]).unwrap()
}

fn record(world: &World, candidate: &str) -> serde_json::Value {
    serde_json::from_str(&world.read(&format!("store/candidates/{candidate}/candidate.json"))).unwrap()
}

#[test]
fn the_first_candidate_then_nothing_then_the_second_after_a_pick() {
    let world = World::cut();
    let before = world.photograph();
    assert_snapshot!(world.ok("candidate 2.15.0"), @"
    plan [ID] · candidate 2.15.0
       1  tag-core           core: tag `v2.15.0-rc1` on [ID]
       2  tag-vision         vision: tag `v0.30.0-rc1` on [ID]
       3  record-2-15-0-rc1  record of candidate 2.15.0-rc1
          4 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
    assert_snapshot!(world.ok("candidate 2.15.0 --apply").stdout, @"done: 3 steps, 4 effects, run [ID]");
    assert_snapshot!(world.ok("candidate 2.15.0 --apply").stdout, @"
    nothing to do
      torch: carried over from 2.15.0-rc1 as v2.15.0-rc1 (manifest not sealed yet)
      torchvision: carried over from 2.15.0-rc1 as v0.30.0-rc1 (manifest not sealed yet)
    ");
    world.pick("core", "src/fix.py");
    assert_snapshot!(world.ok("candidate 2.15.0 --apply"), @"
    | plan [ID] · candidate 2.15.0
    |    1  tag-core           core: tag `v2.15.0-rc2` on [ID]
    |    2  record-2-15-0-rc2  record of candidate 2.15.0-rc2
    |       note: torchvision: carried over from 2.15.0-rc1 as v0.30.0-rc1 (manifest not sealed yet)
    |       3 effects, [SIZE] to move; expires [TIME]
    | [1/2] core: tag `v2.15.0-rc2` on [ID]
    | [2/2] record of candidate 2.15.0-rc2
    done: 2 steps, 3 effects, run [ID]
    exit 0
    ");
    assert_snapshot!(world.refs(), @"
    core
      heads/main: Fix src/fix.py
      heads/orig/release/2.15: Green work on core
      heads/release/2.15: Fix src/fix.py
      heads/viable/strict: Green work on core
      tags/v2.15.0-rc1: annotated, [RELEASE-ONLY CHANGES] Branch cut for release 2.15
      tags/v2.15.0-rc2: annotated, Fix src/fix.py
    builder
      heads/main: Start builder
      heads/orig/release/2.15: Start builder
      heads/release/2.15: Start builder
    vision
      heads/main: Bump the version to 0.31.0a0
      heads/orig/release/0.30: Start vision
      heads/release/0.30: [RELEASE-ONLY CHANGES] Branch cut for release 0.30
      tags/v0.30.0-rc1: annotated, [RELEASE-ONLY CHANGES] Branch cut for release 0.30
    ");
    let second = record(&world, "2.15.0-rc2");
    assert_eq!(second["packages"]["torch"]["tag"], "v2.15.0-rc2");
    assert_eq!(second["packages"]["torchvision"]["tag"], "v0.30.0-rc1");
    assert_eq!(second["packages"]["torchvision"]["carried_from"], "2.15.0-rc1");
}

#[test]
fn a_tag_is_annotated_and_on_the_tip() {
    let world = World::tagged();
    let core = world.repo("core");
    assert_eq!(core.id("v2.15.0-rc1^{commit}").unwrap(), core.id("release/2.15").unwrap());
    assert_snapshot!(core.git(&["for-each-ref", "--format=%(objecttype) %(taggername) %(taggerdate:iso-strict) %(contents)", "refs/tags"]).unwrap(), @"tag Release Robot 2026-01-05T10:00:00Z core 2.15.0-rc1");
}

#[test]
fn numbers_come_from_the_remote_tags_and_malformed_ones_are_not_counted() {
    let world = World::cut();
    let core = world.repo("core");
    let old = core.id("orig/release/2.15").unwrap();
    for tag in [
        "v2.15.0-rc1",
        "v2.15.0-rc3",
        "v2.15.0-rc04",
        "v2.15.0-rc9x",
        "v2.15.0rc8",
        "v2.15-rc7",
        "V2.15.0-rc6",
        "v2.15.10-rc5",
        "v2.15.0-RC5",
        "ciflow/1",
    ] {
        core.light_tag(tag, &old).unwrap();
    }
    world.ok("candidate 2.15.0 --apply");
    assert!(tags(&world, "core").contains("v2.15.0-rc4\n"), "{}", tags(&world, "core"));
}

#[test]
fn a_version_file_that_disagrees_blocks_it() {
    let world = World::cut();
    world.repo("core").commit("release/2.15", "Wrong version", &[("version.txt", "2.15.1\n")]).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(3, "candidate 2.15.0 --apply"), @"
    | blocked[version-disagrees]: core: version.txt on the release branch: the file says 2.15.1, the release is 2.15.0
    |   way on: land a commit that sets version.txt to 2.15.0, or mend the line file
    |   so far: nothing was changed
    exit 3
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn an_exact_version_can_be_demanded() {
    let world = World::cut();
    world.mend(
        "version = { file = \"version.txt\" }\n\n[[repositories.core.edits]]",
        "version = { file = \"version.txt\", exact = true }\n\n[[repositories.core.edits]]",
    );
    assert_snapshot!(world.stops(3, "candidate 2.15.0"), @"
    | blocked[version-disagrees]: core: version.txt on the release branch: the file says 2.15.0a0, and the configuration wants exactly 2.15.0
    |   way on: land a commit that sets version.txt to 2.15.0, or mend the line file
    |   so far: nothing was changed
    exit 3
    ");
    world.repo("core").commit("release/2.15", "Exact version", &[("version.txt", "2.15.0\n")]).unwrap();
    world.ok("candidate 2.15.0 --apply");
}

#[test]
fn a_tip_that_moved_after_planning_makes_the_plan_stale() {
    let world = World::cut();
    let plan = world.plan("candidate 2.15.0");
    world.repo("vision").commit("release/0.30", "Sneaked in", &[("vision.py", "v = 2\n")]).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(4, &format!("apply {plan}")), @"
    | plan [ID] · candidate 2.15.0
    |    1  tag-core           core: tag `v2.15.0-rc1` on [ID]
    |    2  tag-vision         vision: tag `v0.30.0-rc1` on [ID]
    |    3  record-2-15-0-rc1  record of candidate 2.15.0-rc1
    |       4 effects, [SIZE] to move; expires [TIME]
    | error: plan [ID] is stale: vision release/0.30: was [ID], is [ID]
    |   so far: nothing was changed
    |   next: make a new plan: trackside candidate 2.15.0
    exit 4
    ");
    assert_eq!(before, world.photograph());
}

#[test]
fn a_tag_that_appeared_after_planning_makes_the_plan_stale() {
    let world = World::cut();
    let plan = world.plan("candidate 2.15.0");
    let core = world.repo("core");
    core.light_tag("v2.15.0-rc1", &core.id("release/2.15").unwrap()).unwrap();
    assert_snapshot!(world.stops(4, &format!("apply {plan}")).stderr, @"
    plan [ID] · candidate 2.15.0
       1  tag-core           core: tag `v2.15.0-rc1` on [ID]
       2  tag-vision         vision: tag `v0.30.0-rc1` on [ID]
       3  record-2-15-0-rc1  record of candidate 2.15.0-rc1
          4 effects, [SIZE] to move; expires [TIME]
    error: plan [ID] is stale: core v2.15.0-rc1: was absent, is [ID]
      so far: nothing was changed
      next: make a new plan: trackside candidate 2.15.0
    ");
    // A new plan takes the tag in: it is on the tip.
    assert_snapshot!(world.ok("candidate 2.15.0 --apply").stderr, @"
    plan [ID] · candidate 2.15.0
       1  tag-vision         vision: tag `v0.30.0-rc1` on [ID]
       2  record-2-15-0-rc1  record of candidate 2.15.0-rc1
          note: torch: takes in v2.15.0-rc1, which is on [ID] already
          3 effects, [SIZE] to move; expires [TIME]
    [1/2] vision: tag `v0.30.0-rc1` on [ID]
    [2/2] record of candidate 2.15.0-rc1
    ");
}

#[test]
fn again_needs_a_reason_and_tags_the_same_commit() {
    let world = World::tagged();
    assert_eq!(world.run("candidate 2.15.0 --again").code, Some(2));
    let ran = world.finish(&mut world.command([
        "candidate",
        "2.15.0",
        "--only",
        "torch",
        "--again",
        "the builders lost rc1",
        "--apply",
    ]));
    assert_snapshot!(ran, @"
    | plan [ID] · candidate 2.15.0 --only torch
    |    1  tag-core           core: tag `v2.15.0-rc2` on [ID]
    |    2  record-2-15-0-rc2  record of candidate 2.15.0-rc2
    |       note: torchvision: carried over from 2.15.0-rc1 as v0.30.0-rc1 (manifest not sealed yet)
    |       3 effects, [SIZE] to move; expires [TIME]
    | [1/2] core: tag `v2.15.0-rc2` on [ID]
    | [2/2] record of candidate 2.15.0-rc2
    done: 2 steps, 3 effects, run [ID]
    exit 0
    ");
    let core = world.repo("core");
    assert_eq!(core.id("v2.15.0-rc1^{commit}").unwrap(), core.id("v2.15.0-rc2^{commit}").unwrap());
    assert_eq!(record(&world, "2.15.0-rc2")["reason"], "the builders lost rc1");
}

#[test]
fn only_one_package() {
    let world = World::cut();
    assert_snapshot!(world.ok("candidate 2.15.0 --only torch --apply").stderr, @"
    plan [ID] · candidate 2.15.0 --only torch
       1  tag-core           core: tag `v2.15.0-rc1` on [ID]
       2  record-2-15-0-rc1  record of candidate 2.15.0-rc1
          note: torchvision: not in this candidate, its repository has no candidate of this line yet
          3 effects, [SIZE] to move; expires [TIME]
    [1/2] core: tag `v2.15.0-rc1` on [ID]
    [2/2] record of candidate 2.15.0-rc1
    ");
    assert_eq!((tags(&world, "core"), tags(&world, "vision")), ("v2.15.0-rc1\n".into(), String::new()));
    assert_snapshot!(world.stops(2, "candidate 2.15.0 --only torche"), @"
    | error: there is no package `torche`; there are torch, torchvision
    exit 2
    ");
}

#[test]
fn only_one_package_of_two_that_are_due_carries_the_other_one() {
    let world = World::tagged();
    world.pick("core", "src/fix.py");
    world.pick("vision", "fix.py");
    assert_snapshot!(world.ok("candidate 2.15.0 --only torchvision --apply").stderr, @"
    plan [ID] · candidate 2.15.0 --only torchvision
       1  tag-vision         vision: tag `v0.30.0-rc2` on [ID]
       2  record-2-15-0-rc2  record of candidate 2.15.0-rc2
          note: torch: carried over from 2.15.0-rc1 as v2.15.0-rc1 (manifest not sealed yet)
          3 effects, [SIZE] to move; expires [TIME]
    [1/2] vision: tag `v0.30.0-rc2` on [ID]
    [2/2] record of candidate 2.15.0-rc2
    ");
    assert_eq!(
        (tags(&world, "core"), tags(&world, "vision")),
        ("v2.15.0-rc1\n".into(), "v0.30.0-rc1\nv0.30.0-rc2\n".into())
    );
}

#[test]
fn a_release_that_no_line_file_has_and_a_line_that_is_not_cut() {
    let world = World::train();
    assert_snapshot!(world.stops(1, "candidate 2.15.7"), @"
    | error[unknown-release]: 2.15.7: no line file lists this release
    |   way on: add it to lines/2.15.toml
    |   so far: nothing was changed
    exit 1
    ");
    assert_snapshot!(world.stops(3, "candidate 2.15.0"), @"
    | blocked[not-cut]: 2.15.0: no package of it has a release branch
    |   way on: trackside cut 2.15
    |   so far: nothing was changed
    exit 3
    ");
    assert_snapshot!(world.stops(3, "candidate 2.15.0 --only torchvision"), @"
    | blocked[not-cut]: vision: its release branch does not exist
    |   way on: trackside cut 2.15
    |   so far: nothing was changed
    exit 3
    ");
}

#[test]
fn malformed_versions_are_refused_with_what_is_wrong() {
    let world = World::cut();
    for version in
        ["2.15", "v2.15.0", "2.15.0-rc1", "02.15.0", "2.15.0.0", "2.15.a", "²‧15.0", "2.15.0+cpu", "4294967296.1.0"]
    {
        let ran = world.stops(2, &format!("candidate {version} --apply"));
        assert!(ran.stderr.contains(" is not a release such as 2.15.0: "), "{version}: {ran}");
    }
    assert_eq!(tags(&world, "core"), "");
}

#[test]
fn a_store_that_cannot_be_looked_at_is_not_an_empty_store() {
    let world = World::tagged();
    world.pick("core", "torch/fix.py");
    std::fs::rename(world.path("store"), world.path("away")).unwrap();
    world.write("store", "no folder, but something stands there");
    // Taken for empty, its candidates would be counted from 1 again.
    for command in ["candidate 2.15.0", "promote 2.15.0", "verify 2.15.0-rc1"] {
        let ran = world.stops(7, command);
        assert!(ran.stderr.contains("cannot be reached"), "{ran}");
    }
    assert!(world.ok("status 2.15").stdout.contains("cannot be reached"));
}
