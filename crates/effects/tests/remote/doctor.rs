//! What `doctor` finds out about real servers, and about one that ignores conditions.

use trackside_domain::doctor::{Outcome, Probe, Trial};
use trackside_effects::doctor::{Readers, Wanted, examine};

use crate::place::Place;
use crate::words::keys_of;

fn wrong(trials: &[Trial]) -> Vec<Probe> {
    trials
        .iter()
        .filter(|trial| !matches!(trial.outcome, Outcome::Fine | Outcome::Weak(_)))
        .map(|trial| trial.probe)
        .collect()
}

fn weak(trials: &[Trial]) -> Vec<Probe> {
    trials.iter().filter(|trial| matches!(trial.outcome, Outcome::Weak(_))).map(|trial| trial.probe).collect()
}

#[test]
fn good_stores_are_found_good_and_left_clean() {
    // moto and s3s do not heed the condition of a copy, s3s not that of a removal; to Azure none is sent.
    let places: [(Place, &[Probe]); 4] = [
        (Place::moto(), &[Probe::CopyOnly]),
        (Place::s3s(), &[Probe::CopyOnly, Probe::RemoveOnly]),
        (Place::azurite(), &[Probe::RemoveOnly]),
        (Place::folder(), &[]),
    ];
    for (place, weaker) in places {
        let store = place.store("one/x");
        let trials = examine(&place.stores, store.url(), Wanted::ANY, "n1").unwrap();
        assert_eq!(wrong(&trials), [], "{trials:#?}");
        assert_eq!(weak(&trials), weaker, "{trials:#?}");
        assert_eq!(trials.len(), 7);
        assert_eq!(keys_of(&store), [""; 0]);
    }
}

#[test]
fn a_store_that_ignores_conditions_is_found_out() {
    let place = Place::moto();
    let proxy = place.proxy();
    let store = place.through(&proxy, "one/x");
    proxy.drop_conditions();
    let trials = examine(&place.stores, store.url(), Wanted::ANY, "n1").unwrap();
    assert_eq!(wrong(&trials), [Probe::CreateOnly, Probe::CompareAndSwap], "{trials:#?}");
    assert_eq!(weak(&trials), [Probe::CopyOnly, Probe::RemoveOnly], "{trials:#?}");
    assert_eq!(keys_of(&store), [""; 0]);
}

#[test]
fn a_backup_that_everybody_can_read_is_none() {
    for (place, public) in [(Place::moto(), true), (Place::azurite(), true), (Place::s3s(), false)] {
        let store = place.store("one/x");
        let trials =
            examine(&place.stores, store.url(), Wanted { readers: Readers::OnlyUs, ..Wanted::ANY }, "n1").unwrap();
        let expected = if public { vec![Probe::Private] } else { vec![] };
        assert_eq!(wrong(&trials), expected, "{trials:#?}");
    }
}

#[test]
fn a_store_that_is_not_there_is_said_to_be_unreachable() {
    let place = Place::moto();
    let trials = examine(&place.stores, &place.url("three/x"), Wanted::ANY, "n1").unwrap();
    assert_eq!(wrong(&trials), [Probe::Reachable], "{trials:#?}");
}

#[test]
fn strict_copies_are_refused_on_a_taken_key() {
    for place in [Place::moto(), Place::s3s()] {
        let url = format!("{}&copies=strict", place.url("one/x")).parse().unwrap();
        let trials = examine(&place.stores, &url, Wanted::ANY, "n1").unwrap();
        let copies = trials.iter().find(|trial| trial.probe == Probe::CopyOnly).unwrap();
        assert_eq!(copies.outcome, Outcome::Fine, "{trials:#?}");
    }
}
