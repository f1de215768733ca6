//! `prune`: old candidates leave the `test` store, and nothing that anybody may still need.

use std::time::{Duration, SystemTime};

use insta::assert_snapshot;

use crate::common::{World, wheel};

/// So many candidates of torch, of which each has another fix; torchvision is carried over from the first. All
/// are old.
fn old(candidates: u32) -> World {
    let world = World::sealed();
    for number in 2..=candidates {
        world.pick("core", &format!("src/fix{number}.py"));
        world.ok("candidate 2.15.0 --apply");
        let dist = format!("dist{number}");
        for accelerator in ["cpu", "cu126"] {
            let built = wheel("torch", &format!("2.15.0+{accelerator}")).file("torch/fix.py", dist.as_bytes());
            std::fs::create_dir_all(world.path(&dist)).unwrap();
            built.write_to(&world.path(&dist)).unwrap();
        }
        world.ok(&format!("stage 2.15.0-rc{number} --from ../{dist} --apply"));
    }
    age(&world);
    world
}

/// Makes everything in the store a hundred days old.
fn age(world: &World) {
    let then = SystemTime::now() - Duration::from_secs(100 * 24 * 60 * 60);
    world.each_file("store", &mut |path| {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    });
}

fn sets(world: &World) -> String {
    let listing = world.listing("store");
    let files: Vec<&str> = listing.lines().filter(|line| line.contains("/files/") && line.ends_with(".whl")).collect();
    files.join("\n")
}

