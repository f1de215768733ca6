//! Derivation records as they lie beside wheels.

use std::fs;
use std::path::{Path, PathBuf};

use trackside_domain::derivation::{
    ChangedMember, Derivation, DerivedFile, Function, MemberContent, RENAME_WHEEL, Rules, Scope, Search, Tool,
    VersionChange, Why,
};
use trackside_domain::digest::Sha256;
use trackside_domain::manifest::FORMAT;
use trackside_domain::wheel::WheelFileName;

/// A record that says that the wheel was made from one of the version `from`.
pub(crate) fn derivation(wheel: &Path, from: &str) -> Derivation {
    let bytes = fs::read(wheel).unwrap();
    let name: WheelFileName = wheel.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let to = name.version_text().to_owned();
    let input: WheelFileName = name.as_str().replacen(&to, from, 1).parse().unwrap();
    let content = |text: &str| MemberContent { size: text.len() as u64, sha256: Sha256::of(text.as_bytes()) };
    let metadata = |version: &str| format!("{}-{version}.dist-info/METADATA", name.name());
    Derivation {
        format: FORMAT,
        tool: Tool { name: "trackside".into(), version: "0.1.0".into() },
        function: Function { id: RENAME_WHEEL.into(), version: 1 },
        input: DerivedFile { name: input, size: 7, sha256: Sha256::of(b"the input") },
        rules: Rules::new(VersionChange { from: from.to_owned(), to: to.clone() }),
        changed: vec![ChangedMember {
            from: metadata(from),
            to: metadata(&to),
            why: Why::Metadata,
            before: content(from),
            after: content(&to),
        }],
        renamed: Vec::new(),
        search: Search { scope: Scope::Text, searched: 1, skipped: Vec::new() },
        output: DerivedFile { name, size: bytes.len() as u64, sha256: Sha256::of(&bytes) },
    }
}

/// Puts a record beside a wheel.
pub(crate) fn put_beside(wheel: &Path, record: &Derivation) -> PathBuf {
    let path = PathBuf::from(format!("{}.derivation.json", wheel.display()));
    fs::write(&path, record.to_bytes()).unwrap();
    path
}
