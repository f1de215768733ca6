//! The proof of a record, and every way in which it fails.

use std::path::PathBuf;

use trackside_artifact::derive::{self, Derived, Mismatch};
use trackside_domain::derivation::{Derivation, Why};
use trackside_domain::digest::Sha256;
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder, ZipEntry, record_of};

use crate::case::{INPUT, OUTPUT, Place, demo, requirement, rules};

/// A derivation that is right.
struct Good {
    place: Place,
    input: PathBuf,
    derived: Derived,
}

fn good() -> Good {
    let place = Place::new();
    let bytes = demo().directories().bytes();
    let derived = place.derive(INPUT, &bytes, &rules()).expect("as the test has made it");
    Good { input: place.put(INPUT, &bytes), derived, place }
}

impl Good {
    /// The output as an archive whose parts can be falsified.
    fn output(&self) -> ZipBuilder {
        let bytes = std::fs::read(&self.derived.path).expect("as the test has made it");
        let field = |at: usize, length: usize| {
            bytes[at..at + length].iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte))
        };
        let (mut zip, mut at) = (ZipBuilder::new(), 0);
        while bytes[at..].starts_with(b"PK\x03\x04") {
            let (compressed, name) = (field(at + 18, 4), field(at + 26, 2));
            let start = at + 30 + name + field(at + 28, 2);
            let mut entry = ZipEntry::stored(&bytes[at + 30..at + 30 + name], b"");
            for header in [&mut entry.local, &mut entry.central] {
                header.method = u16::try_from(field(at + 8, 2)).expect("as the test has made it");
                header.crc = u32::try_from(field(at + 14, 4)).expect("as the test has made it");
                header.compressed = compressed as u64;
                header.size = field(at + 22, 4) as u64;
            }
            entry.data = bytes[start..start + compressed].to_vec();
            zip = zip.entry(entry);
            at = start + compressed;
        }
        zip
    }

    /// The proof of a falsified output, whose record names its true digest and size.
    fn proof_of(&self, zip: &ZipBuilder, edit: impl FnOnce(&mut Derivation)) -> Result<(), Mismatch> {
        let bytes = zip.bytes();
        let path = self.place.put(OUTPUT, &bytes);
        let mut record = self.derived.record.clone();
        (record.output.size, record.output.sha256) = (bytes.len() as u64, Sha256::of(&bytes));
        edit(&mut record);
        derive::check(&record, &self.input, &path).map(|_| ())
    }

    /// The proof of a falsified record.
    fn proof_with(&self, edit: impl FnOnce(&mut Derivation)) -> Result<(), Mismatch> {
        let mut record = self.derived.record.clone();
        edit(&mut record);
        derive::check(&record, &self.input, &self.derived.path).map(|_| ())
    }
}

/// The files of the output with a content replaced, RECORD rebuilt to fit.
fn with_content(zip: &ZipBuilder, name: &str, content: &[u8]) -> ZipBuilder {
    let record = "demo-2.6.0.dist-info/RECORD";
    let zip = zip.clone().replace(name, content);
    let unpacked = |entry: &ZipEntry| {
        if entry.local.method == 0 {
            return entry.data.clone();
        }
        let mut content = Vec::new();
        let read = std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(&entry.data[..]), &mut content);
        read.map(|_| content).expect("as the test has made it")
    };
    let files: Vec<(String, Vec<u8>)> = zip
        .entries
        .iter()
        .map(|entry| (String::from_utf8(entry.local.name.clone()).expect("as the test has made it"), unpacked(entry)))
        .filter(|(name, _)| name != record && !name.ends_with('/'))
        .collect();
    let text = record_of(files.iter().map(|(name, content)| (name.as_str(), content.as_slice())), record);
    zip.replace(record, text.as_bytes())
}

#[test]
fn what_was_derived_is_proved() {
    let good = good();
    let checked = derive::check(&good.derived.record, &good.input, &good.derived.path).unwrap();
    assert_eq!((checked.changed, checked.renamed, checked.carried), (4, 4, 4));
}

#[test]
fn a_member_that_changed_with_record_is_found() {
    let good = good();
    let error = good.proof_of(&with_content(&good.output(), "demo/__init__.py", b"import evil\n"), |_| {}).unwrap_err();
    assert!(matches!(&error, Mismatch::Carried { member, .. } if member == "demo/__init__.py"), "{error}");
}

#[test]
fn a_stored_byte_that_changed_is_found() {
    let good = good();
    let zip = good.output().edit("demo/filler.bin", |entry| entry.data[77] ^= 1);
    let error = good.proof_of(&zip, |_| {}).unwrap_err();
    assert!(matches!(&error, Mismatch::Carried { what: "a stored byte", .. }), "{error}");
}

