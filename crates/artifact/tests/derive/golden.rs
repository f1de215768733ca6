//! The function on a known wheel: the bytes of its output, for ever, and the record.

use trackside_artifact::derive::{self, CopyBy};
use trackside_domain::derivation::Derivation;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Profile;

use crate::case::{INPUT, OUTPUT, Place, by, demo, errors, inflated, rules, streamed};

/// A wheel whose bytes no compressor's version can change.
fn stored() -> Vec<u8> {
    let mut zip = demo().directories().zip();
    for entry in &mut zip.entries {
        let content = inflated(entry.local.method, &entry.data);
        let (mode, name) = (entry.external_attributes, entry.local.name.clone());
        *entry = trackside_testkit::wheel::ZipEntry::stored(name, &content);
        entry.external_attributes = mode;
    }
    zip.bytes()
}

/// If this digest changes, [`derive::FUNCTION_VERSION`] must grow: records out there name it.
#[test]
fn the_output_has_the_digest_that_it_always_had() {
    let place = Place::new();
    let input = stored();
    assert_eq!(Sha256::of(&input).to_string(), "9910e0a91aeaac934ba15edb252334132c444906410a2a4cdf288644e8bde314");
    let bytes = streamed(&place.prepare(INPUT, &input, &rules()).unwrap());
    assert_eq!(
        (Sha256::of(&bytes).to_string().as_str(), derive::FUNCTION_VERSION),
        ("275fbfbe5242157492265cda0424bf9c917aa1e764ca82bb04afebf9beb0b095", 1)
    );
}

#[test]
fn every_way_of_writing_gives_the_same_bytes() {
    let input = demo().directories().bytes();
    let expected = streamed(&Place::new().prepare(INPUT, &input, &rules()).unwrap());
    for copy in [CopyBy::System, CopyBy::Program] {
        let place = Place::new();
        let derived = place.derive_with(INPUT, &input, &rules(), &by(copy)).unwrap();
        assert!(std::fs::read(&derived.path).unwrap() == expected, "{copy:?}");
        assert_eq!(derived.record.output.sha256, Sha256::of(&expected), "{copy:?}");
        assert_eq!(derived.record.input.sha256, Sha256::of(&input), "{copy:?}");
    }
}

#[test]
fn the_output_is_what_the_rules_say_and_passes_strict() {
    let place = Place::new();
    let derived = place.derive(INPUT, &demo().directories().bytes(), &rules()).unwrap();
    assert_eq!(place.wheels(), [OUTPUT]);
    assert_eq!(errors(&derived.path, Profile::Strict), []);
    let report =
        trackside_artifact::verify(&derived.path, trackside_domain::artifact_kind::ArtifactKind::Wheel).unwrap();
    let Some(trackside_artifact::Contents::Wheel(wheel)) = report.contents else { panic!("{:?}", report.findings) };
    let metadata = String::from_utf8(wheel.metadata_bytes.clone()).unwrap();
    insta::assert_snapshot!(format!("{}\n{metadata}", wheel.wheel_tags.join(" ")), @r"
    cp311-cp311-manylinux_2_28_x86_64
    Metadata-Version: 2.1
    Name: demo
    Version: 2.6.0
    Classifier: Topic :: Software Development
    Requires-Dist: filelock
    Requires-Dist: torch==2.6.0 ; extra == 'gpu'
    Provides-Extra: gpu

    A wheel for tests.
    ");
    assert_eq!(Derivation::from_bytes(&derived.record.to_bytes()).unwrap(), derived.record);
    let names =
        |names: Vec<(&String, &String)>| names.iter().map(|(from, to)| format!("{from} -> {to}\n")).collect::<String>();
    let changed = names(derived.record.changed.iter().map(|member| (&member.from, &member.to)).collect());
    let renamed = names(derived.record.renamed.iter().map(|member| (&member.from, &member.to)).collect());
    insta::assert_snapshot!(format!("{changed}\n{renamed}\n{:?}", derived.record.search), @r#"
    demo/version.py -> demo/version.py
    demo-2.6.0+cu124.dist-info/METADATA -> demo-2.6.0.dist-info/METADATA
    demo-2.6.0+cu124.dist-info/WHEEL -> demo-2.6.0.dist-info/WHEEL
    demo-2.6.0+cu124.dist-info/RECORD -> demo-2.6.0.dist-info/RECORD

    demo-2.6.0+cu124.data/ -> demo-2.6.0.data/
    demo-2.6.0+cu124.data/headers/ -> demo-2.6.0.data/headers/
    demo-2.6.0+cu124.data/headers/demo.h -> demo-2.6.0.data/headers/demo.h
    demo-2.6.0+cu124.dist-info/ -> demo-2.6.0.dist-info/

    Search { scope: Text, searched: 11, skipped: ["demo/filler.bin"] }
    "#);
}

#[test]
fn an_edited_script_can_still_be_executed() {
    for (mode, wanted) in [(0o100_755, 0o100_755), (0o100_777, 0o100_755), (0o100_640, 0o100_644), (0, 0o100_644)] {
        let mut zip = demo().zip();
        let entry = zip.entries.iter_mut().find(|entry| entry.local.name == b"demo/version.py").unwrap();
        entry.external_attributes = mode << 16;
        let output = streamed(&Place::new().prepare(INPUT, &zip.bytes(), &rules()).unwrap());
        assert_eq!(mode_of(&output, b"demo/version.py"), wanted, "{mode:o}");
    }
}

/// The mode that the directory of an archive gives to a member.
fn mode_of(archive: &[u8], name: &[u8]) -> u32 {
    const FIXED: usize = 46;
    let starts = archive.windows(4).enumerate().filter(|(_, start)| *start == b"PK\x01\x02");
    let record = starts
        .map(|(at, _)| &archive[at..])
        .find(|record| record[FIXED..].starts_with(name))
        .expect("the member is there");
    u32::from_le_bytes(record[38..42].try_into().expect("four bytes")) >> 16
}