#[test]
fn old_candidates_go_and_everything_else_stays() {
    let world = old(3);
    let before = world.photograph();
    assert_snapshot!(world.ok("prune"), @"
    plan [ID] · prune --older-than 30 --keep 2
       1  pages-2-15-0-rc1-1              remove 16 pages of 2.15.0-rc1
       2  remove-test-torch-2-15-0-rc1-1  remove 4 objects of torch 2.15.0-rc1 from test
          note: 2.15.0-rc2 stays: it is one of the newest of its line
          note: 2.15.0-rc3 stays: a channel points to it
          20 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph());
    world.ok("prune --apply");
    assert_snapshot!(sets(&world), @"
    packages/torch/2.15.0-rc2/files/cpu/torch-2.15.0+cpu-py3-none-any.whl
    packages/torch/2.15.0-rc2/files/cu126/torch-2.15.0+cu126-py3-none-any.whl
    packages/torch/2.15.0-rc3/files/cpu/torch-2.15.0+cpu-py3-none-any.whl
    packages/torch/2.15.0-rc3/files/cu126/torch-2.15.0+cu126-py3-none-any.whl
    packages/torchvision/0.30.0-rc1/files/cpu/torchvision-0.30.0+cpu-py3-none-any.whl
    ");
    assert!(!world.listing("store").contains("candidates/2.15.0-rc1/whl"), "its pages are gone");
    for kept in ["candidates/2.15.0-rc1/candidate.json", "packages/torch/2.15.0-rc1/manifest/000001.json"] {
        assert!(world.path(&format!("store/{kept}")).is_file(), "{kept}");
    }
    assert!(world.listing("backup").contains("packages/torch/2.15.0-rc1/files/"), "the backup is not touched");
    assert!(world.ok("prune --apply").stdout.starts_with("nothing to do"));
    // What is left is a channel as before.
    world.verify("2.15.0-rc3");
    world.ok("promote 2.15.0 --apply");
}

#[test]
fn what_was_promoted_or_approved_stays_however_old_it_is() {
    let world = old(4);
    world.verify("2.15.0-rc1");
    age(&world);
    let said = world.ok("prune").stdout;
    assert!(said.contains("note: 2.15.0-rc1 stays: it is verified, and its release is not out"), "{said}");
    let ran = world.finish(&mut world.command([
        "promote",
        "2.15.0",
        "--candidate",
        "2.15.0-rc1",
        "--reason",
        "the later ones are worse",
        "--apply",
    ]));
    assert_eq!(ran.code, Some(0), "{ran}");
    age(&world);
    world.ok("prune --apply");
    let left = sets(&world);
    assert!(left.contains("packages/torch/2.15.0-rc1/files/"), "{left}");
    assert!(!left.contains("packages/torch/2.15.0-rc2/files/"), "{left}");
}

#[test]
fn what_is_young_or_among_those_to_keep_stays() {
    let world = old(3);
    assert!(world.ok("prune --older-than 101").stdout.contains("nothing to do"));
    assert!(world.ok("prune --keep 3").stdout.contains("nothing to do"));
    assert_eq!(world.run("prune --keep 1").code, Some(2), "fewer than two are never kept");
}

#[test]
fn the_backup_goes_only_if_that_is_asked_for() {
    let world = old(3);
    world.ok("prune --backup --apply");
    assert!(!world.listing("backup").contains("packages/torch/2.15.0-rc1/files/"));
    assert!(world.listing("backup").contains("packages/torchvision/0.30.0-rc1/files/"));
}

/// `stage` has all bytes in hand, so nothing keeps the pages from leading somewhere.
#[test]
fn a_removed_candidate_can_be_staged_again() {
    let world = old(3);
    let all = || world.photograph().into_iter().filter(|(path, _)| !path.ends_with("-lock")).collect::<Vec<_>>();
    let before = all();
    world.ok("prune --backup --apply");
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(all() == before);
}

#[test]
fn a_channel_that_moved_after_planning_makes_the_plan_stale() {
    let world = old(3);
    let plan = world.plan("prune");
    world.mend_file("store/channels/test.json", "\"format\"", " \"format\"");
    let ran = world.run(&format!("apply {plan}"));
    assert_eq!(ran.code, Some(4), "{ran}");
}

#[test]
fn a_killed_prune_is_finished_by_the_same_command() {
    let whole = old(3);
    let copy = || {
        let copy = whole.copy();
        age(&copy);
        copy
    };
    let effects = copy().effects("prune");
    assert!(effects.len() > 8, "{effects:?}");
    let killed: Vec<World> = effects
        .iter()
        .step_by(4)
        .map(|point| {
            let world = copy();
            assert_eq!(world.run(&format!("prune --apply --die-at {point}:after-effect")).code, None, "{point}");
            world.ok("prune --apply");
            world
        })
        .collect();
    whole.ok("prune --apply");
    killed.iter().for_each(|world| assert_eq!(world.listing("store"), whole.listing("store")));
}

#[test]
fn a_candidate_that_was_verified_since_makes_the_plan_stale() {
    let world = old(4);
    let plan = world.plan("prune");
    world.verify("2.15.0-rc1");
    let ran = world.stops(4, &format!("apply {plan}"));
    assert!(ran.stderr.contains("candidates/2.15.0-rc1/verdict/000001.json: was absent, is"), "{ran}");
    let plan = world.plan("prune");
    world.pick("core", "src/late.py");
    world.ok("candidate 2.15.0 --apply");
    assert!(
        world.stops(4, &format!("apply {plan}")).stderr.contains("candidates/2.15.0-rc5/candidate.json: was absent")
    );
}

#[test]
fn a_channel_does_not_go_back_to_what_was_removed() {
    let world = old(4);
    world.ok("prune --apply");
    world.ok("channel rollback test --apply");
    let before = world.photograph();
    let ran = world.stops(3, "channel rollback test --apply");
    assert!(ran.stderr.contains("blocked[object-missing]: packages/torch/2.15.0-rc2/files/"), "{ran}");
    assert!(ran.stderr.contains("way on: trackside restore 2.15.0-rc2 --to test"), "{ran}");
    assert_eq!(before, world.photograph());
    world.ok("restore 2.15.0-rc2 --to test --apply");
    world.ok("channel rollback test --apply");
}

/// Nothing that could approve, promote or carry over what an open removal is about begins beside it, on any line.
#[test]
fn nothing_is_promoted_beside_an_open_removal() {
    let world = old(3);
    world.verify("2.15.0-rc3");
    world.pick("core", "src/late.py");
    let killed = world.run("prune --apply --die-at pages-2-15-0-rc1-1/0:after-intent");
    assert_eq!(killed.code, None, "{killed}");
    let before = world.photograph();
    for command in ["promote 2.15.0 --apply", "candidate 2.15.0 --apply"] {
        let ran = world.run(command);
        assert!(ran.code == Some(3) && ran.to_string().contains("prune --older-than 30 --keep 2"), "{command}: {ran}");
    }
    assert!(world.photograph() == before, "nothing was changed");
    world.ok("prune --apply");
    world.ok("promote 2.15.0 --apply");
}

#[test]
fn a_removal_does_not_begin_in_the_middle_of_a_promotion() {
    let world = old(3);
    world.verify("2.15.0-rc3");
    let killed = world.run("promote 2.15.0 --apply --die-at copy-torch-1/0:after-intent");
    assert_eq!(killed.code, None, "{killed}");
    let ran = world.run("prune --apply");
    assert!(ran.code == Some(3) && ran.to_string().contains("promote 2.15.0"), "{ran}");
    world.ok("promote 2.15.0 --apply");
    world.ok("prune --apply");
}

/// A plan may wait for days, and what it goes back to may be removed meanwhile.
#[test]
fn a_stored_rollback_does_not_go_back_to_what_was_removed() {
    let world = old(5);
    world.ok("channel rollback test --apply");
    let plan = world.plan("channel rollback test");
    let before = world.listing("store/whl/test");
    age(&world);
    world.ok("prune --apply");
    assert!(!sets(&world).contains("packages/torch/2.15.0-rc3/"));
    let ran = world.run(&format!("apply {plan}"));
    let pages = world.listing("store/whl/test");
    assert!(ran.code == Some(5) && pages == before, "{ran}");
}
