//! What is done to a whole channel, beside a run of a line that changes the same channel: one of them at a time.

use std::process::Command;

use crate::common::World;

const PROMOTE: &str = "promote 2.15.0 --apply";
const BACK: &str = "channel rollback stable --apply";

/// A command of an operator with a machine of its own and the state store that all share.
fn sharing(world: &World, who: &str, arguments: &str) -> Command {
    let mut command = world.command(arguments.split_whitespace());
    command.env("USER", who).env("TRACKSIDE_STATE", world.path("shared"));
    command.env("XDG_STATE_HOME", world.path(&format!("state/{who}")));
    command.env("XDG_CACHE_HOME", world.path(&format!("cache/{who}")));
    command
}

#[test]
fn a_rollback_does_not_begin_in_the_middle_of_a_promotion() {
    let world = World::verified();
    let whole = world.copy();
    assert_eq!(whole.finish(&mut sharing(&whole, "rae", PROMOTE)).code, Some(0));
    let begun = format!("{PROMOTE} --die-at pages-stable-torchvision/0:after-intent");
    assert_eq!(world.finish(&mut sharing(&world, "rae", &begun)).code, None);
    for command in [BACK, "index rebuild stable --apply", "channel yank stable torch==2.15.0 --reason broken --apply"] {
        let ran = world.finish(&mut sharing(&world, "kim", command));
        assert!(ran.code == Some(8) && ran.stderr.contains("is held by rae@"), "{command}: {ran}");
        // Nor by the operator of that run.
        assert_eq!(world.finish(&mut sharing(&world, "rae", command)).code, Some(3), "{command}");
    }
    let ran = world.finish(&mut sharing(&world, "rae", PROMOTE));
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(world.listing("store"), whole.listing("store"));
    // What was refused left nothing behind that holds the channel.
    assert_eq!(world.finish(&mut sharing(&world, "kim", BACK)).code, Some(0));
}

#[test]
fn a_promotion_does_not_begin_in_the_middle_of_a_rollback() {
    let world = World::verified();
    assert_eq!(world.finish(&mut sharing(&world, "rae", PROMOTE)).code, Some(0));
    let begun = format!("{BACK} --die-at map-stable/0:after-intent");
    assert_eq!(world.finish(&mut sharing(&world, "rae", &begun)).code, None);
    let ran = world.finish(&mut sharing(&world, "kim", PROMOTE));
    assert!(ran.code == Some(8) && ran.stderr.contains("is held by rae@"), "{ran}");
    assert_eq!(world.finish(&mut sharing(&world, "rae", BACK)).code, Some(0));
    assert_eq!(world.finish(&mut sharing(&world, "kim", PROMOTE)).code, Some(0));
}
