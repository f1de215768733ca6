//! What pip, uv or Windows cannot install, although it is a sound archive.

use std::collections::BTreeMap;

use trackside_domain::finding::{Code, Level, Policy, Profile};
use trackside_testkit::wheel::ZipBuilder;

use crate::case::{METADATA, WHEEL, demo, found, record_for};

const PLAIN: &[u8] = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";

fn with(paths: &[&str]) -> Vec<&'static str> {
    let mut files = vec![(METADATA, PLAIN)];
    files.extend(paths.iter().map(|path| (*path, &b"x"[..])));
    found(WHEEL, &record_for(&files))
}

fn saying(version: &str, lines: &str) -> Vec<&'static str> {
    let metadata = format!("Metadata-Version: {version}\nName: demo\nVersion: 1.0\n{lines}\n");
    found(WHEEL, &record_for(&[(METADATA, metadata.as_bytes())]))
}

fn script(text: &str) -> Vec<&'static str> {
    found(WHEEL, &record_for(&[(METADATA, PLAIN), ("demo-1.0.dist-info/entry_points.txt", text.as_bytes())]))
}

#[test]
fn two_places_must_not_install_to_one_path() {
    let collision: &[&str] = &["install-collision"];
    for (paths, expected) in [
        (&["demo/__init__.py", "demo-1.0.data/purelib/demo/__init__.py"][..], collision),
        (&["demo-1.0.data/platlib/demo/a.py", "demo-1.0.data/purelib/demo/a.py"], collision),
        (&["demo/__init__.py", "demo-1.0.data/purelib/demo"], collision),
        (&["demo-1.0.data/purelib/demo-1.0.dist-info/entry_points.txt"], collision),
        (&["demo-1.0.data/scripts/run", "demo-1.0.data/data/bin/run"], collision),
        (&["demo/a.py", "demo-1.0.data/purelib/demo/b.py"], &[]),
    ] {
        assert_eq!(with(paths), expected, "{paths:?}");
    }
    let metadata = with(&["demo-1.0.data/purelib/demo-1.0.dist-info/METADATA"]);
    assert_eq!(metadata, ["install-collision"]);
}

#[test]
fn names_that_no_system_or_one_installer_cannot_make() {
    let long = |length: usize| format!("demo/{}/x", "a".repeat(length));
    let (longest, too_long) = (long(255), long(256));
    for (path, expected) in [
        (longest.as_str(), &[][..]),
        (&too_long, &["name-too-long"]),
        ("x.dist-info", &["dist-info-several"]),
        (".dist-info", &["dist-info-several"]),
        ("demo-1.0.data", &["data-scheme"]),
        ("demo-1.0.data/scripts/sub/a", &["data-script-folder"]),
        ("demo/a?.py", &["name-windows"]),
        ("demo/a*", &["name-windows"]),
        ("demo/<a>", &["name-windows"]),
        ("demo/a|b", &["name-windows"]),
        ("demo/conin$", &["name-windows"]),
        ("demo/CONOUT$.txt", &["name-windows"]),
        ("demo/con.txt", &["name-device"]),
    ] {
        assert_eq!(with(&[path]), expected, "{path}");
    }
    let build = |build: &str| found(&format!("demo-1.0-{build}-py3-none-any.whl"), &demo().build(build).bytes());
    assert_eq!(build("18446744073709551615"), [] as [&str; 0]);
    assert_eq!(build("99999999999999999999999a"), ["build-tag-too-large"]);
}

#[test]
fn headers_that_readers_take_for_something_else() {
    for comment in [&b"PK\x06\x07"[..], b"PK\x06\x06 and more"] {
        let zip = ZipBuilder { comment: [comment, &[0; 16]].concat(), ..demo().zip() };
        assert_eq!(found(WHEEL, &zip.bytes()), ["second-end-record"], "{comment:?}");
    }
    let path = "demo-1.0.dist-info/WHEEL";
    let zip = demo().zip().edit(path, |entry| entry.external_attributes |= 0x10);
    assert_eq!(found(WHEEL, &zip.bytes()), ["directory-mismatch"]);
}

#[test]
fn requirements_that_one_installer_refuses() {
    for (line, expected) in [
        ("h,", &["requires-dist-malformed"][..]),
        ("h (,)", &["requires-dist-malformed"]),
        ("h>=1,", &[]),
        ("h\n >=1", &["requires-dist-folded"]),
        ("h; extras == \"b\"", &["requires-dist-marker"]),
        ("h; dependency_groups == 'b'", &["requires-dist-marker"]),
        ("h; python_version === \"3.8\"", &["requires-dist-arbitrary"]),
        ("h; extra == 'extras'", &[]),
    ] {
        assert_eq!(saying("2.1", &format!("Requires-Dist: {line}\n")), expected, "{line}");
    }
}

#[test]
fn fields_that_pypi_refuses_when_they_are_empty_or_twice() {
    for (version, lines, expected) in [
        ("2.1", "Description: one\n\nanother\n", &["metadata-field-twice"][..]),
        ("2.1", "Description-Content-Type:\n", &["description-content-type"]),
        ("2.4", "License-Expression:\n", &["license-expression-malformed"]),
    ] {
        assert_eq!(saying(version, lines), expected, "{lines}");
    }
}

#[test]
fn scripts_that_pip_does_not_make() {
    for (text, expected) in [
        ("[console_scripts]\na = demo:main\n", &[][..]),
        ("[console_scripts]\na = demo : main\n", &["entry-points-malformed"]),
        ("[console_scripts]\na=demo\n  :main\n", &["entry-points-malformed"]),
        ("[other]\na = demo : main\n", &[]),
    ] {
        assert_eq!(script(text), expected, "{text}");
    }
}

#[test]
fn name_version_and_record_cannot_be_lowered() {
    use trackside_domain::finding::Severity::{Error, Ignore};
    for code in Code::ALL.iter().filter(|code| code.level() == Level::Fixed) {
        let policy = Policy { profile: Profile::Channel, overrides: BTreeMap::from([(*code, Ignore)]) };
        assert_eq!(policy.severity(*code), Error, "{code}");
    }
    let fixed = |code: Code| code.level() == Level::Fixed;
    let all = [
        Code::WheelFileName,
        Code::DistInfoName,
        Code::MetadataNameDiffers,
        Code::MetadataVersionDiffers,
        Code::RecordMissing,
        Code::RecordStranger,
        Code::RecordUnlisted,
        Code::RecordHashDiffers,
        Code::RecordSizeDiffers,
        Code::InstallCollision,
        Code::LibtorchVersionDiffers,
    ];
    assert!(all.into_iter().all(fixed));
}
