//! `cut` as a specification: a project and a world in, the plan's text out.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::{commit, project, told};
use crate::name::RepositoryName;
use crate::plan::cut::{Request, decide};
use crate::project::Project;
use crate::world::{Bump, CutWorld, Derived, Observed, ReleaseBranch};

const MAIN: &str = r#"
waves = ["core", "libraries"]
[project]
name = "Train"
identity = "R <r@example.org>"
[channels.test]
store = "./store"
[channels.stable]
store = "./store"
[backup]
store = "./backup"
[repositories.heart]
url = "./heart"
wave = "core"
version = { file = "version.txt" }
deliver = { edits = "push", bump = "topic-branch" }
[[repositories.heart.edits]]
kind = "set-version"
file = "version.txt"
version = "{release}"
[repositories.arm]
url = "./arm"
wave = "libraries"
release-branch = "r{line}"
[packages.heart]
repository = "heart"
[[packages.heart.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
"#;

const LINE: &str = r#"
line = "1.0"
[dates]
cut-libraries = 2026-10-08
[releases."1.0.0"]
heart = "1.0.0"
"#;

fn train() -> Project {
    project(MAIN, LINE)
}

fn asked(only: Option<&str>) -> Request {
    let today = jiff::civil::date(2026, 10, 1);
    Request { line: "1.0".parse().unwrap(), only: only.map(str::to_owned), from: None, release_version: None, today }
}

fn derived(id: u64, parent: u64) -> Derived {
    let (id, parent) = (commit(id), commit(parent));
    let (diff, message) = ("a diff\n".to_owned(), "a message\n".to_owned());
    Derived { id, parent, diff, files: vec!["version.txt".into()], message, seconds: 1 }
}

/// The core before its cut.
fn heart() -> CutWorld {
    CutWorld {
        base: Observed::Known(commit(0xa)),
        base_branch: "main".parse().unwrap(),
        cut: Observed::Absent,
        release: Observed::Absent,
        versions: vec![("version.txt".into(), Ok("1.0.0a0".into()))],
        edits: Observed::Known(derived(0xe, 0xa)),
        edits_topic: Observed::Absent,
        bump: Observed::Known(Bump::Due(derived(0xb, 0xa))),
        bump_topic: Observed::Absent,
    }
}

/// The arm, which has neither versions nor edits, before its cut.
fn arm() -> CutWorld {
    let base = Observed::Known(commit(0xc));
    CutWorld { base, versions: Vec::new(), edits: Observed::Absent, bump: Observed::Absent, ..heart() }
}

fn plan(only: Option<&str>, heart: CutWorld, arm: CutWorld) -> String {
    let world: BTreeMap<RepositoryName, CutWorld> =
        [("heart".parse().unwrap(), heart), ("arm".parse().unwrap(), arm)].into();
    told(decide(&train(), &asked(only), &world))
}

#[test]
fn a_first_cut_takes_the_waves_whose_date_has_come() {
    assert_snapshot!(plan(None, heart(), arm()), @"
    cut 1.0
    if
      heart orig/release/1.0 is absent
      heart main contains 000000000a
      heart release/1.0 is absent
      heart trackside/bump-1.1 is absent
    do
      Write: cut-heart: heart: `orig/release/1.0` and `release/1.0` at 000000000a
      Write: edit-heart: heart: release-only edits on `release/1.0`, 1 file
      Write: bump-heart: heart: version bump on the topic branch `trackside/bump-1.1`, 1 file
      wave libraries: due on 2026-10-08; --only libraries cuts it today
    ");
}

#[test]
fn a_named_repository_is_cut_before_its_date_under_its_own_branch_names() {
    assert_snapshot!(plan(Some("arm"), heart(), arm()), @"
    cut 1.0 --only arm
    if
      arm orig/release/1.0 is absent
      arm main contains 000000000c
      arm r1.0 is absent
    do
      Write: cut-arm: arm: `orig/release/1.0` and `r1.0` at 000000000c
    ");
}

#[test]
fn a_frozen_cut_point_is_taken_whatever_the_base_is() {
    let world = CutWorld { cut: Observed::Known(commit(0xa)), base: Observed::Known(commit(0xf)), ..heart() };
    assert_snapshot!(plan(None, world, arm()), @"
    cut 1.0
    if
      heart orig/release/1.0 is at 000000000a
      heart release/1.0 is absent
      heart trackside/bump-1.1 is absent
    do
      Write: cut-heart: heart: `orig/release/1.0` and `release/1.0` at 000000000a
      Write: edit-heart: heart: release-only edits on `release/1.0`, 1 file
      Write: bump-heart: heart: version bump on the topic branch `trackside/bump-1.1`, 1 file
      wave libraries: due on 2026-10-08; --only libraries cuts it today
    ");
}

#[test]
fn branches_without_their_edits_get_the_edits_alone() {
    let release = ReleaseBranch { tip: commit(0xa), descends: true, has_edits: false };
    let world = CutWorld { cut: Observed::Known(commit(0xa)), release: Observed::Known(release), ..heart() };
    assert_snapshot!(plan(None, world, arm()), @"
    cut 1.0
    if
      heart release/1.0 is at 000000000a
      heart trackside/bump-1.1 is absent
    do
      Write: edit-heart: heart: release-only edits on `release/1.0`, 1 file
      Write: bump-heart: heart: version bump on the topic branch `trackside/bump-1.1`, 1 file
      wave libraries: due on 2026-10-08; --only libraries cuts it today
    ");
}

#[test]
fn what_is_done_is_told() {
    let world = CutWorld {
        cut: Observed::Known(commit(0xa)),
        release: Observed::Known(ReleaseBranch { tip: commit(0xd), descends: true, has_edits: true }),
        bump_topic: Observed::Known(commit(0xb)),
        ..heart()
    };
    assert_snapshot!(plan(None, world, arm()), @"
    nothing to do
      heart: `trackside/bump-1.1` waits to be merged: version bump
      wave libraries: due on 2026-10-08; --only libraries cuts it today
    ");
}

#[test]
fn a_version_of_another_line_blocks_it() {
    let world = CutWorld { versions: vec![("version.txt".into(), Ok("1.1.0a0".into()))], ..heart() };
    assert_snapshot!(plan(None, world, arm()), @"
    blocked[version-disagrees]: heart: version.txt on the cut point: the file says 1.1.0a0, the release is 1.0.0
      way on: cut from a commit of line 1.0 with --from, or mend the line file
    ");
}
