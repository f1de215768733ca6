//! Rules and wheels that do not go together: nothing is written, and the reason names what does not
//! fit.

use trackside_artifact::derive::DeriveError;
use trackside_domain::derivation::{Rules, Scope};
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder, record_of};

use crate::case::{DIST_INFO, INPUT, Place, demo, requirement, rules, version};

/// Why the derivation is refused; nothing may have been left in the folder.
fn refused(bytes: &[u8], rules: &Rules) -> String {
    let place = Place::new();
    let error = place.derive(INPUT, bytes, rules).map(|derived| derived.record).expect_err("it is refused");
    assert_eq!(place.listing(), Vec::<String>::new(), "{error}");
    error.to_string()
}

#[test]
fn rules_without_effect_are_errors() {
    let list = |text: &str| vec![text.to_owned()];
    let long = vec![b'x'; 17 << 20];
    let bytes = demo().file("demo/long.txt", &long).bytes();
    for (rules, expected) in [
        (Rules { edits: list("demo/gone.py"), ..rules() }, "a rule names `demo/gone.py`, which is not in the archive"),
        (Rules { edits: list("demo/data.txt"), ..rules() }, "`demo/data.txt` is to be edited, but does not hold"),
        (Rules { edits: list(&format!("{DIST_INFO}/RECORD")), ..rules() }, "has rules of its own"),
        (Rules { edits: list(&format!("{DIST_INFO}/METADATA")), ..rules() }, "has rules of its own"),
        (Rules { edits: list("demo/long.txt"), ..rules() }, "`demo/long.txt` is too large to be edited"),
        (Rules { keep: list("demo/gone.py"), ..rules() }, "a rule names `demo/gone.py`"),
        (Rules { keep: list("demo/data.txt"), ..rules() }, "`demo/data.txt` is declared as kept, but does not hold"),
        (Rules { requirements: vec![requirement("torch==1", "torch==2")], ..rules() }, "no requirement `torch==1`"),
        (Rules { drop_classifiers: list("Nothing"), ..rules() }, "no classifier `Nothing`"),
        (Rules { platform: Some(list("linux_x86_64")), ..rules() }, "the platform tag is already"),
        (Rules { version: version("2.6.0+cu124", "2.6.0+cu124"), ..rules() }, "is the old one"),
        (Rules { version: version("2.6.0+cu126", "2.6.0"), ..rules() }, "the rules are for version `2.6.0+cu126`"),
    ] {
        let found = refused(&bytes, &rules);
        assert!(found.contains(expected), "{expected}: {found}");
    }
}

#[test]
fn wheels_that_are_not_what_they_say_are_refused() {
    let metadata = format!("{DIST_INFO}/METADATA");
    let good = || demo().zip();
    let damaged = |text: &str| good().replace(&metadata, text.as_bytes()).bytes();
    let prefixed = ZipBuilder { prefix: b"x".to_vec(), ..good() };
    let link = good().edit("demo/data.txt", |entry| entry.external_attributes = 0o120_777 << 16);
    let taken = demo().file("demo-2.6.0.dist-info/x", b"").bytes();
    let commented = ZipBuilder { comment: b"demo 2.6.0+cu124".to_vec(), ..good() };
    let unpacked = good().edit("demo/version.py", |entry| entry.data[3] ^= 0xff);
    for (bytes, expected) in [
        (prefixed.bytes(), "hidden-data"),
        (link.bytes(), "symlink"),
        (good().without("demo/data.txt").bytes(), "record-stranger"),
        (good().stored("demo/extra.py", b"x").bytes(), "record-unlisted"),
        (good().replace("demo/data.txt", b"shorter").bytes(), "record-size-differs"),
        (good().without(&format!("{DIST_INFO}/RECORD")).bytes(), "which is not in the archive"),
        (good().stored(format!("{DIST_INFO}/RECORD.p7s"), b"x").bytes(), "signs RECORD and would be void"),
        (
            damaged(&demo().metadata().replace("tests", "TESTS")),
            "`demo-2.6.0+cu124.dist-info/METADATA` is not what RECORD says",
        ),
        (unpacked.bytes(), "`demo/version.py` cannot be unpacked"),
        (taken, "is where the output needs a folder of its own"),
        (commented.bytes(), "the comment of the archive holds the old version"),
        (b"no zip".to_vec(), "not-a-zip"),
    ] {
        let found = refused(&bytes, &rules());
        assert!(found.contains(expected), "{expected}: {found}");
    }
}

