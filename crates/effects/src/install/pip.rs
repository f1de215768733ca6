//! pip, by the `--report` that it writes itself (its format is documented and stable since pip 22.2).

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trackside_domain::name::PackageName;

use super::process::run;
use super::{InstallError, Installed, Request, Tools, Wheel, is_at_least};

pub(super) const NAME: &str = "pip";

/// `--python`, by which one pip installs into an environment that has none, came with 22.3.
const OLDEST: (u32, u32) = (22, 3);

/// A report holds the core metadata of every package; more than this was not written by pip.
const REPORT_CAP: u64 = 256 << 20;

/// Which wheels fit is asked of the very library that pip decides with.
const FITTING: &str = r#"
import json, sys
try:
    from pip._vendor.packaging import specifiers, tags, utils
except ImportError:
    from packaging import specifiers, tags, utils
here = set(tags.sys_tags())
version = "%d.%d.%d" % sys.version_info[:3]
def fits(name, pythons):
    if not utils.parse_wheel_filename(name)[3] & here:
        return False
    return pythons is None or specifiers.SpecifierSet(pythons).contains(version, prereleases=True)
with open(sys.argv[1]) as file:
    print(json.dumps([fits(*wheel) for wheel in json.load(file)]))
"#;

/// The first Python with a pip that is new enough, and the version of the pip.
pub(super) fn find(tools: &Tools<'_>) -> Result<Option<(PathBuf, String)>, InstallError> {
    let room = tools.room("find")?;
    for program in tools.search.iter().flat_map(|folder| ["python3", "python"].map(|name| folder.join(name))) {
        if !program.is_file() {
            continue;
        }
        let arguments = ["-I", "-c", "import venv, pip; print(pip.__version__)"].map(OsStr::new);
        // A Python that does not start is as good as none.
        let answer = match run(tools, (NAME, &program), &room, &arguments) {
            Ok(answer) if answer.success => answer.stdout.trim().to_owned(),
            Err(InstallError::Interrupted) => return Err(InstallError::Interrupted),
            Ok(_) | Err(_) => continue,
        };
        if is_at_least(&answer, OLDEST) {
            return Ok(Some((program, answer)));
        }
    }
    Ok(None)
}

pub(super) fn fitting(
    tools: &Tools<'_>,
    python: &Path,
    room: &Path,
    wheels: &[Wheel],
) -> Result<Vec<Wheel>, InstallError> {
    let question: Vec<(&str, Option<&str>)> =
        wheels.iter().map(|wheel| (wheel.file.as_str(), wheel.requires_python.as_deref())).collect();
    let file = room.join("wheels.json");
    let text = serde_json::to_vec(&question).map_err(|error| unreadable(&error))?;
    std::fs::write(&file, text).map_err(|source| InstallError::io("write", &file, source))?;
    let arguments = [OsStr::new("-I"), OsStr::new("-c"), OsStr::new(FITTING), file.as_os_str()];
    let answer = run(tools, (NAME, python), room, &arguments)?.expect(NAME)?;
    let fits: Vec<bool> = serde_json::from_str(&answer).map_err(|error| unreadable(&error))?;
    Ok(wheels.iter().zip(fits).filter(|(_, fits)| *fits).map(|(wheel, _)| wheel.clone()).collect())
}

/// Two steps into one fresh environment. The first one knows no index but the candidate's and takes no
/// dependencies, so nothing can slip in. The second one adds the dependencies from the external indexes; the
/// train's packages are there already. If it takes one of them all the same, its report says so.
pub(super) fn install(
    tools: &Tools<'_>,
    python: &Path,
    room: &Path,
    request: &Request<'_>,
) -> Result<Vec<Installed>, InstallError> {
    let environment = room.join("venv");
    let make = ["-I", "-m", "venv", "--without-pip"].map(OsStr::new);
    let made = run(tools, (NAME, python), room, &[&make[..], &[environment.as_os_str()]].concat())?;
    if !made.success {
        return Err(InstallError::NoEnvironment { program: NAME, said: made.said() });
    }
    let pins = request.pins();
    let step = |name: &str, options: &[&str]| {
        let report = room.join(name);
        let target = environment.join("bin/python");
        let mut arguments: Vec<&OsStr> = ["-I", "-m", "pip", "--python"].map(OsStr::new).to_vec();
        arguments.push(target.as_os_str());
        // No wheel, no installation: building one would run code of strangers.
        let fixed = [
            "install",
            "--quiet",
            "--no-cache-dir",
            "--no-compile",
            "--only-binary",
            ":all:",
            "--index-url",
            request.index,
        ];
        arguments.extend(fixed.map(OsStr::new));
        arguments.extend([OsStr::new("--report"), report.as_os_str()]);
        arguments.extend(options.iter().map(OsStr::new));
        arguments.extend(pins.iter().map(OsStr::new));
        run(tools, (NAME, python), room, &arguments)?.expect(NAME)?;
        read_report(&report)
    };
    let mut installed = step("train.json", &["--no-deps"])?;
    let extra: Vec<&str> = request.external.iter().flat_map(|url| ["--extra-index-url", url.as_str()]).collect();
    installed.extend(step("dependencies.json", &extra)?);
    Ok(installed)
}

/// The part of a report that matters.
#[derive(Deserialize)]
struct Report {
    install: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
    download_info: Download,
}

#[derive(Deserialize)]
struct Metadata {
    name: PackageName,
}

#[derive(Deserialize)]
struct Download {
    url: String,
    archive_info: Option<Archive>,
}

#[derive(Deserialize)]
struct Archive {
    hashes: Option<std::collections::BTreeMap<String, String>>,
}

/// What pip's `--report` says it installed.
///
/// # Errors
/// When the file cannot be read, or is no such report.
pub fn read_report(path: &Path) -> Result<Vec<Installed>, InstallError> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|source| InstallError::io("open", path, source))?;
    file.take(REPORT_CAP).read_to_end(&mut bytes).map_err(|source| InstallError::io("read", path, source))?;
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
    let installed = |item: Item| {
        let hashes = item.download_info.archive_info.and_then(|archive| archive.hashes);
        let sha256 = hashes.and_then(|mut hashes| hashes.remove("sha256"));
        Installed { package: item.metadata.name, url: item.download_info.url, sha256 }
    };
    Ok(report.install.into_iter().map(installed).collect())
}

fn unreadable(error: &serde_json::Error) -> InstallError {
    InstallError::Report { program: NAME, reason: error.to_string() }
}