#[test]
fn a_header_that_changed_is_found() {
    let good = good();
    let mode = good.output().edit("demo/__init__.py", |entry| entry.external_attributes = 0o100_755 << 16);
    let error = good.proof_of(&mode, |_| {}).unwrap_err();
    assert!(matches!(&error, Mismatch::Carried { what: "the record in the directory", .. }), "{error}");
    let stamp = trackside_testkit::wheel::extra_field(0x5455, b"\x01abcd");
    let stamped = good.output().edit("demo/__init__.py", |entry| entry.local.extra = stamp);
    let error = good.proof_of(&stamped, |_| {}).unwrap_err();
    assert!(matches!(&error, Mismatch::Carried { what: "the local header", .. }), "{error}");
}

#[test]
fn members_that_are_more_fewer_or_elsewhere_are_found() {
    let good = good();
    let more = good.output().stored("demo/evil.py", b"");
    assert!(matches!(good.proof_of(&more, |_| {}), Err(Mismatch::Members { .. })));
    let fewer = good.output().without("demo/data.txt");
    assert!(matches!(good.proof_of(&fewer, |_| {}), Err(Mismatch::Members { .. })));
    let mut turned = good.output();
    turned.entries.swap(1, 2);
    assert!(matches!(good.proof_of(&turned, |_| {}), Err(Mismatch::Name { .. })));
}

#[test]
fn a_line_of_metadata_that_no_rule_names_is_found() {
    let good = good();
    let name = "demo-2.6.0.dist-info/METADATA";
    let metadata = demo().metadata();
    let content = metadata
        .replace("Version: 2.6.0+cu124", "Version: 2.6.0")
        .replace("torch==2.6.0+cu124", "torch==2.6.0")
        .replace("Classifier: Environment :: GPU :: NVIDIA CUDA :: 12\n", "")
        .replace("filelock", "evil");
    let zip = with_content(&good.output(), name, content.as_bytes());
    // A forger who knows the form writes the digests into the record as well.
    let error = good.proof_of(&zip, |record| {
        for member in &mut record.changed {
            let content = match member.why {
                Why::Metadata => content.as_bytes(),
                Why::Record => &zip.entries.iter().find(|entry| entry.local.name.ends_with(b"/RECORD")).unwrap().data,
                Why::Wheel | Why::Edit => continue,
            };
            (member.after.size, member.after.sha256) = (content.len() as u64, Sha256::of(content));
        }
    });
    let error = error.unwrap_err();
    assert!(matches!(&error, Mismatch::Metadata { line } if line == "Requires-Dist: evil"), "{error}");
}

#[test]
fn a_changed_member_with_another_content_is_found() {
    let good = good();
    let zip = with_content(&good.output(), "demo/version.py", b"__version__ = '2.6.0'\n");
    let error = good.proof_of(&zip, |_| {}).unwrap_err();
    assert!(matches!(&error, Mismatch::Content { .. }), "{error}");
}

#[test]
fn records_that_were_edited_are_found() {
    let good = good();
    let is_file = |error: Mismatch| matches!(error, Mismatch::File { .. });
    assert!(is_file(good.proof_with(|record| record.input.sha256 = Sha256::of(b"")).unwrap_err()));
    assert!(is_file(good.proof_with(|record| record.output.size += 1).unwrap_err()));
    let fewer_rules = good.proof_with(|record| record.rules.edits.clear()).unwrap_err();
    assert!(matches!(fewer_rules, Mismatch::NotReproduced { .. }), "{fewer_rules}");
    let other_rule = good.proof_with(|record| record.rules.requirements = vec![requirement("x==1", "x==2")]);
    assert!(matches!(other_rule.unwrap_err(), Mismatch::Metadata { .. }));
    let no_such_edit = good.proof_with(|record| record.rules.edits.push("gone".into())).unwrap_err();
    assert!(matches!(no_such_edit, Mismatch::Rules(_)), "{no_such_edit}");
    let unlisted = good.proof_with(|record| drop(record.renamed.pop())).unwrap_err();
    assert!(matches!(unlisted, Mismatch::Lists), "{unlisted}");
    let hidden = good.proof_with(|record| record.changed.retain(|member| member.why != Why::Edit)).unwrap_err();
    assert!(matches!(hidden, Mismatch::Carried { .. }), "{hidden}");
    let search = good.proof_with(|record| record.search.searched += 1).unwrap_err();
    assert!(matches!(search, Mismatch::Search), "{search}");
    let function = good.proof_with(|record| record.function.version = 99).unwrap_err();
    assert!(matches!(function, Mismatch::Function { version: 99, .. }), "{function}");
}

#[test]
fn other_files_are_not_taken_for_those_of_the_record() {
    let good = good();
    let other = WheelBuilder::new("demo", "1.0").bytes();
    let input = good.place.put(INPUT, &other);
    let error = derive::check(&good.derived.record, &input, &good.derived.path).unwrap_err();
    assert!(matches!(error, Mismatch::File { .. }), "{error}");
    let gone = derive::check(&good.derived.record, &good.place.out().join("gone"), &good.derived.path);
    assert!(matches!(gone, Err(Mismatch::Read(_))));
}
