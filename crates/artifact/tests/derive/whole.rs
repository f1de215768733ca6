//! Any well-formed wheel, there and back.

use std::collections::BTreeMap;
use std::io::Read as _;

use proptest::prelude::*;
use trackside_artifact::derive::{self, CopyBy};
use trackside_domain::derivation::{Rules, VersionChange};
use trackside_domain::finding::Profile;
use trackside_testkit::wheel::WheelBuilder;

use crate::case::{INPUT, Place, by, demo, errors, for_a_channel, rules, streamed, version};

/// Names and stored bytes of an archive, found by a scan of its local headers.
fn stored(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let field = |at: usize, length: usize| {
        bytes[at..at + length].iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte))
    };
    let mut members = Vec::new();
    let mut at = 0;
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let (size, name, extra) = (field(at + 18, 4), field(at + 26, 2), field(at + 28, 2));
        let start = at + 30 + name + extra;
        members.push((
            String::from_utf8(bytes[at + 30..at + 30 + name].to_vec()).expect("as the test has made it"),
            bytes[start..start + size].to_vec(),
        ));
        at = start + size;
    }
    members
}

/// The contents of an archive by name.
fn contents(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let unpacked = |name: &str, data: &[u8]| {
        let mut content = Vec::new();
        match flate2::read::DeflateDecoder::new(data).read_to_end(&mut content) {
            Ok(_) if !content.is_empty() && !name.ends_with('/') => content,
            _ => data.to_vec(),
        }
    };
    stored(bytes).into_iter().map(|(name, data)| (name.clone(), unpacked(&name, &data))).collect()
}

#[test]
fn what_is_carried_keeps_its_stored_bytes_and_its_order() {
    let place = Place::new();
    let input = demo().directories().bytes();
    let derived = place.derive(INPUT, &input, &rules()).unwrap();
    let (before, after) = (stored(&input), stored(&std::fs::read(&derived.path).unwrap()));
    assert_eq!(before.len(), after.len());
    let mut carried = 0;
    for ((from, old), (to, new)) in before.iter().zip(&after) {
        match derived.record.changed.iter().find(|member| member.from == *from) {
            Some(changed) => assert_eq!(changed.to, *to),
            None => {
                assert!(old == new, "{from}");
                assert_eq!(from.replace("2.6.0+cu124", "2.6.0"), *to);
                carried += 1;
            }
        }
    }
    assert_eq!((carried, derived.record.changed.len()), (before.len() - 4, 4));
}

#[test]
fn there_and_back_gives_the_same_contents() {
    let place = Place::new();
    let input = demo().directories().bytes();
    let only_version =
        |from: &str, to: &str| Rules { edits: vec!["demo/version.py".into()], ..Rules::new(version(from, to)) };
    let options = for_a_channel();
    let there = place.derive_with(
        INPUT,
        &input,
        &Rules { keep: kept("2.6.0+cu124"), ..only_version("2.6.0+cu124", "2.6.0") },
        &options,
    );
    let there = std::fs::read(there.unwrap().path).unwrap();
    let name = "demo-2.6.0-cp311-cp311-linux_x86_64.whl";
    let back = place.derive_with(name, &there, &only_version("2.6.0", "2.6.0+cu124"), &options).unwrap();
    assert_eq!(contents(&std::fs::read(back.path).unwrap()), contents(&input));
}

/// METADATA names the version of another package, which nobody asked to change.
fn kept(version: &str) -> Vec<String> {
    vec![format!("demo-{version}.dist-info/METADATA")]
}

#[test]
fn an_archive_with_zip64_time_stamps_and_a_comment_keeps_them() {
    let mut zip = demo().zip();
    zip.zip64 = true;
    zip.comment = b"kept".to_vec();
    for entry in &mut zip.entries {
        *entry = entry.clone().with(|header| {
            header.zip64 = true;
            header.extra = trackside_testkit::wheel::extra_field(0x5455, b"\x01abcd");
        });
    }
    let place = Place::new();
    let derived = place.derive(INPUT, &zip.bytes(), &rules()).unwrap();
    assert_eq!(errors(&derived.path, Profile::Strict), []);
    assert!(std::fs::read(&derived.path).unwrap().ends_with(b"kept"));
    let input = place.put(INPUT, &zip.bytes());
    derive::check(&derived.record, &input, &derived.path).unwrap();
}

