//! What a remote says about its refs, and the four ways in which it may have none.

use trackside_effects::git::{Credentials, GitError, RefPattern, ls_remote};

use crate::world::{World, git, id, name, remote};

#[test]
fn refs_are_listed_with_what_a_tag_points_to() {
    let world = World::new();
    let core = world.core();
    let tip = core.id("refs/heads/main").expect("the tip");
    let tag = core.annotated_tag("v2.15.0-rc1", &tip, "first").expect("a tag");
    core.light_tag("light", &tip).expect("a tag");
    core.light_tag("émigré", &tip).expect("a tag that is not ours");
    let answer = ls_remote(&git(Credentials::none()), &remote(&core.url()), &[]).expect("an answer");
    let names: Vec<_> = answer.refs.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["refs/heads/main", "refs/tags/light", "refs/tags/v2.15.0-rc1"]);
    let rc1 = &answer.refs[&name("refs/tags/v2.15.0-rc1")];
    assert_eq!((&rc1.id, rc1.commit()), (&id(&tag), &id(&tip)));
    assert_eq!(answer.refs[&name("refs/tags/light")].peeled, None);
}

#[test]
fn patterns_choose_whole_names_and_prefixes_only() {
    let world = World::new();
    let core = world.core();
    let tip = core.id("refs/heads/main").expect("the tip");
    for branch in ["release/2.1", "release/2.10", "x/refs/heads/release/2.1"] {
        core.branch(branch, &tip).expect("a branch");
    }
    let ask = |pattern: RefPattern| {
        let answer = ls_remote(&git(Credentials::none()), &remote(&core.url()), &[pattern]).expect("an answer");
        answer.refs.keys().map(|name| name.short().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ask(RefPattern::Exact(name("refs/heads/release/2.1"))), ["release/2.1"]);
    assert_eq!(ask(RefPattern::Prefix("refs/heads/release/".into())), ["release/2.1", "release/2.10"]);
    assert_eq!(ask(RefPattern::Prefix("refs/tags/".into())), Vec::<String>::new());
}

#[test]
fn an_empty_repository_is_told_from_one_without_such_a_ref() {
    let world = World::new();
    let (empty, core) = (world.repo("empty.git"), world.core());
    let wanted = [RefPattern::Exact(name("refs/heads/nope"))];
    for (repo, is_empty) in [(empty, true), (core, false)] {
        let answer = ls_remote(&git(Credentials::none()), &remote(&repo.url()), &wanted).expect("an answer");
        assert_eq!((answer.refs.len(), answer.empty), (0, is_empty));
    }
}

#[test]
fn a_missing_repository_is_not_found() {
    let world = World::new();
    let missing = world.path("missing.git");
    let error = ls_remote(&git(Credentials::none()), &remote(&missing.display().to_string()), &[]).unwrap_err();
    assert!(matches!(error, GitError::NotFound { .. }), "{error:?}");
}

#[test]
fn a_server_that_is_down_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let url = remote(&format!("http://{address}/core.git"));
    let error = ls_remote(&git(Credentials::none()), &url, &[]).unwrap_err();
    assert!(matches!(error, GitError::Unreachable { .. }), "{error:?}");
}
