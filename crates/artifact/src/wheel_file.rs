//! WHEEL: how a wheel is to be installed, and for which tags it was built.

use std::collections::BTreeSet;

use trackside_domain::wheel::WheelFileName;

use crate::finding::Findings;
use crate::headers::Headers;
use crate::limits::{MAX_TAG, MAX_TAGS};
use trackside_domain::finding::Code;

/// Tags, and characters of each, that a message shows.
const SHOWN_TAGS: usize = 20;
const SHOWN: usize = 100;

/// The tags that WHEEL states. They may differ from those of the file name: repair tools rename
/// the file and leave WHEEL alone (torch and torchvision on PyPI), so that is a warning.
pub(crate) fn read(bytes: &[u8], file: &WheelFileName, findings: &mut Findings) -> Option<Vec<String>> {
    let headers = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()).and_then(Headers::parse);
    let headers = headers.map_err(|reason| findings.archive(Code::WheelMalformed, format!("WHEEL: {reason}"))).ok()?;
    for field in ["Wheel-Version", "Root-Is-Purelib", "Build"] {
        if headers.all(field).nth(1).is_some() {
            findings.archive(Code::WheelDuplicateField, format!("WHEEL has `{field}` more than once"));
        }
    }
    check_version(headers.first("Wheel-Version"), findings);
    check_purelib(headers.first("Root-Is-Purelib"), file, findings);
    let build = headers.first("Build");
    if build != file.build() {
        let say = |build: Option<&str>| build.map_or("none".to_owned(), |build| format!("`{}`", build.escape_debug()));
        let message = format!("the build tag of WHEEL is {}, that of the file name {}", say(build), say(file.build()));
        findings.archive(Code::WheelBuildDiffers, message);
    }
    let tags: Vec<String> = headers.all("Tag").map(str::to_owned).collect();
    if tags.is_empty() {
        findings.archive(Code::WheelMalformed, "WHEEL has no `Tag`");
    } else if tags.iter().map(|tag| combinations(tag)).fold(0, usize::saturating_add) > MAX_TAGS
        || tags.iter().any(|tag| tag.len() > MAX_TAG)
    {
        findings.archive(Code::WheelMalformed, "WHEEL states more or longer tags than anything needs");
        return None;
    } else if tags.iter().flat_map(|tag| expanded(tag)).collect::<BTreeSet<_>>() != file.tags().expand().collect() {
        let (shown, more) = (tags.iter().take(SHOWN_TAGS), tags.len().saturating_sub(SHOWN_TAGS));
        let shown: Vec<String> =
            shown.map(|tag| tag.chars().take(SHOWN).flat_map(char::escape_debug).collect()).collect();
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!("WHEEL has the tags {}{rest}, which are not those of the file name", shown.join(", "));
        findings.archive(Code::WheelTagsDiffer, message);
    }
    Some(tags)
}

/// Installers refuse another major version and warn of a higher minor one.
fn check_version(version: Option<&str>, findings: &mut Findings) {
    let numbers = version
        .and_then(|text| text.split_once('.'))
        .map(|(major, minor)| (major.parse::<u32>(), minor.parse::<u32>()));
    match numbers {
        Some((Ok(1), Ok(0))) => {}
        Some((Ok(1), Ok(minor))) => {
            findings.archive(Code::WheelVersionNewer, format!("Wheel-Version 1.{minor} is newer than installers know"));
        }
        Some((Ok(major), Ok(_))) => {
            findings.archive(Code::WheelVersionUnsupported, format!("Wheel-Version {major} is not supported"));
        }
        _ => findings.archive(Code::WheelMalformed, "WHEEL has no readable `Wheel-Version`"),
    }
}

fn check_purelib(value: Option<&str>, file: &WheelFileName, findings: &mut Findings) {
    let pure = match value.map(str::to_ascii_lowercase).as_deref() {
        Some("true") => true,
        Some("false") => false,
        Some(_) => return findings.archive(Code::WheelMalformed, "WHEEL has no readable `Root-Is-Purelib`"),
        // sip-wheel misspelt the field for years; pip and uv read its absence as false.
        None => return findings.archive(Code::WheelPurelibDiffers, "WHEEL has no `Root-Is-Purelib`"),
    };
    let any = file.tags().platform.iter().all(|platform| platform == "any");
    if any && !pure {
        findings.archive(Code::WheelPurelibDiffers, "Root-Is-Purelib is false, yet the platform is `any`");
    } else if pure && !any {
        findings.archive(Code::WheelPurelibDiffers, "Root-Is-Purelib is true, yet the platform is not `any`");
    }
}

/// How many tags a line stands for.
fn combinations(tag: &str) -> usize {
    tag.split('-').map(|set| set.split('.').count()).fold(1, usize::saturating_mul)
}

/// WHEEL has one line for each tag, but some writers leave the sets compressed.
fn expanded(tag: &str) -> Vec<String> {
    let [python, abi, platform] = tag.split('-').collect::<Vec<_>>()[..] else {
        return vec![tag.to_owned()];
    };
    let mut tags = Vec::new();
    for python in python.split('.') {
        for abi in abi.split('.') {
            tags.extend(platform.split('.').map(|platform| format!("{python}-{abi}-{platform}")));
        }
    }
    tags
}
