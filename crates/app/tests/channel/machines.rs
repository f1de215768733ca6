//! Two machines that share the state log on a server: one acts, the other loses and knows it, also when it was
//! paused in the middle of a write and another has finished its run.

use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use trackside_testkit::servers::{Fault, Rule};

use crate::bucket::{Shop, Stall};
use crate::common::{Ran, World};

/// How often two start at once.
const ROUNDS: usize = 4;

/// A candidate whose state is beside its channels, and the plan to promote it.
fn shared<'a>(shop: &'a Shop, prefix: &str) -> (Stall<'a>, String) {
    let stall = shop.stall(prefix);
    let url = shop.server.url_through(stall.proxy.address(), &format!("release/{prefix}/state"));
    // moto heeds no condition of a plain copy.
    stall.world.mend("&region=us-east-1", "&region=us-east-1&copies=strict");
    stall.world.mend("[backup]", &format!("[state]\nstore = \"{url}\"\n\n[backup]"));
    let answer = machine(&stall, "rae", "promote 2.15.0 --format json").output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    let plan = answer["plan"]["digest"].as_str().unwrap_or_else(|| panic!("no plan: {answer:#}")).to_owned();
    // moto looks and writes in two moves, a real S3 in one.
    stall.proxy.one_write_at_a_time();
    (stall, plan)
}

