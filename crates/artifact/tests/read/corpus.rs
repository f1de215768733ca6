//! The corpus of the testkit: every case has its verdict in every profile, and every family enough cases.

use std::collections::{BTreeMap, BTreeSet};

use tempfile::TempDir;
use trackside_domain::finding::{Policy, Profile, Severity};
use trackside_testkit::malformed::{Case, Family, TABLES};

use crate::tar_case::TarCase;
use crate::{condas, entry_points, sdists, streams, tars};

/// The cases of one table beside the corpus.
type Table = fn() -> Vec<TarCase>;

/// The tables that stand beside the tests of their rules, with their families.
const BESIDE: [(Family, Table); 15] = [
    (Family::Sdist, sdists::inside_table),
    (Family::Sdist, tars::headers_table),
    (Family::Sdist, tars::kinds_table),
    (Family::Sdist, tars::extensions_table),
    (Family::Sdist, tars::globals_table),
    (Family::Sdist, tars::links_table),
    (Family::Sdist, tars::names_table),
    (Family::Sdist, tars::ends_table),
    (Family::Sdist, streams::gzip_table),
    (Family::Conda, streams::bzip2_table),
    (Family::Conda, streams::zstandard_table),
    (Family::Conda, condas::outer_table),
    (Family::Conda, condas::index_table),
    (Family::Conda, condas::paths_table),
    (Family::Conda, condas::older_table),
];

/// What is wrong with the reader's verdict on a case.
fn judge(case: &Case) -> Vec<String> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(&case.file_name);
    std::fs::write(&path, &case.bytes).expect("room for an archive");
    let report = trackside_artifact::verify(&path, case.kind()).expect("a file that can be read");
    let mut wrong = Vec::new();
    for profile in [Profile::Channel, Profile::Pypi, Profile::Strict] {
        let verdict = report.clone().accept(&Policy::of(profile));
        if verdict.is_err() != case.refused_from.is_some_and(|from| from <= profile) {
            wrong.push(format!("{}: {profile} says {:?}", case.what, crate::case::codes(&verdict)));
        }
    }
    let verdict = report.accept(&Policy::of(case.refused_from.unwrap_or(Profile::Channel)));
    let mut found = Vec::new();
    for code in crate::case::codes(&verdict) {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    if found != case.codes && case.family != Family::Damage {
        wrong.push(format!("{}: expected {:?}, found {found:?}", case.what, case.codes));
    }
    wrong
}

/// All failures of a part of the tables are told at once. In parts, so that they run side by side.
fn check(part: usize) {
    let tables = TABLES.iter().skip(part).step_by(4);
    let wrong: Vec<String> = tables.flat_map(|table| table().iter().flat_map(judge).collect::<Vec<_>>()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_has_its_verdict_and_its_codes_1() {
    check(0);
}

#[test]
fn every_case_has_its_verdict_and_its_codes_2() {
    check(1);
}

#[test]
fn every_case_has_its_verdict_and_its_codes_3() {
    check(2);
}

#[test]
fn every_case_has_its_verdict_and_its_codes_4() {
    check(3);
}

/// Whether some profile refuses a file with these codes.
fn is_refused(codes: &[&str]) -> bool {
    let strict = Policy::of(Profile::Strict);
    let severity = |id: &&str| strict.severity(id.parse().expect("the code of a finding"));
    codes.iter().any(|id| severity(id) == Severity::Error)
}

/// The malformed files of each family: those of the testkit and of the tables beside tests. Of the
/// honest family it is the files that must pass.
fn families() -> BTreeMap<Family, usize> {
    let mut families = BTreeMap::new();
    for case in TABLES.iter().flat_map(|table| table()) {
        let counts = case.refused_from.is_some() != (case.family == Family::Honest);
        *families.entry(case.family).or_default() += usize::from(counts);
    }
    for (family, table) in BESIDE {
        let refused = table().into_iter().filter(|(_, _, codes)| is_refused(codes));
        *families.entry(family).or_default() += refused.count();
    }
    *families.entry(Family::EntryPoints).or_default() += entry_points::HOSTILE.len();
    families
}

#[test]
fn every_family_has_enough_cases() {
    let families = families();
    let least: BTreeMap<Family, usize> = Family::LEAST.into_iter().collect();
    let few: Vec<_> =
        families.iter().filter(|(family, count)| least.get(family).is_none_or(|least| least > count)).collect();
    assert!(few.is_empty(), "fewer than Family::LEAST wants: {few:?}");
    assert_eq!(families.len(), Family::LEAST.len());
    // Files that were only cut short are many and easily made.
    let easy = [Family::Honest, Family::Damage];
    let malformed: usize = families.iter().filter(|(family, _)| !easy.contains(family)).map(|(_, count)| count).sum();
    assert!(malformed >= 200, "{malformed} malformed archives in all");
}

#[test]
fn every_profile_refuses_something_first() {
    let mut first = BTreeMap::new();
    for case in TABLES.iter().flat_map(|table| table()) {
        *first.entry(case.refused_from).or_insert(0) += 1;
    }
    for (profile, least) in [(Profile::Channel, 350), (Profile::Pypi, 15), (Profile::Strict, 12)] {
        let count = first.get(&Some(profile)).copied().unwrap_or(0);
        assert!(count >= least, "{profile} is the first to refuse {count}, at least {least} are wanted");
    }
}

#[test]
fn no_case_stands_there_twice() {
    let mut seen = BTreeSet::new();
    for case in TABLES.iter().flat_map(|table| table()) {
        assert!(
            seen.insert((case.family, case.file_name.clone(), case.what.clone())),
            "{:?} {}",
            case.family,
            case.what
        );
    }
}
