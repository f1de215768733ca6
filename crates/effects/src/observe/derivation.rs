//! The derivation record that may lie beside a file: `torch-....whl.derivation.json`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use trackside_domain::derivation::Derivation;

use crate::trouble::with_causes;

/// What the name of a record has more than that of its file.
pub const DERIVATION_SUFFIX: &str = ".derivation.json";

/// The longest record that is read, in bytes. It names members of one folder and those that were
/// edited or could not be searched: some kilobytes.
const MAX_RECORD: u64 = 16 << 20;

/// Where the record of a file would lie.
pub fn derivation_path(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(DERIVATION_SUFFIX);
    PathBuf::from(path)
}

/// The record beside a file; none if there is none. It is not compared with the file.
pub fn derivation(file: &Path) -> Option<Result<Derivation, String>> {
    let path = derivation_path(file);
    path.symlink_metadata().is_ok().then(|| read(&path))
}

fn read(path: &Path) -> Result<Derivation, String> {
    let unreadable = |error: std::io::Error| format!("the derivation record beside it cannot be read: {error}");
    let file = trackside_artifact::open_regular(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_RECORD + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_RECORD {
        return Err(format!("the derivation record beside it has more than {MAX_RECORD} bytes"));
    }
    Derivation::from_bytes(&bytes).map_err(|error| format!("the file beside it: {}", with_causes(&error)))
}
