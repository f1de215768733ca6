//! uv, by the lock file that it resolves to.
//!
//! uv writes no report of an installation. It resolves to a lock (PEP 751) instead, which names the URL and
//! the digest of every file, and installs from that lock, refusing every file with another digest: so the
//! lock is the report. The candidate's index comes first, and by uv's own rule (`first-index`) a package
//! that it has is never looked for in another.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trackside_domain::name::PackageName;

use super::process::{Finished, run};
use super::{InstallError, Installed, Request, Tools, Wheel, is_at_least};

pub(super) const NAME: &str = "uv";

/// Lock files of PEP 751 are written and installed since 0.6.15 and 0.7.
const OLDEST: (u32, u32) = (0, 7);

/// What uv says when a version has wheels, but none for this machine or this Python.
const DOES_NOT_FIT: [&str; 3] = ["no wheels with a matching", "no wheels are available", "does not satisfy Python"];

/// The first uv that is new enough, and its version.
pub(super) fn find(tools: &Tools<'_>) -> Result<Option<(PathBuf, String)>, InstallError> {
    let room = tools.room("find")?;
    for program in tools.search.iter().map(|folder| folder.join("uv")).filter(|program| program.is_file()) {
        let answer = match run(tools, (NAME, &program), &room, &[OsStr::new("--version")]) {
            Ok(answer) if answer.success => answer.stdout,
            Err(InstallError::Interrupted) => return Err(InstallError::Interrupted),
            Ok(_) | Err(_) => continue,
        };
        // `uv 0.9.1 (aa11bb22c 2025-10-09)`
        let version = answer.split_whitespace().nth(1).unwrap_or_default();
        if is_at_least(version, OLDEST) {
            return Ok(Some((program, version.to_owned())));
        }
    }
    Ok(None)
}

/// Resolves each version of each package alone: uv tells what fits in no other way.
pub(super) fn fitting(
    tools: &Tools<'_>,
    uv: &Path,
    room: &Path,
    (index, wheels): (&str, &[Wheel]),
) -> Result<Vec<Wheel>, InstallError> {
    make_environment(tools, uv, room)?;
    let pins: BTreeSet<String> = wheels.iter().map(Wheel::pin).collect();
    let mut fits = BTreeMap::new();
    for pin in pins {
        let answer = lock(tools, uv, room, (&[&pin], &["--no-deps", "--default-index", index]))?;
        if !answer.success && !DOES_NOT_FIT.iter().any(|reason| answer.stderr.contains(reason)) {
            return Err(InstallError::Refused { program: NAME, said: answer.said() });
        }
        fits.insert(pin, answer.success);
    }
    Ok(wheels.iter().filter(|wheel| fits.get(&wheel.pin()) == Some(&true)).cloned().collect())
}

pub(super) fn install(
    tools: &Tools<'_>,
    uv: &Path,
    room: &Path,
    request: &Request<'_>,
) -> Result<Vec<Installed>, InstallError> {
    make_environment(tools, uv, room)?;
    let pins = request.pins();
    let pins: Vec<&str> = pins.iter().map(String::as_str).collect();
    let mut indexes = vec![request.index];
    indexes.extend(request.external.iter().map(url::Url::as_str));
    // The default index comes last in uv's order, whatever the order of the options.
    let last = indexes.len() - 1;
    let option = |place: usize| if place == last { "--default-index" } else { "--index" };
    let options: Vec<&str> = indexes.iter().enumerate().flat_map(|(place, index)| [option(place), index]).collect();
    lock(tools, uv, room, (&pins, &options))?.expect(NAME)?;
    let installed = read_lock(&room.join("pylock.toml"))?;
    let fixed =
        ["pip", "install", "--quiet", "--python", "venv/bin/python", "--no-build", "--requirements", "pylock.toml"];
    run(tools, (NAME, uv), room, &fixed.map(OsStr::new))?.expect(NAME)?;
    Ok(installed)
}

/// uv passes over the Python of a virtual environment unless it is named.
fn make_environment(tools: &Tools<'_>, uv: &Path, room: &Path) -> Result<(), InstallError> {
    let python = tools.search.iter().map(|folder| folder.join("python3")).find(|python| python.is_file());
    let mut arguments = ["venv", "--quiet", "--no-project"].map(OsStr::new).to_vec();
    arguments.extend(python.iter().flat_map(|python| [OsStr::new("--python"), python.as_os_str()]));
    arguments.push(OsStr::new("venv"));
    match run(tools, (NAME, uv), room, &arguments)? {
        made if made.success => Ok(()),
        refused => Err(InstallError::NoEnvironment { program: NAME, said: refused.said() }),
    }
}

/// Resolves requirements to `pylock.toml` in `room`.
fn lock(
    tools: &Tools<'_>,
    uv: &Path,
    room: &Path,
    (pins, options): (&[&str], &[&str]),
) -> Result<Finished, InstallError> {
    let file = room.join("requirements.txt");
    std::fs::write(&file, pins.join("\n")).map_err(|source| InstallError::io("write", &file, source))?;
    let fixed = [
        "pip",
        "compile",
        "--quiet",
        "--python",
        "venv/bin/python",
        "--only-binary",
        ":all:",
        "--index-strategy",
        "first-index",
    ];
    let output = ["--output-file", "pylock.toml", "requirements.txt"];
    let arguments: Vec<&OsStr> = fixed.iter().chain(options).chain(&output).map(OsStr::new).collect();
    run(tools, (NAME, uv), room, &arguments)
}

/// The part of a lock that matters.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    packages: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: PackageName,
    #[serde(default)]
    wheels: Vec<LockedWheel>,
}

#[derive(Deserialize)]
struct LockedWheel {
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

fn read_lock(path: &Path) -> Result<Vec<Installed>, InstallError> {
    let text = std::fs::read_to_string(path).map_err(|source| InstallError::io("read", path, source))?;
    let unreadable =
        |error: toml::de::Error| InstallError::Report { program: NAME, reason: error.message().to_owned() };
    let lock: Lock = toml::from_str(&text).map_err(unreadable)?;
    let installed = lock.packages.into_iter().flat_map(|Locked { name, wheels }| {
        wheels.into_iter().map(move |mut wheel| Installed {
            package: name.clone(),
            url: wheel.url,
            sha256: wheel.hashes.remove("sha256"),
        })
    });
    Ok(installed.collect())
}
