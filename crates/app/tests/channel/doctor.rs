//! `doctor` on servers: a good one, one that ignores conditions, one that everybody reads, one that is not there,
//! and a backup that is the store itself under another address.

use std::collections::BTreeMap;

use crate::bucket::{Shop, Stall};
use crate::common::{Ran, World};

/// The ends that are not fine, by store and trial, from the document.
fn bad(ran: &Ran) -> BTreeMap<String, String> {
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
    assert_eq!(answer["schema"], "trackside.doctor/1");
    let mut bad = BTreeMap::new();
    for store in answer["doctor"]["stores"].as_array().unwrap() {
        for trial in store["trials"].as_array().unwrap() {
            let end = trial["outcome"]["is"].as_str().unwrap();
            // moto does not heed the condition of a copy.
            if end != "fine" && end != "weak" {
                let name = format!("{} {}", store["names"][0].as_str().unwrap(), trial["probe"].as_str().unwrap());
                bad.insert(name, end.to_owned());
            }
        }
    }
    assert_eq!(answer["doctor"]["wrong"], bad.len());
    bad
}

fn doctor(stall: &Stall<'_>, code: i32) -> Vec<String> {
    let before = stall.photograph();
    let ran = stall.run("doctor --format json");
    assert_eq!(ran.code, Some(code), "{ran}");
    assert!(stall.photograph() == before, "it leaves nothing");
    bad(&ran).into_iter().map(|(trial, end)| format!("{trial}: {end}")).collect()
}

#[test]
fn a_good_server_is_found_good_and_one_that_ignores_conditions_is_refused() {
    let shop = Shop::open(World::sealed());
    let stall = shop.stall("good");
    assert_eq!(doctor(&stall, 0), [""; 0]);
    stall.proxy.drop_conditions();
    let ignored = ["compare-and-swap", "create-only"];
    let expected: Vec<String> =
        ["backup", "test"].iter().flat_map(|store| ignored.map(|trial| format!("{store} {trial}: wrong"))).collect();
    assert_eq!(doctor(&stall, 3), expected);
    let ran = stall.run("doctor");
    assert!(ran.stdout.contains("WRONG    create-only: it ignores `If-None-Match`"), "{ran}");
}

#[test]
fn a_backup_that_everybody_reads_or_that_is_the_store_is_no_backup() {
    let shop = Shop::open(World::sealed());
    let stall = shop.stall("open");
    shop.create_public_bucket("public");
    let backup = shop.server.url_through(stall.proxy.address(), "release/open/backup");
    stall.world.mend(&backup, &shop.server.url("public/backup"));
    assert_eq!(doctor(&stall, 3), ["backup private: wrong"]);
    // Another address of the very same place, which the configuration cannot know.
    stall.world.mend(&shop.server.url("public/backup"), &shop.server.url("release/open/store"));
    assert_eq!(doctor(&stall, 3), ["backup apart: wrong"]);
}

#[test]
fn a_bucket_that_is_missing_fails_and_a_server_that_is_away_is_for_later() {
    let shop = Shop::open(World::sealed());
    let stall = shop.stall("gone");
    let backup = shop.server.url_through(stall.proxy.address(), "release/gone/backup");
    stall.world.mend(&backup, &shop.server.url("nowhere/backup"));
    assert_eq!(doctor(&stall, 1), ["backup reachable: failed"]);
    let away = shop.server.url_through(closed(), "release/gone/backup");
    stall.world.mend(&shop.server.url("nowhere/backup"), &away);
    assert_eq!(doctor(&stall, 7), ["backup reachable: passing"]);
}

/// An address where nobody listens.
fn closed() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A waiver of the stores of a stall, as a table of the configuration.
fn waiver(code: &str, subject: &str, expires: &str) -> String {
    format!(
        "[[waivers]]\ncode = \"{code}\"\nsubject = \"{subject}\"\nreason = \"the old server goes in spring\"\n\
         owner = \"Rae\"\nexpires = {expires}\n\n"
    )
}

#[test]
fn a_server_that_ignores_conditions_is_released_to_only_with_a_waiver() {
    let shop = Shop::open(World::verified());
    let calm = shop.stall("calm");
    assert_eq!(calm.run("promote 2.15.0 --apply").code, Some(0));
    let stall = shop.stall("deaf");
    stall.proxy.drop_conditions();
    let before = stall.photograph();
    let refused = |why: &str| {
        let ran = stall.run("promote 2.15.0 --apply");
        assert_eq!(ran.code, Some(3), "{ran}");
        assert!(ran.stderr.contains(why) && ran.stderr.contains("so far: nothing was changed"), "{ran}");
        assert!(ran.stderr.contains("or declare a waiver"), "{ran}");
        assert!(stall.photograph() == before, "nothing is written, and nothing is left");
    };
    // One store of the stall is both channels; a waiver may use either word.
    refused("fails `create-only`: it ignores `If-None-Match`");
    let waive = |tables: &[String]| stall.world.mend("[backup]", &format!("{}[backup]", tables.concat()));
    waive(&[waiver("create-only", "test", "2999-12-31"), waiver("create-only", "backup", "2999-12-31")]);
    refused("test, stable (");
    refused("fails `compare-and-swap`: it ignores `If-Match`");
    waive(&[waiver("compare-and-swap", "stable", "2020-01-01")]);
    refused("fails `compare-and-swap`");
    stall.world.mend("2020-01-01", "2999-12-31");
    let ran = stall.run("promote 2.15.0");
    let note = "note: waiver compare-and-swap: stable is not tried, until 2999-12-31, for Rae: the old server goes in spring; \
                if it ignores `If-Match`: of two who change an index at once, one's files vanish from it";
    assert!(ran.code == Some(0) && ran.stdout.contains(note), "{ran}");
    // A plan that was made with it is not performed after it was taken back.
    let digest = stall.plan("promote 2.15.0");
    stall
        .world
        .mend("code = \"compare-and-swap\"\nsubject = \"stable\"", "code = \"compare-and-swap\"\nsubject = \"state\"");
    let ran = stall.run(&format!("apply {digest}"));
    assert!(ran.code == Some(4) && ran.to_string().contains("no longer declared: waiver compare-and-swap"), "{ran}");
    stall.world.mend("subject = \"state\"", "subject = \"stable\"");
    let ran = stall.run("promote 2.15.0 --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(stall.photograph() == calm.photograph());
}
