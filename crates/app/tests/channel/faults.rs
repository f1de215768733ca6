//! A fault at every request of a promotion: the same final world, nothing written twice, the right exit code.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use trackside_testkit::servers::{Fault, Rule, Seen};

use crate::bucket::Shop;
use crate::common::World;

const PROMOTE: &str = "promote 2.15.0 --apply";
/// Each request of the promotion gets one of these, in turn.
const FAULTS: [Fault; 6] =
    [Fault::Lost, Fault::Status(503), Fault::Reset, Fault::Truncated, Fault::Status(500), Fault::Denied(500)];

#[test]
fn a_fault_at_any_request_changes_nothing_of_the_end() {
    let shop = Shop::open(World::verified());
    let calm = shop.stall("calm");
    let ran = calm.run(PROMOTE);
    assert_eq!(ran.code, Some(0), "{ran}");
    let expected = calm.photograph();
    let requests = calm.proxy.seen().len();
    assert!(requests > 60, "a promotion is more than {requests} requests");
    let next = AtomicUsize::new(1);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // A server for each: one of them is busy with one core.
                let shop = shop.branch();
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth > requests {
                        break;
                    }
                    let fault = FAULTS[nth % FAULTS.len()];
                    let stall = shop.stall(&format!("case-{nth}"));
                    stall.proxy.inject(Rule { method: "", part: "", nth, times: 1, fault });
                    let ran = stall.run(PROMOTE);
                    let mut faults = Vec::new();
                    if ran.code != Some(0) {
                        faults.push(format!("it was not done by asking again: {ran}"));
                    }
                    if stall.photograph() != expected {
                        faults.push("the world differs".to_owned());
                    }
                    let twice = stall.proxy.writes().into_iter().filter(|(_, count)| *count > 1);
                    faults.extend(twice.map(|(path, count)| format!("{path} was written {count} times")));
                    if !faults.is_empty() {
                        wrong.lock().unwrap().push(format!("{fault:?} at request {nth}: {}", faults.join("; ")));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {requests}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_server_that_stays_away_leaves_a_run_that_goes_on_later() {
    let shop = Shop::open(World::verified());
    let calm = shop.stall("calm");
    assert_eq!(calm.run(PROMOTE).code, Some(0));
    let expected = calm.photograph();
    // What a lost answer has done is looked at, so a server whose answers to writes are all lost is no obstacle.
    for (prefix, method, fault, codes) in [
        ("busy", "", Fault::Status(503), [7, 7]),
        ("gone", "", Fault::Reset, [6, 7]),
        ("lost", "PUT", Fault::Lost, [0, 0]),
    ] {
        let stall = shop.stall(prefix);
        // The look at the world before the plan and the trial of the stores go well; then the server is lost.
        let seen = calm.proxy.seen();
        let first = seen.iter().position(Seen::is_write).unwrap();
        let nth = seen[..=first].iter().filter(|seen| method.is_empty() || seen.method == method).count();
        stall.proxy.inject(Rule { method, part: "", nth, times: 10_000, fault });
        let ran = stall.run(PROMOTE);
        assert!(ran.code.is_some_and(|code| codes.contains(&code)), "{prefix}: {ran}");
        assert!(ran.code == Some(0) || ran.stderr.contains("trackside resume"), "{prefix}: {ran}");
        stall.proxy.clear();
        let ran = stall.run(PROMOTE);
        assert_eq!(ran.code, Some(0), "{prefix}: {ran}");
        assert!(stall.photograph() == expected, "{prefix}");
    }
}

#[test]
fn an_object_that_is_listed_and_not_given_out_is_a_difference() {
    let shop = Shop::open(World::verified());
    let stall = shop.stall("hidden");
    assert_eq!(stall.run(PROMOTE).code, Some(0));
    for (status, command) in [(404, "channel audit stable --full"), (403, "index check stable --digests")] {
        let hidden =
            Rule { method: "GET", part: "/whl/cpu/torchvision-", nth: 1, times: 100, fault: Fault::Status(status) };
        stall.proxy.inject(hidden);
        let ran = stall.run(command);
        assert!(ran.code == Some(1) && ran.stdout.contains("object-unreadable: stable whl/cpu/torchvision-"), "{ran}");
        stall.proxy.clear();
        assert_eq!(stall.run(command).code, Some(0));
    }
}
