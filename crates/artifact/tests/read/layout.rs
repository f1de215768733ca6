//! The rest of a wheel: platform tags, WHEEL, `.data`, and files that should not be there.

use crate::case::{METADATA, RECORD, WHEEL, WHEEL_FILE, found, record_for};

const PLAIN: &[u8] = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";

fn with(path: &str) -> Vec<&'static str> {
    found(WHEEL, &record_for(&[(METADATA, PLAIN), (path, b"x")]))
}

#[test]
fn pypi_refuses_platforms_without_a_meaning() {
    for (platform, refused) in [
        ("linux_x86_64", true),
        ("linux_aarch64", true),
        ("macosx_11_1_x86_64", true),
        ("macosx_16_0_arm64", true),
        ("manylinux_2_28_arm64", true),
        ("manylinux2014_x86_64.linux_x86_64", true),
        ("win_x86", true),
        ("manylinux2014_x86_64.manylinux_2_17_x86_64", false),
        ("macosx_26_0_arm64", false),
        ("musllinux_1_2_aarch64", false),
    ] {
        let name = format!("demo-1.0-py3-none-{platform}.whl");
        let tags: String = platform.split('.').map(|tag| format!("Tag: py3-none-{tag}\n")).collect();
        let wheel = format!("Wheel-Version: 1.0\nRoot-Is-Purelib: false\n{tags}");
        let codes = found(&name, &record_for(&[(METADATA, PLAIN), (WHEEL_FILE, wheel.as_bytes())]));
        assert_eq!(codes.contains(&"platform-tag-refused"), refused, "{platform}");
    }
}

#[test]
fn wheel_says_what_the_file_name_says() {
    for (wheel, expected) in [
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", &[][..]),
        ("Wheel-Version: 1.9\nRoot-Is-Purelib: true\nTag: py3-none-any\n", &["wheel-version-newer"][..]),
        (
            "Wheel-Version: 1.0\nWheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            &["wheel-duplicate-field"],
        ),
        (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nroot-is-purelib: false\nTag: py3-none-any\n",
            &["wheel-duplicate-field"],
        ),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n", &["wheel-tags-differ"]),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none\n", &["wheel-tags-differ"]),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n", &["wheel-purelib-differs"]),
        ("Wheel-Version: 1\nRoot-Is-Purelib: true\nTag: py3-none-any\n", &["wheel-malformed"]),
        ("Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", &["wheel-version-unsupported"]),
    ] {
        let codes = found(WHEEL, &record_for(&[(METADATA, PLAIN), (WHEEL_FILE, wheel.as_bytes())]));
        assert_eq!(codes, expected, "{wheel}");
    }
    let native = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-win_amd64\n";
    let codes = found("demo-1.0-py3-none-win_amd64.whl", &record_for(&[(METADATA, PLAIN), (WHEEL_FILE, native)]));
    assert!(codes.contains(&"wheel-purelib-differs"));
}

#[test]
fn data_goes_where_installers_know_a_place() {
    for (path, expected) in [
        ("demo-1.0.data/scripts/demo", &[][..]),
        ("demo-1.0.data/purelib/demo/a.py", &[]),
        ("demo-1.0.data/platlib/demo/a.py", &[]),
        ("demo-1.0.data/headers/a.h", &[]),
        ("demo-1.0.data/data/share/a", &[]),
        ("demo/x.data/a", &[]),
        ("demo-1.0.data/include/a.h", &["data-scheme"][..]),
        ("demo-1.0.data/Scripts/a", &["data-scheme"]),
        ("demo-1.0.data/a", &["data-scheme"]),
        ("other-1.0.data/scripts/a", &["data-folder-name"]),
        ("Demo-1.0.data/scripts/a", &["data-folder-name"]),
        ("other.data/bin/a", &["data-folder-name", "data-scheme"]),
    ] {
        assert_eq!(with(path), expected, "{path}");
    }
    let many: Vec<String> = (0..50).map(|number| format!("demo-1.0.data/bin/{number}")).collect();
    let mut files: Vec<(&str, &[u8])> = vec![(METADATA, PLAIN)];
    files.extend(many.iter().map(|path| (path.as_str(), &b"x"[..])));
    assert_eq!(crate::case::findings(WHEEL, &record_for(&files)).len(), 1, "a scheme is told once");
}

#[test]
fn files_of_others_are_noted() {
    for (name, expected) in [
        ("INSTALLER", &["installer-file"][..]),
        ("REQUESTED", &["installer-file"]),
        ("direct_url.json", &["installer-file"]),
        ("RECORD.jws", &["record-signature"]),
        ("RECORD.p7s", &["record-signature"]),
        ("top_level.txt", &[]),
        ("licenses/LICENSE", &[]),
        ("sboms/a.json", &[]),
    ] {
        assert_eq!(with(&format!("demo-1.0.dist-info/{name}")), expected, "{name}");
    }
}

#[test]
fn sizes_in_record_are_digits() {
    let digest = trackside_testkit::wheel::record_line("demo/a", b"x");
    let zip = |size: &str| {
        let files = [(METADATA, PLAIN), ("demo/a", &b"x"[..])];
        let text = crate::case::record_text(&files).replace(&digest, &digest.replace(",1\n", &format!(",{size}\n")));
        crate::case::zip_of(&files, &text)
    };
    for size in ["1", "01"] {
        assert_eq!(found(WHEEL, &zip(size)), [] as [&str; 0], "{size}");
    }
    for size in ["+1", "-1", "1.0", " 1", "0x1", "1_", "18446744073709551617", "１"] {
        assert_eq!(found(WHEEL, &zip(size)), ["record-size-differs"], "{size}");
    }
    assert!(zip("1").len() > RECORD.len());
}
