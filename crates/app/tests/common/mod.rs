//! A hermetic world for stories: real bare repositories, stores in folders, and the real program with
//! an environment of its own. Nothing of this machine's user is seen, nothing of it is left behind.

mod classic;
mod derived;
mod gate;
mod outcome;
mod text;
mod train;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use trackside_testkit::git::Repo;
use trackside_testkit::wheel::WheelBuilder;

pub(crate) use classic::NUMPY;
pub(crate) use derived::{derivation, put_beside};
pub(crate) use text::normal;
pub(crate) use train::wheel;

/// A folder with everything that a release touches; it vanishes with the value.
pub(crate) struct World {
    root: tempfile::TempDir,
    repos: Vec<String>,
}

/// What the program answered, made the same on every machine.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// Nothing but empty folders.
    pub(crate) fn empty() -> Self {
        let root = tempfile::Builder::new().prefix("story").tempdir().unwrap();
        for folder in ["home", "tmp", "release/lines", "git", "dist"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        Self { root, repos: Vec::new() }
    }

    /// The same world in another folder.
    pub(crate) fn copied(&self) -> Self {
        let copy =
            Self { root: tempfile::Builder::new().prefix("story").tempdir().unwrap(), repos: self.repos.clone() };
        let status = Command::new("cp").arg("-a").arg(self.root.path().join(".")).arg(copy.root.path()).status();
        assert!(status.unwrap().success());
        copy
    }

    /// A path below the root.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// Writes a file below the root.
    pub(crate) fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file below the root.
    pub(crate) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    /// Replaces a text that stands in the configuration, once or more.
    pub(crate) fn mend(&self, from: &str, to: &str) {
        self.mend_file("release/trackside.toml", from, to);
    }

    /// Replaces a text that stands in a file, once or more.
    pub(crate) fn mend_file(&self, below: &str, from: &str, to: &str) {
        let text = self.read(below);
        assert!(text.contains(from), "{below} does not hold {from}");
        self.write(below, &text.replace(from, to));
    }

    /// Makes an empty bare repository that outcomes show from now on.
    pub(crate) fn make_repo(&mut self, name: &str) -> Repo {
        self.repos.push(name.to_owned());
        Repo::create(self.path(&format!("git/{name}.git"))).unwrap()
    }

    /// A repository of the world.
    pub(crate) fn repo(&self, name: &str) -> Repo {
        Repo::at(self.path(&format!("git/{name}.git")))
    }

    /// The program with arguments, ready to be started in the release repository.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trackside"));
        command.args(arguments).current_dir(self.path("release")).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("SOURCE_DATE_EPOCH", "1790856000");
        command.env("HOME", self.path("home")).env("TMPDIR", self.path("tmp")).env("USER", "rae");
        command.env("XDG_STATE_HOME", self.path("state")).env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    /// Runs the program; the arguments are separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, &[])
    }

    /// Runs the program with more variables.
    pub(crate) fn run_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Ran {
        self.finish(self.command(arguments.split_whitespace()).envs(variables.iter().copied()))
    }

    /// Runs a prepared command to its end.
    pub(crate) fn finish(&self, command: &mut Command) -> Ran {
        self.ran(&command.output().unwrap())
    }

    /// What a finished process said.
    pub(crate) fn ran(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| normal(&String::from_utf8_lossy(bytes), self.root.path());
        Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Runs the program, which must do what it was asked for.
    pub(crate) fn ok(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "trackside {arguments}\n{ran}");
        ran
    }

    /// Runs the program, which must stop with this code; the whole answer.
    pub(crate) fn stops(&self, code: i32, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "trackside {arguments}\n{ran}");
        ran
    }

    /// The whole digest of the newest stored plan.
    pub(crate) fn plan(&self, arguments: &str) -> String {
        let output = self.command(arguments.split_whitespace()).args(["--format", "json"]).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["plan"]["digest"].as_str().unwrap_or_else(|| panic!("no plan: {answer:#}")).to_owned()
    }

    /// Puts a wheel into the folder `dist` or one below it.
    pub(crate) fn build(&self, folder: &str, wheel: &WheelBuilder) -> PathBuf {
        let into = self.path("dist").join(folder);
        fs::create_dir_all(&into).unwrap();
        wheel.write_to(&into).unwrap()
    }

    /// Every file outside the state store and the cache, with its content.
    pub(crate) fn photograph(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        outcome::walk(self.root.path(), &mut |path| {
            let below = path.strip_prefix(self.root.path()).unwrap().display().to_string();
            if !below.starts_with("state/") && !below.starts_with("cache/") {
                files.insert(below, fs::read(path).unwrap());
            }
        });
        files
    }

    /// The root of the world.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or("killed".to_owned(), |code| format!("exit {code}"));
        let talk: String = self.stderr.lines().map(|line| format!("| {line}\n")).collect();
        let answer: String = self.stdout.lines().map(|line| format!("{line}\n")).collect();
        write!(f, "{talk}{answer}{code}")
    }
}
