//! The inside of a wheel: `.dist-info`, METADATA, WHEEL and RECORD against the file and each other.

use trackside_artifact::Contents;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder, ZipEntry, record_line};

use crate::case::{Case, METADATA, RECORD, WHEEL, WHEEL_FILE, check, codes, demo, read_as, read_wheel};

/// The good wheel with a file in `.dist-info` changed and RECORD made right again, so that only
/// what the file says is wrong.
fn with(path: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut zip = demo().zip();
    let text = match path {
        METADATA => demo().metadata(),
        _ => "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
    };
    let text = change(text);
    zip = zip.replace(path, text.as_bytes());
    let record: String = record()
        .lines()
        .map(|line| if line.starts_with(path) { record_line(path, text.as_bytes()) } else { format!("{line}\n") })
        .collect();
    zip.replace(RECORD, record.as_bytes()).bytes()
}

/// RECORD of the good wheel.
fn record() -> String {
    let wheel_file = b"Wheel-Version: 1.0\nGenerator: testkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n\n";
    let files = [
        ("demo/__init__.py", &b"answer = 42\n"[..]),
        ("demo/a.py", b""),
        (METADATA, &demo().metadata().into_bytes()),
        (WHEEL_FILE, wheel_file),
    ];
    let lines: String = files.iter().map(|(path, content)| record_line(path, content)).collect();
    format!("{lines}{RECORD},,\n")
}

/// The good wheel with another RECORD.
fn recorded(change: impl FnOnce(String) -> String) -> Vec<u8> {
    demo().zip().replace(RECORD, change(record()).as_bytes()).bytes()
}

/// One line of RECORD changed.
fn line(path: &'static str, new: &'static str) -> Vec<u8> {
    recorded(|text| {
        text.lines().map(|line| if line.starts_with(path) { new.to_owned() } else { format!("{line}\n") }).collect()
    })
}

#[test]
fn metadata_must_be_that_of_the_file() {
    let replaced = |from: &'static str, to: &'static str| with(METADATA, move |text| text.replacen(from, to, 1));
    let cases: Vec<Case> = vec![
        ("missing", demo().zip().without(METADATA).bytes(), &["metadata-missing", "record-stranger"]),
        ("another name", replaced("Name: demo", "Name: other"), &["metadata-name-differs"]),
        ("another version", replaced("Version: 1.0", "Version: 1.1"), &["metadata-version-differs"]),
        ("a local version", replaced("Version: 1.0", "Version: 1.0+cpu"), &["metadata-version-differs"]),
        ("no version at all", replaced("Version: 1.0", "Version: x"), &["metadata-version-differs"]),
        ("two names", replaced("Name: demo", "Name: demo\nName: other"), &["metadata-duplicate-field"]),
        ("two equal versions", replaced("Version: 1.0", "Version: 1.0\nversion: 1.0"), &["metadata-duplicate-field"]),
        ("no name", replaced("Name: demo\n", ""), &["metadata-field-missing"]),
        ("empty version", replaced("Version: 1.0", "Version:"), &["metadata-field-missing"]),
        ("format 9.9", replaced("Metadata-Version: 2.1", "Metadata-Version: 9.9"), &["metadata-version-unknown"]),
        ("a line that is no header", replaced("Name: demo", "From somebody\nName: demo"), &["metadata-malformed"]),
        (
            "not UTF-8",
            demo().zip().replace(METADATA, b"Name: \xff").bytes(),
            &["record-size-differs", "record-hash-differs", "metadata-not-utf8"],
        ),
        (
            "Requires-Python in words",
            replaced("Name: demo", "Name: demo\nRequires-Python: three"),
            &["requires-python-malformed"],
        ),
        ("too large", demo().description(&"x".repeat(17 << 20)).bytes(), &["metadata-too-large"]),
    ];
    check(&cases, read_wheel);
}

#[test]
fn the_dist_info_folder_must_be_named_after_the_file() {
    let named = |name: &'static str, version: &'static str| WheelBuilder::new(name, version).bytes();
    let missing: &[&str] = &["dist-info-name", "metadata-missing", "wheel-missing", "record-missing"];
    let second = |path: &'static str| demo().file(path, b"").bytes();
    let cases: Vec<Case> = vec![
        ("another package", named("other", "1.0"), missing),
        ("another version", named("demo", "1.1"), missing),
        ("another spelling of the version", named("demo", "1.0.0"), missing),
        ("another case", renamed("Demo-1.0.dist-info/"), missing),
        (
            "none",
            ZipBuilder::new().bytes(),
            &["dist-info-missing", "metadata-missing", "wheel-missing", "record-missing"],
        ),
        ("two", second("other-1.0.dist-info/METADATA"), &["dist-info-several"]),
        ("two in another case", second("other-1.0.DIST-INFO/METADATA"), &["dist-info-several"]),
    ];
    check(&cases, read_wheel);
}

/// The good wheel with its `.dist-info` folder renamed.
fn renamed(folder: &str) -> Vec<u8> {
    renamed_in(demo().zip(), folder)
}

