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
    assert_snapshot!(about(&hub.ok("stage 2.15.0-rc1 --from ../dist").stdout), @"
    anaconda-copy-torch-1         copy 5 conda packages of torch to anaconda.org/train-test
    anaconda-copy-torchvision-1   copy 1 conda package of torchvision to anaconda.org/train-test
    anaconda-read-torch-1         read back 5 conda packages of torch in anaconda.org/train-test
    anaconda-read-torchvision-1   read back 1 conda package of torchvision in anaconda.org/train-test
    anaconda-label-torch-1        put 5 conda packages of torch under label main of anaconda.org/train-test
    anaconda-label-torchvision-1  put 1 conda package of torchvision under label main of anaconda.org/train-test
    ");
    assert_eq!(hub.writes(), [""; 0], "a plan writes nothing");
    hub.ok("stage 2.15.0-rc1 --from ../dist --apply");
    assert_snapshot!(hub.shown(), @"
    train-test/torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda: main, trackside-2.15.0-rc1
    train-test/torch/2.15.0/linux-64/torch-2.15.0-cu126_0.conda: main, trackside-2.15.0-rc1
    train-test/torch/2.15.0/osx-arm64/torch-2.15.0-cpu_0.conda: main, trackside-2.15.0-rc1
    train-test/torch/2.15.0/osx-arm64/torch-2.15.0-cu126_0.conda: main, trackside-2.15.0-rc1
    train-test/torch_headers/2.15.0/noarch/torch_headers-2.15.0-0.tar.bz2: main, trackside-2.15.0-rc1
    train-test/torchvision/0.30.0/noarch/torchvision-0.30.0-pyh_0.conda: main, trackside-2.15.0-rc1
    ");
    assert!(hub.ok("stage 2.15.0-rc1 --from ../dist --apply").stdout.contains("nothing to do"));
    hub.world.verify("2.15.0-rc1");
    let staged = hub.writes().len();
    assert_snapshot!(about(&hub.ok("promote 2.15.0").stdout), @"
    anaconda-copy-torch-1         copy 5 conda packages of torch to anaconda.org/train
    anaconda-copy-torchvision-1   copy 1 conda package of torchvision to anaconda.org/train
    anaconda-read-torch-1         read back 5 conda packages of torch in anaconda.org/train
    anaconda-read-torchvision-1   read back 1 conda package of torchvision in anaconda.org/train
    anaconda-label-torch-1        put 5 conda packages of torch under label main of anaconda.org/train
    anaconda-label-torchvision-1  put 1 conda package of torchvision under label main of anaconda.org/train
    ");
    hub.ok("promote 2.15.0 --apply");
    assert_snapshot!(hub.shown(), @"
    train-test/torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda: main, trackside-2.15.0-rc1
    train-test/torch/2.15.0/linux-64/torch-2.15.0-cu126_0.conda: main, trackside-2.15.0-rc1
    train-test/torch/2.15.0/osx-arm64/torch-2.15.0-cpu_0.conda: main, trackside-2.15.0-rc1
    train-test/torch/2.15.0/osx-arm64/torch-2.15.0-cu126_0.conda: main, trackside-2.15.0-rc1
    train-test/torch_headers/2.15.0/noarch/torch_headers-2.15.0-0.tar.bz2: main, trackside-2.15.0-rc1
    train-test/torchvision/0.30.0/noarch/torchvision-0.30.0-pyh_0.conda: main, trackside-2.15.0-rc1
    train/torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda: main, trackside-2.15.0
    train/torch/2.15.0/linux-64/torch-2.15.0-cu126_0.conda: main, trackside-2.15.0
    train/torch/2.15.0/osx-arm64/torch-2.15.0-cpu_0.conda: main, trackside-2.15.0
    train/torch/2.15.0/osx-arm64/torch-2.15.0-cu126_0.conda: main, trackside-2.15.0
    train/torch_headers/2.15.0/noarch/torch_headers-2.15.0-0.tar.bz2: main, trackside-2.15.0
    train/torchvision/0.30.0/noarch/torchvision-0.30.0-pyh_0.conda: main, trackside-2.15.0
    ");
    let mut writes = hub.writes().split_off(staged);
    writes.sort();
    assert_snapshot!(writes.join("\n"), @"
    POST /channels/train/main 201
    POST /channels/train/main 201
    POST /channels/train/main 201
    POST /channels/train/main 201
    POST /channels/train/main 201
    POST /channels/train/main 201
    POST /copy/package/train-test/torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda 200
    POST /copy/package/train-test/torch/2.15.0/linux-64/torch-2.15.0-cu126_0.conda 200
    POST /copy/package/train-test/torch/2.15.0/osx-arm64/torch-2.15.0-cpu_0.conda 200
    POST /copy/package/train-test/torch/2.15.0/osx-arm64/torch-2.15.0-cu126_0.conda 200
    POST /copy/package/train-test/torch_headers/2.15.0/noarch/torch_headers-2.15.0-0.tar.bz2 200
    POST /copy/package/train-test/torchvision/0.30.0/noarch/torchvision-0.30.0-pyh_0.conda 200
    ");
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
    assert_snapshot!(ran.stderr, @"
    conflict[other-bytes]: torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda: sha256 [ID] is there in anaconda.org/train, the candidate has [ID]
      way on: anaconda.org has one file of a name: build it with another build string
      so far: nothing was changed
    ");
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
    for step in [
        "anaconda-copy-torch-1/1:after-effect",
        "anaconda-read-torch-1/0:after-intent",
        "anaconda-label-torch-1/1:after-effect",
    ] {
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
    let wrong = "an-0ther-canary";
    let ran = hub.world.run_with("resume", &[("ANACONDA_API_TOKEN", wrong)]);
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

#[test]
fn one_owner_needs_no_copies_and_a_channel_alone_no_other_owner() {
    // Both channels are labels of one owner: what was staged is only put under another one.
    let hub = Hub::built();
    hub.world.mend("anaconda://train-test/main", "anaconda://train/rc");
    hub.ok("stage 2.15.0-rc1 --from ../dist --apply");
    hub.world.verify("2.15.0-rc1");
    let staged = hub.writes().len();
    hub.ok("promote 2.15.0 --apply");
    assert_eq!(hub.writes().split_off(staged), ["POST /channels/train/main 201"; 6]);
    let labels = ["main", "rc", "trackside-2.15.0-rc1"];
    assert!(hub.server.files().values().all(|(_, of_file)| of_file == &labels), "{}", hub.shown());
    // Only `stable` has a label: the packages come from the store of candidates.
    let hub = Hub::built();
    let line = format!("anaconda = \"{}\"\n", url(&hub.proxy, "train-test", "main"));
    hub.world.mend(&line, "");
    hub.ok("stage 2.15.0-rc1 --from ../dist --apply");
    assert_eq!(hub.writes(), [""; 0]);
    hub.world.verify("2.15.0-rc1");
    hub.ok("promote 2.15.0 --apply");
    assert!(hub.server.files().iter().all(|(path, (_, labels))| path.starts_with("train/") && labels[0] == "main"));
    assert_eq!(hub.server.files().len(), 6);
}

#[test]
fn the_audit_names_what_differs_and_the_doctor_writes_nothing() {
    let hub = Hub::verified();
    hub.ok("promote 2.15.0 --apply");
    assert!(hub.ok("channel audit stable").stdout.contains("nothing differs"));
    assert!(hub.ok("channel audit test").stdout.contains("nothing differs"));
    let at = |file: &str| format!("train/{file}");
    let (key, _) = package("");
    hub.server.alter(&at(&key), |file| file.labels = ["elsewhere".to_owned()].into());
    let mac = key.replace("linux-64", "osx-arm64");
    hub.server.alter(&at(&mac), |file| file.sha256 = "0".repeat(64));
    hub.server.lose(&at("torchvision/0.30.0/noarch/torchvision-0.30.0-pyh_0.conda"));
    let ran = hub.run("channel audit stable");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert_snapshot!(ran.stdout, @"
    anaconda-bytes: anaconda.org/train torch/2.15.0/osx-arm64/torch-2.15.0-cpu_0.conda: the server says sha256 [ID] ([SIZE]), the manifest [ID] ([SIZE])
    anaconda-label: anaconda.org/train torch/2.15.0/linux-64/torch-2.15.0-cpu_0.conda: it is not under label main
    anaconda-missing: anaconda.org/train torchvision/0.30.0/noarch/torchvision-0.30.0-pyh_0.conda: it is not there
    channel stable, 12 objects in 1 store: 3 differences
    ");
    let before = hub.writes();
    let ran = hub.ok("doctor");
    assert_eq!(hub.writes(), before);
    let about = ran.stdout.find("test at anaconda.org").unwrap();
    assert_snapshot!(ran.stdout[about..], @"
    test at anaconda.org: anaconda://train-test/main?endpoint=http://[HOST]
      ok       reachable
      note     writable: it is not tried, because what is written there stays
    stable at anaconda.org: anaconda://train/main?endpoint=http://[HOST]
      ok       reachable
      note     writable: it is not tried, because what is written there stays
    5 stores: all is well
    ");
    let ran = hub.world.run("doctor");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("ANACONDA_API_TOKEN is not set"), "{ran}");
}
