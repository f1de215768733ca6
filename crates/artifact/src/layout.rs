//! What stands beside the files that every wheel has: licences, `.data`, and what should not be there.

mod install;

use std::collections::BTreeSet;

use trackside_domain::finding::Code;
use trackside_domain::wheel::WheelFileName;

use crate::finding::Findings;
use crate::metadata::{LicenceFile, Metadata, licence_files};

/// Where installers put the folders of `.data` (PEP 427; pip and uv refuse others).
const SCHEMES: [&str; 5] = ["data", "headers", "platlib", "purelib", "scripts"];

/// Files of `.dist-info` that installers write (PEP 376, PEP 610).
const OF_INSTALLERS: [&str; 3] = ["INSTALLER", "REQUESTED", "direct_url.json"];

/// Signatures of RECORD (PEP 427), in forms that no tool reads any more.
const SIGNATURES: [&str; 2] = ["RECORD.jws", "RECORD.p7s"];

/// Looks at the names of all members of a wheel.
pub(crate) fn check_names(names: &BTreeSet<&str>, file: &WheelFileName, findings: &mut Findings) {
    let folder = file.dist_info();
    for (list, code, what) in [
        (&SIGNATURES[..], Code::RecordSignature, "no tool reads a signature of RECORD"),
        (&OF_INSTALLERS[..], Code::InstallerFile, "installers write it, a wheel does not bring it"),
    ] {
        for path in list.iter().map(|name| format!("{folder}/{name}")).filter(|path| names.contains(path.as_str())) {
            findings.member(code, &path, what);
        }
    }
    check_data(names, &folder.replace(".dist-info", ".data"), findings);
    install::check(names, findings);
}

/// Each `.data` folder and each scheme in it is told once, not once for each file.
fn check_data(names: &BTreeSet<&str>, expected: &str, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for file in names.iter().filter(|name| !name.contains('/') && name.ends_with(".data")) {
        findings.member(Code::DataScheme, file, "a file is named like a `.data` folder, which pip cannot install");
    }
    for (top, path) in names.iter().filter_map(|name| name.split_once('/')).filter(|(top, _)| top.ends_with(".data")) {
        if top != expected && told.insert((top, "")) {
            findings.member(Code::DataFolderName, top, format!("the folder should be named `{expected}`"));
        }
        let scheme = match path.split_once('/') {
            Some(("scripts", script)) if script.trim_end_matches('/').contains('/') => {
                if told.insert((top, "scripts")) {
                    let message = "it lies in a folder, which uv refuses and pip installs";
                    findings.member(Code::DataScriptFolder, &format!("{top}/{path}"), message);
                }
                continue;
            }
            Some((scheme, _)) if SCHEMES.contains(&scheme) => continue,
            Some((scheme, _)) => scheme,
            None => path,
        };
        // The entry of the folder itself.
        if !scheme.is_empty() && told.insert((top, scheme)) {
            let message = format!("installers know no place for it, only for {}", SCHEMES.join(", "));
            findings.member(Code::DataScheme, &format!("{top}/{scheme}"), message);
        }
    }
}

/// Checks that the files which METADATA names as licences are there.
pub(crate) fn check_licences(metadata: &Metadata, names: &BTreeSet<&str>, folder: &str, findings: &mut Findings) {
    let has = |path: &str| names.contains(path);
    for file in licence_files(metadata) {
        match file {
            LicenceFile::Specified(path) => {
                let expected = format!("{folder}/licenses/{path}");
                if !has(&expected) {
                    findings.member(
                        Code::LicenseFileMissing,
                        &expected,
                        "METADATA names it as a licence, it is missing",
                    );
                }
            }
            // Builds put it below `.dist-info` with its folders, without them, or in `licenses`.
            LicenceFile::Early(path) => {
                let base = path.rsplit('/').next().unwrap_or(path);
                let places =
                    [format!("{folder}/{path}"), format!("{folder}/{base}"), format!("{folder}/licenses/{path}")];
                if !places.iter().any(|place| has(place)) {
                    findings.member(Code::LicenseFileUnshipped, path, "METADATA names it as a licence, it is missing");
                }
            }
        }
    }
}
