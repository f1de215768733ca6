//! One byte changed: found by a rule, or only by the digest of the file, and then in a field that is
//! listed here because no content depends on it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::{Policy, Profile};
use trackside_testkit::wheel::WheelBuilder;

use crate::case::{WHEEL, demo};
use crate::fields::fields;
use crate::tar_case::verify_as;

/// What may differ without a rule that notices: who made a member, whether it looks like text, which
/// permissions it has, and the bits that fill up the last byte of a deflate stream.
const SILENT: [&str; 4] =
    ["data: deflated", "directory: external attributes", "directory: internal attributes", "directory: made by"];

/// The field in which a change at `place` is noticed by the digest alone; none if a rule notices.
fn unnoticed(bytes: &[u8], place: usize, change: u8, profile: Profile) -> Option<&'static str> {
    let mut damaged = bytes.to_vec();
    damaged[place] ^= change;
    let report = verify_as(WHEEL, &damaged);
    let digest = report.sha256;
    report.accept(&Policy::of(profile)).ok()?;
    assert_ne!(digest, Sha256::of(bytes), "place {place}");
    Some(fields(bytes).into_iter().find(|(range, _)| range.contains(&place)).map_or("no field", |(_, name)| name))
}

#[test]
fn a_changed_byte_goes_unnoticed_by_rule_in_listed_fields_only() {
    let bytes = demo().directories().bytes();
    let mut silent = BTreeSet::new();
    for place in 0..bytes.len() {
        for change in [1 << (place % 8), 0xff] {
            silent.extend(unnoticed(&bytes, place, change, Profile::Strict));
        }
    }
    let listed: BTreeSet<&str> = SILENT.into_iter().collect();
    assert_eq!(silent, listed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_of_any_wheel_is_found(
        files in proptest::collection::btree_map("[a-z]{1,6}", proptest::collection::vec(any::<u8>(), 0..300), 0..4),
        directories in any::<bool>(),
        place in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
    ) {
        let mut wheel = WheelBuilder::new("demo", "1.0");
        for (path, content) in &files {
            wheel = wheel.file(&format!("demo/sub/x{path}.py"), content);
        }
        if directories {
            wheel = wheel.directories();
        }
        let bytes = wheel.bytes();
        if let Some(field) = unnoticed(&bytes, place.index(bytes.len()), change, Profile::Channel) {
            prop_assert!(SILENT.contains(&field), "{}", field);
        }
    }
}
