//! rattler and conda-index, as `ci/tools` has pinned them, and packages for them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use trackside_testkit::conda::{CondaBuilder, bzip2};

use crate::common::World;

/// A package to be: `torch-2.15.0-py310_0` for a subdir, with what it depends on.
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) build: &'a str,
    pub(crate) subdir: &'a str,
    pub(crate) depends: &'a [&'a str],
}

impl Package<'_> {
    /// The builder of the package; `content` is what it installs as `share/<name>.txt`.
    pub(crate) fn builder(&self, content: &str) -> CondaBuilder {
        let Package { name, version, build, subdir, depends } = self;
        let noarch = if *subdir == "noarch" { ", \"noarch\": \"generic\"" } else { "" };
        let index = format!(
            "{{\"name\": \"{name}\", \"version\": \"{version}\", \"build\": \"{build}\", \"build_number\": 0, \
             \"subdir\": \"{subdir}\", \"depends\": {}, \"license\": \"BSD-3-Clause\", \"license_family\": \"BSD\", \
             \"timestamp\": 1760000000000{noarch}}}",
            serde_json::to_string(depends).unwrap()
        );
        CondaBuilder::new(name, version, build)
            .file(&format!("share/{name}.txt"), content.as_bytes())
            .with(|package| package.index = index)
    }
}

/// Writes a package into a folder of builds.
pub(crate) fn write(world: &World, subdir: &str, package: &CondaBuilder, ending: &str) {
    let bytes = match ending {
        ".conda" => package.zip().bytes(),
        _ => bzip2(&package.tar().bytes()),
    };
    let path = world.path(&format!("dist/{subdir}/{}{ending}", package.stem()));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// What rattler says it did: the channel by URL, or `ROOT!PATH` to be served by the script.
pub(crate) fn solve(channel: &str, form: &str, specs: &[&str]) -> Value {
    let home = tempfile::TempDir::new().unwrap();
    let mut command = python("solve.py", home.path());
    command.args([channel, form]).arg(home.path().join("prefix")).args(specs);
    serde_json::from_str(&run(command)).unwrap()
}

/// Why rattler does not do it.
pub(crate) fn refused(channel: &str, form: &str, specs: &[&str]) -> String {
    let home = tempfile::TempDir::new().unwrap();
    let mut command = python("solve.py", home.path());
    let output = command.args([channel, form]).arg(home.path().join("prefix")).args(specs).output().unwrap();
    assert!(!output.status.success(), "it was installed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What conda-index has to say about a channel in a folder.
pub(crate) fn compare(channel: &Path) -> String {
    let home = tempfile::TempDir::new().unwrap();
    let mut command = python("compare.py", home.path());
    command.arg(channel).arg(home.path().join("scratch"));
    run(command)
}

/// A script of these tests, ready to be started.
pub(crate) fn python(script: &str, home: &Path) -> Command {
    let program = folder().join("py/bin/python");
    assert!(program.exists(), "{} is missing: run ci/tools first", program.display());
    let mut command = Command::new(program);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conda").join(script));
    command.env_clear().env("HOME", home).env("TMPDIR", home).stdin(Stdio::null());
    command
}

fn run(mut command: Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}: {}{}", output.status, text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn folder() -> PathBuf {
    // ci/check says where; plain `cargo test` takes the place where ci/tools puts it.
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools");
    std::env::var_os("TRACKSIDE_TOOLS").map_or_else(|| PathBuf::from(beside), PathBuf::from)
}
