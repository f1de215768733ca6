//! Rollbacks after runs that were given up, and what a channel needs to go back at all.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use crate::channel::channel;
use crate::common::World;

/// A promoted release.
fn promoted() -> World {
    let world = World::verified();
    world.ok("promote 2.15.0 --apply");
    world
}

/// Starts a command with a plan, kills it at a point, and says which plan it was.
fn killed(world: &World, command: &str, point: &str) -> String {
    let plan = world.plan(command);
    assert_eq!(world.run(&format!("apply {plan} --die-at {point}")).code, None, "{point}");
    plan
}

const YANK: &str = "channel yank stable torch==2.15.0 --reason broken";
const OTHER: &str = "channel yank stable torchvision==0.30.0 --reason old";
const BACK: &str = "channel rollback stable";

#[test]
fn lists_go_back_before_packages_and_dependents_before_what_they_need() {
    let world = promoted();
    assert_snapshot!(world.ok(BACK).stdout, @"
    plan [ID] · channel rollback stable
       1  keep-stable-1             stable: keep 15 pages that will be replaced
       2  generation-stable         stable: generation 2
       3  lists-stable              stable: list pages as they were
       4  pages-torchvision-stable  stable: pages of torchvision as they were
       5  pages-torch-stable        stable: pages of torch as they were
       6  map-stable                stable: what the channel pointed to
          note: takes back generation 1: promote 2.15.0
          33 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    ");
}

#[test]
fn a_run_that_was_given_up_before_its_switch_is_passed_over() {
    let world = promoted();
    let before = channel(&world);
    world.ok(&format!("{YANK} --apply"));
    let plan = killed(&world, OTHER, "generation-stable/0:after-effect");
    world.ok(&format!("withdraw {plan} --reason changed"));
    assert!(world.ok(&format!("{BACK} --apply")).stderr.contains("takes back generation 2: channel yank"));
    assert_eq!(channel(&world), before);
    // The same of a rollback that was given up.
    world.ok(&format!("{YANK} --apply"));
    let plan = killed(&world, BACK, "generation-stable/0:after-effect");
    world.ok(&format!("withdraw {plan} --reason changed"));
    world.ok(&format!("{BACK} --apply"));
    assert_eq!(channel(&world), before);
    // And one more goes back to before the promotion.
    world.ok(&format!("{BACK} --apply"));
    assert_eq!(channel(&world), BTreeMap::new());
}

#[test]
fn a_rollback_that_was_refused_in_its_middle_takes_back_nothing_else_the_next_time() {
    let world = promoted();
    world.ok(&format!("{YANK} --apply"));
    let yanked = channel(&world);
    world.ok(&format!("{OTHER} --apply"));
    let page = "store/whl/torchvision/index.html";
    let good = world.read(page);
    let plan = killed(&world, BACK, "generation-stable/0:after-receipt");
    world.write(page, "somebody else's");
    assert!(world.stops(5, &format!("{BACK} --apply")).stderr.contains("pages of torchvision as they were"));
    world.ok(&format!("withdraw {plan} --reason replaced"));
    let ran = world.stops(5, &format!("{BACK} --apply"));
    assert!(ran.stderr.contains("conflict[page-changed]: whl/torchvision/index.html"), "{ran}");
    world.write(page, &good);
    world.ok(&format!("{BACK} --apply"));
    assert_eq!(channel(&world), yanked, "torch stays yanked");
}

#[test]
fn a_promotion_that_a_new_plan_finished_goes_back_as_one() {
    let world = World::verified();
    let plan = killed(&world, "promote 2.15.0", "pages-stable-torchvision/0:after-intent");
    world.write("store/whl/torchvision/index.html", "somebody else's");
    world.stops(5, "promote 2.15.0 --apply");
    world.ok(&format!("withdraw {plan} --reason replaced"));
    std::fs::remove_file(world.path("store/whl/torchvision/index.html")).unwrap();
    world.ok("promote 2.15.0 --apply");
    let said = world.ok(BACK).stdout;
    let at = |step: &str| said.find(step).unwrap_or_else(|| panic!("no {step}: {said}"));
    assert!(at("pages-torchvision-stable") < at("pages-torch-stable"), "{said}");
    world.ok(&format!("{BACK} --apply"));
    assert_eq!(channel(&world), BTreeMap::new());
    world.stops(1, &format!("{BACK} --apply"));
}

#[test]
fn kept_pages_that_are_lost_stop_a_rollback_before_its_switch() {
    let world = promoted();
    world.ok(&format!("{YANK} --apply"));
    let before = channel(&world);
    std::fs::remove_dir_all(world.path("backup/kept")).unwrap();
    let ran = world.stops(1, &format!("{BACK} --apply"));
    assert!(ran.stderr.contains("kept/"), "{ran}");
    assert_eq!(channel(&world), before);
}

#[test]
fn a_channel_whose_map_is_lost_is_no_empty_channel() {
    let world = promoted();
    std::fs::remove_file(world.path("store/channels/stable.json")).unwrap();
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "index rebuild stable --apply").stderr, @"
    conflict[map-missing]: channels/stable.json: it is not there, but generation 1 was made with it
      way on: bring it back: from a mirror, or an older version of the object
      so far: nothing was changed
    ");
    assert!(world.stops(5, "promote 2.15.0 --apply").stderr.contains("conflict[map-missing]"));
    assert_eq!(world.photograph(), before);
    let ran = world.stops(1, "channel audit stable").stdout;
    assert!(ran.contains("map-missing: stable channels/stable.json"), "{ran}");
    assert!(world.stops(1, "channel audit 2.15.0").stdout.contains("release-missing: stable torch"));
}

#[test]
fn pages_that_were_there_before_are_not_made_anew_from_nothing() {
    let world = World::verified();
    world.write("store/whl/torch/index.html", "<a href=\"torch-2.13.0-py3-none-any.whl\">torch</a>");
    let before = world.photograph();
    assert_snapshot!(world.stops(5, "promote 2.15.0 --apply").stderr, @"
    conflict[pages-of-others]: whl/torch/index.html: stable has this page, and no map that says what the channel points to
      way on: trackside index import stable takes in what is there
      so far: nothing was changed
    ");
    assert_eq!(world.photograph(), before);
}

#[test]
fn an_audit_of_a_release_that_the_channel_does_not_have_says_so() {
    let world = World::verified();
    world.stops(1, "channel audit 2.15.0");
    world.ok("promote 2.15.0 --apply");
    world.ok("channel audit 2.15.0");
    world.ok(&format!("{BACK} --apply"));
    let ran = world.stops(1, "channel audit 2.15.0");
    assert!(ran.stdout.contains("release-missing: stable torch: the channel does not have 2.15.0"), "{ran}");
}

#[test]
fn a_first_promotion_that_was_given_up_before_its_switch_is_made_again() {
    let world = World::verified();
    let plan = killed(&world, "promote 2.15.0", "generation-stable/0:after-effect");
    world.ok(&format!("withdraw {plan} --reason changed"));
    world.ok("promote 2.15.0 --apply");
    world.ok("channel audit stable");
    world.ok(&format!("{BACK} --apply"));
    assert_eq!(channel(&world), BTreeMap::new());
}
