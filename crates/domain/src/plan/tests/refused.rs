//! Orders that no plan may have, made by hand, and refused.

use std::collections::BTreeMap;

use crate::action::{Action, Content, Location, RefUpdate};
use crate::digest::Sha256;
use crate::plan::order::{OrderError, check};
use crate::plan::{Phase, Step};
use crate::store::Fingerprint;

use super::commit;

fn at(key: &str) -> Location {
    Location { store: "file:///store".parse().unwrap(), key: key.parse().unwrap() }
}

fn object() -> Action {
    Action::CreateObject { to: at("packages/p/file"), content: Content::Text("bytes".into()) }
}

fn copy() -> Action {
    Action::CopyObject { from: at("packages/p/file"), to: at("whl/file"), size: 5, sha256: Sha256::of(b"bytes") }
}

fn page() -> Action {
    Action::ReplaceObject { at: at("whl/p/index.html"), expect: None, text: "page".into() }
}

fn read() -> Action {
    Action::ReadBack { at: at("whl/file"), size: 5, sha256: Sha256::of(b"bytes") }
}

fn look() -> Action {
    let file = at("whl/file");
    Action::CheckObjects {
        store: file.store,
        objects: [(file.key, Fingerprint::of(b"bytes"))].into(),
        tags: BTreeMap::new(),
    }
}

fn label() -> Action {
    let store = "anaconda://train/main".parse().unwrap();
    Action::AddLabel { at: Location { store, ..at("p/1/noarch/p-1-0.conda") }, sha256: Sha256::of(b"bytes") }
}

fn push(name: &str) -> Action {
    let update = RefUpdate { name: name.parse().unwrap(), expect: None, new: commit(1) };
    let (repository, url) = ("core".parse().unwrap(), "/git/core".parse().unwrap());
    Action::PushRefs { repository, url, recipes: Vec::new(), updates: vec![update] }
}

fn steps(plan: &[(&str, Phase, Action)]) -> Vec<Step> {
    plan.iter().map(|(id, phase, action)| Step::new(&[id], *id, *phase, vec![action.clone()])).collect()
}

#[test]
fn phases_never_go_back() {
    let (branch, tag) = (push("refs/heads/release/1.0"), push("refs/tags/v1.0.0"));
    let wrong = [
        [("page", Phase::PackagePages, page()), ("object", Phase::Write, object())],
        [("list", Phase::ListPages, page()), ("page", Phase::PackagePages, page())],
        [("page", Phase::PackagePages, page()), ("map", Phase::Map, page())],
        [("map", Phase::Map, page()), ("tag", Phase::Tag, tag.clone())],
        [("tag", Phase::Tag, tag.clone()), ("branch", Phase::Write, branch.clone())],
        [("read", Phase::ReadBack, read()), ("copy", Phase::Write, copy())],
        [("record", Phase::Record, object()), ("list", Phase::ListPages, page())],
    ];
    for plan in wrong {
        let mut steps = steps(&plan);
        assert!(matches!(check(&steps), Err(OrderError::Late { .. })), "{plan:?}");
        steps.reverse();
        assert_eq!(check(&steps), Ok(()), "{plan:?}");
    }
}

#[test]
fn every_action_stands_in_its_phase() {
    let (branch, tag) = (push("refs/heads/release/1.0"), push("refs/tags/v1.0.0"));
    let all =
        [Phase::Write, Phase::ReadBack, Phase::Tag, Phase::Map, Phase::PackagePages, Phase::ListPages, Phase::Record];
    for (action, right) in [
        (branch, &[Phase::Write][..]),
        (tag, &[Phase::Tag]),
        (copy(), &[Phase::Write]),
        (object(), &[Phase::Write, Phase::Record]),
        (page(), &[Phase::Map, Phase::PackagePages, Phase::ListPages]),
        (read(), &[Phase::Write, Phase::ReadBack]),
        (look(), &[Phase::ReadBack]),
        (label(), &[Phase::PackagePages]),
    ] {
        for phase in all {
            let found = check(&steps(&[("step", phase, action.clone())]));
            let expected = right.contains(&phase);
            assert_eq!(found.is_ok(), expected, "{} in {phase:?}: {found:?}", action.subject());
            assert!(expected || matches!(found, Err(OrderError::Misplaced { .. })), "{found:?}");
        }
    }
}

#[test]
fn nothing_and_the_same_twice_are_no_plans() {
    assert_eq!(check(&[]), Err(OrderError::NoSteps));
    let empty = Step::new(&["empty"], "empty", Phase::Write, Vec::new());
    assert!(matches!(check(&[empty]), Err(OrderError::Empty(_))));
    let twice = steps(&[("one", Phase::Write, object()), ("one", Phase::Write, copy())]);
    assert!(matches!(check(&twice), Err(OrderError::Twice(_))));
}
