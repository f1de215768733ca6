//! Wheels and zips at first sight: the central directory, METADATA and WHEEL.

use std::collections::BTreeSet;

use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;
use trackside_domain::wheel::WheelFileName;

use super::{About, Entry, Said};
use crate::error::ReadError;
use crate::file::SourceFile;
use crate::finding::Findings;
use crate::headers::Headers;
use crate::libtorch;
use crate::limits::{MAX_METADATA, MAX_WHEEL_FILE};
use crate::zip::{self, Directory};

/// Looks at a wheel. None, with findings, if it says nothing.
pub(super) fn wheel(source: &SourceFile, name: &str, findings: &mut Findings) -> Result<Option<Said>, ReadError> {
    let file: WheelFileName = match name.parse() {
        Ok(file) => file,
        Err(error) => {
            let error: trackside_domain::wheel::WheelNameError = error;
            findings.archive(Code::WheelFileName, error.reason());
            return Ok(None);
        }
    };
    let Some(directory) = zip::read_directory(source, findings)? else {
        return Ok(None);
    };
    let folder = dist_info(&directory, &file);
    let metadata = format!("{folder}/METADATA");
    let Some(bytes) = directory.read(source, (&metadata, MAX_METADATA), findings)? else {
        if findings.is_empty() {
            findings.member(Code::MetadataMissing, &metadata, "it is missing");
        }
        return Ok(None);
    };
    let about = match About::read(&bytes) {
        Ok(about) => about,
        Err(reason) => {
            findings.archive(Code::MetadataMalformed, format!("METADATA: {reason}"));
            return Ok(None);
        }
    };
    let stated = directory.read(source, (&format!("{folder}/WHEEL"), MAX_WHEEL_FILE), findings)?;
    let tags: Vec<String> = file.tags().expand().collect();
    Ok(Some(Said {
        name: Some(file.name().to_owned()),
        version: Some(file.version_text().to_owned()),
        build: file.build().map(str::to_owned),
        other_tags: other_tags(stated.as_deref().unwrap_or_default(), &tags),
        tags,
        metadata: Some(about),
        metadata_sha256: Some(Sha256::of(&bytes)),
        ..counted(&directory)
    }))
}

/// The folder that is named after the file, or else the first that could be meant.
fn dist_info(directory: &Directory, file: &WheelFileName) -> String {
    let expected = file.dist_info();
    let tops = || directory.names().filter_map(|name| name.split_once('/').map(|(top, _)| top));
    if tops().any(|top| top == expected) {
        return expected;
    }
    tops().find(|top| top.ends_with(".dist-info")).map_or(expected, str::to_owned)
}

/// The tags of WHEEL, if they are not those of the file name. One that cannot be read has none.
fn other_tags(wheel: &[u8], tags: &[String]) -> Vec<String> {
    let headers = std::str::from_utf8(wheel).ok().and_then(|text| Headers::parse(text).ok()).unwrap_or_default();
    let stated: BTreeSet<&str> = headers.all("Tag").collect();
    if stated.iter().copied().eq(tags.iter().map(String::as_str).collect::<BTreeSet<_>>()) {
        return Vec::new();
    }
    stated.into_iter().map(str::to_owned).collect()
}

/// Looks at a zip with the C++ library, which says nothing but its name:
/// `libtorch-shared-with-deps-2.15.0+cpu.zip`.
pub(super) fn libtorch(source: &SourceFile, name: &str, findings: &mut Findings) -> Result<Option<Said>, ReadError> {
    let Some(directory) = zip::read_directory(source, findings)? else {
        return Ok(None);
    };
    let (name, version) = libtorch::version_in(name).map(|(name, version)| (name.to_owned(), version)).unzip();
    Ok(Some(Said { name, version, ..counted(&directory) }))
}

fn counted(directory: &Directory) -> Said {
    let (members, unpacked_size) = (directory.members(), directory.unpacked_size());
    let entry = |(name, size, compressed): (&str, u64, u64)| Entry {
        name: name.to_owned(),
        size,
        compressed: Some(compressed),
    };
    Said { members, entries: directory.sizes().map(entry).collect(), unpacked_size, ..Said::default() }
}
