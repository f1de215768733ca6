//! What stays in any case.

use super::*;
use crate::manifest::{CandidatePackage, ChannelEntry, FORMAT, ManifestRef, PromotionRecord, Yanked};
use crate::version::Release;

fn candidate(text: &str) -> Candidate {
    text.parse().unwrap()
}

/// A candidate of torch alone, or with the set of another candidate that was carried over.
fn record(text: &str, set: &str) -> CandidateRecord {
    let entry = CandidatePackage {
        candidate: candidate(set),
        tag: format!("v{set}").parse().unwrap(),
        commit: "0123456789012345678901234567890123456789".parse().unwrap(),
        repository: "core".parse().unwrap(),
        carried_from: None,
        manifest: None,
    };
    let packages = BTreeMap::from([("torch".parse().unwrap(), entry)]);
    CandidateRecord { format: FORMAT, candidate: candidate(text), packages, reason: None }
}

fn reference(set: &str) -> ManifestRef {
    let sha256 = Sha256::of(set.as_bytes());
    ManifestRef { package: "torch".parse().unwrap(), candidate: candidate(set), revision: 1, sha256 }
}

/// Five candidates of one line, all of them a year old.
fn five() -> PruneWorld {
    let mut world = PruneWorld::default();
    for number in 1..=5 {
        let text = format!("2.15.0-rc{number}");
        world.records.insert(candidate(&text), record(&text, &text));
        world.ages.insert(candidate(&text), 365);
    }
    world
}

const REQUEST: Request = Request { days: 30, keep: 2, backup: false };

fn going(world: &PruneWorld) -> Vec<String> {
    choose(REQUEST, world).go.iter().map(ToString::to_string).collect()
}

fn sets(world: &PruneWorld) -> Vec<String> {
    choose(REQUEST, world).sets.iter().map(|(_, candidate)| candidate.to_string()).collect()
}

#[test]
fn the_last_two_of_a_line_never_go() {
    assert_eq!(going(&five()), ["2.15.0-rc1", "2.15.0-rc2", "2.15.0-rc3"]);
    let fewer = Request { keep: 0, ..REQUEST };
    assert_eq!(choose(fewer, &five()).go.len(), 3, "two stay whatever is asked for");
    let mut other = five();
    other.records.insert(candidate("2.14.0-rc1"), record("2.14.0-rc1", "2.14.0-rc1"));
    other.ages.insert(candidate("2.14.0-rc1"), 365);
    assert_eq!(going(&other).len(), 3, "each line counts for itself");
}

#[test]
fn what_is_young_never_goes() {
    let mut world = five();
    world.ages.insert(candidate("2.15.0-rc1"), 29);
    world.ages.remove(&candidate("2.15.0-rc2"));
    assert_eq!(going(&world), ["2.15.0-rc3"], "what has no date is young");
}

#[test]
fn what_a_channel_points_to_never_goes() {
    let mut world = five();
    let mut map = ChannelMap::empty(Channel::Test);
    let entry = ChannelEntry {
        manifest: reference("2.15.0-rc2"),
        candidate: candidate("2.15.0-rc2"),
        spread: None,
        since: None,
        yanked: Yanked::default(),
    };
    map.releases.entry("torch".parse().unwrap()).or_default().insert("2.15.0".parse().unwrap(), entry);
    world.maps.push(map);
    assert_eq!(going(&world), ["2.15.0-rc1", "2.15.0-rc3"]);
    // What the channel shows came with another candidate; the set is the same.
    let (package, release): (PackageName, Release) = ("torch".parse().unwrap(), "2.15.0".parse().unwrap());
    let entry = world.maps[0].releases.get_mut(&package).and_then(|releases| releases.get_mut(&release)).unwrap();
    entry.candidate = candidate("2.15.0-rc5");
    assert_eq!(going(&world), ["2.15.0-rc1", "2.15.0-rc2", "2.15.0-rc3"]);
    assert_eq!(sets(&world), ["2.15.0-rc1", "2.15.0-rc3"]);
}

#[test]
fn what_was_promoted_never_goes() {
    let mut world = five();
    world.promotions.push(PromotionRecord {
        format: FORMAT,
        release: "2.15.0".parse().unwrap(),
        candidate: candidate("2.15.0-rc1"),
        manifests: vec![reference("2.15.0-rc1")],
        reason: None,
    });
    assert_eq!(going(&world), ["2.15.0-rc2", "2.15.0-rc3"]);
}

#[test]
fn what_is_approved_never_goes_before_its_release_is_out() {
    let mut world = five();
    world.approved.insert(candidate("2.15.0-rc3"));
    assert_eq!(going(&world), ["2.15.0-rc1", "2.15.0-rc2"]);
    world.promotions.push(PromotionRecord {
        format: FORMAT,
        release: "2.15.0".parse().unwrap(),
        candidate: candidate("2.15.0-rc5"),
        manifests: vec![reference("2.15.0-rc5")],
        reason: None,
    });
    assert_eq!(going(&world), ["2.15.0-rc1", "2.15.0-rc2", "2.15.0-rc3"]);
}

#[test]
fn a_set_that_was_carried_over_stays_with_the_candidate_that_has_it_now() {
    let mut world = five();
    world.records.insert(candidate("2.15.0-rc5"), record("2.15.0-rc5", "2.15.0-rc1"));
    assert_eq!(going(&world), ["2.15.0-rc1", "2.15.0-rc2", "2.15.0-rc3"]);
    assert_eq!(sets(&world), ["2.15.0-rc2", "2.15.0-rc3"]);
}