/// The same, with a RECORD that knows the new name.
fn upper_case() -> Vec<u8> {
    let record = record().replace("demo-1.0.dist-info/", "Demo-1.0.dist-info/");
    renamed_in(demo().zip().replace(RECORD, record.as_bytes()), "Demo-1.0.dist-info/")
}

fn renamed_in(mut zip: ZipBuilder, folder: &str) -> Vec<u8> {
    for entry in &mut zip.entries {
        let name = String::from_utf8_lossy(&entry.central.name).replace("demo-1.0.dist-info/", folder);
        *entry = entry.clone().with(|header| header.name = name.clone().into_bytes());
    }
    zip.bytes()
}

#[test]
fn wheel_must_be_readable() {
    let replaced = |from: &'static str, to: &'static str| with(WHEEL_FILE, move |text| text.replacen(from, to, 1));
    let cases: Vec<Case> = vec![
        ("missing", demo().zip().without(WHEEL_FILE).bytes(), &["wheel-missing", "record-stranger"]),
        ("version 2.0", replaced("Wheel-Version: 1.0", "Wheel-Version: 2.0"), &["wheel-version-unsupported"]),
        ("no version", replaced("Wheel-Version: 1.0\n", ""), &["wheel-malformed"]),
        ("version in words", replaced("Wheel-Version: 1.0", "Wheel-Version: one"), &["wheel-malformed"]),
        ("no tags", replaced("Tag: py3-none-any\n", ""), &["wheel-malformed"]),
        ("pure in words", replaced("Purelib: true", "Purelib: perhaps"), &["wheel-malformed"]),
        ("no header form", replaced("Wheel-Version: 1.0", "Wheel"), &["wheel-malformed"]),
        ("too large", with(WHEEL_FILE, |text| text + &"x".repeat(2 << 20)), &["wheel-malformed"]),
    ];
    check(&cases, read_wheel);
}

#[test]
fn record_must_list_every_file_and_nothing_else() {
    let cases: Vec<Case> = vec![
        ("missing", demo().zip().without(RECORD).bytes(), &["record-missing"]),
        ("not UTF-8", demo().zip().replace(RECORD, b"\xff,,").bytes(), &["record-not-utf8"]),
        ("too large", recorded(|_| "x".repeat(65 << 20)), &["record-too-large"]),
        ("a stranger", recorded(|text| text + "demo/b.py,sha256=x,1\n"), &["record-stranger"]),
        ("a file that is not listed", line("demo/a.py", ""), &["record-unlisted"]),
        ("not even itself listed", line(RECORD, ""), &["record-unlisted"]),
        ("a file added afterwards", demo().zip().stored("demo/evil.pth", b"import os").bytes(), &["record-unlisted"]),
        (
            "a file changed afterwards",
            demo().zip().replace("demo/__init__.py", b"answer = 43\n").bytes(),
            &["record-hash-differs"],
        ),
        (
            "a file cut afterwards",
            demo().zip().replace("demo/__init__.py", b"").bytes(),
            &["record-size-differs", "record-hash-differs"],
        ),
        (
            "a wrong size",
            line("demo/a.py", "demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,1\n"),
            &["record-size-differs"],
        ),
        (
            "a size in words",
            line("demo/a.py", "demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,none\n"),
            &["record-size-differs"],
        ),
        (
            "a negative size",
            line("demo/a.py", "demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,-0\n"),
            &["record-size-differs"],
        ),
        ("no hash", line("demo/a.py", "demo/a.py,,0\n"), &["record-hash-missing"]),
        ("an md5 hash", line("demo/a.py", "demo/a.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0\n"), &["record-hash-algorithm"]),
        (
            "a hash without algorithm",
            line("demo/a.py", "demo/a.py,47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"),
            &["record-hash-algorithm"],
        ),
        (
            "a padded hash",
            line("demo/a.py", "demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=,0\n"),
            &["record-hash-malformed"],
        ),
        (
            "a hash in hex",
            line("demo/a.py", "demo/a.py,sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,0\n"),
            &["record-hash-malformed"],
        ),
        ("a line twice", recorded(|text| format!("{text}{RECORD},,\n")), &["record-duplicate"]),
        (
            "itself with a hash",
            line(RECORD, "demo-1.0.dist-info/RECORD,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,\n"),
            &["record-of-itself"],
        ),
        ("itself with a size", line(RECORD, "demo-1.0.dist-info/RECORD,,7\n"), &["record-of-itself"]),
        ("a path that leads out", recorded(|text| text + "../evil,,\n"), &["record-path"]),
        ("a path that leads out by backslashes", recorded(|text| text + "..\\evil,,\n"), &["record-path"]),
        ("an absolute path", recorded(|text| text + "/etc/passwd,,\n"), &["record-path"]),
        ("two fields", recorded(|text| text + "demo/b.py,\n"), &["record-malformed"]),
        ("an open quote", recorded(|text| text + "\"demo/b.py,,\n"), &["record-malformed"]),
    ];
    check(&cases, read_wheel);
}

