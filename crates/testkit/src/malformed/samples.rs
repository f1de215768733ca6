//! The good archives that the cases are made from, and small changes to them.

use crate::wheel::{WheelBuilder, ZipBuilder, ZipEntry, record_line};

/// The name of the good wheel's file.
pub const WHEEL: &str = "demo-1.0-py3-none-any.whl";
/// The name of a zip.
pub const ZIP: &str = "libtorch.zip";
/// Where the good wheel has METADATA.
pub const METADATA: &str = "demo-1.0.dist-info/METADATA";
/// Where the good wheel has RECORD.
pub const RECORD: &str = "demo-1.0.dist-info/RECORD";
/// Where the good wheel has WHEEL.
pub const WHEEL_FILE: &str = "demo-1.0.dist-info/WHEEL";

/// A small good wheel.
pub fn demo() -> WheelBuilder {
    WheelBuilder::new("demo", "1.0")
        .requires("filelock")
        .file("demo/__init__.py", b"answer = 42\n")
        .file("demo/a.py", b"")
}

/// A small good zip.
pub fn plain() -> ZipBuilder {
    ZipBuilder::new().stored("lib/a", b"alpha").deflated("lib/b", &[b'b'; 500])
}

/// The plain archive with its first member changed.
pub(super) fn first(change: impl FnOnce(&mut ZipEntry)) -> Vec<u8> {
    plain().edit("lib/a", change).bytes()
}

/// The plain archive changed.
pub(super) fn with(change: impl FnOnce(&mut ZipBuilder)) -> Vec<u8> {
    let mut zip = plain();
    change(&mut zip);
    zip.bytes()
}

/// The plain archive with zip64 end records, one of them changed.
pub(super) fn with_64(change: impl FnOnce(&mut ZipBuilder)) -> Vec<u8> {
    with(|zip| {
        zip.zip64 = true;
        change(zip);
    })
}

/// RECORD of the good wheel.
pub fn record() -> String {
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
pub fn recorded(change: impl FnOnce(String) -> String) -> Vec<u8> {
    demo().zip().replace(RECORD, change(record()).as_bytes()).bytes()
}

/// One line of RECORD changed.
pub fn line(path: &'static str, new: &'static str) -> Vec<u8> {
    recorded(|text| {
        text.lines().map(|line| if line.starts_with(path) { new.to_owned() } else { format!("{line}\n") }).collect()
    })
}

/// The good wheel with its `.dist-info` folder renamed.
pub fn renamed(folder: &str) -> Vec<u8> {
    renamed_in(demo().zip(), folder)
}

/// A wheel like the good one with its `.dist-info` folder renamed.
pub fn renamed_in(mut zip: ZipBuilder, folder: &str) -> Vec<u8> {
    for entry in &mut zip.entries {
        let name = String::from_utf8_lossy(&entry.central.name).replace("demo-1.0.dist-info/", folder);
        *entry = entry.clone().with(|header| header.name = name.clone().into_bytes());
    }
    zip.bytes()
}

/// The good wheel with a file in `.dist-info` changed and RECORD made right again, so that only
/// what the file says is wrong.
pub fn saying(path: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
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