#[test]
fn the_directory_may_be_in_another_order_than_the_file() {
    let mut zip = demo().zip();
    zip.entries.rotate_left(2);
    let bytes = zip.bytes();
    // The same records in the reverse order: the end of the archive is rewritten by hand.
    let start = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    let mut records: Vec<Vec<u8>> = Vec::new();
    let mut at = start;
    while at < end {
        let length = |offset: usize| usize::from(u16::from_le_bytes([bytes[at + offset], bytes[at + offset + 1]]));
        let size = 46 + length(28) + length(30) + length(32);
        records.push(bytes[at..at + size].to_vec());
        at += size;
    }
    records.reverse();
    let turned = [&bytes[..start], &records.concat(), &bytes[end..]].concat();
    let place = Place::new();
    let derived = place.derive(INPUT, &turned, &rules()).unwrap();
    assert_eq!(errors(&derived.path, Profile::Strict), []);
    derive::check(&derived.record, &place.put(INPUT, &turned), &derived.path).unwrap();
}

#[test]
fn more_members_than_16_bits_count_get_zip64_records() {
    let files = (0..65_540).fold(WheelBuilder::new("demo", "1+x"), |wheel, n| wheel.file(&format!("demo/{n}"), b""));
    let place = Place::new();
    let rules = Rules::new(version("1+x", "1"));
    let derived = place.derive("demo-1+x-py3-none-any.whl", &files.bytes(), &rules).unwrap();
    assert_eq!(errors(&derived.path, Profile::Strict), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_wheel_is_derived_twice_to_the_same_bytes_and_passes_strict(
        name in "[a-z]{1,8}([-_.][a-z0-9]{1,4})?",
        base in "(0|[1-9][0-9]?)(\\.(0|[1-9][0-9]?)){1,2}(rc[0-9]|\\.post[0-9]|a0)?",
        local in "[a-z]{2}[0-9]{1,3}",
        build in proptest::option::of("[0-9]{1,2}[a-z]?"),
        tag in ("(cp3[0-9]{1,2}|py3)", "(cp311|none|abi3)", "(any|manylinux_2_28_x86_64|win_amd64)"),
        files in proptest::collection::btree_map("[a-z]{4,6}", proptest::collection::vec(any::<u8>(), 0..3000), 0..6),
        directories in any::<bool>(),
    ) {
        let from = format!("{base}+{local}");
        let mut wheel = WheelBuilder::new(&name, &from).requires("filelock").tag(&tag.0, &tag.1, &tag.2);
        if let Some(build) = &build {
            wheel = wheel.build(build);
        }
        for (path, content) in &files {
            wheel = wheel.file(&format!("pkg/sub/{path}.py"), content);
        }
        if directories {
            wheel = wheel.directories();
        }
        let (file_name, bytes) = (wheel.file_name(), wheel.bytes());
        let rules = Rules::new(VersionChange::strip_local(&file_name.parse().unwrap()).unwrap());
        let place = Place::new();
        let stream = streamed(&place.prepare(&file_name, &bytes, &rules).unwrap());
        let derived = place.derive_with(&file_name, &bytes, &rules, &by(CopyBy::System)).unwrap();
        prop_assert!(std::fs::read(&derived.path).unwrap() == stream);
        let again = place.derive_with(&file_name, &bytes, &rules, &by(CopyBy::Program)).unwrap();
        prop_assert!((again.new, &again.record) == (false, &derived.record));
        prop_assert_eq!(errors(&derived.path, Profile::Strict), vec![]);
        prop_assert!(derive::check(&derived.record, &place.put(&file_name, &bytes), &derived.path).is_ok());
    }
}
