//! The installation of a candidate from its own index, over HTTP, as a user would install it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::manifest::{Artifact, Check, Manifest, Outcome};
use trackside_domain::name::{FolderName, PackageName};
use trackside_domain::storage_key::{IndexRoot, PageKey, StorageKey, Tree, Twin};
use trackside_domain::version::Candidate;
use trackside_domain::wheel::WheelFileName;
use trackside_effects::install::{InstallError, Installer, Request, Tools, Wheel, judge};
use trackside_effects::store::Access;
use trackside_effects::with_causes;

use crate::environment::TOOLS;
use crate::error::{Exit, Failure};
use crate::serve::{self, Root, Running};
use crate::session::Session;

/// What installers may see of our environment: how to speak, and how to reach external indexes.
const PASSED: [&str; 10] = [
    "LANG",
    "LC_ALL",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
];

/// The name of all checks that are made here.
const INSTALL: &str = "install";

/// How long one run of an installer may take: real trains bring gigabytes of dependencies.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The folder that is tried first: what it needs is everywhere.
const FIRST: &str = "cpu";

/// What came of it.
pub(super) struct Trial {
    /// At least one check.
    pub(super) checks: Vec<Check>,
    /// The installer and its version.
    pub(super) installer: Option<String>,
}

/// One folder of the candidate, with the wheels in it that fit this machine.
struct Folder {
    name: Option<FolderName>,
    index: String,
    wheels: Vec<Wheel>,
}

