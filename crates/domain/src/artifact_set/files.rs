//! The files as such: their sizes, their names, how many of a kind.

use std::collections::BTreeMap;

use super::{Limits, SetFile, SetFindings, releases};
use crate::digest::Sha256;
use crate::finding::{Code, Finding};

pub(super) fn check_limits(files: &[SetFile], limits: &Limits, findings: &mut SetFindings) {
    for (index, file) in files.iter().enumerate() {
        if let Some(limit) = limits.file.filter(|limit| file.size > *limit) {
            findings.file(index, Code::FileTooLarge, format!("it has {} bytes, {limit} are allowed", file.size));
        }
    }
    let total = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
    if let Some(limit) = limits.total.filter(|limit| total > *limit) {
        let message = format!("the files have {total} bytes together, {limit} are allowed");
        findings.set.push(Finding { code: Code::TotalTooLarge, member: None, message });
    }
}

/// One name, one content; and, since PyPI finds files by their digest too, one content, one name.
pub(super) fn check_names(files: &[SetFile], findings: &mut SetFindings) {
    let mut by_name: BTreeMap<&str, Sha256> = BTreeMap::new();
    let mut by_content: BTreeMap<Sha256, &str> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        let first = *by_name.entry(&file.name).or_insert(file.sha256);
        if first != file.sha256 {
            let message =
                format!("another file of this name has sha256 {}, this one {}", first.short(), file.sha256.short());
            findings.file(index, Code::SetSameName, message);
        }
        let other = *by_content.entry(file.sha256).or_insert(&file.name);
        if other != file.name {
            let message = format!("it has the same bytes as `{}`", other.escape_debug());
            findings.file(index, Code::SetSameBytes, message);
        }
    }
}

pub(super) fn check_sdists(files: &[SetFile], findings: &mut SetFindings) {
    for release in releases(files).values() {
        let mut sdists = release.iter().filter(|index| files[**index].is_sdist);
        let Some(first) = sdists.next().map(|index| &files[*index]) else {
            continue;
        };
        // The same file twice is one file.
        for index in sdists.filter(|index| files[**index].sha256 != first.sha256) {
            let message = format!("the release has a source distribution already, `{}`", first.name.escape_debug());
            findings.file(*index, Code::SetSecondSdist, message);
        }
    }
}
