//! `info/index.json`: what a solver knows of a package.

use serde::Deserialize;
use trackside_domain::finding::Code;

use super::file_name::CondaFileName;
use super::{INDEX, spec};
use crate::finding::Findings;

/// The platforms of conda, with `noarch` (conda's `KNOWN_SUBDIRS`, those of rattler included).
const SUBDIRS: [&str; 21] = [
    "emscripten-wasm32",
    "freebsd-64",
    "linux-32",
    "linux-64",
    "linux-aarch64",
    "linux-armv6l",
    "linux-armv7l",
    "linux-ppc64",
    "linux-ppc64le",
    "linux-loongarch64",
    "linux-riscv32",
    "linux-riscv64",
    "linux-s390x",
    "noarch",
    "osx-64",
    "osx-arm64",
    "wasi-wasm32",
    "win-32",
    "win-64",
    "win-arm64",
    "zos-z",
];

/// The fields that are looked at.
#[derive(Deserialize)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) build: String,
    pub(super) build_number: u64,
    pub(super) subdir: Option<String>,
    pub(super) depends: Option<Vec<String>>,
    pub(super) constrains: Option<Vec<String>>,
    pub(super) license: Option<String>,
    pub(super) timestamp: Option<serde_json::Number>,
}

/// Checks the index against the name of the file and the rules of its fields.
pub(super) fn check(index: &Index, file_name: &CondaFileName, findings: &mut Findings) {
    for (what, stated, expected) in [
        ("name", &index.name, &file_name.name),
        ("version", &index.version, &file_name.version),
        ("build", &index.build, &file_name.build),
    ] {
        if stated != expected {
            let message = format!("it has {what} `{}`, the file `{expected}`", shown(stated));
            findings.member(Code::CondaIndexDiffers, INDEX, message);
        }
    }
    match index.subdir.as_deref() {
        None => findings.member(Code::CondaSubdir, INDEX, "it has no subdir"),
        Some(subdir) if !SUBDIRS.contains(&subdir) => {
            findings.member(Code::CondaSubdir, INDEX, format!("conda knows no subdir `{}`", shown(subdir)));
        }
        Some(_) => {}
    }
    for (field, specs) in [("depends", &index.depends), ("constrains", &index.constrains)] {
        for text in specs.iter().flatten().filter(|text| !spec::is_plain(text)) {
            let message = format!("`{}` in `{field}` is no plain match specification", shown(text));
            findings.member(Code::CondaDepends, INDEX, message);
        }
    }
}

/// The text of a stranger: escaped, and cut where it is long.
fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}