#[test]
fn metadata_without_a_version_or_in_another_encoding_is_refused() {
    let metadata = format!("{DIST_INFO}/METADATA");
    for (content, expected) in [
        (&b"Metadata-Version: 2.1\nName: demo\n\n"[..], "METADATA has no `Version`"),
        (b"Version: 2.6.0+cu124\nSummary: \xff\n\n", "`demo-2.6.0+cu124.dist-info/METADATA` is not UTF-8"),
    ] {
        let files = [("demo/version.py", &b"2.6.0+cu124"[..]), (&metadata, content)];
        let zip = files.iter().fold(ZipBuilder::new(), |zip, (name, content)| zip.stored(name, content));
        let record = format!("{DIST_INFO}/RECORD");
        let bytes = zip.stored(&record, record_of(files, &record).as_bytes()).bytes();
        let found = refused(&bytes, &rules());
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn members_that_still_hold_the_version_must_be_declared() {
    let elf = [b"\x7fELF\0", &[7; 100][..], b"2.6.0+cu124"].concat();
    let late = [vec![b' '; (256 << 10) - 5], b"2.6.0+cu124\n".to_vec()].concat();
    let wheel = || demo().file("demo/late.txt", &late).file("demo/lib.so", &elf).file("demo/v2.6.0+cu124.txt", b"");
    let found = refused(&wheel().bytes(), &rules());
    assert!(
        found.contains("2 of its members still hold `2.6.0+cu124`: `demo/late.txt`, `demo/v2.6.0+cu124.txt`"),
        "{found}"
    );

    let keep = |names: &[&str]| Rules { keep: names.iter().map(|name| (*name).to_owned()).collect(), ..rules() };
    let text = ["demo/late.txt", "demo/v2.6.0+cu124.txt"];
    let place = Place::new();
    let derived = place.derive(INPUT, &wheel().bytes(), &keep(&text)).unwrap();
    assert_eq!(derived.record.search.skipped, ["demo/lib.so", "demo/filler.bin"]);

    let all = trackside_artifact::derive::Options { search: Scope::All, ..Default::default() };
    let error = Place::new().derive_with(INPUT, &wheel().bytes(), &keep(&text), &all).unwrap_err();
    assert!(matches!(&error, DeriveError::StillThere { members, .. } if *members == ["demo/lib.so"]), "{error}");
    let everything = keep(&["demo/late.txt", "demo/v2.6.0+cu124.txt", "demo/lib.so"]);
    let derived = Place::new().derive_with(INPUT, &wheel().bytes(), &everything, &all).unwrap();
    assert_eq!((derived.record.search.skipped.len(), derived.record.search.searched), (0, 11));
}

#[test]
fn a_requirement_that_pypi_refuses_stops_the_derivation_with_the_rule_that_mends_it() {
    let place = Place::new();
    let keep = vec![format!("{DIST_INFO}/METADATA")];
    let error = place.derive(INPUT, &demo().bytes(), &Rules { requirements: Vec::new(), keep, ..rules() }).unwrap_err();
    assert!(error.to_string().contains("[requires-local-version]"), "{error}");
    let DeriveError::Output { rules, .. } = error else { panic!("{error}") };
    assert_eq!(rules, ["--requirement 'torch==2.6.0+cu124 -> torch==2.6.0'"]);
}

#[test]
fn what_is_no_wheel_is_refused() {
    let place = Place::new();
    let sdist = place.prepare("demo-2.6.0.tar.gz", b"", &rules()).map(|prepared| prepared.size()).unwrap_err();
    assert!(matches!(sdist, DeriveError::Name(_)));
    let gone = trackside_artifact::derive::prepare(&place.out().join(INPUT), &rules());
    assert!(matches!(gone.map(|prepared| prepared.size()), Err(DeriveError::Input(_))));
    let none = WheelBuilder::new("demo", "1.0").bytes();
    assert!(refused(&none, &rules()).contains("not in the archive"));
}
