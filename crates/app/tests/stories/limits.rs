//! Stores that cannot be written: read-only, or full.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use insta::assert_snapshot;

use crate::common::{World, wheel};

/// The account `nobody`, which owns nothing.
const NOBODY: u32 = 65534;

/// Gives every folder and file below a path these rights.
fn chmod(world: &World, below: &str, folders: u32, files: u32) {
    let mut paths = vec![world.path(below)];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let rights = if path.is_dir() { folders } else { files };
        std::fs::set_permissions(&path, PermissionsExt::from_mode(rights)).unwrap();
    }
}

/// The program in the release repository, as somebody to whom the rights of files mean something.
fn unprivileged(world: &World, arguments: &str) -> Command {
    let mut command = world.command(arguments.split_whitespace());
    if rustix::process::geteuid().is_root() {
        // The program may lie where only root can go.
        let copy = world.path("trackside");
        std::fs::copy(command.get_program(), &copy).unwrap();
        let mut copied = Command::new(copy);
        copied.args(command.get_args()).current_dir(world.path("release")).env_clear();
        copied.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        copied.uid(NOBODY).gid(NOBODY);
        command = copied;
    }
    command
}

#[test]
fn a_store_that_is_read_only() {
    let world = World::tagged();
    world.build("", &wheel("torch", "2.15.0+cpu"));
    chmod(&world, "", 0o777, 0o666);
    chmod(&world, "store", 0o555, 0o444);
    let before = world.listing("store");
    let ran = world.finish(&mut unprivileged(&world, "stage 2.15.0-rc1 --from ../dist --apply"));
    chmod(&world, "store", 0o755, 0o644);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert_snapshot!(ran, @"
    | plan [ID] · stage 2.15.0-rc1
    |    1  store-torch-1-1         store 2 objects of torch 2.15.0-rc1
    |    2  backup-torch-1-1        backup 2 objects of torch 2.15.0-rc1
    |    3  manifest-torch-1        manifest of torch 2.15.0-rc1, revision 1, open
    |    4  pages-2-15-0-rc1-torch  2.15.0-rc1: pages of torch
    |    5  lists-2-15-0-rc1        2.15.0-rc1: list pages
    |       note: torch: 1 missing: cu126/torch-2.15.0+cu126-py3-none-any.whl
    |       note: torchvision: nothing is staged yet
    |       14 effects, [SIZE] to move; expires [TIME]
    | [1/5] store 2 objects of torch 2.15.0-rc1
    | error: not allowed to make [WORLD]/store/.trackside-tmp/[ID]: Permission denied (os error 13)
    |   so far: refused   store 2 objects of torch 2.15.0-rc1 ([N] of 2 effects done)
    |   so far: not done  backup 2 objects of torch 2.15.0-rc1
    |   so far: not done  manifest of torch 2.15.0-rc1, revision 1, open
    |   so far: not done  2.15.0-rc1: pages of torch
    |   so far: not done  2.15.0-rc1: list pages
    |   next: remove the cause and: trackside resume [ID]; or: trackside withdraw [ID] --reason REASON, and a new plan: trackside stage 2.15.0-rc1 --from ../dist
    exit 1
    ");
    assert_eq!(world.listing("store"), before);
}

#[test]
fn a_state_store_that_is_read_only() {
    let world = World::train();
    world.ok("runs");
    chmod(&world, "", 0o777, 0o666);
    chmod(&world, "state", 0o555, 0o444);
    let ran = world.finish(&mut unprivileged(&world, "check"));
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = world.finish(&mut unprivileged(&world, "withdraw ffff --reason r"));
    chmod(&world, "state", 0o755, 0o644);
    assert_ne!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_disk_that_is_full() {
    let world = World::tagged();
    world.build("", &wheel("torch", "2.15.0+cpu").filler(2 << 20));
    let before = world.listing("store");
    let program = world.command(["stage", "2.15.0-rc1", "--from", "../dist", "--apply"]);
    let mut limited = Command::new("sh");
    // No file may grow beyond a megabyte; without the signal the write fails, as on a full disk.
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args());
    limited.current_dir(world.path("release")).env_clear();
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = world.finish(&mut limited);
    assert_eq!(ran.code, Some(7), "{ran}");
    assert_snapshot!(ran, @"
    | plan [ID] · stage 2.15.0-rc1
    |    1  store-torch-1-1         store 2 objects of torch 2.15.0-rc1
    |    2  backup-torch-1-1        backup 2 objects of torch 2.15.0-rc1
    |    3  manifest-torch-1        manifest of torch 2.15.0-rc1, revision 1, open
    |    4  pages-2-15-0-rc1-torch  2.15.0-rc1: pages of torch
    |    5  lists-2-15-0-rc1        2.15.0-rc1: list pages
    |       note: torch: 1 missing: cu126/torch-2.15.0+cu126-py3-none-any.whl
    |       note: torchvision: nothing is staged yet
    |       14 effects, [SIZE] to move; expires [TIME]
    | [1/5] store 2 objects of torch 2.15.0-rc1
    | error: no space left to write [WORLD]/store/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0+cpu-py3-none-any.whl: File too large (os error 27)
    |   so far: refused   store 2 objects of torch 2.15.0-rc1 ([N] of 2 effects done)
    |   so far: not done  backup 2 objects of torch 2.15.0-rc1
    |   so far: not done  manifest of torch 2.15.0-rc1, revision 1, open
    |   so far: not done  2.15.0-rc1: pages of torch
    |   so far: not done  2.15.0-rc1: list pages
    |   next: trackside resume [ID]
    exit 7
    ");
    assert_eq!(world.listing("store"), before);
    // With room again, the same run is finished.
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(world.listing("store").contains("packages/torch/2.15.0-rc1/manifest/000001.json"));
}

#[cfg(unix)]
#[test]
fn a_word_that_is_no_text_is_a_usage_error() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::train();
    for words in
        [[OsStr::new("status"), OsStr::from_bytes(b"\xff")], [OsStr::new("--format=json"), OsStr::from_bytes(b"\xff")]]
    {
        let ran = world.finish(&mut world.command(words));
        assert_eq!(ran.code, Some(2), "{ran}");
    }
}
