//! The installers that judge us: pip, uv and pypi-simple, as `ci/tools` has pinned them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A program of `.tools/py/bin`, without anything of the user's: no configuration, no cache, no
/// proxy, no index.
pub(crate) fn tool(name: &str, home: &Path) -> Command {
    let program = folder().join("py/bin").join(name);
    assert!(program.exists(), "{} is missing: run ci/tools first", program.display());
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("TMPDIR", home).stdin(Stdio::null());
    command.env("PIP_CONFIG_FILE", "/dev/null").env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_INPUT", "1");
    command.env("UV_NO_CONFIG", "1").env("UV_CACHE_DIR", home.join("uv-cache")).env("UV_PYTHON_DOWNLOADS", "never");
    command
}

/// A real wheel that `ci/tools` has brought.
pub(crate) fn real_wheels(package: &str) -> Vec<PathBuf> {
    let folder = folder().join("wheels");
    assert!(folder.is_dir(), "{} is missing: run ci/tools first", folder.display());
    let entries = fs::read_dir(&folder).unwrap();
    let mut wheels: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    wheels.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(package)));
    assert!(!wheels.is_empty(), "{} holds no wheel of {package}: run ci/tools first", folder.display());
    wheels
}

fn folder() -> PathBuf {
    // ci/check says where; plain `cargo test` takes the place where ci/tools puts it.
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools");
    std::env::var_os("TRACKSIDE_TOOLS").map_or_else(|| PathBuf::from(beside), PathBuf::from)
}

/// Runs a command that must succeed, and gives its output.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?} failed:\n{}", talk(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail, and gives what it says.
pub(crate) fn run_refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?} succeeded:\n{}", talk(&output));
    talk(&output)
}

fn talk(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// One installer with a folder to install into.
pub(crate) struct Installer {
    name: &'static str,
    home: TempDir,
}

/// The two of them.
pub(crate) const INSTALLERS: [&str; 2] = ["pip", "uv"];

impl Installer {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, home: TempDir::new().unwrap() }
    }

    pub(crate) fn command(&self, index: &str) -> Command {
        let mut command = tool(self.name, self.home.path());
        match self.name {
            "pip" => command.args(["install", "--no-cache-dir", "--ignore-installed"]),
            _ => {
                command.args(["pip", "install", "--no-cache", "--python"]);
                command.arg(tool("python", self.home.path()).get_program())
            }
        };
        command.args(["--index-url", index, "--target"]).arg(self.installed());
        command
    }

    pub(crate) fn installed(&self) -> PathBuf {
        self.home.path().join("installed")
    }

    pub(crate) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.installed().join(below)).unwrap()
    }

    pub(crate) fn has(&self, below: &str) -> bool {
        self.installed().join(below).exists()
    }
}
