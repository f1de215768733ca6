//! Folders of tools in which only one installer is found, or none; and an external index.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use trackside_testkit::wheel::WheelBuilder;

use crate::common::{Ran, World};

/// What a machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    Pip,
    Uv,
    Nothing,
}

/// The machines that can install.
pub(crate) const INSTALLERS: [Machine; 2] = [Machine::Pip, Machine::Uv];

/// The folder that `ci/tools` fills.
fn tools() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools");
    let folder = std::env::var_os("TRACKSIDE_TOOLS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    for program in ["python", "uv"] {
        let program = folder.join("py/bin").join(program);
        assert!(program.exists(), "{} is missing: run ci/tools first", program.display());
    }
    folder
}

/// Runs the program on a machine that has git and nothing else that it could find but the tools.
pub(crate) fn run_on(machine: Machine, world: &World, arguments: &str) -> Ran {
    // Not among the files that the world is judged by.
    let path = world.path("cache/machine/path");
    if !path.exists() {
        fs::create_dir_all(&path).unwrap();
        symlink(git(), path.join("git")).unwrap();
    }
    let folder = world.path(&format!("cache/machine/{machine:?}"));
    match machine {
        _ if folder.exists() => {}
        Machine::Pip => symlink(tools(), &folder).unwrap(),
        Machine::Uv => {
            // An environment without pip is a Python for uv, and none for pip.
            let mut make = Command::new(tools().join("py/bin/python"));
            let made = make.args(["-I", "-m", "venv", "--without-pip"]).arg(folder.join("py")).status().unwrap();
            assert!(made.success());
            symlink(tools().join("py/bin/uv"), folder.join("py/bin/uv")).unwrap();
        }
        Machine::Nothing => fs::create_dir(&folder).unwrap(),
    }
    let mut command = world.command(arguments.split_whitespace());
    world.finish(command.env("PATH", path).env("TRACKSIDE_TOOLS", folder))
}

fn git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap()
}

/// Adds a wheel to the external index of a world, which is declared with [`declare_external`].
pub(crate) fn publish_external(world: &World, wheel: &WheelBuilder, package: &str) {
    let page = format!("external/{package}/index.html");
    let folder = world.path("external").join(package);
    fs::create_dir_all(&folder).unwrap();
    wheel.write_to(&folder).unwrap();
    let before = if world.path(&page).exists() { world.read(&page) } else { "<!DOCTYPE html>\n".to_owned() };
    let name = wheel.file_name();
    world.write(&page, &format!("{before}<a href=\"{}\">{name}</a><br>\n", name.replace('+', "%2B")));
}

/// Makes the external index one that dependencies come from.
pub(crate) fn declare_external(world: &World) {
    fs::create_dir_all(world.path("external")).unwrap();
    world.mend("[backup]", "[indexes]\nexternal = [\"file:../external\"]\n\n[backup]");
}

/// The newest verdict on the first candidate.
pub(crate) fn verdict(world: &World) -> serde_json::Value {
    let folder = world.path("store/candidates/2.15.0-rc1/verdict");
    let newest = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    serde_json::from_slice(&fs::read(newest).unwrap()).unwrap()
}

/// The checks of a verdict: name, package and outcome.
pub(crate) fn checks(verdict: &serde_json::Value) -> Vec<String> {
    let word = |check: &serde_json::Value, key: &str| check[key].as_str().unwrap_or("all").to_owned();
    let checks = verdict["checks"].as_array().unwrap();
    checks.iter().map(|check| ["name", "package", "outcome"].map(|key| word(check, key)).join(" ")).collect()
}
