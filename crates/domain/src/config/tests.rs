//! What a configuration means, and how every mistake is told.

mod artifacts;
mod channels;
mod mistakes;
mod templates;
mod whole;

use std::collections::BTreeMap;

use super::{Problems, load};
use crate::project::Project;

/// Two repositories, two packages, one line; every kind of edit.
const MAIN: &str = r#"waves = ["core", "libraries"]

[project]
name = "Train"
identity = "Release Bot <bot@example.org>"

[state]
store = "./state"

[channels.test]
store = "./store"

[channels.stable]
store = "s3://train/public"

[backup]
store = "./backup"

[indexes]
external = ["https://pypi.org/simple/", "file:./mirror"]

[repositories.core]
url = "https://github.com/example/core.git"
wave = "core"
cut-from = "viable/strict"
version = [{ file = "version.txt", exact = true }, { file = "CMakeLists.txt", pattern = 'set(VERSION "{version}")' }]
deliver = { edits = "topic-branch", bump = "topic-branch" }
commands = true

[[repositories.core.edits]]
kind = "substitute"
files = [".github/workflows/*.yml", "README.md"]
find = "@main"
replace = "@{branch}"
at-least = 2

[[repositories.core.edits]]
kind = "substitute"
files = ["setup.py"]
find-regex = '(?m)^(stable = )False$'
replace = '${1}True'
exactly = 1

[[repositories.core.edits]]
kind = "set-version"
file = "version.txt"
version = "{release}"

[[repositories.core.edits]]
kind = "pin"
file = ".ci/pins.txt"
pattern = "library={pin}"
repository = "library"
to = "commit"

[[repositories.core.edits]]
kind = "patch"
file = "patches/drop-nightly.patch"

[[repositories.core.edits]]
kind = "command"
run = ["./regenerate.sh", "{train}"]
timeout = 60

[repositories."library"]
url = "../library"
wave = "libraries"
default-branch = "trunk"
release-branch = "r{line}"
cut-branch = "orig/r{line}"

[packages.torch]
repository = "core"

[[packages.torch.matrix]]
kind = "wheel"
python = ["cp310", "cp314t"]
abi = "{python}"
platforms = ["manylinux_2_28_x86_64", "win_amd64"]
accelerators = ["cpu", "rocm7.2"]
local = "{accelerator}"
folder = "{accelerator}"
excludes = [{ platforms = ["win_amd64"], accelerators = ["rocm7.2"] }]

[[packages.torch.matrix]]
kind = "libtorch"
accelerators = ["cpu"]
folder = "{accelerator}"
name = "libtorch-shared-with-deps-{version}+{accelerator}.zip"

[packages.torchvision]
repository = "library"
after = ["torch"]

[[packages.torchvision.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
local = "none"
folder = "none"
"#;

/// The line of [`MAIN`].
const LINE: &str = r#"line = "2.15"

[dates]
cut = 2026-10-05
general-availability = "2026-10-28"

[releases."2.15.0"]
torch = "2.15.0"
torchvision = "0.30.0"

[releases."2.15.1"]
torch = "2.15.1"
torchvision = "0.30.0"

[[matrix.torch.add]]
kind = "wheel"
python = ["cp315"]
abi = "{python}"
platforms = ["manylinux_2_28_x86_64"]
accelerators = ["cpu"]
local = "{accelerator}"
folder = "{accelerator}"

[[matrix.torch.remove]]
python = ["cp310"]
platforms = ["win_amd64"]
"#;

const PATCH: &str = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-nightly\n+stable\n";

fn files(main: &str, line: &str) -> BTreeMap<String, String> {
    let files = [(super::MAIN, main), ("lines/2.15.toml", line), ("patches/drop-nightly.patch", PATCH)];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

fn read(main: &str, line: &str) -> Result<Project, Problems> {
    load(&files(main, line), "/srv/release")
}

/// The good configuration with one text replaced, in whichever file it stands.
fn changed(from: &str, to: &str) -> Result<Project, Problems> {
    let count = MAIN.matches(from).count() + LINE.matches(from).count();
    assert!(count >= 1, "{from:?} is not in the good configuration");
    if MAIN.contains(from) { read(&MAIN.replacen(from, to, 1), LINE) } else { read(MAIN, &LINE.replacen(from, to, 1)) }
}

/// What is said of a change.
fn told(from: &str, to: &str) -> String {
    match changed(from, to) {
        Ok(_) => "all is well".to_owned(),
        Err(problems) => problems.to_string(),
    }
}
