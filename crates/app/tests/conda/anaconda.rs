//! anaconda.org beside the channels: staged under `test`, promoted by the server's own copy, switched by labels;
//! what is there is never replaced, and a run that was killed goes on.

use insta::assert_snapshot;
use rustix::process::{Pid, Signal, kill_process};
use trackside_testkit::servers::{Fault, Rule};

use crate::hub::{Hub, TOKEN, package, put, store, url};

/// The lines of a plan that are about anaconda.org, without their numbers.
fn about(text: &str) -> String {
    let lines = text.lines().filter(|line| line.contains("anaconda-"));
    let number = |char: char| char.is_ascii_digit() || char == ' ';
    lines.map(|line| format!("{}\n", line.trim_start_matches(number))).collect()
}

#[test]
fn a_release_goes_from_one_owner_to_the_other_and_is_switched_by_its_label() {
    let hub = Hub::built();
    assert_snapshot!(about(&hub.ok("stage 2.15.0-rc1 --from ../dist").stdout), @"");
    assert_eq!(hub.writes(), [""; 0], "a plan writes nothing");
    hub.ok("stage 2.15.0-rc1 --from ../dist --apply");
    assert_snapshot!(hub.shown(), @"");
    assert!(hub.ok("stage 2.15.0-rc1 --from ../dist --apply").stdout.contains("nothing to do"));
    hub.world.verify("2.15.0-rc1");
    let staged = hub.writes().len();
    assert_snapshot!(about(&hub.ok("promote 2.15.0").stdout), @"");
    hub.ok("promote 2.15.0 --apply");
    assert_snapshot!(hub.shown(), @"");
    assert_snapshot!(hub.writes()[staged..].join("\n"), @"");
    let before = hub.writes();
    assert!(hub.ok("promote 2.15.0 --apply").stdout.contains("nothing to do"));
    assert_eq!(hub.writes(), before);
    assert!(before.iter().all(|line| line.starts_with("POST")), "nothing is replaced or removed: {before:#?}");
}

#[test]
fn other_bytes_are_found_before_anything_is_written() {
    let hub = Hub::verified();
    let (key, bytes) = package("of somebody else");
    put(&store(&url(&hub.proxy, "train", "other"), TOKEN), &key, &bytes).unwrap();
    let (files, world) = (hub.server.files(), hub.world.photograph());
    let ran = hub.run("promote 2.15.0 --apply");
    assert_eq!(ran.code, Some(5), "{ran}");
    assert_snapshot!(ran.stderr, @"");
    assert_eq!((hub.server.files(), hub.world.photograph()), (files, world));
}

#[test]
fn a_file_that_appears_after_the_plan_makes_it_stale() {
    let hub = Hub::verified();
    let plan = hub.world.plan("promote 2.15.0");
    let (key, bytes) = package("of somebody else");
    put(&store(&url(&hub.proxy, "train", "other"), TOKEN), &key, &bytes).unwrap();
    let ran = hub.run(&format!("apply {plan}"));
    assert_eq!(ran.code, Some(4), "{ran}");
    assert!(ran.stderr.contains(&key), "{ran}");
}

#[test]
fn a_run_that_was_killed_before_a_commit_goes_on() {
    for keeps in [false, true] {
        let hub = Hub::built();
        hub.server.keep_leftovers(keeps);
        let plan = hub.world.plan("stage 2.15.0-rc1 --from ../dist");
        hub.proxy.inject(Rule { method: "POST", part: "/commit/", nth: 1, times: 1, fault: Fault::Held });
        let mut child = hub.command(&format!("apply {plan}")).spawn().unwrap();
        hub.proxy.wait_until_held();
        kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
        assert!(hub.server.staged() > 0);
        let ran = hub.run(&format!("resume {plan}"));
        if keeps {
            assert_eq!(ran.code, Some(1), "{ran}");
            assert!(ran.stderr.contains("an upload of it was begun and never finished"), "{ran}");
        } else {
            assert_eq!(ran.code, Some(0), "{ran}");
            assert_eq!(hub.server.staged(), 0);
            assert!(hub.ok("stage 2.15.0-rc1 --from ../dist --apply").stdout.contains("nothing to do"));
        }
    }
}

#[test]
fn a_promotion_that_is_killed_at_a_step_ends_as_one_that_is_not() {
    for step in
        ["anaconda-copy-torch-1/1:after-effect", "anaconda-read-torch-1/0:after-intent", "anaconda-label-torch-1/1:after-effect"]
    {
        let hub = Hub::verified();
        let plan = hub.world.plan("promote 2.15.0");
        assert_eq!(hub.run(&format!("apply {plan} --die-at {step}")).code, None, "{step}");
        hub.ok(&format!("resume {plan}"));
        let stable: Vec<_> = hub.server.files().into_iter().filter(|(path, _)| path.starts_with("train/")).collect();
        assert_eq!(stable.len(), 6, "{stable:#?}");
        assert!(stable.iter().all(|(_, (_, labels))| labels == &["main", "trackside-2.15.0"]), "{stable:#?}");
        assert!(hub.ok("promote 2.15.0 --apply").stdout.contains("nothing to do"), "{step}");
    }
}

#[test]
fn a_wrong_token_is_told_plainly_and_shown_nowhere() {
    let hub = Hub::built();
    let stage = "stage 2.15.0-rc1 --from ../dist --apply";
    let ran = hub.world.run(stage);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("ANACONDA_API_TOKEN is not set"), "{ran}");
    let plan = hub.world.plan("stage 2.15.0-rc1 --from ../dist");
    let wrong = "an-0ther-canary";
    let ran = hub.world.run_with(&format!("apply {plan}"), &[("ANACONDA_API_TOKEN", wrong)]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("401 Unauthorized: The token is not valid"), "{ran}");
    hub.ok(stage);
    for (path, bytes) in hub.world.photograph() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(TOKEN) && !text.contains(wrong), "{path}");
    }
    hub.world.each_file("state", &mut |path| {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        assert!(!text.contains(TOKEN) && !text.contains(wrong), "{}", path.display());
    });
    assert!(!ran.stderr.contains(wrong) && !ran.stdout.contains(wrong), "{ran}");
}
