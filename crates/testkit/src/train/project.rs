//! The release repository of a train: `trackside.toml`, the line file and a patch.

use super::{Given, Member, Scale, Train};

const HEAD: &str = r#"# A throw-away project, made by `trackside rehearse`. All paths are relative, so it can be moved.
waves = ["core", "libraries"]

[project]
name = "Rehearsal"
identity = "Rehearsal Release <release@example.org>"

[state]
store = "../state"

[channels.test]
store = "../stores/test"

[channels.stable]
store = "../stores/stable"

[backup]
store = "../stores/backup"

[indexes]
external = ["../index"]
"#;

const REPOSITORIES: &str = r#"
[repositories.builder]
url = "../git/builder.git"
wave = "core"

[[repositories.builder.edits]]
kind = "substitute"
files = [".github/workflows/*.yml"]
find = "@main"
replace = "@{branch}"
at-least = 1

[repositories.core]
url = "../git/core.git"
wave = "core"
# The newest commit of `main` whose required checks are green.
cut-from = "viable/strict"
version = { file = "version.txt" }

[[repositories.core.edits]]
kind = "substitute"
files = [".github/workflows/*.yml"]
find = "@main"
replace = "@release/{train}"
exactly = 2

[[repositories.core.edits]]
kind = "pin"
file = ".github/ci_commit_pins/builder.txt"
repository = "builder"
to = "commit"

[[repositories.core.edits]]
kind = "set-version"
file = "docs/conf.py"
pattern = "release = '{version}'"
version = "{release}"

[[repositories.core.edits]]
kind = "patch"
file = "patches/install-the-release.patch"

[repositories.vision]
url = "../git/vision.git"
wave = "libraries"
version = { file = "version.txt" }

[[repositories.vision.edits]]
kind = "substitute"
files = [".github/workflows/*.yml"]
find = "@main"
replace = "@release/{train}"
at-least = 1

[[repositories.vision.edits]]
kind = "pin"
file = "packaging/build.env"
pattern = "BUILDER_BRANCH={pin}"
repository = "builder"
to = "branch"

[repositories.audio]
url = "../git/audio.git"
wave = "libraries"
version = { file = "version.txt" }

[[repositories.audio.edits]]
kind = "substitute"
files = ["packaging/build.env"]
find-regex = '(?m)^UPLOAD=nightly$'
replace = "UPLOAD=test"
exactly = 1
"#;

/// The patch that one of the edits of the core applies.
const PATCH: &str = "\
diff --git a/README.md b/README.md
--- a/README.md
+++ b/README.md
@@ -1,3 +1,3 @@
 # torch
\x20
-Install the nightly build to try it.
+Install the release to use it.
";

/// `trackside.toml` of a made train.
pub(super) fn made(scale: Scale) -> String {
    let mut text = format!("{HEAD}{REPOSITORIES}");
    for (package, repository) in [("torch", "core"), ("torchvision", "vision"), ("torchaudio", "audio")] {
        text.push_str(&format!("\n[packages.{package}]\nrepository = \"{repository}\"\n"));
        if package != "torch" {
            text.push_str("after = [\"torch\"]\n");
        }
        rows(package, scale).iter().for_each(|row| text.push_str(row));
    }
    text
}

/// The rows of a package's matrix; `builds` delivers exactly these.
fn rows(package: &str, scale: Scale) -> Vec<String> {
    let row = |(python, abi): (&str, &str), platforms: &str, accelerator: &str, local: &str| {
        format!(
            "\n[[packages.{package}.matrix]]\nkind = \"wheel\"\npython = [\"{python}\"]\nabi = \"{abi}\"\n\
             platforms = [{platforms}]\naccelerators = [\"{accelerator}\"]\nlocal = \"{local}\"\nfolder = \"{{accelerator}}\"\n"
        )
    };
    let (any, both, one) =
        ("\"any\"", "\"manylinux_2_28_x86_64\", \"manylinux_2_28_aarch64\"", "\"manylinux_2_28_x86_64\"");
    let mut rows = match scale {
        Scale::Small => vec![row(("py3", "none"), any, "cpu", "{accelerator}")],
        Scale::Whole => vec![
            row(("py3", "none"), both, "cpu", "{accelerator}"),
            row(("py3", "none"), "\"macosx_11_0_arm64\"", "cpu", "none"),
        ],
    };
    if scale == Scale::Whole && package == "torch" {
        rows.push(row(("cp310", "{python}"), one, "cpu", "{accelerator}"));
    }
    if scale == Scale::Whole && package != "torchaudio" {
        rows.push(row(("py3", "none"), one, "cu126", "{accelerator}"));
    }
    if package == "torch" {
        rows.push(
            "\n[[packages.torch.matrix]]\nkind = \"libtorch\"\naccelerators = [\"cpu\"]\nfolder = \"{accelerator}\"\n\
             name = \"libtorch-shared-with-deps-{version}+{accelerator}.zip\"\n"
                .to_owned(),
        );
    }
    rows
}

/// Files beside `trackside.toml` that a made train has.
pub(super) fn extra_files() -> Vec<(&'static str, &'static str)> {
    vec![("patches/install-the-release.patch", PATCH)]
}

/// `trackside.toml` of a train of given wheels: a repository for each package, a row for each wheel.
pub(super) fn given(members: &[Member], wheels: &[Given]) -> String {
    let mut text = HEAD.to_owned();
    for (number, member) in members.iter().enumerate() {
        let (name, wave) = (&member.repository, if number == 0 { "core" } else { "libraries" });
        text.push_str(&format!(
            "\n[repositories.{name}]\nurl = \"../git/{name}.git\"\nwave = \"{wave}\"\nversion = {{ file = \"version.txt\" }}\n"
        ));
    }
    for member in members {
        let name = &member.package;
        text.push_str(&format!("\n[packages.{name}]\nrepository = \"{}\"\n", member.repository));
        wheels.iter().filter(|wheel| wheel.package == *name).for_each(|wheel| text.push_str(&wheel.row()));
    }
    text
}

/// The line file.
pub(super) fn line(train: &Train) -> String {
    let versions: String =
        train.members().iter().map(|member| format!("{} = \"{}\"\n", member.package, member.version)).collect();
    format!("line = \"{}\"\n\n[releases.\"{}\"]\n{versions}", train.line(), train.release())
}
