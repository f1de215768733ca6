//! entry_points.txt: scripts that could not be made, or would be made somewhere else.

use crate::case::{METADATA, WHEEL, found, record_for};

/// Names that are no file in the folder of scripts.
pub(crate) const HOSTILE: [&str; 28] = [
    "../evil",
    "../../bin/sh",
    "/bin/sh",
    "a/b",
    "a\\b",
    "a b",
    "a:b",
    "..",
    ".",
    "a;b",
    "a$b",
    "a`b`",
    "\"a\"",
    "a%b",
    "a\u{202e}b",
    "a\u{1b}b",
    "a,b",
    "a*",
    "C:x",
    "[a",
    "a(b)",
    "é/è",
    "a\tb",
    "~a",
    "a|b",
    "a&b",
    "a@b",
    "a!",
];

const PATH: &str = "demo-1.0.dist-info/entry_points.txt";

fn with(text: &[u8]) -> Vec<&'static str> {
    let metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
    found(WHEEL, &record_for(&[(METADATA, metadata), (PATH, text)]))
}

#[test]
fn scripts_with_names_and_objects_pass() {
    for text in [
        "",
        "[console_scripts]\ntorchrun = torch.distributed.run:main\ntorch-model.x_1=torch:main [all]\n",
        "[gui_scripts]\nдемо = demo:main\n",
        "# comment\n[console_scripts]\na = demo:main\n\n[some.group]\nany name/you like = demo\nb = demo:C.d [x, y]\n",
        "[console_scripts]\r\na = demo:main\r\n",
    ] {
        assert_eq!(with(text.as_bytes()), [] as [&str; 0], "{text:?}");
    }
}

#[test]
fn files_that_are_no_ini_are_refused() {
    for text in [
        &b"\xff\xfe"[..],
        b"a = b:c\n",
        b"[console_scripts]\na b:c\n",
        b"[console_scripts]\na: b\n",
        b"[console_scripts]\n= b:c\n",
        b"[console_scripts]\na = b:c\na = d:e\n",
        b"[console_scripts]\na = b:c\n[console_scripts]\nd = e:f\n",
        b"[]\na = b:c\n",
        b"[console_scripts\na = b:c\n",
    ] {
        assert_eq!(with(text), ["entry-points-malformed"], "{:?}", String::from_utf8_lossy(text));
    }
    assert_eq!(with(&vec![b'#'; (1 << 20) + 1]), ["entry-points-malformed"]);
}

#[test]
fn scripts_with_hostile_names_are_refused() {
    for name in HOSTILE {
        for group in ["console_scripts", "gui_scripts", "DEFAULT"] {
            let text = format!("[{group}]\n{name} = demo:main\n");
            assert_eq!(with(text.as_bytes()), ["entry-points-malformed"], "{name:?} in {group}");
        }
    }
}

#[test]
fn scripts_without_an_object_are_refused_and_plug_ins_only_noted() {
    for value in [
        "",
        "demo:",
        "demo:main:x",
        "demo.:main",
        "../demo:main",
        "demo:main()",
        "demo:main [x",
        "de mo:main",
        "demo:\n  main;x",
    ] {
        let script = with(format!("[console_scripts]\na = {value}\n").as_bytes());
        assert_eq!(script, ["entry-points-malformed"], "{value:?}");
        let plug_in = with(format!("[demo.plugins]\na = {value}\n").as_bytes());
        assert_eq!(plug_in, ["entry-point-value"], "{value:?}");
    }
    assert_eq!(with(b"[console_scripts]\na = demo\n"), ["entry-points-malformed"]);
    assert_eq!(with(b"[demo.plugins]\na = demo\n"), [] as [&str; 0]);
}
