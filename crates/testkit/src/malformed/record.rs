//! RECORD that does not list exactly what is there.

use super::samples::{RECORD, WHEEL, demo, line, record, recorded};
use super::{Case, Family, Row, accepted, refused};

/// RECORD against the archive.
pub(super) fn record_files() -> Vec<Case> {
    let rows: Vec<Row> = vec![
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
    refused(Family::Record, WHEEL, rows)
}

/// Forms that real writers leave.
pub(super) fn forms() -> Vec<Case> {
    let zip = || demo().zip();
    let rows: Vec<Row> = vec![
        ("Windows line ends", recorded(|text| text.replace('\n', "\r\n")), &[]),
        ("backslashes", recorded(|text| text.replace("demo/a.py", "demo\\a.py")), &[]),
        ("no line end at the end", recorded(|text| text.trim_end().to_owned()), &[]),
        (
            "signatures",
            zip().stored(format!("{RECORD}.jws"), b"{}").stored(format!("{RECORD}.p7s"), b"").bytes(),
            &["record-signature"],
        ),
        ("a listed signature", recorded(|text| format!("{text}{RECORD}.jws,,\n")), &[]),
        ("a comma in a name", demo().file("demo/a,b.txt", b"x").bytes(), &[]),
        ("folders", demo().directories().bytes(), &[]),
        (
            "listed folders",
            demo().directories().zip().replace(RECORD, format!("{}demo/,,\n", record()).as_bytes()).bytes(),
            &[],
        ),
    ];
    accepted(Family::Record, WHEEL, rows)
}
