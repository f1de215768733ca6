//! What is searched: every spelling, UTF-16, texts by name; and what is searched is what RECORD says.

use trackside_artifact::derive::{DeriveError, Options};
use trackside_domain::derivation::Rules;
use trackside_testkit::binary::ElfBuilder;
use trackside_testkit::wheel::WheelBuilder;

use crate::case::{INPUT, Place, demo, inflated, rules, version};

fn refused(name: &str, bytes: &[u8], rules: &Rules, options: &Options) -> String {
    let place = Place::new();
    let error = place.derive_with(name, bytes, rules, options).map(|derived| derived.record).expect_err("refused");
    assert_eq!(place.listing(), Vec::<String>::new(), "{error}");
    error.to_string()
}

#[test]
fn every_spelling_of_the_old_version_is_found_and_edited() {
    for (stated, text) in [("1.0+cu.124", "1.0+cu.124"), ("1.0+cu.124", "1.0+CU-124"), ("1.0+CU_124", "1.0+CU_124")] {
        let wheel = WheelBuilder::new("demo", stated).file("demo/version.py", format!("v = '{text}'\n").as_bytes());
        let bytes = respelt(&wheel, stated);
        let name = "demo-1.0+cu_124-py3-none-any.whl";
        let plain = Rules::new(version("1.0+cu_124", "1.0"));
        let found = refused(name, &bytes, &plain, &Options::default());
        assert!(found.contains("still hold") && found.contains("`demo/version.py`"), "{text}: {found}");
        let place = Place::new();
        place.derive(name, &bytes, &Rules { edits: vec!["demo/version.py".into()], ..plain }).unwrap();
    }
}

/// The wheel with its folder named as builds escape the version, and METADATA as it was.
fn respelt(wheel: &WheelBuilder, stated: &str) -> Vec<u8> {
    let from = wheel.dist_info();
    let to = "demo-1.0+cu_124.dist-info";
    let mut zip = wheel.zip();
    let record = format!("{from}/RECORD");
    for entry in &mut zip.entries {
        let name = String::from_utf8(entry.local.name.clone()).expect("a name in UTF-8");
        if name == record {
            let text = String::from_utf8(inflated(entry.local.method, &entry.data))
                .expect("a RECORD in UTF-8")
                .replace(&from, to);
            *entry = trackside_testkit::wheel::ZipEntry::stored(format!("{to}/RECORD"), text.as_bytes());
        } else if let Some(rest) = name.strip_prefix(&format!("{from}/")) {
            let renamed = format!("{to}/{rest}").into_bytes();
            *entry = entry.clone().with(|header| header.name.clone_from(&renamed));
        }
    }
    assert!(wheel.metadata().contains(&format!("Version: {stated}\n")));
    zip.bytes()
}

#[test]
fn utf_16_and_texts_with_a_nul_are_searched() {
    let wide: Vec<u8> = "v = '2.6.0+cu124'\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xfe\xff".to_vec(), "2.6.0+cu124 and more".encode_utf16().flat_map(u16::to_be_bytes).collect()];
    for (path, content) in [
        ("demo/wide.rc", wide.clone()),
        ("demo/marked.dat", marked.concat()),
        ("demo/null.py", b"\0\x01\x02 2.6.0+cu124".to_vec()),
        ("demo/zip.md", b"PK\x03\x04 2.6.0+cu124".to_vec()),
        ("demo/CASE.TXT", b"MZ\0 2.6.0+cu124".to_vec()),
    ] {
        let found = refused(INPUT, &demo().file(path, &content).bytes(), &rules(), &Options::default());
        assert!(found.contains("still hold") && found.contains(path), "{path}: {found}");
    }
    let place = Place::new();
    let bytes = demo().file("demo/data.bin", b"\0\x01\x02 2.6.0+cu124").bytes();
    let derived = place.derive(INPUT, &bytes, &rules()).unwrap();
    assert_eq!(derived.record.search.skipped, ["demo/data.bin", "demo/filler.bin"]);
}

#[test]
fn what_is_searched_must_be_what_header_and_record_say() {
    let good = || demo().zip();
    let stale = good().edit("demo/__init__.py", |entry| {
        *entry = trackside_testkit::wheel::ZipEntry::stored("demo/__init__.py", b"from .version import __Version__\n");
    });
    let found = refused(INPUT, &stale.bytes(), &rules(), &Options::default());
    assert!(found.contains("`demo/__init__.py` is not what RECORD says"), "{found}");
    let crc = good().edit("demo/__init__.py", |entry| *entry = entry.clone().with(|header| header.crc ^= 1));
    let found = refused(INPUT, &crc.bytes(), &rules(), &Options::default());
    assert!(found.contains("does not have the size or checksum that its header states"), "{found}");
    let longer = good().edit("demo/data.txt", |entry| {
        entry.data.push(0);
        let length = entry.data.len() as u64;
        *entry = entry.clone().with(|header| header.compressed = length);
    });
    let found = refused(INPUT, &longer.bytes(), &rules(), &Options::default());
    assert!(found.contains("`demo/data.txt` cannot be unpacked"), "{found}");
}

#[test]
fn what_is_carried_unread_is_found_when_every_byte_is_verified() {
    let damaged = demo().zip().edit("demo/filler.bin", |entry| *entry = entry.clone().with(|header| header.crc ^= 1));
    let place = Place::new();
    place.derive(INPUT, &damaged.bytes(), &rules()).unwrap();
    let verify = Options { verify: true, ..Options::default() };
    let found = refused(INPUT, &damaged.bytes(), &rules(), &verify);
    assert!(found.contains("[content-crc]"), "{found}");
    let place = Place::new();
    assert!(place.derive_with(INPUT, &demo().bytes(), &rules(), &verify).unwrap().new);
}

#[test]
fn a_platform_below_what_the_binaries_need_is_found_when_every_byte_is_verified() {
    let library = ElfBuilder::new(62).needs("libc.so.6", &["GLIBC_2.34"]).bytes();
    let bytes = demo().file("demo/lib.so", &library).bytes();
    let place = Place::new();
    place.derive(INPUT, &bytes, &rules()).unwrap();
    let found = refused(INPUT, &bytes, &rules(), &Options { verify: true, ..Options::default() });
    assert!(found.contains("[glibc-too-new]"), "{found}");
}

#[test]
fn metadata_of_another_version_is_refused() {
    let wheel = WheelBuilder::new("demo", "9.9+cu124").tag("cp311", "cp311", "linux_x86_64");
    let error = Place::new().derive(INPUT, &wheel.bytes(), &Rules::new(version("2.6.0+cu124", "2.6.0"))).unwrap_err();
    assert!(matches!(error, DeriveError::Flaw { .. }), "{error}");
}