/// Installs every package that fits this machine.
///
/// # Errors
/// When the machine itself does not play along. What an installer says is part of the answer.
pub(super) fn run(session: &Session, candidate: Candidate, manifests: &[&Manifest]) -> Result<Trial, Failure> {
    let failed = |what: &str, error: &dyn std::error::Error| {
        Failure::new(Exit::Failed, format!("{what}: {}", with_causes(error)))
    };
    let scratch = tempfile::Builder::new().prefix("trackside-verify-").tempdir();
    let scratch = scratch.map_err(|error| failed("a temporary folder", &error))?;
    let search = search(session).map_err(|error| failed(TOOLS, &error))?;
    let kept = |name: &str| Some((name.into(), session.environment.get(name)?.into()));
    let environment = PASSED.into_iter().filter_map(kept).collect();
    let tools =
        Tools { search, environment, scratch: scratch.path(), timeout: TIMEOUT, interrupted: &session.interrupted };
    let installer = match Installer::find(&tools) {
        Ok(Some(installer)) => installer,
        Ok(None) => return Ok(not_done("neither pip (22.3 or newer) nor uv (0.7 or newer) was found", None)),
        Err(error) => return Ok(not_done(&with_causes(&error), None)),
    };
    let name = Some(installer.name());
    let store = session.performer.stores.open(&session.project.test, Access::Read);
    let store = store.map_err(|error| failed("the store of candidates", &error))?;
    let server = serve::spawn(Root::of(&store), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .map_err(|error| failed("the server", &error))?;
    session.output.say(&format!("installing with {}", installer.name()));
    let checks = checks(session, &installer, &server, (candidate, manifests));
    server.stop().map_err(|error| failed("the server", &error))?;
    Ok(Trial { checks, installer: name })
}

/// Where programs are looked for: what `ci/tools` or the user has put aside for this, then `PATH`.
fn search(session: &Session) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut folders = Vec::new();
    if let Some(tools) = session.environment.get(TOOLS) {
        folders.push(std::path::absolute(tools)?.join("py").join("bin"));
    }
    let path = session.environment.get("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(path).filter(|folder| folder.is_absolute()));
    Ok(folders)
}

fn checks(
    session: &Session,
    installer: &Installer<'_>,
    server: &Running,
    (candidate, manifests): (Candidate, &[&Manifest]),
) -> Vec<Check> {
    let mut folders = Vec::new();
    for folder in self::folders(candidate, server, manifests) {
        match installer.fitting(&folder.index, &folder.wheels) {
            Ok(wheels) => folders.push(Folder { wheels: one_version_each(wheels), ..folder }),
            Err(error) => return vec![failure(&folder, &error)],
        }
    }
    let chosen = chosen(&folders);
    if chosen.is_empty() {
        return not_done("no package has a wheel that fits this machine", None).checks;
    }
    let train: BTreeSet<PackageName> = manifests.iter().map(|manifest| manifest.package.clone()).collect();
    let external = &session.project.external_indexes;
    // One at a time: an installer uses all of the machine by itself.
    let mut checks: Vec<Check> = chosen
        .iter()
        .flat_map(|folder| {
            let request = Request { index: &folder.index, external, wheels: &folder.wheels };
            match installer.install(&request) {
                Ok(installed) => told(folder, judge(&folder.wheels, &train, &installed)),
                Err(error) => vec![failure(folder, &error)],
            }
        })
        .collect();
    let installed: BTreeSet<&PackageName> = chosen.iter().flat_map(|folder| folder.packages()).collect();
    let left: Vec<&str> =
        train.iter().filter(|package| !installed.contains(package)).map(PackageName::as_str).collect();
    if !left.is_empty() {
        let detail = format!("left out, because no wheel of theirs fits this machine: {}", left.join(", "));
        checks.push(check(None, Outcome::Passed, detail));
    }
    checks
}

/// All folders of the candidate that hold wheels, with every wheel that their indexes offer; `cpu` first.
fn folders(candidate: Candidate, server: &Running, manifests: &[&Manifest]) -> Vec<Folder> {
    let wheels: Vec<(&Manifest, &Artifact)> = manifests
        .iter()
        .flat_map(|manifest| manifest.artifacts.iter().map(move |artifact| (*manifest, artifact)))
        .filter(|(_, artifact)| artifact.kind == ArtifactKind::Wheel)
        .collect();
    let mut names: Vec<Option<FolderName>> = wheels.iter().map(|(_, artifact)| artifact.folder.clone()).collect();
    names.sort_by_key(|name| (name.as_ref().is_none_or(|name| name.as_str() != FIRST), name.clone()));
    names.dedup();
    if names.iter().any(Option::is_some) {
        // A wheel that lies in no folder belongs to every folder.
        names.retain(Option::is_some);
    }
    let folder = |name: Option<FolderName>| {
        let root = IndexRoot::Candidate(candidate);
        let page = PageKey { root, tree: Tree::Whl, folder: name.clone(), package: None, twin: Twin::Html };
        let here = wheels.iter().filter(|(_, artifact)| artifact.folder.is_none() || artifact.folder == name);
        let wheels = here.filter_map(|(manifest, artifact)| offered(server, manifest, artifact)).collect();
        Folder { index: server.url(&page.folder_path()), name, wheels }
    };
    names.into_iter().map(folder).collect()
}

fn offered(server: &Running, manifest: &Manifest, artifact: &Artifact) -> Option<Wheel> {
    // A name that is none was refused when the wheel was staged.
    let name: WheelFileName = artifact.name.as_str().parse().ok()?;
    let key = StorageKey::staged(&manifest.package, manifest.candidate, artifact);
    Some(Wheel {
        package: manifest.package.clone(),
        version: name.version_text().to_owned(),
        file: artifact.name.clone(),
        url: format!("http://{}/{}", server.addr(), key.url_path()),
        sha256: artifact.sha256,
        requires_python: artifact.requires_python.clone(),
    })
}

/// Of each package the wheels of one version: an environment holds no more.
fn one_version_each(mut wheels: Vec<Wheel>) -> Vec<Wheel> {
    let mut versions: BTreeMap<PackageName, String> = BTreeMap::new();
    wheels.retain(|wheel| {
        *versions.entry(wheel.package.clone()).or_insert_with(|| wheel.version.clone()) == wheel.version
    });
    wheels
}

/// The folders that are installed from: all in which everything that fits this machine at all fits, and so
/// many others that each such package is installed at least once.
fn chosen(folders: &[Folder]) -> Vec<&Folder> {
    let all: BTreeSet<&PackageName> = folders.iter().flat_map(Folder::packages).collect();
    let mut covered: BTreeSet<&PackageName> = BTreeSet::new();
    let mut chosen = Vec::new();
    for folder in folders.iter().filter(|folder| !folder.wheels.is_empty()) {
        let here: BTreeSet<&PackageName> = folder.packages().collect();
        if here == all || !here.is_subset(&covered) {
            covered.extend(here);
            chosen.push(folder);
        }
    }
    chosen
}

impl Folder {
    fn packages(&self) -> impl Iterator<Item = &PackageName> {
        self.wheels.iter().map(|wheel| &wheel.package)
    }

    /// The name for people.
    fn label(&self) -> &str {
        self.name.as_ref().map_or("the root", FolderName::as_str)
    }
}

fn told(folder: &Folder, judged: Vec<(PackageName, Result<String, String>)>) -> Vec<Check> {
    let one = |(package, said): (PackageName, Result<String, String>)| match said {
        Ok(file) => check(Some(package), Outcome::Passed, format!("from {}: {file}", folder.label())),
        Err(why) => check(Some(package), Outcome::Failed, format!("from {}: {why}", folder.label())),
    };
    judged.into_iter().map(one).collect()
}

/// What an installer that gave up means: its own no is a failure, everything else was never tried.
fn failure(folder: &Folder, error: &InstallError) -> Check {
    let outcome = match error {
        InstallError::Refused { .. } | InstallError::Report { .. } => Outcome::Failed,
        InstallError::NoEnvironment { .. }
        | InstallError::TimedOut { .. }
        | InstallError::Interrupted
        | InstallError::Io { .. } => Outcome::NotDone,
    };
    check(None, outcome, format!("from {}: {}", folder.label(), with_causes(error)))
}

fn not_done(why: &str, installer: Option<String>) -> Trial {
    Trial { checks: vec![check(None, Outcome::NotDone, why.to_owned())], installer }
}

fn check(package: Option<PackageName>, outcome: Outcome, detail: String) -> Check {
    Check { name: INSTALL.to_owned(), package, outcome, detail }
}