/// The program on a machine of its own.
fn machine(stall: &Stall<'_>, who: &str, arguments: &str) -> Command {
    let mut command = stall.command(arguments);
    command.env("USER", who).env("XDG_STATE_HOME", stall.world.path(&format!("state/{who}")));
    command.env("XDG_CACHE_HOME", stall.world.path(&format!("cache/{who}")));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(stall: &Stall<'_>, who: &str, arguments: &str) -> Ran {
    stall.world.finish(&mut machine(stall, who, arguments))
}

fn ended(stall: &Stall<'_>, child: Child) -> Ran {
    stall.world.ran(&child.wait_with_output().unwrap())
}

/// What was written more than once.
fn twice(stall: &Stall<'_>) -> Vec<String> {
    stall.proxy.writes().into_iter().filter(|(_, count)| *count > 1).map(|(path, _)| path).collect()
}

#[test]
fn of_two_that_start_at_once_one_performs() {
    let shop = Shop::open(World::verified());
    let calm = shop.stall("calm");
    assert_eq!(calm.run("promote 2.15.0 --apply").code, Some(0));
    let expected = calm.photograph();
    for round in 0..ROUNDS {
        let (stall, plan) = shared(&shop, &format!("round-{round}"));
        let start = |who| machine(&stall, who, &format!("apply {plan}")).spawn().unwrap();
        let (rae, kim) = (start("rae"), start("kim"));
        let ran = [ended(&stall, rae), ended(&stall, kim)];
        let performed = ran.iter().filter(|ran| ran.stdout.starts_with("done: run")).count();
        assert_eq!(performed, 1, "{}\n{}", ran[0], ran[1]);
        // The other is told to wait, or, if it was slow, that it is done or that the plan is of yesterday.
        let lost = |ran: &Ran| {
            matches!(ran.code, Some(8 | 4)) || ran.code == Some(0) && ran.stdout.starts_with("nothing to do")
        };
        assert_eq!(ran.iter().filter(|ran| lost(ran)).count(), 1, "{}\n{}", ran[0], ran[1]);
        assert_eq!(twice(&stall), [""; 0]);
        assert!(stall.photograph() == expected, "round {round}");
    }
}

#[test]
fn while_one_is_in_the_middle_the_other_is_told_who_it_is() {
    let shop = Shop::open(World::verified());
    let (stall, plan) = shared(&shop, "middle");
    stall.proxy.inject(Rule { method: "POST", part: ".whl?uploadId", nth: 2, times: 1, fault: Fault::Held });
    let rae = machine(&stall, "rae", &format!("apply {plan}")).spawn().unwrap();
    stall.proxy.wait_until_held();
    for command in [format!("apply {plan}"), format!("resume {plan}"), "promote 2.15.0 --apply".to_owned()] {
        let kim = run(&stall, "kim", &command);
        assert_eq!(kim.code, Some(8), "{command}: {kim}");
        assert!(kim.stderr.contains("is held by rae@[MACHINE]"), "{command}: {kim}");
    }
    stall.proxy.release();
    let rae = ended(&stall, rae);
    assert_eq!(rae.code, Some(0), "{rae}");
    assert_eq!(twice(&stall), [""; 0]);
    let kim = run(&stall, "kim", &format!("apply {plan}"));
    assert!(kim.code == Some(0) && kim.stdout.starts_with("nothing to do"), "{kim}");
}

#[test]
fn a_paused_machine_writes_nothing_after_another_has_taken_over() {
    let shop = Shop::open(World::verified());
    let calm = shop.stall("calm");
    assert_eq!(calm.run("promote 2.15.0 --apply").code, Some(0));
    let expected = calm.photograph();
    // In the middle of a copy, of a page, of the record of the channel, and of an event of the journal.
    let places = [
        ("copy", "POST", ".whl?uploadId", 2),
        ("page", "PUT", "index.html", 2),
        ("channel", "PUT", "/channels/stable.json", 1),
        ("event", "PUT", "/state/runs/", 2),
    ];
    for (prefix, method, part, nth) in places {
        let (stall, plan) = shared(&shop, prefix);
        stall.proxy.inject(Rule { method, part, nth, times: 1, fault: Fault::Held });
        let rae = machine(&stall, "rae", &format!("apply {plan}")).spawn().unwrap();
        stall.proxy.wait_until_held();
        kill_process(Pid::from_child(&rae), Signal::STOP).unwrap();
        let kim = run(&stall, "kim", &format!("resume {plan} --take-over paused"));
        assert_eq!(kim.code, Some(0), "{prefix}: {kim}");
        assert!(stall.photograph() == expected, "{prefix}: after the take-over");
        assert_eq!(twice(&stall), [""; 0], "{prefix}");
        stall.proxy.forget();
        // What was on its way arrives now, and then the paused one wakes.
        stall.proxy.release();
        kill_process(Pid::from_child(&rae), Signal::CONT).unwrap();
        let rae = ended(&stall, rae);
        assert_eq!(rae.code, Some(8), "{prefix}: {rae}");
        let writes = stall.proxy.writes();
        assert!(writes.is_empty(), "{prefix}: the paused one wrote {writes:?}");
        assert!(stall.photograph() == expected, "{prefix}: after the paused one has woken");
    }
}

#[test]
fn trouble_of_the_state_is_told_by_its_kind() {
    let shop = Shop::open(World::verified());
    let (stall, plan) = shared(&shop, "slow");
    stall.proxy.inject(Rule { method: "PUT", part: "/state/runs/", nth: 2, times: 10_000, fault: Fault::Status(503) });
    let ran = run(&stall, "rae", &format!("apply {plan}"));
    assert!(ran.code == Some(7) && ran.stderr.contains("error: state: "), "{ran}");
    stall.proxy.clear();
    let ran = run(&stall, "rae", &format!("resume {plan}"));
    assert_eq!(ran.code, Some(0), "{ran}");
}

/// Where nothing is written there is nothing to finish: Ctrl-C ends it at once, also in the middle of an answer.
#[test]
fn a_command_that_only_reads_ends_at_once() {
    let shop = Shop::open(World::verified());
    let stall = shop.stall("reading");
    stall.proxy.inject(Rule { method: "GET", part: "/candidates", nth: 1, times: 1, fault: Fault::Held });
    let mut reading = stall.command("promote 2.15.0").spawn().unwrap();
    stall.proxy.wait_until_held();
    kill_process(Pid::from_child(&reading), Signal::INT).unwrap();
    // It ends although its answer is still held.
    assert!(!reading.wait().unwrap().success());
    stall.proxy.release();
}
