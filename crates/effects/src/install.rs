//! Installers: pip or uv make a fresh environment, install the packages of a train from the index of one
//! folder, and say what they took from where. What is believed is the installer's own report.

mod evidence;
mod pip;
mod process;
mod uv;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use trackside_domain::digest::Sha256;
use trackside_domain::file_name::FileName;
use trackside_domain::name::PackageName;
use url::Url;

pub use self::evidence::judge;
pub use self::pip::read_report as read_pip_report;

/// What installers are looked for with and run with. Nothing else of this process reaches them.
#[derive(Debug)]
pub struct Tools<'a> {
    /// The folders with programs; the first one that has a usable installer wins.
    pub search: Vec<PathBuf>,
    /// The environment of every child, besides what an installer needs to be left alone.
    pub environment: BTreeMap<OsString, OsString>,
    /// An empty folder for environments and reports.
    pub scratch: &'a Path,
    /// After this time a child and everything that it started is killed.
    pub timeout: Duration,
    /// Once this is set, children are killed and nothing more is started.
    pub interrupted: &'a AtomicBool,
}

/// Why an installation did not come about.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The installer says no, and why.
    #[error("{program} failed: {said}")]
    Refused {
        /// The installer.
        program: &'static str,
        /// The last lines of what it printed.
        said: String,
    },
    /// No fresh environment can be made, whatever the packages are.
    #[error("{program} made no environment: {said}")]
    NoEnvironment {
        /// The installer.
        program: &'static str,
        /// The last lines of what it printed.
        said: String,
    },
    /// What the installer reports is not what its documentation promises.
    #[error("the report of {program} cannot be read: {reason}")]
    Report {
        /// The installer.
        program: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The installer took too long and was killed.
    #[error("{program} was stopped after {seconds} s")]
    TimedOut {
        /// The installer.
        program: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The machine does not play along.
    #[error("cannot {verb} {}", path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A wheel of the train as the index of a folder offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wheel {
    /// Its package.
    pub package: PackageName,
    /// The version in its name, with the local part: `2.15.0+cpu`.
    pub version: String,
    /// Its name.
    pub file: FileName,
    /// Where the index leads to, encoded.
    pub url: String,
    /// What the manifest says.
    pub sha256: Sha256,
    /// The Pythons that it requires.
    pub requires_python: Option<String>,
}

/// One installation.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The index of the train's packages.
    pub index: &'a str,
    /// The indexes that dependencies come from.
    pub external: &'a [Url],
    /// What is installed: every package at the version of its wheels here.
    pub wheels: &'a [Wheel],
}

/// A package that was installed, in the words of the installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The package.
    pub package: PackageName,
    /// Where its file came from.
    pub url: String,
    /// The digest that its file was checked against.
    pub sha256: Option<String>,
}

/// An installer that works.
#[derive(Debug)]
pub struct Installer<'a> {
    tools: &'a Tools<'a>,
    kind: Kind,
    /// uv itself, or the Python whose pip is used.
    program: PathBuf,
    version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pip,
    Uv,
}

impl<'a> Installer<'a> {
    /// A pip that works, else a uv that works, else none.
    ///
    /// # Errors
    /// When a program that is there cannot be run.
    pub fn find(tools: &'a Tools<'a>) -> Result<Option<Self>, InstallError> {
        let with = |kind| move |(program, version)| Self { tools, kind, program, version };
        if let Some(pip) = pip::find(tools)? {
            return Ok(Some(with(Kind::Pip)(pip)));
        }
        Ok(uv::find(tools)?.map(with(Kind::Uv)))
    }

    /// Its name and version, such as `uv 0.9.1`.
    pub fn name(&self) -> String {
        let name = match self.kind {
            Kind::Pip => pip::NAME,
            Kind::Uv => uv::NAME,
        };
        format!("{name} {}", self.version)
    }

    /// The wheels that fit this machine, in the judgement of the installer. `index` has all of them.
    ///
    /// # Errors
    /// When the installer gives no answer.
    pub fn fitting(&self, index: &str, wheels: &[Wheel]) -> Result<Vec<Wheel>, InstallError> {
        let room = self.tools.room("fit")?;
        match self.kind {
            Kind::Pip => pip::fitting(self.tools, &self.program, &room, wheels),
            Kind::Uv => uv::fitting(self.tools, &self.program, &room, (index, wheels)),
        }
    }

    /// Installs into a fresh environment.
    ///
    /// # Errors
    /// When the installer refuses or gives no report.
    pub fn install(&self, request: &Request<'_>) -> Result<Vec<Installed>, InstallError> {
        let room = self.tools.room("env")?;
        match self.kind {
            Kind::Pip => pip::install(self.tools, &self.program, &room, request),
            Kind::Uv => uv::install(self.tools, &self.program, &room, request),
        }
    }
}

impl Tools<'_> {
    /// A new folder that nothing else uses.
    fn room(&self, word: &str) -> Result<PathBuf, InstallError> {
        let made = tempfile::Builder::new().prefix(word).tempdir_in(self.scratch);
        // Whoever gave the scratch folder removes it.
        made.map(tempfile::TempDir::keep).map_err(|source| InstallError::io("make a folder in", self.scratch, source))
    }
}

impl Request<'_> {
    /// The requirements: every package at exactly the version of its wheels.
    fn pins(&self) -> BTreeSet<String> {
        self.wheels.iter().map(Wheel::pin).collect()
    }
}

impl Wheel {
    fn pin(&self) -> String {
        format!("{}=={}", self.package, self.version)
    }
}

impl InstallError {
    fn io(verb: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { verb, path: path.to_owned(), source }
    }
}

/// Whether a version begins with numbers that are not below `oldest`.
fn is_at_least(version: &str, oldest: (u32, u32)) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= oldest,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn versions_are_compared_by_numbers() {
        for (version, expected) in [
            ("22.3", true),
            ("22.10.1", true),
            ("100.0", true),
            ("22.2.2", false),
            ("9.3", false),
            ("22", false),
            ("", false),
            ("a.b", false),
        ] {
            assert_eq!(is_at_least(version, (22, 3)), expected, "{version:?}");
        }
    }

    #[test]
    fn programs_that_only_have_the_right_names_are_no_installers() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("bin");
        std::fs::create_dir(&folder).unwrap();
        // They start, succeed and print something; and one cannot even be started.
        symlink("/bin/echo", folder.join("python3")).unwrap();
        symlink("/bin/echo", folder.join("uv")).unwrap();
        std::fs::write(folder.join("python"), "no program").unwrap();
        let tools = Tools {
            search: vec![scratch.path().join("absent"), folder],
            environment: BTreeMap::new(),
            scratch: scratch.path(),
            timeout: Duration::from_secs(60),
            interrupted: &AtomicBool::new(false),
        };
        assert!(Installer::find(&tools).unwrap().is_none());
    }
}
