//! The derivation record beside its output.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use trackside_domain::artifact_set::visible;
use trackside_domain::derivation::{Derivation, DerivedFile};
use trackside_domain::finding::{Code, Finding};

use super::error::DeriveError;
use super::output::{Linked, Temporary};
use crate::report::Report;

/// The longest record that is read, in bytes. It names members of a few folders: some kilobytes.
const MAX_RECORD_FILE: u64 = 16 << 20;

/// Where the record of a wheel lies: beside it.
pub fn record_path(wheel: &Path) -> PathBuf {
    let mut name = wheel.as_os_str().to_owned();
    name.push(".derivation.json");
    name.into()
}

/// Reads a record.
///
/// # Errors
/// When it cannot be read, or is no record.
pub fn read_record(path: &Path) -> Result<Derivation, DeriveError> {
    let failed = |source| DeriveError::Record { path: path.to_owned(), source };
    let file = crate::file::open_regular(path).map_err(failed)?;
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, MAX_RECORD_FILE), &mut bytes).map_err(failed)?;
    Derivation::from_bytes(&bytes)
        .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error.to_string())))
}

/// What is wrong with the record that lies beside a file, or with why it could not be read; none if it
/// is about exactly these bytes under this name.
pub fn compare_record(report: &Report, record: &Result<Derivation, String>) -> Option<Finding> {
    let finding = |code, message| Some(Finding { code, member: None, message });
    let wanted = match record {
        Ok(record) => &record.output,
        Err(why) => return finding(Code::DerivationRecordUnreadable, visible(why)),
    };
    let DerivedFile { name, size, sha256 } = wanted;
    let mut differs = Vec::new();
    if name.as_str() != report.file_name {
        differs.push(format!("the name `{name}`"));
    }
    if *size != report.size {
        differs.push(format!("{size} bytes, the file has {}", report.size));
    }
    if *sha256 != report.sha256 {
        differs.push(format!("sha256 {}, the file has {}", sha256.short(), report.sha256.short()));
    }
    if differs.is_empty() {
        return None;
    }
    let message = format!("the derivation record beside it is not about it: it states {}", differs.join("; "));
    finding(Code::DerivationRecordDiffers, message)
}

/// Writes the record of the wheel at `wheel`. One that says the same is left as it is, whichever
/// program wrote it.
pub(super) fn put(wheel: &Path, record: &Derivation, folder: &Path) -> Result<(), DeriveError> {
    let path = record_path(wheel);
    let temporary = Temporary::new(folder)?;
    let mut file = temporary.file();
    let written = file.write_all(&record.to_bytes()).and_then(|()| file.sync_all());
    written.map_err(|source| DeriveError::Write { path: path.clone(), source })?;
    match temporary.link(&path)? {
        Linked::New => Ok(()),
        Linked::Exists => check(&path, record),
    }
}

/// A record that is there says the same, or is somebody else's.
pub(super) fn check(path: &Path, record: &Derivation) -> Result<(), DeriveError> {
    let there = read_record(path).map(|there| Derivation { tool: record.tool.clone(), ..there });
    if there.is_ok_and(|there| there == *record) { Ok(()) } else { Err(DeriveError::Exists(path.to_owned())) }
}
