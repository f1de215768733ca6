//! `candidate` as a specification: a project and a world in, the plan's text out.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::{commit, project, told};
use crate::manifest::CandidateRecord;
use crate::name::RepositoryName;
use crate::plan::Decision;
use crate::plan::candidate::{Request, decide, next_candidate};
use crate::project::Project;
use crate::version::Release;
use crate::world::{CandidateFacts, CandidateWorld, DerivedTag, Observed};

const MAIN: &str = r#"
waves = ["all"]
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
wave = "all"
[repositories.arm]
url = "./arm"
wave = "all"
[packages.heart]
repository = "heart"
[[packages.heart.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
[packages.arm]
repository = "arm"
[[packages.arm.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
"#;

const LINE: &str = r#"
line = "1.0"
[releases."1.0.0"]
heart = "1.0.0"
arm = "0.3.0"
[releases."1.0.1"]
heart = "1.0.1"
arm = "0.3.0"
"#;

fn train() -> Project {
    project(MAIN, LINE)
}

/// A repository whose release branch is at `tip`, with its tags and the commits that they are on.
fn seen(version: &str, tip: u64, tags: &[(&str, u64)], found: &str) -> CandidateWorld {
    let tags: BTreeMap<_, _> = tags.iter().map(|(tag, at)| (tag.parse().unwrap(), commit(*at))).collect();
    let name = next_candidate(&tags, version.parse::<Release>().unwrap()).tag().unwrap();
    let next_tag =
        DerivedTag { id: commit(tip + 0x100), target: commit(tip), name, message: "a tag\n".into(), seconds: 1 };
    let versions = vec![("version.txt".to_owned(), Ok(found.to_owned()))];
    CandidateWorld {
        tip: Observed::Known(commit(tip)),
        tags: Observed::Known(tags),
        versions,
        next_tag: Observed::Known(next_tag),
    }
}

fn decided(request: &Request, heart: CandidateWorld, arm: CandidateWorld, facts: &CandidateFacts) -> Decision {
    let world: BTreeMap<RepositoryName, CandidateWorld> =
        [("heart".parse().unwrap(), heart), ("arm".parse().unwrap(), arm)].into();
    decide(&train(), request, &world, facts)
}

fn asked(release: &str) -> Request {
    Request { release: release.parse().unwrap(), only: None, again: None }
}

/// What is known after a first candidate on the commits 0xa and 0xb.
fn after_the_first() -> CandidateFacts {
    let none = CandidateFacts::default();
    let decision =
        decided(&asked("1.0.0"), seen("1.0.0", 0xa, &[], "1.0.0a0"), seen("0.3.0", 0xb, &[], "0.3.0"), &none);
    let Decision::Draft(draft) = decision else { panic!("{decision:?}") };
    let record = match &draft.steps.last().unwrap().actions[..] {
        [_, crate::action::Action::CreateObject { content: crate::action::Content::Text(text), .. }] => text.clone(),
        other => panic!("{other:?}"),
    };
    let record = CandidateRecord::from_bytes(record.as_bytes()).unwrap();
    CandidateFacts { records: [(record.candidate, record)].into(), ..none }
}

#[test]
fn the_first_candidate_tags_every_tip() {
    let none = CandidateFacts::default();
    let (heart, arm) = (seen("1.0.0", 0xa, &[], "1.0.0a0"), seen("0.3.0", 0xb, &[], "0.3.0"));
    assert_snapshot!(told(decided(&asked("1.0.0"), heart, arm, &none)), @"
    candidate 1.0.0
    if
      arm release/0.3 is at 000000000b
      arm v0.3.0-rc1 is absent
      heart release/1.0 is at 000000000a
      heart v1.0.0-rc1 is absent
      candidates/1.0.0-rc1/candidate.json is absent
    do
      Tag: tag-arm: arm: tag `v0.3.0-rc1` on 000000000b
      Tag: tag-heart: heart: tag `v1.0.0-rc1` on 000000000a
      Record: record-1-0-0-rc1: record of candidate 1.0.0-rc1
    ");
}

#[test]
fn a_package_whose_tip_has_not_moved_is_carried_over() {
    let heart = seen("1.0.0", 0xc, &[("v1.0.0-rc1", 0xa)], "1.0.0a0");
    let arm = seen("0.3.0", 0xb, &[("v0.3.0-rc1", 0xb)], "0.3.0");
    assert_snapshot!(told(decided(&asked("1.0.0"), heart, arm, &after_the_first())), @"
    candidate 1.0.0
    if
      heart release/1.0 is at 000000000c
      heart v1.0.0-rc2 is absent
      candidates/1.0.0-rc2/candidate.json is absent
    do
      Tag: tag-heart: heart: tag `v1.0.0-rc2` on 000000000c
      Record: record-1-0-0-rc2: record of candidate 1.0.0-rc2
      arm: carried over from 1.0.0-rc1 as v0.3.0-rc1 (manifest not sealed yet)
    ");
}

#[test]
fn nothing_moved_and_nothing_is_due() {
    let heart = || seen("1.0.0", 0xa, &[("v1.0.0-rc1", 0xa)], "1.0.0a0");
    let arm = || seen("0.3.0", 0xb, &[("v0.3.0-rc1", 0xb)], "0.3.0");
    let facts = after_the_first();
    assert_snapshot!(told(decided(&asked("1.0.0"), heart(), arm(), &facts)), @"
    nothing to do
      arm: carried over from 1.0.0-rc1 as v0.3.0-rc1 (manifest not sealed yet)
      heart: carried over from 1.0.0-rc1 as v1.0.0-rc1 (manifest not sealed yet)
    ");
    let again = Request { only: Some("heart".parse().unwrap()), again: Some("a lost build".into()), ..asked("1.0.0") };
    assert_snapshot!(told(decided(&again, heart(), arm(), &facts)), @"
    candidate 1.0.0 --only heart
    if
      heart release/1.0 is at 000000000a
      heart v1.0.0-rc2 is absent
      candidates/1.0.0-rc2/candidate.json is absent
    do
      Tag: tag-heart: heart: tag `v1.0.0-rc2` on 000000000a
      Record: record-1-0-0-rc2: record of candidate 1.0.0-rc2
      arm: carried over from 1.0.0-rc1 as v0.3.0-rc1 (manifest not sealed yet)
    ");
}

#[test]
fn a_patch_release_carries_what_was_released_with_the_release_before() {
    let heart = seen("1.0.1", 0xc, &[("v1.0.0-rc1", 0xa), ("v1.0.0", 0xa)], "1.0.1");
    let arm = seen("0.3.0", 0xd, &[("v0.3.0-rc1", 0xb), ("v0.3.0", 0xb)], "0.3.0");
    assert_snapshot!(told(decided(&asked("1.0.1"), heart, arm, &after_the_first())), @"
    candidate 1.0.1
    if
      heart release/1.0 is at 000000000c
      heart v1.0.1-rc1 is absent
      candidates/1.0.1-rc1/candidate.json is absent
    do
      Tag: tag-heart: heart: tag `v1.0.1-rc1` on 000000000c
      Record: record-1-0-1-rc1: record of candidate 1.0.1-rc1
      arm: carried over from 1.0.0-rc1 as v0.3.0-rc1 (manifest not sealed yet)
    ");
}

#[test]
fn a_gap_in_the_numbers_is_not_filled() {
    let heart = seen("1.0.0", 0xc, &[("v1.0.0-rc1", 0xa), ("v1.0.0-rc4", 0xa), ("v1.0.0-rc9x", 0xa)], "1.0.0");
    let arm = seen("0.3.0", 0xb, &[("v0.3.0-rc1", 0xb)], "0.3.0");
    assert_snapshot!(told(decided(&asked("1.0.0"), heart, arm, &after_the_first())), @"
    candidate 1.0.0
    if
      heart release/1.0 is at 000000000c
      heart v1.0.0-rc5 is absent
      candidates/1.0.0-rc2/candidate.json is absent
    do
      Tag: tag-heart: heart: tag `v1.0.0-rc5` on 000000000c
      Record: record-1-0-0-rc2: record of candidate 1.0.0-rc2
      heart: a tag is not counted: `v1.0.0-rc9x` is not a candidate tag such as v2.15.0-rc3: only the digits 0 to 9 may stand in a number
      arm: carried over from 1.0.0-rc1 as v0.3.0-rc1 (manifest not sealed yet)
    ");
}

#[test]
fn all_reasons_against_it_are_told() {
    let heart = seen("1.0.0", 0xc, &[], "1.1.0a0");
    let arm = seen("0.3.0", 0xd, &[("v0.3.0", 0xb)], "0.3.0");
    assert_snapshot!(told(decided(&asked("1.0.0"), heart, arm, &CandidateFacts::default())), @"
    conflict[released]: arm: arm 0.3.0 is released already, but no candidate of it is known
      way on: raise its version in the line file
    blocked[version-disagrees]: heart: version.txt on the release branch: the file says 1.1.0a0, the release is 1.0.0
      way on: land a commit that sets version.txt to 1.0.0, or mend the line file
    ");
}

#[test]
fn a_line_that_is_not_cut_blocks_it() {
    let absent = || CandidateWorld {
        tip: Observed::Absent,
        tags: Observed::Known(BTreeMap::new()),
        versions: Vec::new(),
        next_tag: Observed::Absent,
    };
    assert_snapshot!(told(decided(&asked("1.0.0"), absent(), absent(), &CandidateFacts::default())), @"
    blocked[not-cut]: 1.0.0: no package of it has a release branch
      way on: trackside cut 1.0
    ");
}
