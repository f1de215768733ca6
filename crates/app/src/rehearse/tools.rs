//! The installers that are there: pip, uv, or a Python that can make an environment with pip.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::{Environment, TOOLS};
use crate::error::{Exit, Failure};

/// An installer, and where children look for it.
pub(super) struct Tools {
    folder: Option<PathBuf>,
    /// The value of `PATH`.
    pub(super) path: String,
    /// What installs.
    pub(super) installer: Installer,
    /// The Python that imports what was installed.
    pub(super) python: PathBuf,
}

/// What installs.
pub(super) enum Installer {
    /// `python -m pip`, of the Python that imports.
    Pip,
    /// uv, at this path.
    Uv(PathBuf),
}

impl Tools {
    /// The value of `TRACKSIDE_TOOLS` for children.
    pub(super) fn folder(&self) -> Option<String> {
        self.folder.as_ref().and_then(|folder| folder.to_str()).map(str::to_owned)
    }
}

/// Looks in `$TRACKSIDE_TOOLS/py/bin`, then in `PATH`. If only a bare Python is there, an environment
/// with pip is made in the folder of the rehearsal.
///
/// # Errors
/// Exit 2 when nothing is there that could install a package.
pub(super) fn find(environment: &Environment, root: &Path) -> Result<Tools, Failure> {
    let folder = environment.get(TOOLS).map(PathBuf::from);
    let path = environment.get("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned();
    let own = folder.iter().map(|folder| folder.join("py/bin"));
    let search: Vec<PathBuf> = own.chain(std::env::split_paths(&path)).collect();
    let programs = |names: &'static [&'static str]| {
        let paths = search.iter().flat_map(move |folder| names.iter().map(|name| folder.join(name)));
        paths.filter(|path| path.is_file())
    };
    let pythons = || programs(&["python3", "python"]);
    if let Some(python) = pythons().find(|python| works(python, &["-I", "-c", "import pip, venv"])) {
        return Ok(Tools { folder, path, installer: Installer::Pip, python });
    }
    let python = pythons().find(|python| works(python, &["-I", "-c", "import sys"]));
    let uv = programs(&["uv"]).find(|uv| works(uv, &["--version"]));
    if let (Some(uv), Some(python)) = (uv, &python) {
        return Ok(Tools { folder, path, installer: Installer::Uv(uv), python: python.clone() });
    }
    let made = root.join("tools");
    let target = made.join("py");
    let venv = ["-I", "-m", "venv", target.to_str().unwrap_or_default()];
    match python {
        Some(python) if works(&python, &venv) => {
            Ok(Tools { folder: Some(made), path, installer: Installer::Pip, python: target.join("bin/python3") })
        }
        _ => Err(Failure::new(Exit::Usage, "there is no pip, no uv and no Python that makes an environment with pip")
            .next("ci/rehearse brings one; or install uv")),
    }
}

fn works(program: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
