//! `info/index.json`: what a solver knows of a package.

use serde::Deserialize;
use serde_json::Value;
use trackside_domain::conda::{CondaAbout, CondaRecord, Md5, RunExports};
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
    arch: Option<String>,
    features: Option<Value>,
    license_family: Option<String>,
    noarch: Option<Value>,
    platform: Option<String>,
    python_site_packages_path: Option<String>,
    track_features: Option<Value>,
}

impl Index {
    /// What a channel says about the package; none if it has no subdir.
    pub(super) fn record(self, md5: Md5, run_exports: RunExports) -> Option<CondaRecord> {
        let about = CondaAbout {
            arch: self.arch,
            features: self.features.as_ref().and_then(words),
            license: self.license,
            license_family: self.license_family,
            noarch: self.noarch.as_ref().and_then(noarch),
            platform: self.platform,
            python_site_packages_path: self.python_site_packages_path,
            timestamp: self.timestamp.and_then(|timestamp| timestamp.as_u64()),
            track_features: self.track_features.as_ref().and_then(words),
        };
        Some(CondaRecord {
            name: self.name,
            version: self.version,
            build: self.build,
            build_number: self.build_number,
            subdir: self.subdir?,
            depends: self.depends.unwrap_or_default(),
            constrains: self.constrains.unwrap_or_default(),
            about,
            md5,
            run_exports,
        })
    }
}

/// Features are written as words with spaces, or as a list of them.
fn words(value: &Value) -> Option<String> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split_whitespace().collect(),
        Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    (!words.is_empty()).then(|| words.join(" "))
}

/// `true` is what `generic` was before there was a word for it.
fn noarch(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("generic".to_owned()),
        Value::String(word) => Some(word.clone()),
        _ => None,
    }
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
    let is_known = |noarch: &Value| noarch.is_boolean() || matches!(noarch.as_str(), Some("python" | "generic"));
    if index.noarch.as_ref().is_some_and(|noarch| !is_known(noarch)) {
        findings.member(Code::CondaIndexMalformed, INDEX, "its `noarch` is neither `python` nor `generic`");
    }
    let are_words =
        |value: &&Value| value.is_string() || value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    if !index.features.iter().chain(&index.track_features).all(|value| are_words(&value)) {
        findings.member(Code::CondaIndexMalformed, INDEX, "its features are no words");
    }
    for (field, specs) in [("depends", &index.depends), ("constrains", &index.constrains)] {
        for text in specs.iter().flatten().filter(|text| !spec::is_plain(text)) {
            let message = format!("`{}` in `{field}` is no plain match specification", shown(text));
            findings.member(Code::CondaDepends, INDEX, message);
        }
    }
}

/// The text of a stranger: escaped, and cut where it is long.
pub(super) fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}