#[test]
fn record_in_the_forms_that_real_writers_leave_is_accepted() {
    let with_signatures =
        demo().zip().stored(format!("{RECORD}.jws"), b"{}").stored(format!("{RECORD}.p7s"), b"").bytes();
    let comma = demo().file("demo/a,\"b\".txt", b"x").bytes();
    let files = [
        ("Windows line ends", recorded(|text| text.replace('\n', "\r\n"))),
        ("backslashes", recorded(|text| text.replace("demo/a.py", "demo\\a.py"))),
        ("no line end at the end", recorded(|text| text.trim_end().to_owned())),
        ("signatures", with_signatures),
        ("listed signature", recorded(|text| format!("{text}{RECORD}.jws,,\n"))),
        ("quotes", comma),
        ("folders", demo().directories().bytes()),
        (
            "listed folders",
            demo().directories().zip().replace(RECORD, format!("{}demo/,,\n", record()).as_bytes()).bytes(),
        ),
    ];
    for (what, bytes) in files {
        let result = read_wheel(&bytes);
        assert!(result.is_ok(), "{what}: {:?}", result.err());
    }
}

#[test]
fn what_is_only_odd_is_a_warning() {
    let tags = with(WHEEL_FILE, |text| text.replace("py3-none-any", "py3-none-linux_x86_64"));
    let purelib = with(WHEEL_FILE, |text| text.replace("Purelib: true", "Purelib: false"));
    let misspelt = with(WHEEL_FILE, |text| text.replace("Root-Is-Purelib", "Root-Is_Purelib"));
    let build = with(WHEEL_FILE, |text| text.replace("Tag", "Build: 2\nTag"));
    let mut comment = demo().zip();
    comment.comment = b"made by hand".to_vec();
    let sizeless = line("demo/a.py", "demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,\n");
    for (bytes, expected) in [
        (tags, "wheel-tags-differ"),
        (purelib, "wheel-purelib-differs"),
        (misspelt, "wheel-purelib-differs"),
        (build, "wheel-build-differs"),
        (comment.bytes(), "archive-comment"),
        (sizeless, "record-size-missing"),
    ] {
        let result = read_wheel(&bytes);
        assert!(result.is_ok(), "{:?}", result.err());
        assert_eq!(codes(&result), [expected]);
    }
    let upper = read_as("Demo-1.0-py3-none-any.whl", &upper_case(), ArtifactKind::Wheel);
    assert!(upper.is_ok(), "{:?}", upper.err());
    assert_eq!(codes(&upper), ["name-not-normalised"]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut zip = demo().zip().entry(ZipEntry::stored("../evil", b"x").with(|header| header.crc ^= 1));
    zip = zip.replace(METADATA, b"Metadata-Version: 2.1\nName: other\nVersion: 2\n");
    let error = read_wheel(&zip.bytes()).unwrap_err();
    let told: Vec<String> = error.findings().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    `../evil`: its name has a part `..` [name-traversal]
    `../evil`: its checksum is not the declared one [content-crc]
    `demo-1.0.dist-info/METADATA`: RECORD states 71 bytes, it has 45 [record-size-differs]
    `demo-1.0.dist-info/METADATA`: RECORD states sha256 e476ebbf75fe, it has b813622f093f [record-hash-differs]
    `../evil`: RECORD does not list it [record-unlisted]
    METADATA names `other`, the file `demo` [metadata-name-differs]
    METADATA has version `2`, the file `1.0` [metadata-version-differs]
    ");
}

#[test]
fn a_file_name_that_is_not_a_wheels_is_refused() {
    let result = read_as("demo.whl", &demo().bytes(), ArtifactKind::Wheel);
    assert_eq!(codes(&result), ["wheel-file-name"]);
    let other = read_as("other-1.0-py3-none-any.whl", &demo().bytes(), ArtifactKind::Wheel);
    assert_eq!(codes(&other), ["dist-info-name", "metadata-missing", "wheel-missing", "record-missing"]);
}

#[test]
fn a_good_wheel_says_what_stage_needs() {
    let bytes = demo().requires_python(">=3.10").bytes();
    let artifact = read_wheel(&bytes).unwrap();
    let Contents::Wheel(wheel) = &artifact.contents else { panic!("no wheel") };
    assert_eq!(wheel.file_name.as_str(), WHEEL);
    assert_eq!(artifact.sha256, trackside_domain::digest::Sha256::of(&bytes));
    assert_eq!(artifact.size, bytes.len() as u64);
    assert_eq!(wheel.metadata_bytes, demo().requires_python(">=3.10").metadata().into_bytes());
    assert_eq!(wheel.metadata_sha256, trackside_domain::digest::Sha256::of(&wheel.metadata_bytes));
    assert_eq!(
        (wheel.metadata.requires_python.as_deref(), &wheel.metadata.requires_dist[..]),
        (Some(">=3.10"), &["filelock".to_owned()][..])
    );
    assert_eq!((&wheel.wheel_tags[..], artifact.members), (&["py3-none-any".to_owned()][..], 5));
    assert!(artifact.warnings.is_empty());
}
